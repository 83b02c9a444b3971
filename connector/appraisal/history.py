"""How each person's score of a period looked on every working day of it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, overload

from connector.appraisal.rules import Rules
from connector.decide.alerts import Days
from connector.decide.rule import AlertRule
from connector.language.calls import TARGET
from connector.measure.formulas import Key, family, in_force
from connector.measure.lines import PERIOD
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.model.calendar import Period
from connector.model.people import Person, Roster
from connector.model.results import Measurement, Score, Subject
from connector.model.settings import Company
from connector.score.outlook import Outlook
from connector.score.score import score
from connector.targets.targets import Targets

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


_UNKNOWN = Outlook()  # by working days


@dataclass(frozen=True, slots=True)
class Expected:
    """What should come of each metric, and how."""

    targets: Targets
    outlooks: Mapping[tuple[str, str], Outlook] = field(default_factory=dict)  # by metric and period id
    still_open: Mapping[Key, Decimal] = field(default_factory=dict)  # what open deals are likely to bring

    def outlook(self, metric: str, period: str) -> Outlook:
        """How the metric is expected to go on in a period; by working days, where nothing more is known."""
        return self.outlooks.get((metric, period), _UNKNOWN)

    def open_deals(self, metric: Metric, key: Key) -> Decimal | None:
        """What they are likely to bring until the period ends; None: the metric is not projected by them."""
        return self.still_open.get(key, Decimal(0)) if metric.pipeline and self.still_open else None


def histories(
    mirror: DuckDBPyConnection,
    rule: AlertRule,
    rules: Rules,
    roster: Roster,
    company: Company,
    *,
    expected: Expected,
    today: date,
) -> list[Days]:
    """For everybody with a target of the rule's metric: a score per working day of its current period.

    Of a metric that nobody has a target of, for everybody with a number. The days are read off the records' own dates,
    as they are known today; targets are today's too.
    """
    aimed, period = expected.targets, company.calendar.containing(today, rule.period)
    days = [each for each in period.days() if each <= today and company.calendar.is_working(each)]
    aimless = rule.metric not in rules.aimed
    people = [each for each in roster.people if aimless or aimed.get(rule.metric, _subject(each), period.id)]
    if not days or not people:
        return []
    kin = family(rules.metrics[rule.metric], rules.metrics, former=True)
    metric = next((each for each in in_force(kin, period.starts_on) if each.name == rule.metric), None)
    if metric is None:  # not defined yet when the period began
        return []
    aims = {key: each.value for key, each in aimed.values.items() if key[2] == period.id}
    measured = daily(mirror, kin, period, days, aims)
    parts = [as_of(period, day).id for day in days]
    found: list[Days] = []
    for person in people:
        subject = _subject(person)
        known = [measured.get((metric.name, subject, each)) for each in parts]
        if aimless and not any(known):
            continue
        target = aimed.get(rule.metric, subject, period.id)
        look = partial(
            score,
            target=target,
            metric=metric,
            subject=subject,
            period=period,
            calendar=company.calendar,
            person=person,
            outlook=expected.outlook(metric.name, period.id),
        )
        found.append(Days(person, _Daily(days, known, look), target))
    return found


def _subject(person: Person) -> Subject:
    return Subject("person", person.id)


@dataclass(frozen=True, slots=True)
class _Daily(Sequence[Score]):
    """A score for each day, made when somebody looks at it: most alerts are decided by a few of them."""

    days: Sequence[date]
    known: Sequence[Measurement | None]
    look: Callable[..., Score]
    _made: dict[int, Score] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.days)

    @overload
    def __getitem__(self, at: int) -> Score: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Score]: ...
    def __getitem__(self, at: int | slice) -> Score | Sequence[Score]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        place = range(len(self))[at]
        if place not in self._made:
            self._made[place] = self.look(self.known[place], today=self.days[place])
        return self._made[place]


def daily(
    mirror: DuckDBPyConnection,
    metrics: Sequence[Metric],
    period: Period,
    days: Sequence[date],
    aims: Mapping[Key, Decimal],
) -> Mapping[Key, Measurement]:
    """The metrics as of each day, in one pass: the part of the period up to a day is a period of its own.

    That is not the same for a metric whose rule looks at the day asked about, or at what is planned for later: it is
    measured day by day.
    """
    standing = in_force(metrics, period.starts_on)
    if any(looks_at_today(each, days) for each in standing):
        found: dict[Key, Measurement] = {}
        for day in days:
            whole = measure(mirror, metrics, [period], [], day, targets=aims)
            found |= {(name, who, as_of(period, day).id): each for (name, who, _), each in whole.values.items()}
        return found
    parts = [as_of(period, day) for day in days]
    mine = {name for metric in standing for name in metric.inputs if name.startswith(TARGET)}
    daily = {
        (name, who, part.id): each for (name, who, _), each in aims.items() if TARGET + name in mine for part in parts
    }
    return measure(mirror, metrics, parts, [], days[-1], targets=daily).values


def as_of(period: Period, day: date) -> Period:
    """The part of a period that is over when a day is, under a name of its own."""
    return replace(period, ends_before=day + timedelta(days=1), id=f"{period.id} to {day}")


def looks_at_today(metric: Metric, days: Sequence[date]) -> bool:
    """Whether a past day's number cannot be read off the records' dates alone."""
    return (
        metric.date == PERIOD
        or metric.through != "today"
        or any(sql(days[0]) != sql(days[0] + timedelta(days=1)) for sql in _written(metric))
    )


def _written(metric: Metric) -> Iterator[Callable[[date], str]]:
    if metric.where:
        yield metric.where.sql
    for each in metric.measure.aggregates:
        for part in (each.value, each.condition):
            if part:
                yield part.sql
