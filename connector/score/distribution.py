"""How attainment is spread among people: mean, median and the share at target, which only together tell anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import mean, median

from connector.model.results import Score


@dataclass(frozen=True, slots=True)
class Distribution:
    """The picture of one metric in one period; ratios are unrounded."""

    people: int  # with an attainment
    mean: Decimal
    median: Decimal
    at_target: Decimal  # the share of them who reached it


def distribution(scores: Iterable[Score]) -> Distribution | None:
    """Over people with an attainment; None where there is nobody."""
    reached = [each.attainment for each in scores if each.subject.kind == "person" and each.attainment is not None]
    if not reached:
        return None
    there = sum(each >= 1 for each in reached)
    return Distribution(len(reached), mean(reached), median(reached), Decimal(there) / len(reached))
