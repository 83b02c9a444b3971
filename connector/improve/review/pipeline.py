"""How the pipeline came through the period, and how the period filled up."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from connector.appraisal.outlooks import running_totals
from connector.decide.wording import number
from connector.improve.review.charts import curves, waterfall_chart
from connector.improve.review.parts import Back, Chart, Section, Table
from connector.measure.daily import daily
from connector.measure.waterfall import Bar, Waterfall, waterfall
from connector.model.calendar import Grain, Period
from connector.score.season import usual

BARS = ("start", "created", "reopened", "raised", "cut", "won", "lost", "deleted", "moved", "end")


def pipeline(back: Back) -> Section:
    """Start + bars = end, of everything that was open."""
    zone, last = back.company.zone, min(back.period.ends_before, back.today + timedelta(days=1))
    start, end = (datetime.combine(day, time(), zone) for day in (back.period.starts_on, last))
    found = waterfall(back.mirror, start, end)
    bars = [(name, bar) for name in BARS if (bar := _bar(found, name)).deals or name in ("start", "end")]
    if not any(bar.deals for _, bar in bars):
        return Section("The pipeline", ("Nothing was open, and nothing is.",))

    def shown(amount: int) -> str:
        return number(Decimal(amount), "money", back.company.currency)

    rows = tuple((name, shown(bar.amount), f"{bar.deals}") for name, bar in bars)
    chart = waterfall_chart(f"Open pipeline, {back.period.id}", [(name, bar.amount) for name, bar in bars], shown)
    says = (
        "A deal that leaves does so with its amount at the start, one that arrives with its amount at the end; all bars "
        "together are exactly the difference."
    )
    return Section("The pipeline", (says,), (Table(("", "amount", "deals"), rows, ("amount", "deals")),), (chart,))


def _bar(found: Waterfall, name: str) -> Bar:
    bar: Bar = getattr(found, name)
    return bar


def course(back: Back) -> Section:
    """The season curve of each metric that builds up, beside what came."""
    charts, says = list[Chart](), list[str]()
    for name, metric in back.rules.shown.items():
        outlook = back.appraisal.outlooks.get((name, back.period.id))
        if outlook is None:
            continue
        pace = outlook.pace
        if not pace.courses:
            says.append(f"{metric.title}: {pace.says or 'too few periods like it have records to draw a season from'}.")
            continue
        span = Period(
            back.period.starts_on, min(back.period.ends_before, back.today + timedelta(days=1)), "so far", Grain.ROLLING
        )
        numbers = daily(back.mirror, [metric], span, min(back.today, back.period.last_day)).get(name, {})
        totals = running_totals(span, numbers, back.calendar)
        working = sum(map(back.calendar.is_working, back.period.days()))
        expected = [usual(pace.courses, Fraction(at + 1, working)) for at in range(working)]
        whole = Fraction(totals[-1]) if totals else Fraction(0)
        over = len(totals) >= working
        share = Fraction(1) if over else expected[len(totals) - 1] if totals else Fraction(0)
        actual = [Fraction(each) / whole * share for each in totals] if whole > 0 else []
        halfway = _half(actual, working)
        said = (
            f"{float(halfway):.0%} had come when half of the working days were over, {float(expected[working // 2 - 1]):.0%} "
            "usually has"
            if halfway is not None and working > 1
            else pace.says
        )
        charts.append(curves(f"{metric.title}: how {back.period.id} filled up", expected, actual, said))
        says.append(f"{metric.title}: {said}.")
    return Section("How it filled up", tuple(says), (), tuple(charts))


def _half(actual: list[Fraction], working: int) -> Fraction | None:
    return actual[working // 2 - 1] if len(actual) >= working // 2 > 0 else None
