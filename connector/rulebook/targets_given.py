"""Parts of a target policy that are given beside its split: pins, bottom-up values, and the market."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from pydantic import Field as Key

from connector.model.catalogue import Catalogue
from connector.normalise.mapping import FileTable
from connector.rulebook.notation import AFigure, Figure, in_unit
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape, complaint
from connector.targets.market import Market
from connector.yamlfile import Trail


def to_reach(written: Figure, unit: str, currency: str) -> Decimal:
    """A number to reach, in the metric's unit. Raises a complaint: of one below zero there is no attainment."""
    found = in_unit(written, unit, currency)
    if found < 0:
        raise complaint("below-zero", f"nobody can be asked for {written}", "a target is zero or more")
    return found


INDEX_COLUMNS = ("segment", "date", "value")
BOTTOM_UP_COLUMNS = ("person", "level", "unit", "metric", "period", "value")
MOST_MOVED = Decimal(1)


class MarketEntry(Shape):
    """An index that targets follow: 100 leaves them as they are, 90 lowers them by a tenth."""

    index: str = Key(description="a file table with columns segment, date and value: files.market_index")
    by: str | None = Key(None, description="the level whose units are the segments: region; without it, one for all")
    at_most: AFigure = Key(Figure(Decimal(20), "%"), description="how far it moves a target, up or down: 20%")


@dataclass(frozen=True, slots=True)
class GivenReader:
    """Reads them against what else is known."""

    page: Page
    catalogue: Catalogue
    levels: Sequence[str]
    files: Mapping[str, FileTable]

    def pins(
        self,
        written: Mapping[str, Mapping[str, Figure]] | None,
        unit: str,
        split: Iterable[Mapping[str, object]],
        trail: Trail,
    ) -> dict[str, dict[str, Decimal]]:
        """Numbers by level and unit, in the metric's unit."""
        if not written:
            return {}
        levels = dict.fromkeys(level for step in split for level in step if level != "person")
        found: dict[str, dict[str, Decimal]] = {}
        for level, units in written.items():
            self.page.known((*trail, "pins", level), level, levels, "level of the split", key=True)
            for name, figure in units.items():
                place = (*trail, "pins", level, name)
                number = self.page.tried(place, partial(to_reach, figure, unit, self.catalogue.currency))
                if number is not None:
                    found.setdefault(level, {})[name] = number
        return found

    def bottom_up(self, tables: Sequence[str], split: Sequence[Mapping[str, object]], trail: Trail) -> None:
        """The tables exist, have the columns, and there is a split that leaves the rest to somebody."""
        if tables and not split:
            text = "`bottom_up` says nothing without a `split`: there is nobody to share the rest"
            self.page.refuse_key((*trail, "bottom_up"), "misplaced-key", text)
        for at, table in enumerate(tables):
            self.has_columns(table, BOTTOM_UP_COLUMNS, "no-bottom-up", (*trail, "bottom_up", at))

    def market(self, entry: MarketEntry | None, trail: Trail) -> Market | None:
        """The index to follow; None: there is none, or it is wrong."""
        if entry is None:
            return None
        trail = (*trail, "market")
        before = len(self.page.problems)
        self.has_columns(entry.index, INDEX_COLUMNS, "no-index", (*trail, "index"))
        if entry.by is not None:
            self.page.known((*trail, "by"), entry.by, dict.fromkeys(self.levels), "level")
        most = self._figure(entry.at_most, "ratio", (*trail, "at_most"))
        if most is not None and not 0 <= most <= MOST_MOVED:
            self.page.refuse((*trail, "at_most"), "wrong-share", f"{entry.at_most} is no limit", "from 0% to 100%")
        if most is None or len(self.page.problems) > before:
            return None
        return Market(entry.index, entry.by or "", most)

    def _figure(self, written: Figure, unit: str, trail: Trail) -> Decimal | None:
        return self.page.tried(trail, lambda: in_unit(written, unit, self.catalogue.currency))

    def has_columns(self, name: str, columns: Sequence[str], code: str, trail: Trail) -> None:
        """A file table that has these columns."""
        tables = {f"files.{each}": table for each, table in self.files.items()}
        found = self.page.known(trail, name, tables, "file table")
        missing = [each for each in columns if found and each not in {column.name for column in found.columns}]
        if missing:
            self.page.refuse(trail, code, f"{name} has no column {', '.join(f'`{each}`' for each in missing)}")
