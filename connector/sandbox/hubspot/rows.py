"""The CSV files of a sandbox company, read as a stream; a missing file or column reads as empty."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TypeVar

from connector.sandbox.hubspot.moments import midnight, parse_stamp

T = TypeVar("T")
CHUNK = 5_000


class Line(dict[str, str]):
    """One row; whatever is not there is empty."""

    def __missing__(self, key: str) -> str:
        return ""

    def here(self) -> bool:
        """Whether the row belongs to HubSpot."""
        return "hubspot" in self["crm"].split()

    def stamp(self, *columns: str) -> int | None:
        """Epoch milliseconds of the first of these columns that holds a moment or a day."""
        for column in columns:
            if self[column] and (stamp := parse_stamp(self[column])) is not None:
                return stamp
        return None


def lines(path: Path) -> Iterator[Line]:
    """The rows of a file in its order; none if there is no such file."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        for cells in reader:
            yield Line(zip(header, cells, strict=False))


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of that size, the last one shorter."""
    running = iter(items)
    while chunk := list(islice(running, size)):
        yield chunk


def first_day(text: str) -> int:
    """Midnight UTC of an ISO date."""
    return midnight(date.fromisoformat(text))


def filled(properties: Mapping[str, str]) -> dict[str, str]:
    """Without what is empty: a record does not have a property that nobody set."""
    return {name: value for name, value in properties.items() if value}
