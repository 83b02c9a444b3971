"""Payout curves: what a result pays, leg by leg."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from connector.model.money import share_out

ONE = Decimal(1)
CLOSED_BELOW, CLOSED_ABOVE = "[a, b)", "(a, b]"  # which tier a result exactly on a boundary belongs to


@dataclass(frozen=True, slots=True)
class Tier:
    """A stretch of results and its rate. Both ends are shares of the target, amounts, or counts: as the curve says."""

    start: Decimal
    stop: Decimal | None  # None: open-ended
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of a payout: so much at that rate."""

    says: str  # "0% to 100%"
    amount: Decimal  # what the rate is applied to, in minor units
    rate: Decimal
    pays: int  # minor units; the legs of a payout re-add to it


@dataclass(frozen=True, slots=True)
class Curve:
    """How results become money.

    `marginal` pays each slice at its own rate, `cliff` the whole amount at the rate of the tier that was reached,
    `interpolated` a share of what is paid on target, straight between its points (attainment, share).
    """

    kind: str  # marginal | cliff | interpolated
    by: str = "attainment"  # what tiers are read against: attainment | amount | count
    boundary: str = CLOSED_BELOW
    tiers: tuple[Tier, ...] = ()
    points: tuple[tuple[Decimal, Decimal], ...] = ()  # interpolated: attainment, share of what is paid on target
    on_target: Decimal = Decimal(0)  # minor units; interpolated: what 100 % pays
    bonus: tuple[tuple[Decimal, Decimal], ...] = ()  # above this amount, so much more; both in minor units

    @property
    def needs_target(self) -> bool:
        """Whether it pays by attainment."""
        return self.kind == "interpolated" or self.by == "attainment"

    def legs(self, actual: Decimal, target: Decimal | None, count: Decimal | None = None) -> tuple[Leg, ...]:
        """What an amount pays; `target` is needed by attainment, `count` where tiers are counted.

        Each leg is worked out exactly; their sum is rounded once, half up, and the legs re-add to it. A negative
        result, after credit notes, pays a negative amount at the first tier's rate. Raises ValueError where a target
        or a count is needed and missing.
        """
        found = [*self._by_kind(actual, target, count), *self._bonus(actual)]
        return _rounded([each for each in found if each[1] or each[2]])

    def _by_kind(self, actual: Decimal, target: Decimal | None, count: Decimal | None) -> list[_Exact]:
        match self.kind:
            case "marginal":
                return self._marginal(actual, self._whole(target))
            case "cliff":
                return self._cliff(actual, self._read(actual, target, count))
            case _:
                share = self._share(actual / self._needed(target))
                return [(f"{percent(share)} of what is paid on target", self.on_target, share)]

    def _marginal(self, actual: Decimal, whole: Decimal) -> list[_Exact]:
        """Each slice at its rate; tiers are multiplied by `whole` to become amounts."""
        found: list[_Exact] = []
        for at, tier in enumerate(self.tiers):
            low, high = tier.start * whole, None if tier.stop is None else tier.stop * whole
            top = actual if high is None else min(actual, high)
            slice_ = top - low if at == 0 else max(top - low, Decimal(0))
            found.append((self._says(tier), slice_, tier.rate))
        return found

    def _cliff(self, actual: Decimal, reached: Decimal) -> list[_Exact]:
        tier = next((each for each in self.tiers if self._holds(each, reached)), None)
        return [] if tier is None else [(self._says(tier), actual, tier.rate)]

    def _holds(self, tier: Tier, reached: Decimal) -> bool:
        if self.boundary == CLOSED_BELOW:
            return tier.start <= reached and (tier.stop is None or reached < tier.stop)
        return tier.start < reached and (tier.stop is None or reached <= tier.stop)

    def _share(self, attainment: Decimal) -> Decimal:
        """Straight between two points; flat before the first and after the last."""
        if attainment <= self.points[0][0]:
            return self.points[0][1]
        for (low, less), (high, more) in pairwise(self.points):
            if attainment <= high:
                return less + (more - less) * (attainment - low) / (high - low)
        return self.points[-1][1]

    def _bonus(self, actual: Decimal) -> list[_Exact]:
        return [("a bonus", more, ONE) for above, more in self.bonus if actual > above]

    def _whole(self, target: Decimal | None) -> Decimal:
        return ONE if self.by == "amount" else self._needed(target)

    def _read(self, actual: Decimal, target: Decimal | None, count: Decimal | None) -> Decimal:
        match self.by:
            case "amount":
                return actual
            case "count":
                if count is None:
                    raise ValueError("nothing was counted")
                return count
            case _:
                return actual / self._needed(target)

    @staticmethod
    def _needed(target: Decimal | None) -> Decimal:
        if target is None:
            raise ValueError("no target")
        if not target:
            raise ValueError("target is zero")
        return target

    def _says(self, tier: Tier) -> str:
        def written(number: Decimal) -> str:
            return percent(number) if self.by == "attainment" else f"{number.normalize():f}"

        return (
            f"{written(tier.start)} and more" if tier.stop is None else f"{written(tier.start)} to {written(tier.stop)}"
        )


_Exact = tuple[str, Decimal, Decimal]  # what it is, the amount, the rate


def completion(actual: Decimal, target: Decimal, start: Decimal, stop: Decimal) -> Decimal:
    """How much of an interval of the target is reached, from 0 to 1; one without length is reached or it is not."""
    if start == stop:
        return ONE if actual >= start * target else Decimal(0)
    return min(max((actual - start * target) / ((stop - start) * target), Decimal(0)), ONE)


def percent(share: Decimal) -> str:
    """`62.5%`."""
    return f"{share.scaleb(2).normalize():f}%"


def _rounded(exact: Sequence[_Exact]) -> tuple[Leg, ...]:
    """The sum rounded once, and handed back to the legs by largest remainder, each sign by itself."""
    paid = [amount * rate for _, amount, rate in exact]
    gains, losses = [max(each, Decimal(0)) for each in paid], [max(-each, Decimal(0)) for each in paid]
    total = int(sum(paid, Decimal(0)).quantize(ONE, ROUND_HALF_UP))
    lost = int(sum(losses, Decimal(0)).quantize(ONE, ROUND_HALF_UP))
    up, down = _shared(total + lost, gains), _shared(lost, losses)
    return tuple(
        Leg(says, amount, rate, more - less) for (says, amount, rate), more, less in zip(exact, up, down, strict=True)
    )


def _shared(total: int, exact: Sequence[Decimal]) -> list[int]:
    if not any(exact):
        return [0] * len(exact)
    finest = max(-int(each.as_tuple().exponent) for each in exact)
    return share_out(total, [int(each.scaleb(max(finest, 0))) for each in exact])
