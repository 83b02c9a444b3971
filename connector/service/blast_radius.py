"""How much of a CRM one cycle may change before a human agrees: `approve`, `at_most`, `at_most_share`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from connector.model.settings import Approve
from connector.yamlfile import Trail

LIMITS = ("approve", "at_most", "at_most_share")


class Limited(TypedDict, total=False):
    """The settings that were given."""

    approve: Approve
    at_most: int
    at_most_share: Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """Reads the limits of a connection; what cannot be read is refused with its place."""

    refuse: Callable[[Trail, str, str], None]

    def of(self, trail: Trail, block: Mapping[str, object]) -> Limited:
        """As they are used."""
        found: Limited = {}
        if "approve" in block:
            word = str(block["approve"])
            try:
                found["approve"] = Approve(word)
            except ValueError:
                self.refuse((*trail, "approve"), "unknown-value", f"`{word}` is neither `first` nor `always`")
        if "at_most" in block:
            text = str(block["at_most"]).replace("_", "")
            if text.isdigit():
                found["at_most"] = int(text)
            else:
                self.refuse((*trail, "at_most"), "unknown-value", f"`{text}` is no number of records like `2_000`")
        if "at_most_share" in block:
            text = str(block["at_most_share"]).strip()
            number = text.removesuffix("%").strip()
            if text.endswith("%") and number.isdigit() and int(number) <= 100:
                found["at_most_share"] = Decimal(number) / 100
            else:
                self.refuse((*trail, "at_most_share"), "unknown-value", f"`{text}` is no share like `25%`")
        return found
