"""Alerts that somebody put off: dated rows of `files/snoozes.csv`, so that every run decides alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from connector.model.people import Roster
from connector.model.records import Reading
from connector.model.results import Alert

TABLE = "snoozes"


def awake(
    alerts: Iterable[Alert], tables: Mapping[str, Sequence[Reading]], roster: Roster, today: date
) -> Iterator[Alert]:
    """The alerts that nobody put off.

    A row names whom an alert is about (`person`; of a single deal, whoever is told of it), the rule (`rule`; empty:
    all), and the day until which nothing is said (`until`, inclusive; empty: it is acknowledged, and the period hears
    no more of it). It holds from the day `from` on.
    """
    rows = [_row(each.values, roster) for each in tables.get(TABLE, ())]
    for alert in alerts:
        if not any(
            (alert.subject.id in people or (alert.record and alert.person in people))
            and rule in ("", alert.rule)
            and first <= today
            and (today <= last if last else first in alert.period)
            for people, rule, first, last in rows
        ):
            yield alert


def _row(values: Mapping[str, object], roster: Roster) -> tuple[frozenset[str], str, date, date | None]:
    handle = str(values.get("person") or "").strip()
    people = frozenset(each.id for each in roster.find(handle)) if handle else frozenset[str]()
    first, last = values.get("from"), values.get("until")
    return (
        people,
        str(values.get("rule") or "").strip(),
        first if isinstance(first, date) else date.max,
        last if isinstance(last, date) else None,
    )
