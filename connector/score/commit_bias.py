"""How far somebody's word is from what comes of it: shown, never punished."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

OVER_PROMISING, SANDBAGGING = Decimal("0.9"), Decimal("1.1")  # conventions of the field


def commit_bias(past: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Actual over commit, of past periods (commit, actual) together; None where nothing was committed."""
    committed = sum((commit for commit, _ in past), Decimal(0))
    return sum((actual for _, actual in past), Decimal(0)) / committed if committed else None


def leaning(bias: Decimal) -> str:
    """A word for it: worth a look, and no verdict."""
    if bias < OVER_PROMISING:
        return "over-promising"
    return "sandbagging" if bias > SANDBAGGING else "as committed"


def adjusted(commit: Decimal, bias: Decimal, other: Decimal | None = None, weight: Decimal = Decimal("0.5")) -> Decimal:
    """A commit as the past would read it; with another forecast, both blended, `weight` on the adjusted one."""
    own = commit * bias
    return own if other is None else own * weight + other * (1 - weight)
