"""Set a measurement against its target: attainment, gap, pace, and where it leads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from connector.measure.metric import Metric
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person
from connector.model.results import Measurement, Score, Subject, Target
from connector.score.outlook import OVER, Moment, Outlook, Projection, projection, required_rate, run_rate
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
    days: Progress | None = None,
) -> Score:
    """A person's, unit's or the company's score on a day; `person` gives their own working days.

    Attainment is raw and uncapped. What builds up is expected by finished working days or by its season, as `outlook`
    has it, so on the first morning of a period nobody is behind; what does not (a ratio, an average) is expected whole
    on every day, and is not projected. `still_open` is what the open pipeline is worth, where the metric names one.
    Somebody with a target and no record at all has done nothing (0) where records are added up; a ratio of no records
    stays unknown. Raises nothing: whatever is None has its reason. `days` is how far the period has come, if it is known.
    """
    days = days or progress(calendar, period, today, person)
    actual = _actual(measurement, target, metric)
    if target is None:
        return _without_target(actual, measurement, metric, subject, period, today=today, days=days, outlook=outlook)
    aim, grows = target.value, metric.accumulates
    expected = _expected(aim, outlook.at(days)) if grows else aim
    attainment, why = _reached(actual, aim, metric, "target")
    pace, why_not = _reached(actual, expected, metric, "expected")
    gap = None if actual is None else aim - actual
    more = metric.better != "lower"  # of what should stay low nothing is needed, and what is too much is no surplus
    coming = _to_come(actual, gap if more else None, days, outlook, still_open) if grows else _NOTHING
    return Score(
        metric.name, subject, period, today, metric.unit, actual, aim, attainment, gap, expected, pace,
        days.elapsed, days.working_days,
        reason=_said(_missing(actual, measurement), why, why_not, coming.late),
        records=measurement.records if measurement else 0,
        left_out=measurement.left_out if measurement else 0,
        pace_by=outlook.pace.by if grows else WHOLE,
        surplus=_surplus(gap, metric),
        run_rate=coming.run_rate,
        required_rate=coming.required_rate,
        ahead=_ahead(attainment, metric, outlook.at(days)) if grows else None,
        projection=coming.end.value if coming.end else None,
        projection_by=coming.end.by if coming.end else "",
        projection_error=coming.end.error if coming.end else None,
    )  # fmt: skip


def _without_target(
    actual: Decimal | None,
    measurement: Measurement | None,
    metric: Metric,
    subject: Subject,
    period: Period,
    *,
    today: date,
    days: Progress,
    outlook: Outlook,
) -> Score:
    """The score of somebody from whom nothing is wanted: most scores are, so this way is short."""
    why = _NEVER_AIMED.get(period.grain, "no target")
    grows = metric.accumulates
    end = projection(actual, days, outlook, None) if grows and actual is not None else None
    return Score(
        metric.name, subject, period, today, metric.unit, actual, None, None, None, None, None,
        days.elapsed, days.working_days,
        why if actual is not None else _said(_missing(actual, measurement), why),
        None,
        outlook.pace.by if grows else WHOLE,
        measurement.records if measurement else 0,
        measurement.left_out if measurement else 0,
        run_rate=run_rate(actual, days) if grows and actual is not None else None,
        projection=end.value if end else None,
        projection_by=end.by if end else "",
        projection_error=end.error if end else None,
    )  # fmt: skip


def _surplus(gap: Decimal | None, metric: Metric) -> Decimal | None:
    """What is better than the target; of what builds up and should stay low there is none before the end."""
    if gap is None or (metric.better == "lower" and metric.accumulates):
        return None
    return max(gap if metric.better == "lower" else -gap, Decimal(0))


class _ToCome(NamedTuple):
    """What is still to come of what builds up."""

    run_rate: Decimal | None = None
    required_rate: Decimal | None = None
    end: Projection | None = None
    late: str = ""


_NOTHING = _ToCome()
WHOLE = "the whole target"  # how what does not build up is paced


def _to_come(
    actual: Decimal | None, gap: Decimal | None, days: Progress, outlook: Outlook, still_open: Decimal | None
) -> _ToCome:
    if actual is None:
        return _NOTHING
    needed = None if gap is None else required_rate(gap, days)
    late = OVER if gap is not None and needed is None else ""
    return _ToCome(run_rate(actual, days), needed, projection(actual, days, outlook, still_open), late)


def _said(*reasons: str) -> str:
    """Each reason once."""
    return "; ".join(dict.fromkeys(filter(None, reasons))) if any(reasons) else ""


_NEVER_AIMED = {Grain.WEEK: "no target for weeks", Grain.ROLLING: "no target for windows that move"}


def _actual(measurement: Measurement | None, target: Target | None, metric: Metric) -> Decimal | None:
    if measurement is not None and (measurement.value is not None or measurement.left_out or measurement.reason):
        return measurement.value
    return Decimal(0) if target is not None and metric.accumulates else None


def _expected(target: Decimal, moment: Moment) -> Decimal | None:
    """What should be there by now."""
    done = moment.done
    return None if done is None else target * done.numerator / done.denominator


def _ahead(attainment: Decimal | None, metric: Metric, moment: Moment) -> Decimal | None:
    """Attainment less the share that is usually done by now: 0.05 is five points ahead of time."""
    done = moment.done
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
