"""What changed in locked periods since: found by holding today's credits against those that were locked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.appraisal.agreed import EVERYTHING, Agreed
from connector.appraisal.rules import Rules
from connector.measure.evidence import evidence
from connector.measure.formulas import Key, family
from connector.measure.measure import Measurements, measure
from connector.measure.metric import Metric
from connector.model.calendar import Period
from connector.model.closings import Closed, Locked, LockedCredit, TrueUp
from connector.model.people import Roster
from connector.model.results import COMPANY, Measurement, Subject

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


_ONE_BY_ONE = frozenset({"sum", "sum_if", "count", "count_if"})


def lockable(rules: Rules) -> list[Metric]:
    """The metrics whose credits are kept at a lock: those with targets that add up record by record."""
    return [
        each
        for name, each in rules.metrics.items()
        if name in rules.aimed and each.accumulates and not each.inputs and each.after_lock == "true_up"
        if all(part.function in _ONE_BY_ONE for part in each.measure.aggregates)
    ]


def credits_of(
    mirror: DuckDBPyConnection,
    metrics: Sequence[Metric],
    period: Period,
    people: Sequence[str],
    as_of: date,
    *,
    agreed: Agreed = EVERYTHING,
) -> Iterator[LockedCredit]:
    """What people are credited with in a period, record by record, by today's records; what may be known of them.

    Of whatever may not, one row says so that has no record: should it be agreed to later, the whole period is no change.
    """
    for metric in metrics:
        if metric.name in agreed.hidden:
            yield _unknown(period, metric=metric.name)
            continue
        for person in people:
            if agreed.may_know(metric.name, Subject("person", person)):
                yield from _credits(mirror, metric, period, person, as_of)
    for person in sorted(agreed.withheld):
        yield _unknown(period, person=person)


def _unknown(period: Period, *, metric: str = "", person: str = "") -> LockedCredit:
    return LockedCredit(period.id, metric, person, "", "", period.last_day, Decimal(0))


def changed_since(
    mirror: DuckDBPyConnection,
    rules: Rules,
    locked: Locked,
    credits_: Sequence[LockedCredit],
    known: Sequence[TrueUp],
    *,
    today: date,
    agreed: Agreed = EVERYTHING,
) -> list[TrueUp]:
    """The differences of one locked period that nobody noted yet, dated today.

    People whose sum is what was locked and noted are not looked at record by record. The definition in force when
    the period began is used, as it was at the lock. What may not be known, or might not when it was locked, has none.
    """
    period, found = locked.closing.period, list[TrueUp]()
    without = {(each.metric, each.person) for each in credits_ if each.says_unknown}
    for metric in (each for each in lockable(rules) if (each.name, "") not in without):
        kept: dict[tuple[str, str], tuple[Decimal, str]] = {}
        for each in credits_:
            if each.metric == metric.name and not each.says_unknown:
                kept[each.person, each.ref] = each.credited, each.name
        for noted in known:
            if (noted.period, noted.metric) == (period.id, metric.name):
                amount, name = kept.get((noted.person, noted.ref), (Decimal(0), noted.name))
                kept[noted.person, noted.ref] = amount + noted.amount, name
        for person in _moved(mirror, metric, rules, period, kept=kept, today=today):
            if ("", person) in without or not agreed.may_know(metric.name, Subject("person", person)):
                continue
            now = {each.ref: each for each in _credits(mirror, metric, period, person, today)}
            before = {ref: each for (who, ref), each in kept.items() if who == person}
            for ref in sorted(now.keys() | before.keys()):
                amount = now[ref].credited if ref in now else Decimal(0)
                was, name = before.get(ref, (Decimal(0), ""))
                if amount != was:
                    title = now[ref].name if ref in now else name
                    found.append(TrueUp(period.id, metric.name, person, ref, title, today, amount - was))
    return found


def trued_up(
    measured: Measurements, closed: Closed, periods: Sequence[Period], rules: Rules, roster: Roster
) -> Measurements:
    """Measurements with the true-ups of each open period: for the person, their units on that day, and the company.

    A longer period that the locked one lies in counts its records as they are today, and needs none.
    """
    values: dict[Key, Measurement] = dict(measured.values)
    for each in closed.true_ups:
        metric, person, locked = rules.metrics.get(each.metric), roster.get(each.person), closed.locked.get(each.period)
        if metric is None or locked is None:
            continue
        levels = person.on(each.on).levels if person else {}
        units = [Subject(level, levels[level]) for level in roster.levels if levels.get(level)]
        for period in (it for it in periods if each.on in it and it.starts_on >= locked.closing.period.ends_before):
            for subject in (Subject("person", each.person), *units, COMPANY):
                key = each.metric, subject, period.id
                old = values.get(key) or Measurement(Decimal(0), metric.unit)
                values[key] = replace(old, value=(old.value or Decimal(0)) + each.amount, records=old.records + 1)
    return Measurements(values, measured.undefined)


def _moved(
    mirror: DuckDBPyConnection,
    metric: Metric,
    rules: Rules,
    period: Period,
    *,
    kept: Mapping[tuple[str, str], tuple[Decimal, str]],
    today: date,
) -> list[str]:
    """People whose sum is another one than what is known."""
    sums: dict[str, Decimal] = {}
    for (person, _), (amount, _name) in kept.items():
        sums[person] = sums.get(person, Decimal(0)) + amount
    measured = measure(mirror, family(metric, rules.metrics, former=True), [period], [], today)
    now = {
        subject.id: each.value or Decimal(0)
        for (name, subject, _), each in measured.values.items()
        if name == metric.name and subject.kind == "person"
    }
    return sorted(each for each in sums.keys() | now.keys() if sums.get(each, 0) != now.get(each, 0))


def _credits(
    mirror: DuckDBPyConnection, metric: Metric, period: Period, person: str, as_of: date
) -> Iterator[LockedCredit]:
    behind = evidence(mirror, metric, Subject("person", person), period, as_of)
    for line in behind.lines:
        credited = line.credited if line.credited is not None else Decimal(1)
        yield LockedCredit(period.id, metric.name, person, line.ref, line.name, line.happened_on, credited)
