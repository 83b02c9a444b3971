"""Notes out of the tables that hold them: a file, and what people typed in each CRM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from connector.model.notes import KINDS, Note
from connector.model.people import Roster
from connector.model.records import Reading
from connector.targets.handles import Handles, by_handle, person_of

NAME = "notes"  # files.notes, and <connection>.notes


def notes(tables: Mapping[str, Sequence[Reading]], roster: Roster) -> tuple[list[Note], list[str]]:
    """Every note, oldest first; and a sentence for each row that is none."""
    found, problems, named = list[Note](), list[str](), by_handle(roster)
    for table in tables:
        if table == NAME or table.endswith(f".{NAME}"):
            for row in tables[table]:
                try:
                    found.append(_note(row, named))
                except ValueError as error:
                    problems.append(f"{row.ref}: {error}")
    return sorted(found, key=lambda each: (each.written_on, each.ref)), problems


def of_period(found: Sequence[Note], period_id: str, first: date, last: date) -> Iterator[Note]:
    """Those that speak of a period, or of none and were written in it."""
    for each in found:
        if each.period == period_id or (not each.period and first <= each.written_on <= last):
            yield each


def _note(row: Reading, named: Handles) -> Note:
    """Raises ValueError with what is wrong with the row."""
    values = row.values
    kind = str(values.get("kind") or "").strip().lower().replace("-", "_").replace(" ", "_")
    if kind not in KINDS:
        raise ValueError(f"`{kind}` is none of {', '.join(KINDS)}")
    written_on = values.get("written_on") or row.modified_at.date()
    if not isinstance(written_on, date):
        raise ValueError(f"`{written_on}` is no day")  # noqa: TRY004
    author = str(values.get("author") or "")
    authors = named.get(author.lower(), ())
    rating = values.get("rating")
    return Note(
        str(row.ref),
        kind,
        person_of(row, named).id,
        authors[0].id if len(authors) == 1 else author,
        written_on,
        _text(values.get("text")),
        _text(values.get("metric")),
        _text(values.get("period")),
        _text(values.get("deal")),
        None if rating is None else Decimal(str(rating)),
        _day(values.get("due_on")),
        _day(values.get("done_on")),
        _text(values.get("answer")),
    )


def _text(value: object) -> str:
    return str(value or "").strip()


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None
