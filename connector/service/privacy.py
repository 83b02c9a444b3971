"""The `privacy:` block of the config: what people agreed to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from pydantic import Field

from connector.model.settings import Privacy
from connector.rulebook.notation import AFigure, in_unit
from connector.rulebook.validate import Shape
from connector.yamlfile import Trail

Detector = Literal["bunching", "pulled in", "pushed out", "just under a tier", "burst of activities", "commit bias"]
_SPAN = re.compile(r"(?P<count>[1-9]\d{0,2}) (?P<unit>year|month)s?")
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

    ranks: Literal["on", "off"] = Field("off", description="whether anybody has a place among others: on | off")
    activities: Literal["person", "team"] = Field(
        "person", description="at which grain activities are measured; `team`: nobody's own are worked out"
    )
    reps_see: Literal["own", "team"] = Field("own", description="whose numbers somebody without reports may see")
    least_team: int = Field(1, ge=1, le=100, description="totals of units with fewer people are not shown")
    hold_back: list[str] = Field(
        default_factory=list,
        description="countries that have not agreed yet, by code or English name: people's level `country`",
    )
    keep: dict[Literal["activities", "alerts", "journal", "runs"], str] = Field(
        default_factory=dict, description="how long, then it is thrown away: {activities: 3 years, runs: 18 months}"
    )

    def privacy(self, currency: str, refuse: Refuse) -> Privacy:
        """As it is used; what cannot be read is refused with its place."""
        tiers = []
        for at, each in enumerate(self.amount_tiers):
            try:
                tiers.append(int(in_unit(each, "money", currency)))
            except ValueError as error:
                refuse(("privacy", "amount_tiers", at), "wrong-unit", str(error))
        return Privacy(
            detectors=frozenset(self.detectors),
            amount_tiers=tuple(sorted(tiers)),
            ranks=self.ranks == "on",
            activities=self.activities,
            reps_see=self.reps_see,
            least_team=self.least_team,
            hold_back=frozenset(self.hold_back),
            keep={name: self._months(name, each, refuse) for name, each in self.keep.items()},
        )

    def _months(self, name: str, text: str, refuse: Refuse) -> int:
        found = _SPAN.fullmatch(text.strip())
        if found is None:
            refuse(("privacy", "keep", name), "unknown-value", f"`{text}` is not like `3 years` or `18 months`")
            return 0
        return int(found["count"]) * (12 if found["unit"] == "year" else 1)
