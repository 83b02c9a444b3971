"""A person's own numbers: rows of file tables, matched to people, metrics and periods; none is dropped silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from connector.model.calendar import Calendar, Period
from connector.model.money import to_minor
from connector.model.people import Person, Roster
from connector.model.periods import AIMED
from connector.model.records import Reading
from connector.targets.aim import Aim
from connector.targets.handles import Handles, by_handle, person_of, rows_of
from connector.targets.policy import TargetPolicy

_OFF = 2  # days by which a time zone may have moved an end of a period


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
    kind: str | None = None,
) -> Quotas:
    """Read the tables that policies name. Two rows for one person, metric and period count neither, and are named.

    With a `kind`, only for policies of that kind; a row that another kind takes is no mistake.
    """
    named = by_handle(roster)
    mine = {(table, each.metric) for each in policies if kind in (None, each.kind) for table in each.quotas}
    rows: dict[tuple[str, str], dict[str, OwnNumber]] = {}
    problems: list[str] = []
    twice: set[tuple[str, str, str]] = set()
    for table in dict.fromkeys(name for policy in policies for name in policy.quotas):
        takers = {policy.metric for policy in policies if table in policy.quotas}
        for reading in rows_of(tables, table):
            try:
                person, metric, number = _read(reading, named, calendar, metrics, takers=takers, currency=currency)
            except ValueError as problem:
                problems.append(f"{reading.ref}: {problem}")
                continue
            if (table, metric) not in mine:
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
        for reading in rows_of(tables, table):
            try:
                number_of(reading, calendar, metrics, takers=takers, currency=currency)
            except ValueError as problem:
                problems.append(f"{reading.ref}: {problem}")
    return tuple(problems)


def _read(
    reading: Reading,
    named: Handles,
    calendar: Calendar,
    metrics: Mapping[str, Aim],
    *,
    takers: set[str],
    currency: str,
) -> tuple[Person, str, OwnNumber]:
    """One row. Raises ValueError that says which column names nothing we know."""
    name, number = number_of(reading, calendar, metrics, takers=takers, currency=currency)
    return person_of(reading, named), name, number


def number_of(
    reading: Reading, calendar: Calendar, metrics: Mapping[str, Aim], *, takers: set[str], currency: str
) -> tuple[str, OwnNumber]:
    """The metric, period and value of a row. Raises ValueError that says what is wrong with it."""
    name = metric_of(reading, metrics)
    if name not in takers:
        raise ValueError(f"no target policy of `{name}` takes numbers from this table")
    period = _period(reading, calendar)
    if period.grain not in AIMED:
        raise ValueError(f"there is no target for a {period.grain}: `{period.id}`")
    value = amount_of(reading.values.get("value"), metrics[name], currency)
    return name, OwnNumber(period, value, str(reading.ref))


def _period(reading: Reading, calendar: Calendar) -> Period:
    """The period that a row names, or that begins where it begins. Raises ValueError.

    A CRM says a first day, and a length or a last day. Only the middle of such a stretch is looked at, so that a start
    that a time zone moved by a day is still that of its period.
    """
    first, last = reading.values.get("starts_on"), reading.values.get("ends_on")
    if not isinstance(first, date):
        return calendar.period(str(reading.values.get("period") or ""))
    if isinstance(last, date):
        days = (last - first).days
        likely = (calendar.containing(first + timedelta(days=days // 2), each) for each in AIMED)
        found = min(likely, key=lambda each: abs((each.last_day - each.starts_on).days - days))
        if abs((found.starts_on - first).days) > _OFF or abs((found.last_day - last).days) > _OFF:
            raise ValueError(f"from {first} to {last} is no period of the fiscal calendar")
        return found
    grain = next((each for each in AIMED if str(each) == reading.values.get("grain")), None)
    if grain is None:
        raise ValueError("it says neither a last day nor how long its period is")
    return calendar.containing(first + timedelta(days=_OFF), grain)


def metric_of(reading: Reading, metrics: Mapping[str, Aim]) -> str:
    """The metric that a row names, by its present or a former name. Raises ValueError."""
    given = str(reading.values.get("metric") or "").strip()
    name = given if given in metrics else next((now for now, each in metrics.items() if given in each.was), given)
    if name not in metrics:
        raise ValueError(f"there is no metric `{name}`")
    return name


def amount_of(given: object, aim: Aim, currency: str) -> Decimal:
    """A number in the metric's unit: money is written in whole units, and kept in minor ones. Raises ValueError."""
    value = _decimal(given)
    return Decimal(to_minor(value, currency)) if aim.unit == "money" else value


def _decimal(given: object) -> Decimal:
    try:
        value = Decimal(str(given))
    except InvalidOperation:
        raise ValueError(f"`{given}` is no number") from None
    if not value.is_finite() or value < 0:
        raise ValueError(f"`{given}` cannot be a target")
    return value
