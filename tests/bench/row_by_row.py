"""The same questions asked of one record at a time, by a library for that: rule-engine, with conditions written by hand.

It is asked of a sample, and its time taken for all records in proportion: a record costs what a record costs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import rule_engine

from connector.flow.appraise import LEVELS, reading_mirror
from connector.flow.house import House
from connector.measure.measure import measure
from tests.bench.report import best_of, stopwatch
from tests.bench.served import TODAY

SAMPLE = 100_000  # records of each relation

# metric → relation, condition, the column whose values are added up (None: records are counted)
QUESTIONS: Mapping[str, tuple[str, str, str | None]] = {
    "bookings": ("deals", "outcome == 'won' and closed_on <= today", "amount"),
    "deals_won": ("deals", "outcome == 'won' and closed_on <= today", None),
    "open_pipeline": ("deals", "outcome == 'open'", "amount"),
    "open_deals": ("deals", "outcome == 'open'", None),
    "activities": ("activities", "status == 'completed' and happened_on <= today", None),
    "calls_made": ("activities", "type == 'call' and status == 'completed' and happened_on <= today", None),
    "emails_sent": ("activities", "type == 'email' and status == 'completed' and happened_on <= today", None),
    "meetings_held": ("activities", "type == 'meeting' and status == 'completed' and happened_on <= today", None),
}
COLUMNS = {"deals": "outcome, closed_on, amount, owner_at_close", "activities": "type, status, happened_on, performer"}
DAY = {"deals": "closed_on", "activities": "happened_on"}
WHO = {"deals": "owner_at_close", "activities": "performer"}


def compared(house: House) -> dict[str, Any]:
    """Seconds of both sides for all records, ours measured and the library's extrapolated."""
    periods = house.settings.company.calendar.current(TODAY)
    metrics = [house.rules.metrics[name] for name in QUESTIONS]
    seconds = 0.0
    with reading_mirror(house) as mirror:
        [ours] = best_of(3, lambda: measure(mirror, metrics, periods, LEVELS, TODAY))
        for relation, columns in COLUMNS.items():
            total = mirror.execute(f"select count(*) from {relation}").fetchall()[0][0]
            found = mirror.execute(f"select {columns} from {relation} using sample {SAMPLE} rows (reservoir, 7)")
            names = columns.split(", ")
            records = [dict(zip(names, row, strict=True)) | {"today": TODAY} for row in found.fetchall()]
            with stopwatch() as took:
                _asked(relation, records, [(each.starts_on, each.ends_before) for each in periods])
            seconds += took() * total / len(records)
    return {"ours": ours, "seconds": seconds, "metrics": len(metrics), "sample": SAMPLE * len(COLUMNS)}


def _asked(relation: str, records: Iterable[Mapping[str, Any]], spans: list[tuple[Any, Any]]) -> dict[Any, Any]:
    """Per metric, person and period, as somebody would write it who has such a library."""
    rules = [(name, rule_engine.Rule(text), column) for name, (of, text, column) in QUESTIONS.items() if of == relation]
    found: dict[Any, Any] = defaultdict(int)
    for record in records:
        day = record[DAY[relation]]
        if day is None:
            continue
        for name, rule, column in rules:
            if rule.matches(record):
                for at, (starts_on, ends_before) in enumerate(spans):
                    if starts_on <= day < ends_before:
                        found[name, record[WHO[relation]], at] += (record[column] or 0) if column else 1
    return found
