"""How likely a number is to be reached: drawn again and again from what months brought before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Months = NDArray[np.float64]  # what months brought, freed of their season

OWN_LEAST, PEERS_LEAST = 6, 18  # months: with fewer of both, nothing is said
PRIOR = 12  # as many months as the peers' count for, beside somebody's own, where there are too few people to tell
TELLING, LEAST_MONTHS = 5, 3  # people, and months of each, before how unlike they are says how much peers count
LEAST_PRIOR, MOST_PRIOR = 1.0, 60.0  # months
RESAMPLES, DRAWS = 60, 100
_EXACT = 1e-9  # seasons are divided out and multiplied in again
EDGE = 0.1  # of the resamples, on either side of the interval


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

    own: Sequence[float] | Months
    peers: Sequence[float] | Months = ()  # of people who do the same; they count for a few months of one's own
    prior: float = PRIOR  # for how many


def reach(history: History, target: float, to_come: Sequence[float], rng: Generator, *, so_far: float = 0.0) -> Reach:
    """The probability that what is there and what months to come bring is at least a target.

    `to_come` has for each month how much of a usual one it is: 1.2 in a strong season, 0.5 where half of it is over.
    Randomness is handed in: the same generator, in the same state, gives the same answer.
    """
    own, peers = len(history.own), len(history.peers)
    if own < OWN_LEAST and peers < PEERS_LEAST:
        return Reach(None, own=own, peers=peers)
    if not to_come:
        certain = float(so_far >= target)
        return Reach(certain, certain, certain, own, peers)
    found = resampled(history, target - so_far, to_come, rng, RESAMPLES, DRAWS)
    edge = int(RESAMPLES * EDGE)
    return Reach(float(found.mean()), float(found[edge]), float(found[-1 - edge]), own, peers)


def resampled(  # noqa: PLR0917
    history: History, missing: float, to_come: Sequence[float], rng: Generator, resamples: int, draws: int
) -> Months:
    """The probability by each of many histories that might have been, lowest first.

    Two years of lumpy months say little about the usual one: the mean over resampled histories takes that in, where
    draws from the one that happened to be would be too sure of themselves.
    """
    own, peers = np.asarray(history.own, dtype=np.float64), np.asarray(history.peers, dtype=np.float64)
    shape = (resamples, draws, len(to_come))
    if not len(own) or not len(peers):
        months = _drawn(own if len(own) else peers, shape, rng)
    else:
        is_own = rng.random(shape) < len(own) / (len(own) + history.prior)
        months = np.where(is_own, _drawn(own, shape, rng), _drawn(peers, shape, rng))
    reached = months @ np.asarray(to_come, dtype=np.float64) >= missing - abs(missing) * _EXACT
    share: Months = np.sort(reached.mean(axis=1))
    return share


def _drawn(months: Months, shape: tuple[int, int, int], rng: Generator) -> Months:
    """Draws of a history that might have been: for each resample, of as many months drawn from those that were."""
    again = months[rng.integers(len(months), size=(shape[0], len(months)))]
    chosen = rng.integers(len(months), size=(shape[0], shape[1] * shape[2]))
    found: Months = np.take_along_axis(again, chosen, axis=1).reshape(shape)
    return found


def prior(people: Sequence[Sequence[float]]) -> float:
    """How many months of one's own the peers' count for: the variance within people over that among them.

    Where all are alike, whoever did less was unlucky, and peers say more; where each is their own kind, they say little.
    (Empirical Bayes, by moments: the means' variance, less what chance alone makes of it.)
    """
    many = [np.asarray(each, dtype=np.float64) for each in people if len(each) >= LEAST_MONTHS]
    if len(many) < TELLING:
        return PRIOR
    within = float(np.mean([each.var(ddof=1) for each in many]))
    by_chance = within * float(np.mean([1 / len(each) for each in many]))
    among = float(np.var([each.mean() for each in many], ddof=1)) - by_chance
    return min(max(within / among, LEAST_PRIOR), MOST_PRIOR) if among > 0 else MOST_PRIOR


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
