"""Measuring all default metrics against SQL written by hand for this one company; both must give the same numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.flow.appraise import LEVELS, appraise_day, appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.measure.measure import Measurements, measure
from connector.measure.metric import Metric
from connector.model.calendar import Period
from connector.model.results import Subject
from tests.bench.report import Line, best_of, note, stopwatch
from tests.bench.served import TODAY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FOLDER = Path(__file__).parent / "by_hand"
Numbers = dict[tuple[str, Subject, str], float]


@dataclass(frozen=True, slots=True)
class Statement:
    """A query of a person's own; its columns after kind, subject and period are named like the metrics they measure."""

    sql: str
    metrics: tuple[str, ...]
    bound: Mapping[str, Any]

    def rows(self, mirror: DuckDBPyConnection) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = mirror.execute(self.sql, self.bound).fetchall()
        return found


def appraised(house: House) -> None:
    """The first mirror, and a day's numbers over it."""
    with stopwatch() as built:
        appraise_day(house, TODAY, "bench", {})
    note(f"first mirror and appraisal: {built():.1f} s")


def lines(house: House) -> Iterator[Line]:
    """Compare the numbers, then take turns."""
    roster = people_of(house)
    periods = house.settings.company.calendar.current(TODAY)
    with reading_mirror(house) as mirror:
        by_hand = statements(mirror, house.rules.metrics, periods)
        metrics = covered(house.rules.metrics, by_hand)
        ours = partial(measure, mirror, metrics, periods, LEVELS, TODAY)
        count = agree(numbers(ours()), numbers_by_hand(mirror, by_hand))
        note(f"{count:,} numbers agree")
        mine, theirs = best_of(9, ours, lambda: [each.rows(mirror) for each in by_hand])
        yield Line(f"measuring {len(metrics)} metrics, {count:,} numbers", mine, theirs, 1.3, peer="DuckDB SQL by hand")
        with stopwatch() as whole:
            appraise_with(house, mirror, roster, TODAY)
        yield Line("the whole appraisal of a day", whole(), theirs, None, peer="the same SQL")


def covered(known: Mapping[str, Metric], by_hand: Sequence[Statement]) -> list[Metric]:
    """The default metrics; whatever nobody wrote SQL for is named, and left out on both sides."""
    written = {name for each in by_hand for name in each.metrics}
    for name in known:
        if name not in written:
            note(f"`{name}` has no SQL in {FOLDER.name}/ and is left out")
    return [each for name, each in known.items() if name in written]


def statements(mirror: DuckDBPyConnection, known: Mapping[str, Metric], periods: Sequence[Period]) -> list[Statement]:
    """Every query, bound to the periods of today."""
    values: dict[str, Any] = {
        "today": TODAY,
        "from": min(each.starts_on for each in periods),
        "until": max(each.ends_before for each in periods),
    }
    for name, period in zip(("month", "quarter", "year"), periods, strict=True):
        values |= {name: period.id, f"{name}_from": period.starts_on, f"{name}_until": period.ends_before}
    found = []
    for path in sorted(FOLDER.glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        bound = {name: values[name] for name in re.findall(r"\$(\w+)", sql)}
        columns = [str(each[0]) for each in mirror.execute(f"describe {sql}", bound).fetchall()]
        found.append(Statement(sql, tuple(columns[3:]), bound))
    strangers = {name for each in found for name in each.metrics} - set(known)
    assert not strangers, f"no metric is called {strangers}"
    return found


def numbers(measured: Measurements) -> Numbers:
    """Ours, by metric, subject and period; zero and nothing left out."""
    return {key: float(each.value) for key, each in measured.values.items() if each.value}


def numbers_by_hand(mirror: DuckDBPyConnection, by_hand: Sequence[Statement]) -> Numbers:
    """The same from SQL."""
    return {
        (name, Subject(kind, subject), period): float(value)
        for each in by_hand
        for kind, subject, period, *values in each.rows(mirror)
        for name, value in zip(each.metrics, values, strict=True)
        if value and subject is not None
    }


def agree(ours: Numbers, theirs: Numbers) -> int:
    """How many numbers were compared, zero and nothing apart; fails on the first that only one side has, or has otherwise."""
    for key in ours.keys() | theirs.keys():
        mine, other = ours.get(key), theirs.get(key)
        assert mine is not None, f"{key}: {other} by hand, nothing from us"
        assert other is not None, f"{key}: {mine} from us, nothing by hand"
        assert abs(mine - other) <= 1e-9 * abs(other), f"{key}: {mine} from us, {other} by hand"
    return len(ours)
