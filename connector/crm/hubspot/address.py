"""Where a person opens a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.model.records import Ref

# Type ids in addresses. Source: HubSpot, "Using object APIs", read November 2026.
VERSION = "2026-03"  # of the API, where a connection names no other

TYPE_IDS = {
    "contacts": "0-1",
    "companies": "0-2",
    "deals": "0-3",
    "tickets": "0-5",
    "tasks": "0-27",
    "notes": "0-46",
    "meetings": "0-47",
    "calls": "0-48",
    "emails": "0-49",
    "users": "0-115",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """How this account's records are addressed in the browser."""

    portal: str
    domain: str

    @classmethod
    def of(cls, account: Mapping[str, Any]) -> Addresses:
        """From the account's details."""
        return cls(str(account.get("portalId") or ""), str(account.get("uiDomain") or "app.hubspot.com"))

    def url(self, ref: Ref) -> str:
        """The record's page; of a user the settings page, of a stage change or a note its deal."""
        start = f"https://{self.domain}"
        if ref.object == "owners":
            return f"{start}/settings/{self.portal}/users"
        if ref.object == "exchange-rates":
            return f"{start}/settings/{self.portal}/currencies"
        obj = ref.whole.object
        return f"{start}/contacts/{self.portal}/record/{TYPE_IDS.get(obj, obj)}/{ref.whole.id}"
