"""How healthy a deal or an account is: points for and against, with the reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from connector.errors import Place
from connector.language.expression import Expression
from connector.measure.facts import Fact
from connector.model.results import Health, HealthReason

LOWEST, HIGHEST = 0, 100
RETENTION = "retention"
WORD = re.compile(r"\{(\w+)\}")  # what a reason fills in


@dataclass(frozen=True, slots=True)
class Point:
    """What adds to the health of a record, or takes from it."""

    place: Place
    add: int
    when: Expression  # over the record
    say: str  # "{days_in_stage} days in {stage}": fields of the record in braces
    do: str = ""  # what to do about it


@dataclass(frozen=True)
class HealthRules:
    """One section of `rules/health.yaml`."""

    kind: str  # "deals" | "accounts"
    place: Place
    start: int
    points: tuple[Point, ...]
    bands: tuple[tuple[str, int], ...]  # name and lower end, highest first
    for_: Expression | None = None  # which records

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The fields that reasons speak of, each once; of an account its retention too, which is shown beside its health."""
        texts = [text for each in self.points for text in (each.say, each.do)]
        kept = (RETENTION,) if self.kind == "accounts" else ()
        return tuple(dict.fromkeys((*(name for text in texts for name in WORD.findall(text)), *kept)))


def judge(rules: HealthRules, found: Iterable[Fact], shown: Callable[[str, object], str]) -> tuple[Health, ...]:
    """The health of every record, from 0 to 100; a condition that nobody can tell adds nothing.

    A fact answers the points' conditions in their order, and has the values of `words`.

    `shown` writes a field's value as people read it.
    """
    verdicts: dict[tuple[bool, ...], _Verdict] = {}

    def verdict(holds: tuple[bool, ...]) -> _Verdict:
        if holds not in verdicts:
            verdicts[holds] = _verdict(rules, holds)
        return verdicts[holds]

    return tuple(_judged(rules, each, verdict(each.holds), shown) for each in found)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What follows from the same answers, whatever record they are about."""

    points: int
    band: str
    reasons: tuple[HealthReason, ...]  # heaviest first, not filled in yet
    speaks: bool  # whether any of them has something to fill in


def _verdict(rules: HealthRules, holds: tuple[bool, ...]) -> _Verdict:
    held = [point for point, answer in zip(rules.points, holds, strict=True) if answer]
    points = min(max(rules.start + sum(each.add for each in held), LOWEST), HIGHEST)
    band = next((name for name, low in rules.bands if points >= low), rules.bands[-1][0])
    heaviest = sorted(held, key=lambda each: -abs(each.add))  # of one weight, in the order of the file
    reasons = tuple(HealthReason(each.add, each.say, each.do) for each in heaviest)
    return _Verdict(points, band, reasons, any(WORD.search(each.says + each.do) for each in reasons))


def _judged(rules: HealthRules, record: Fact, verdict: _Verdict, shown: Callable[[str, object], str]) -> Health:
    reasons = verdict.reasons
    if verdict.speaks:
        words = dict(zip(rules.words, record.values, strict=True))

        def filled(text: str) -> str:
            return WORD.sub(lambda word: shown(word[1], words.get(word[1])), text) if "{" in text else text

        reasons = tuple(HealthReason(each.add, filled(each.says), filled(each.do)) for each in reasons)
    kept = record.values[rules.words.index(RETENTION)] if RETENTION in rules.words else None
    retention = None if kept is None else Decimal(str(kept))
    return Health(rules.kind, record.ref, record.name, record.owner, verdict.points, verdict.band, reasons, retention)
