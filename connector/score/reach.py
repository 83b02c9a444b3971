"""How likely a number is to be reached: drawn again and again from what months brought before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

OWN_LEAST, PEERS_LEAST = 6, 18  # months: with fewer of both, nothing is said
PRIOR = 12  # as many months as the peers' count for, beside somebody's own
RESAMPLES, DRAWS = 60, 100
_EXACT = 1e-9  # seasons are divided out and multiplied in again
EDGE = 0.1  # of the resamples, on either side of the interval


class Draws(Protocol):
    """Randomness, handed in: what `random.Random` does."""

    def choices(
        self, population: Sequence[float], weights: Sequence[float] | None = None, *, k: int = 1
    ) -> list[float]:
        """So many draws, each of all of them."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The probability of reaching a target, with the months that it rests on."""

    probability: float | None  # None: there is too little history to say
    low: float = 0.0  # four of five resampled histories say at least so much
    high: float = 1.0  # and at most so much
    own: int = 0  # months of the person's own
    peers: int = 0  # months of others


@dataclass(frozen=True, slots=True)
class History:
    """Months that are over, freed of their season: one is as good as another."""

    own: Sequence[float]
    peers: Sequence[float] = ()  # of people who do the same; they count for a few months of one's own


def reach(history: History, target: float, to_come: Sequence[float], rng: Draws, *, so_far: float = 0.0) -> Reach:
    """The probability that what is there and what months to come bring is at least a target.

    `to_come` has for each month how much of a usual one it is: 1.2 in a strong season, 0.5 where half of it is over.
    """
    own, peers = list(history.own), list(history.peers)
    if len(own) < OWN_LEAST and len(peers) < PEERS_LEAST:
        return Reach(None, own=len(own), peers=len(peers))
    if not to_come:
        certain = float(so_far >= target)
        return Reach(certain, certain, certain, len(own), len(peers))
    missing = target - so_far
    found = resampled(history, missing, to_come, rng, RESAMPLES, DRAWS)
    edge = int(RESAMPLES * EDGE)
    return Reach(sum(found) / len(found), found[edge], found[-1 - edge], len(own), len(peers))


def resampled(  # noqa: PLR0917
    history: History, missing: float, to_come: Sequence[float], rng: Draws, resamples: int, draws: int
) -> list[float]:
    """The probability by each of many histories that might have been, lowest first.

    Two years of lumpy months say little about the usual one: the mean over resampled histories takes that in, where
    draws from the one that happened to be would be too sure of themselves.
    """
    own, peers = list(history.own), list(history.peers)
    return sorted(_share(_again(own, rng), _again(peers, rng), missing, to_come, rng, draws) for _ in range(resamples))


def _again(months: Sequence[float], rng: Draws) -> list[float]:
    return rng.choices(months, k=len(months)) if months else []


def _share(  # noqa: PLR0917
    own: Sequence[float], peers: Sequence[float], missing: float, to_come: Sequence[float], rng: Draws, draws: int
) -> float:
    """The share of draws in which what is missing comes in."""
    months = [*own, *peers]
    weights = [1.0] * len(own) + [PRIOR / max(len(peers), 1)] * len(peers)
    size, enough = len(to_come), missing - abs(missing) * _EXACT
    drawn = rng.choices(months, weights, k=draws * size)
    reached = sum(
        sum(part * each for part, each in zip(to_come, drawn[at : at + size], strict=True)) >= enough
        for at in range(0, len(drawn), size)
    )
    return reached / draws


def season(totals: Sequence[float], places: Sequence[int]) -> dict[int, float]:
    """How much of a usual month each place in the year brings, of consecutive months; 1 where less than two years are known.

    `places` are those of the totals: 1 to 12.
    """
    usual = sum(totals) / len(totals) if totals else 0.0
    if len(totals) < 24 or usual <= 0:
        return {}
    found: dict[int, list[float]] = {}
    for total, place in zip(totals, places, strict=True):
        found.setdefault(place, []).append(total / usual)
    return {place: sum(each) / len(each) for place, each in found.items()}
