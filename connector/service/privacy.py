"""The `privacy:` block of the config: what people agreed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from connector.model.settings import Privacy
from connector.rulebook.notation import AFigure, in_unit
from connector.rulebook.validate import Shape
from connector.yamlfile import Trail

Detector = Literal["bunching", "pulled in", "pushed out", "just under a tier", "burst of activities", "commit bias"]
Refuse = Callable[[Trail, str, str], None]


class PrivacyBlock(Shape):
    """As it is written."""

    detectors: list[Detector] = Field(
        default_factory=list,
        description="patterns that `attain review` may show of people, each beside its base rate; without any, none",
    )
    amount_tiers: list[AFigure] = Field(
        default_factory=list, description="amounts from which on a deal needs consent: 50_000 EUR"
    )

    def privacy(self, currency: str, refuse: Refuse) -> Privacy:
        """As it is used; what cannot be read is refused with its place."""
        tiers = []
        for at, each in enumerate(self.amount_tiers):
            try:
                tiers.append(int(in_unit(each, "money", currency)))
            except ValueError as error:
                refuse(("privacy", "amount_tiers", at), "wrong-unit", str(error))
        return Privacy(frozenset(self.detectors), tuple(sorted(tiers)))
