"""A person's own numbers: rows of file tables, matched to people, metrics and periods; none is dropped silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from connector.model.calendar import Calendar, Period
from connector.model.money import to_minor
from connector.model.people import Person, Roster
from connector.model.periods import AIMED
from connector.model.records import Reading
from connector.targets.aim import Aim
from connector.targets.policy import TargetPolicy


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """One row that counts, in the metric's unit."""

    period: Period
    value: Decimal
    source: str  # "files:quotas/…"


@dataclass(frozen=True, slots=True)
class Quotas:
    """Own numbers by metric, person id and period id; and what is wrong with the other rows."""

    rows: Mapping[tuple[str, str], Mapping[str, OwnNumber]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def of(self, metric: str, person: str) -> Mapping[str, OwnNumber]:
        """A person's rows for a metric, by period id."""
        return self.rows.get((metric, person), {})


def own_numbers(
    policies: Sequence[TargetPolicy],
    roster: Roster,
    calendar: Calendar,
    tables: Mapping[str, Sequence[Reading]],
    *,
    metrics: Mapping[str, Aim],
    currency: str,
) -> Quotas:
    """Read the tables that policies name. Two rows for one person, metric and period count neither, and are named."""
    named = _by_handle(roster)
    rows: dict[tuple[str, str], dict[str, OwnNumber]] = {}
    problems: list[str] = []
    twice: set[tuple[str, str, str]] = set()
    for table in dict.fromkeys(name for policy in policies for name in policy.quotas):
        takers = {policy.metric for policy in policies if table in policy.quotas}
        for reading in _readings(tables, table):
            try:
                person, metric, number = _read(reading, named, calendar, metrics, takers=takers, currency=currency)
            except ValueError as problem:
                problems.append(f"{reading.ref}: {problem}")
                continue
            own = rows.setdefault((metric, person.id), {})
            if number.period.id in own:
                twice.add((metric, person.id, number.period.id))
                first = own[number.period.id].source
                problems.append(f"{first} and {number.source} both give {person.name} {metric} for {number.period.id}")
            else:
                own[number.period.id] = number
    for metric, person_id, period in twice:
        del rows[metric, person_id][period]
    return Quotas(rows, tuple(problems))


def _readings(tables: Mapping[str, Sequence[Reading]], name: str) -> Sequence[Reading]:
    """The rows of a table, under `files.quotas` or plain `quotas`, in the order of their references."""
    found = tables.get(name) or tables.get(name.removeprefix("files.")) or ()
    return sorted(found, key=lambda each: each.ref)


def misread(
    policies: Sequence[TargetPolicy],
    calendar: Calendar,
    tables: Mapping[str, Sequence[Reading]],
    metrics: Mapping[str, Aim],
    currency: str,
) -> tuple[str, ...]:
    """What is wrong with rows of own numbers, as far as it can be told before anybody's name is known."""
    problems: list[str] = []
    for table in dict.fromkeys(name for policy in policies for name in policy.quotas):
        takers = {policy.metric for policy in policies if table in policy.quotas}
        for reading in _readings(tables, table):
            try:
                _number(reading, calendar, metrics, takers=takers, currency=currency)
            except ValueError as problem:
                problems.append(f"{reading.ref}: {problem}")
    return tuple(problems)


def _read(
    reading: Reading,
    named: Mapping[str, Sequence[Person]],
    calendar: Calendar,
    metrics: Mapping[str, Aim],
    *,
    takers: set[str],
    currency: str,
) -> tuple[Person, str, OwnNumber]:
    """One row. Raises ValueError that says which column names nothing we know."""
    name, number = _number(reading, calendar, metrics, takers=takers, currency=currency)
    return _person(named, reading), name, number


def _number(
    reading: Reading, calendar: Calendar, metrics: Mapping[str, Aim], *, takers: set[str], currency: str
) -> tuple[str, OwnNumber]:
    given = str(reading.values.get("metric") or "").strip()
    name = given if given in metrics else next((now for now, each in metrics.items() if given in each.was), given)
    if name not in metrics:
        raise ValueError(f"there is no metric `{name}`")
    if name not in takers:
        raise ValueError(f"no target policy of `{name}` takes numbers from this table")
    period = calendar.period(str(reading.values.get("period") or ""))
    if period.grain not in AIMED:
        raise ValueError(f"there is no target for a {period.grain}: `{period.id}`")
    value = _decimal(reading.values.get("value"))
    if metrics[name].unit == "money":
        value = Decimal(to_minor(value, currency))
    return name, OwnNumber(period, value, str(reading.ref))


def _by_handle(roster: Roster) -> Mapping[str, Sequence[Person]]:
    """People by everything a row may call them: id, e-mail address and name, in lower case."""
    found: dict[str, list[Person]] = {}
    for each in roster.people:
        for handle in {each.id, (each.email or "").lower(), each.name.lower()}:
            found.setdefault(handle, []).append(each)
    return found


def _person(named: Mapping[str, Sequence[Person]], reading: Reading) -> Person:
    handle = str(reading.values.get("person") or "").strip()
    found = named.get(handle.lower(), ())
    if not handle or not found:
        raise ValueError(f"`{handle}` is nobody we know")
    if len(found) > 1:
        raise ValueError(f"`{handle}` is {len(found)} people: write an e-mail address")
    return found[0]


def _decimal(given: object) -> Decimal:
    try:
        value = Decimal(str(given))
    except InvalidOperation:
        raise ValueError(f"`{given}` is no number") from None
    if not value.is_finite() or value < 0:
        raise ValueError(f"`{given}` cannot be a target")
    return value
