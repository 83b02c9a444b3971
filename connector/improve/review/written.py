"""A review as Markdown, as a page that prints well, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from connector.improve.review.parts import Review, Table

_ESCAPED = str.maketrans({"|": "\\|", "<": "&lt;", ">": "&gt;", "\n": " ", "\r": " "})


def markdown(review: Review) -> str:
    """Plain text that reads well as it stands; drawings are told in words."""
    return "\n".join(_lines(review)).rstrip() + "\n"


def plain(review: Review) -> str:
    """The same as JSON: sections with their sentences, tables and what drawings show."""
    sections = [
        {
            "title": each.title,
            "says": each.says,
            "tables": [{"head": table.head, "rows": table.rows} for table in each.tables],
            "charts": [chart.says for chart in each.charts],
            "code": each.code,
        }
        for each in review.sections
    ]
    head = {"company": review.company, "period": review.period.id, "as_of": f"{review.as_of}"}
    return json.dumps({**head, "rules": review.rules_version, "sections": sections}, indent=2, ensure_ascii=False)


def page(review: Review) -> str:
    """One HTML file without scripts, fonts or pictures from elsewhere; everything that people typed is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("connector.improve.review", ".")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.get_template("page.html").render(review=review)


def _lines(review: Review) -> Iterator[str]:
    yield from (f"# {_plain(review.company)}: {review.period.id} reviewed", "", _head(review), "")
    for section in review.sections:
        yield from (f"## {section.title}", "")
        for each in section.says:
            yield from (_plain(each), "")
        for chart in section.charts:
            yield from (f"*{_plain(chart.says)}*", "")
        for table in section.tables:
            yield from (*_table(table), "")
        if section.code:
            yield from ("```diff", section.code, "```", "")


def _head(review: Review) -> str:
    return f"As of {review.as_of}, rules {review.rules_version}."


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(_plain, table.head))} |"
    yield "|" + "|".join("---:" if name in table.right else "---" for name in table.head) + "|"
    for row in table.rows:
        yield f"| {' | '.join(map(_plain, row))} |"


def _plain(text: str) -> str:
    return text.translate(_ESCAPED)
