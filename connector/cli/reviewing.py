"""What `attain review` makes: the report of a period, to read here or in a browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from connector.appraisal.appraise import Appraisal
from connector.appraisal.rules import Rules
from connector.cli.terminal import complain, refuse_unwritable, say, writing
from connector.flow.appraise import Tables, appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.improve.review.parts import Back, Review
from connector.improve.review.reviewed import Asking, Progress, reviewed
from connector.improve.review.written import markdown, page, plain
from connector.model.calendar import Grain, Period

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REVIEWED = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.HALF, Grain.YEAR)


def answer_review(
    house: House, period: Period | None, out: Path | None, today: date, *, force: bool, as_json: bool
) -> None:
    """Markdown or JSON to the terminal; with `out`, a file: HTML where its name ends so, else Markdown."""
    calendar = house.settings.company.calendar
    asked = period or calendar.before(calendar.containing(today, Grain.QUARTER))
    _refuse(asked, out, today, force=force)
    with reading_mirror(house) as mirror:
        review = review_of(house, asked, today, mirror, lambda what: complain(f"{asked.id}: {what} …", None))
    if out is None:
        say(plain(review) if as_json else markdown(review))
        return
    with writing(out):
        out.write_text(page(review) if out.suffix.lower() in (".html", ".htm") else markdown(review), encoding="utf-8")
    say(f"{asked.id} reviewed: {out}")


def review_of(
    house: House, asked: Period, today: date, mirror: DuckDBPyConnection, progress: Progress = lambda _: None
) -> Review:
    """A period reviewed over an open mirror."""
    settings, roster = house.settings, people_of(house)

    def appraised(day: date, rules: Rules, *periods: Period) -> Appraisal:
        ruled = replace(house, rules=rules)
        return appraise_with(ruled, mirror, roster, day, periods, everything=False, judged=False)

    def by(rules: Rules) -> Appraisal:
        return appraised(today, rules, asked)

    def on(day: date) -> Appraisal:
        return appraised(day, house.rules, asked)

    upcoming = settings.company.calendar.containing(asked.ends_before, asked.grain)
    found = appraised(today, house.rules, asked, upcoming)
    back = Back(mirror, house.rules, roster, settings.company, settings.privacy, Tables(house), asked, found)
    return reviewed(back, Asking(on, by, settings.rules), progress)


def _refuse(asked: Period, out: Path | None, today: date, *, force: bool) -> None:
    if asked.grain not in REVIEWED:
        complain(f"{asked.id} is no week, month, quarter, half or year: only these are reviewed")
        raise typer.Exit(2)
    if asked.starts_on > today:
        complain(f"{asked.id} begins on {asked.starts_on}: there is nothing to review yet")
        raise typer.Exit(2)
    if out and out.exists() and not force:
        complain(f"{out} is there already; --force writes over it")
        raise typer.Exit(2)
    refuse_unwritable(out)
