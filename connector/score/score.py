"""Set a measurement against its target: attainment, gap, pace."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person
from connector.model.results import Measurement, Score, Subject, Target
from connector.score.progress import Progress, progress


def score(
    measurement: Measurement | None,
    target: Target | None,
    metric: Metric,
    subject: Subject,
    period: Period,
    *,
    calendar: Calendar,
    today: date,
    person: Person | None = None,
) -> Score:
    """A person's, unit's or the company's score on a day; `person` gives their own working days.

    Attainment is raw and uncapped. What builds up is expected by finished working days, so on the first morning
    of a period nobody is behind; what does not (a ratio, an average) is expected whole on every day. Somebody with a
    target and no record at all has done nothing (0) where records are added up; a ratio of no records stays unknown.
    Raises nothing: whatever is None has its reason.
    """
    days = progress(calendar, period, today, person)
    actual = _actual(measurement, target, metric)
    aim = target.value if target else None
    expected = None if aim is None else _expected(aim, metric, days)
    attainment, why = _reached(actual, aim, metric, "target")
    if aim is None:
        why = _NEVER_AIMED.get(period.grain, why)
    pace, why_not = _reached(actual, expected, metric, "expected")
    return Score(
        metric=metric.name,
        subject=subject,
        period=period,
        as_of=today,
        unit=metric.unit,
        actual=actual,
        target=aim,
        attainment=attainment,
        gap=None if actual is None or aim is None else aim - actual,
        expected=expected,
        pace=pace,
        elapsed=days.elapsed,
        working_days=days.working_days,
        reason="; ".join(dict.fromkeys(each for each in (_missing(actual, measurement), why, why_not) if each)),
        records=measurement.records if measurement else 0,
        left_out=measurement.left_out if measurement else 0,
    )


_NEVER_AIMED = {Grain.WEEK: "no target for weeks", Grain.ROLLING: "no target for windows that move"}


def _actual(measurement: Measurement | None, target: Target | None, metric: Metric) -> Decimal | None:
    if measurement is not None and (measurement.value is not None or measurement.left_out or measurement.reason):
        return measurement.value
    return Decimal(0) if target is not None and metric.accumulates else None


def _expected(target: Decimal, metric: Metric, days: Progress) -> Decimal | None:
    """What should be there by now."""
    if not metric.accumulates:
        return target
    if not days.working_days:
        return None
    return target * days.elapsed / days.working_days


def _reached(actual: Decimal | None, aim: Decimal | None, metric: Metric, what: str) -> tuple[Decimal | None, str]:
    """Actual against an aim, by the metric's method; or None with a reason."""
    if aim is None:
        return None, "no target" if what == "target" else ""
    if aim == 0:
        return None, "target is zero" if what == "target" else "nothing is expected yet"
    if actual is None:
        return None, ""
    if metric.better == "lower":
        if metric.method == "linear":
            return (2 * aim - actual) / aim, ""
        return (aim / actual, "") if actual else (None, "actual is zero")
    return actual / aim, ""


def _missing(actual: Decimal | None, measurement: Measurement | None) -> str:
    if actual is not None:
        return ""
    if measurement is not None and measurement.reason:
        return measurement.reason
    if measurement is not None and measurement.left_out:
        return "nothing that was found could be counted"
    return "nothing to measure"
