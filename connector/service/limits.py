"""How much of a CRM we may change and use before a human agrees: `approve`, `at_most`, `at_most_share`, `share_of_calls`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from connector.model.settings import Approve
from connector.yamlfile import Trail

LIMITS = ("approve", "at_most", "at_most_share", "share_of_calls")
CONNECTION_KEYS = frozenset({"type", "mapping", "write", "overlap", "settle", "trusted_hosts", *LIMITS})  # of any CRM


class Limited(TypedDict, total=False):
    """The settings that were given."""

    approve: Approve
    at_most: int
    at_most_share: Decimal
    share_of_calls: Decimal


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
        for key in ("at_most_share", "share_of_calls"):
            share = self._share((*trail, key), block.get(key))
            if share is not None and key == "at_most_share":
                found["at_most_share"] = share
            elif share is not None:
                found["share_of_calls"] = share
        return found

    def _share(self, trail: Trail, given: object) -> Decimal | None:
        if given is None:
            return None
        text = str(given).strip()
        number = text.removesuffix("%").strip()
        if text.endswith("%") and number.isdigit() and int(number) <= 100:
            return Decimal(number) / 100
        self.refuse(trail, "unknown-value", f"`{text}` is no share like `25%`")
        return None
