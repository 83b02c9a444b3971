"""How healthy a deal or an account is: points for and against, with the reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from connector.errors import Place
from connector.language.expression import Expression
from connector.model.results import Health, HealthReason

LOWEST, HIGHEST = 0, 100
WORD = re.compile(r"\{(\w+)\}")  # what a reason fills in


@dataclass(frozen=True, slots=True)
class Point:
    """What adds to the health of a record, or takes from it."""

    place: Place
    add: int
    when: Expression  # over the record
    say: str  # "{days_in_stage} days in {stage}": fields of the record in braces
    do: str = ""  # what to do about it


@dataclass(frozen=True, slots=True)
class HealthRules:
    """One section of `rules/health.yaml`."""

    kind: str  # "deals" | "accounts"
    place: Place
    start: int
    points: tuple[Point, ...]
    bands: tuple[tuple[str, int], ...]  # name and lower end, highest first
    for_: Expression | None = None  # which records

    @property
    def words(self) -> tuple[str, ...]:
        """The fields that reasons speak of, each once."""
        texts = [text for each in self.points for text in (each.say, each.do)]
        return tuple(dict.fromkeys(name for text in texts for name in WORD.findall(text)))


@dataclass(frozen=True, slots=True)
class Judged:
    """A record with the answer to each point's condition."""

    ref: str
    name: str
    owner: str | None
    holds: tuple[bool, ...]  # in the order of the points
    words: Mapping[str, object]


def judge(rules: HealthRules, found: Iterable[Judged], shown: Callable[[str, object], str]) -> tuple[Health, ...]:
    """The health of every record, from 0 to 100; a condition that nobody can tell adds nothing.

    `shown` writes a field's value as people read it.
    """
    return tuple(_judged(rules, each, shown) for each in found)


def _judged(rules: HealthRules, record: Judged, shown: Callable[[str, object], str]) -> Health:
    held = [point for point, holds in zip(rules.points, record.holds, strict=True) if holds]
    points = min(max(rules.start + sum(each.add for each in held), LOWEST), HIGHEST)
    band = next((name for name, low in rules.bands if points >= low), rules.bands[-1][0])

    def filled(text: str) -> str:
        return WORD.sub(lambda word: shown(word[1], record.words.get(word[1])), text)

    heaviest = sorted(held, key=lambda each: -abs(each.add))  # of one weight, in the order of the file
    reasons = tuple(HealthReason(each.add, filled(each.say), filled(each.do)) for each in heaviest)
    return Health(rules.kind, record.ref, record.name, record.owner, points, band, reasons)
