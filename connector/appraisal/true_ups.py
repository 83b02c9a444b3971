"""What changed in locked periods since: found by holding today's credits against those that were locked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.appraisal.agreed import EVERYTHING, Agreed
from connector.appraisal.rules import Rules
from connector.measure.credited import credited, one_by_one
from connector.measure.formulas import Key, family
from connector.measure.measure import Measurements, measure
from connector.measure.metric import Metric
from connector.model.calendar import Period
from connector.model.closings import Closed, Closing, Locked, LockedCredit, TrueUp
from connector.model.people import Roster
from connector.model.periods import AIMED
from connector.model.results import COMPANY, Measurement, Subject, units

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

Kept = Mapping[tuple[Subject, str], tuple[Decimal, str]]  # what a record was credited with, and its name


def kinds(roster: Roster) -> tuple[str, ...]:
    """Whose credits are kept at a lock: everybody's, the company's, and those of each level that there is."""
    return ("person", COMPANY.kind, *roster.levels)


def lockable(rules: Rules) -> list[Metric]:
    """The metrics whose credits are kept at a lock: those with targets that add up record by record."""
    return [
        each
        for name, each in rules.metrics.items()
        if name in rules.aimed and one_by_one(each) and each.after_lock == "true_up"
    ]


def credits_of(
    mirror: DuckDBPyConnection,
    metrics: Sequence[Metric],
    period: Period,
    roster: Roster,
    as_of: date,
    *,
    agreed: Agreed = EVERYTHING,
) -> Iterator[LockedCredit]:
    """What everybody, each unit and the company are credited with in a period, record by record, by today's records.

    Of whatever may not be known, one row says so that has no record: should it be agreed to later, the whole period is
    no change.
    """
    for metric in metrics:
        if metric.name in agreed.hidden:
            yield _unknown(period, COMPANY, metric=metric.name)
            continue
        for each in credited(mirror, metric, period, roster.levels, as_of):
            if agreed.may_know(metric.name, each.subject, period):
                yield LockedCredit(
                    period.id, metric.name, each.subject, each.ref, each.name, each.happened_on, each.amount
                )
    for subject in sorted({*(Subject("person", each) for each in agreed.withheld), *agreed.small.of(period)}):
        yield _unknown(period, subject)


def _unknown(period: Period, subject: Subject, *, metric: str = "") -> LockedCredit:
    return LockedCredit(period.id, metric, subject, "", "", period.last_day, Decimal(0))


def changed_since(
    mirror: DuckDBPyConnection,
    rules: Rules,
    locked: Locked,
    credits_: Sequence[LockedCredit],
    known: Sequence[TrueUp],
    *,
    roster: Roster,
    today: date,
    agreed: Agreed = EVERYTHING,
) -> list[TrueUp]:
    """The differences of one locked period that nobody noted yet, dated today.

    Whoever's sum is what was locked and noted is not looked at record by record. The definition in force when
    the period began is used, as it was at the lock. What may not be known, or might not when it was locked, has none;
    nor has a level that there was none of.
    """
    closing, found = locked.closing, list[TrueUp]()
    levels = [each for each in roster.levels if each in closing.kinds]
    without = {(each.metric, each.subject) for each in credits_ if each.says_unknown}
    for metric in lockable(rules):
        if (metric.name, COMPANY) in without or (closing.of_people_alone and not _told_by_people(metric)):
            continue
        kept = _kept(metric, closing.period, credits_, known)
        moved = {
            each
            for each in _moved(mirror, metric, rules, closing, kept=kept, levels=levels, today=today)
            if ("", each) not in without and agreed.may_know(metric.name, each, closing.period)
        }
        if not moved:
            continue
        lines = credited(mirror, metric, closing.period, levels, today)
        now = {(each.subject, each.ref): (each.amount, each.name) for each in lines if each.subject in moved}
        before = {key: each for key, each in kept.items() if key[0] in moved}
        for subject, ref in sorted(now.keys() | before.keys()):
            amount, name = now.get((subject, ref), (Decimal(0), ""))
            was, called = before.get((subject, ref), (Decimal(0), ""))
            if amount != was:
                found.append(TrueUp(closing.period.id, metric.name, subject, ref, name or called, today, amount - was))
    return found


def _told_by_people(metric: Metric) -> bool:
    """Whether an early lock, which kept 1 of every record but of money, kept what the record brings."""
    plain = {each.function for each in metric.measure.aggregates} == {"count"} and not metric.weighted
    return metric.is_money or (
        plain and metric.measure.combine([Decimal(1)] * len(metric.measure.aggregates)).value == 1
    )


def _kept(metric: Metric, period: Period, credits_: Sequence[LockedCredit], known: Sequence[TrueUp]) -> Kept:
    """What was locked, with what was noted since."""
    kept: dict[tuple[Subject, str], tuple[Decimal, str]] = {}
    for each in credits_:
        if each.metric == metric.name and not each.says_unknown:
            kept[each.subject, each.ref] = each.credited, each.name
    for noted in known:
        if (noted.period, noted.metric) == (period.id, metric.name):
            amount, name = kept.get((noted.subject, noted.ref), (Decimal(0), noted.name))
            kept[noted.subject, noted.ref] = amount + noted.amount, name
    return kept


def counting_in(closed: Closed, period: Period) -> list[TrueUp]:
    """The true-ups that count in a period: those seen in it, of locked periods before it, each record's change once.

    A longer period that the locked one lies in counts its records as they are, or has true-ups of its own if it is locked
    too: so nothing of a month counts in a quarter, and of a month and its quarter that were both locked when a change was
    seen, the quarter's difference counts alone.
    """
    ended = {name: each.closing.period for name, each in closed.locked.items()}
    around = {name: [other for other, it in ended.items() if _holds(it, of)] for name, of in ended.items()}
    noted = {(each.period, each.metric, each.ref, each.on) for each in closed.true_ups}
    return [
        each
        for each in closed.true_ups
        if each.period in ended and each.on in period
        if ended[each.period].ends_before <= period.starts_on and not _is_longer(period, ended[each.period])
        if not any((name, each.metric, each.ref, each.on) in noted for name in around[each.period])
    ]


def _holds(period: Period, part: Period) -> bool:
    return _is_longer(period, part) and part.starts_on in period


def _is_longer(period: Period, other: Period) -> bool:
    """By grain: February is no shorter than January."""
    return AIMED.index(period.grain) > AIMED.index(other.grain)


def trued_up(
    measured: Measurements, closed: Closed, periods: Sequence[Period], rules: Rules, roster: Roster
) -> Measurements:
    """Measurements with the true-ups that count in each open period, each for whomever it is of.

    Those of an early lock are of people, and count for their units on that day and for the company as well.
    """
    values: dict[Key, Measurement] = dict(measured.values)
    for period in (each for each in periods if each.grain in AIMED):
        for each in counting_in(closed, period):
            metric = rules.metrics.get(each.metric)
            if metric is None:
                continue
            for subject in _whose(each, closed.locked[each.period].closing, roster):
                key = each.metric, subject, period.id
                old = values.get(key) or Measurement(Decimal(0), metric.unit)
                values[key] = replace(old, value=(old.value or Decimal(0)) + each.amount, records=old.records + 1)
    return Measurements(values, measured.undefined)


def _whose(true_up: TrueUp, closing: Closing, roster: Roster) -> list[Subject]:
    if not closing.of_people_alone:
        return [true_up.subject]
    person = roster.get(true_up.subject.id)
    levels = person.on(true_up.on).levels if person else {}
    return [true_up.subject, *units(levels, roster.levels), COMPANY]


def _moved(
    mirror: DuckDBPyConnection,
    metric: Metric,
    rules: Rules,
    closing: Closing,
    *,
    kept: Kept,
    levels: Sequence[str],
    today: date,
) -> list[Subject]:
    """Whoever's sum is another one than what is known; of an early lock people alone."""
    sums: dict[Subject, Decimal] = {}
    for (subject, _), (amount, _name) in kept.items():
        sums[subject] = sums.get(subject, Decimal(0)) + amount
    measured = measure(mirror, family(metric, rules.metrics, former=True), [closing.period], levels, today)
    now = {key[1]: each.value or Decimal(0) for key, each in measured.values.items() if key[0] == metric.name}
    looked_at = {"person"} if closing.of_people_alone else {"person", COMPANY.kind, *levels}
    both = {each for each in sums.keys() | now.keys() if each.kind in looked_at}
    return sorted(each for each in both if sums.get(each, 0) != now.get(each, 0))
