"""What the generator knows about the company it wrote: planted truths and golden totals."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from connector.sandbox.company.columns import TRUTH

MOST = 50  # examples listed per kind; the count is always whole

DEFINITIONS = {
    "outcomes": "deals per CRM and outcome (by the stage in deals.csv); deleted ones are left out everywhere",
    "won_value": "amounts of won deals per quarter of closed_on, in minor units of the company's currency; each deal at the "
    "rate in force on closed_on, half a minor unit rounded up; deals without a rate are left out",
    "won_value_by_crm": "the same, per CRM",
    "won_by_owner": "number of won deals per person (e-mail) who owns them now",
    "won_by_owner_at_close": "number of won deals per person (e-mail) who owned them at the moment of the last stage change",
    "credited": "per person (e-mail) and quarter of closed_on: value in minor units times percent, summed over won deals; the "
    "percent of each revenue split, or 100 for the owner at close of a deal without any; deals whose revenue splits do not "
    "add up to 100, or without a rate, are left out. Divide by 100 for minor units",
    "activities": "per CRM, type and status",
}


@dataclass(frozen=True, slots=True)
class Planted:
    """The odd things in the company, to hold detectors against. People are e-mail addresses, None: too small for it."""

    staller: str | None  # has won nothing in the current quarter
    sandbagger: str | None  # amounts raised at the close, close dates pulled in from beyond the quarter
    buncher: str | None  # wins in the last five days of a quarter only
    joiner: str | None  # started in the middle of a month
    leaver: str | None  # their open deals went to the manager on their last day
    reorganisation: Mapping[str, str] | None  # team, from, to, on
    in_both_crms: tuple[str, ...]
    wrong_splits: Mapping[str, int]  # deal → what its revenue splits add up to
    no_rate: tuple[str, ...]  # won deals in a currency without a rate
    reopened: tuple[str, ...]  # deals that were lost and are, or were, open again (examples)
    reopened_count: int
    handed_on: tuple[str, ...]  # won deals that changed owner after the close (examples)
    handed_on_count: int


@dataclass(frozen=True, slots=True)
class Truth:
    """truth.json, as values."""

    today: str
    seed: int
    currency: str
    planted: Planted
    outcomes: Mapping[str, Mapping[str, int]]
    won_value: Mapping[str, int]
    won_value_by_crm: Mapping[str, Mapping[str, int]]
    won_by_owner: Mapping[str, int]
    won_by_owner_at_close: Mapping[str, int]
    credited: Mapping[str, Mapping[str, int]]
    activities: Mapping[str, Mapping[str, Mapping[str, int]]]
    definitions: Mapping[str, str] = field(default_factory=lambda: DEFINITIONS)

    def write(self, folder: Path) -> None:
        """As truth.json, keys sorted."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True)
        (folder / TRUTH).write_text(text + "\n", encoding="utf-8")


@dataclass(slots=True)
class Tally:
    """Counts kept while writing; people are their places in the list."""

    outcomes: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    won_value: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    won_by_owner: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    won_by_owner_at_close: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    credited: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    activities: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    wrong_splits: dict[str, int] = field(default_factory=dict)
    no_rate: list[str] = field(default_factory=list)
    reopened: list[str] = field(default_factory=list)
    reopened_count: int = 0
    handed_on: list[str] = field(default_factory=list)
    handed_on_count: int = 0


def nested(flat: Mapping[Any, int]) -> dict[str, Any]:  # keys are tuples of text, and say how deep
    """`{("a", "b"): 1}` as `{"a": {"b": 1}}`."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        branch = tree
        for part in path[:-1]:
            branch = branch.setdefault(part, {})
        branch[path[-1]] = value
    return tree
