"""Measuring all default metrics against SQL written by hand for this one company; both must give the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from connector.flow.appraise import appraise_day, appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.measure.measure import Measurements, measure
from tests.bench.report import Line, best_of, note, stopwatch
from tests.bench.served import TODAY

SQL = (Path(__file__).parent / "by_hand.sql").read_text(encoding="utf-8")


def lines(house: House) -> Iterator[Line]:
    """Build the mirror, compare the numbers, then take turns."""
    with stopwatch() as built:
        appraise_day(house, TODAY, "bench")
    note(f"first mirror and appraisal: {built():.1f} s")
    roster = people_of(house)
    periods = house.settings.company.calendar.current(TODAY)
    metrics = list(house.rules.metrics.values())
    with reading_mirror(house) as mirror:
        month, quarter, year = periods
        asked = {
            "month": month.id,
            "quarter": quarter.id,
            "year": year.id,
            "from": year.starts_on,
            "until": year.ends_before,
            "today": TODAY,
        }
        ours = measure(mirror, metrics, periods, roster.levels, TODAY)
        theirs = mirror.execute(SQL, asked).fetchall()
        note(f"{_agree(ours, theirs):,} numbers agree")
        mine, by_hand = best_of(
            7,
            partial(measure, mirror, metrics, periods, roster.levels, TODAY),
            lambda: mirror.execute(SQL, asked).fetchall(),
        )
        yield Line("measuring all default metrics", mine, by_hand, 1.3, peer="DuckDB SQL by hand")
        with stopwatch() as whole:
            appraise_with(house, mirror, roster, TODAY)
        yield Line("the whole appraisal of a day", whole(), by_hand, None, peer="the same SQL")


def _agree(ours: Measurements, theirs: list[tuple[Any, ...]]) -> int:
    """How many numbers were compared; fails on the first that differs."""
    compared = 0
    for kind, subject, period, metric, value in theirs:
        mine = next((ours[key] for key in [(metric, _subject(kind, subject), period)] if key in ours.values), None)
        if value in (None, 0):
            assert mine is None or not mine.value, (kind, subject, period, metric, mine)
            continue
        assert mine is not None, (kind, subject, period, metric, value)
        assert mine.value is not None, (kind, subject, period, metric, value)
        assert abs(float(mine.value) - float(value)) <= 1e-9 * abs(float(value)), (
            kind,
            subject,
            period,
            metric,
            mine,
            value,
        )
        compared += 1
    return compared


def _subject(kind: str, name: str) -> Any:
    from connector.model.results import Subject

    return Subject(kind, name)
