"""What a detector may say, and when it says it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

ACCIDENT = 0.001  # how likely it may be that any of the people looked at would come out so by chance
LEAST = 5  # records with the pattern
TIMES = 1.5  # as often as among others, at least
SHOWN = 5  # records named as evidence


@dataclass(frozen=True, slots=True)
class Look:
    """Something about one person that is worth a look, and nothing more: no consequence follows from it."""

    detector: str
    person: str  # a person id
    own: float  # how often it is so with them, 0 to 1; of commit bias, what came over what stood
    base: float  # the same of everybody else together
    hits: int  # records with the pattern
    of: int  # records looked at
    says: str
    evidence: tuple[str, ...]  # refs of records, the heaviest first


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of somebody's records show a pattern."""

    person: str
    hits: int
    of: int
    refs: tuple[str, ...]


def odd(detector: str, says: str, found: Sequence[Counted]) -> Iterator[Look]:
    """Whoever has the pattern clearly more often than everybody else together.

    The base rate is that of all others; whoever is compared is left out of it. With many people somebody is always
    the highest by chance, so the more are looked at, the clearer it must be.
    """
    hits, total = sum(each.hits for each in found), sum(each.of for each in found)
    for each in found:
        others = total - each.of
        if each.hits < LEAST or not others:
            continue
        base = max((hits - each.hits) / others, 1 / (others + 1))
        own = each.hits / each.of
        if own >= base * TIMES and at_least(each.hits, each.of, base) * len(found) <= ACCIDENT:
            said = says.format(hits=each.hits, of=each.of, own=f"{own:.0%}", base=f"{base:.0%}")
            yield Look(detector, each.person, own, base, each.hits, each.of, said, each.refs[:SHOWN])


def at_least(hits: int, of: int, share: float) -> float:
    """The probability of at least so many hits of so many tries, each with a probability of `share`."""
    if share >= 1:
        return 1.0
    logs = (
        math.lgamma(of + 1) - math.lgamma(at + 1) - math.lgamma(of - at + 1)
        + at * math.log(share) + (of - at) * math.log1p(-share)
        for at in range(hits, of + 1)
    )  # fmt: skip
    return min(sum(map(math.exp, logs)), 1.0)


def worst_first(found: Iterable[Look]) -> list[Look]:
    """In the order in which somebody would read them."""
    return sorted(found, key=lambda each: (each.detector, -each.own / max(each.base, 1e-9), each.person))
