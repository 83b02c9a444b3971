"""Set a measurement against its target: attainment, gap, pace, and where it leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person
from connector.model.results import Measurement, Score, Subject, Target
from connector.score.outlook import OVER, Outlook, projection, required_rate, run_rate
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
    outlook: Outlook = Outlook(),  # noqa: B008  (frozen)
    still_open: Decimal | None = None,
) -> Score:
    """A person's, unit's or the company's score on a day; `person` gives their own working days.

    Attainment is raw and uncapped. What builds up is expected by finished working days or by its season, as `outlook`
    has it, so on the first morning of a period nobody is behind; what does not (a ratio, an average) is expected whole
    on every day, and is not projected. `still_open` is what the open pipeline is worth, where the metric names one.
    Somebody with a target and no record at all has done nothing (0) where records are added up; a ratio of no records
    stays unknown. Raises nothing: whatever is None has its reason.
    """
    days = progress(calendar, period, today, person)
    actual = _actual(measurement, target, metric)
    aim = target.value if target else None
    expected = None if aim is None else _expected(aim, metric, days, outlook)
    attainment, why = _reached(actual, aim, metric, "target")
    if aim is None:
        why = _NEVER_AIMED.get(period.grain, why)
    pace, why_not = _reached(actual, expected, metric, "expected")
    found = Score(
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
        pace_by=outlook.pace.by if metric.accumulates else "the whole target",
    )
    return _going_on(found, days, outlook, metric, still_open) if metric.accumulates else _surplus(found)


def _surplus(found: Score) -> Score:
    return found if found.gap is None else replace(found, surplus=max(-found.gap, Decimal(0)))


def _going_on(found: Score, days: Progress, outlook: Outlook, metric: Metric, still_open: Decimal | None) -> Score:
    """The score with what is still to come."""
    actual, gap = found.actual, found.gap
    end = None if actual is None else projection(actual, days, outlook, still_open)
    needed = None if gap is None else required_rate(gap, days)
    late = OVER if gap is not None and needed is None else ""
    return replace(
        _surplus(found),
        run_rate=None if actual is None else run_rate(actual, days),
        required_rate=needed,
        ahead=_ahead(found.attainment, metric, days, outlook),
        projection=end.value if end else None,
        projection_by=end.by if end else "",
        projection_error=end.error if end else None,
        reason="; ".join(each for each in (found.reason, late) if each),
    )


_NEVER_AIMED = {Grain.WEEK: "no target for weeks", Grain.ROLLING: "no target for windows that move"}


def _actual(measurement: Measurement | None, target: Target | None, metric: Metric) -> Decimal | None:
    if measurement is not None and (measurement.value is not None or measurement.left_out or measurement.reason):
        return measurement.value
    return Decimal(0) if target is not None and metric.accumulates else None


def _expected(target: Decimal, metric: Metric, days: Progress, outlook: Outlook) -> Decimal | None:
    """What should be there by now."""
    if not metric.accumulates:
        return target
    done = outlook.pace.done(days.elapsed, days.working_days)
    return None if done is None else target * done.numerator / done.denominator


def _ahead(attainment: Decimal | None, metric: Metric, days: Progress, outlook: Outlook) -> Decimal | None:
    """Attainment less the share that is usually done by now: 0.05 is five points ahead of time."""
    done = outlook.pace.done(days.elapsed, days.working_days)
    if attainment is None or done is None or metric.better == "lower":
        return None
    return attainment - Decimal(done.numerator) / done.denominator


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
