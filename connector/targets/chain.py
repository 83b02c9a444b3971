"""How a target comes about: steps that re-add, and months that add up to longer periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connector.model.results import TargetStep

SPREAD = "spread"


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps, the last of which carries the target."""

    steps: tuple[TargetStep, ...]
    source: str  # where the deciding number was written
    kind: str = "target"

    @property
    def value(self) -> Decimal:
        """The target."""
        return self.steps[-1].value

    def then(self, what: str, says: str, value: Decimal, source: str = "") -> Chain:
        """One more step, to a new running value."""
        step = TargetStep(what, says, value - self.value, value)
        return replace(self, steps=(*self.steps, step), source=source or self.source)


def starting(what: str, says: str, value: Decimal, source: str, kind: str = "target") -> Chain:
    """A chain of one step."""
    return Chain((TargetStep(what, says, value, value),), source, kind)


def added(chains: Sequence[Chain]) -> Chain:
    """Months as one longer period: each kind of step once, its changes added up.

    Months that were spread out of one number name that number once, and the spread takes it to their sum.
    """
    if len(chains) == 1:
        return chains[0]
    heads = [each.steps[0] for each in chains if _spread_out(each)]
    again = sum((each.change for each in heads), Decimal(0)) - sum((each.change for each in set(heads)), Decimal(0))
    steps: list[TargetStep] = []
    running = Decimal(0)
    for what in dict.fromkeys(step.what for chain in chains for step in chain.steps):
        found = [step for chain in chains for step in chain.steps if step.what == what]
        change = sum((step.change for step in found), Decimal(0))
        if heads and what == heads[0].what:
            change -= again
        elif what == SPREAD:
            change += again
        running += change
        steps.append(TargetStep(what, "; ".join(dict.fromkeys(each.says for each in found)), change, running))
    deciding = chains[-1] if all(each.source == chains[-1].source for each in chains) else _own(chains)
    return Chain(tuple(steps), deciding.source, deciding.kind)


def _spread_out(chain: Chain) -> bool:
    """Whether it starts with a longer period's number."""
    return len(chain.steps) > 1 and chain.steps[1].what == SPREAD


def _own(chains: Sequence[Chain]) -> Chain:
    """The first that was decided by a person's own row, else the first."""
    return next((each for each in chains if each.steps[-1].what == "own quota"), chains[0])
