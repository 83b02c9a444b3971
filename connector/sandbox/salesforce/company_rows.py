"""Rows of the company folder's CSV files, and their values as Salesforce would keep them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from connector.sandbox.salesforce.moments import stamp
from connector.sandbox.salesforce.organisation import Stage

Row = dict[str, str]
_FORECASTS = {
    "omitted": "Omitted",
    "pipeline": "Pipeline",
    "bestcase": "BestCase",
    "mostlikely": "MostLikely",
    "commit": "Forecast",
    "forecast": "Forecast",
    "closed": "Closed",
}


def rows(folder: Path, name: str) -> Iterator[Row]:
    """One file's rows, as they are read; a missing file has none."""
    path = folder / f"{name}.csv"
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        header = next(reader, [])
        for values in reader:
            yield dict(zip(header, values, strict=False))


def of_salesforce(found: Iterable[Row]) -> Iterator[Row]:
    """Those that live in Salesforce."""
    return (row for row in found if "salesforce" in row.get("crm", "salesforce"))


def stamped(text: str | None, today: date) -> str:
    """A moment or a day as a stamp; nothing means the start of the company's today."""
    if text and len(text) == 20 and text[19] == "Z":
        return text[:19] + ".000+0000"  # the usual form, by far the most frequent call of a load
    if text and len(text) > 10:
        return stamp(datetime.fromisoformat(text))
    day = date.fromisoformat(text) if text else today
    return stamp(datetime(day.year, day.month, day.day, tzinfo=UTC))


def decimal(text: str | None) -> float | None:
    return float(text) if text else None


def whole_number(text: str | None) -> int | None:
    return int(float(text)) if text else None


def stage_from(row: Row) -> Stage:
    """A stage; where the file names no forecast category, what Salesforce would choose."""
    closed, won = row.get("is_closed") == "true", row.get("is_won") == "true"
    wanted = (row.get("forecast") or "").lower().replace(" ", "").replace("_", "")
    usual = ("Closed" if won else "Omitted") if closed else "Pipeline"
    probability = float(row.get("probability") or (1 if won else 0)) * 100
    return Stage(
        row.get("label") or row["stage"],
        round(probability, 4),
        closed=closed,
        won=won,
        forecast=_FORECASTS.get(wanted, usual),
    )
