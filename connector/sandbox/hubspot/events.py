"""Webhooks: what a portal tells an app about its records, signed as HubSpot signs.

Source: HubSpot, "Webhooks" and "Validating requests" (v3), read November 2026. Nothing is sent from here: whoever runs
the portal takes the requests and carries them over, in order or not, once or more often.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.replies import Json
from connector.sandbox.wire import Request

IN_ONE = 100  # events of one request


@dataclass(slots=True)
class Subscription:
    """An app that is told of everything: its address, its secret, and what was not carried over yet."""

    url: str
    secret: str
    portal: int
    waiting: list[Json] = field(default_factory=list)
    _told: int = 0

    def happened(self, kind: Kind, record_id: int, what: str, at: int, values: Mapping[str, str] | None = None) -> None:
        """`what`: creation, deletion or propertyChange, of which each property is an event."""
        for name, value in (values or {"": ""}).items():
            self._told += 1
            changed = {"propertyName": name, "propertyValue": value} if name else {}
            self.waiting.append(
                {
                    "eventId": self._told,
                    "subscriptionId": 4_100_000 + kind.number,
                    "portalId": self.portal,
                    "appId": 1_160_452,
                    "occurredAt": at,
                    "subscriptionType": f"object.{what}",
                    "attemptNumber": 0,
                    "objectId": record_id,
                    "objectTypeId": kind.type_id,
                    "changeSource": "CRM_UI",
                    **changed,
                }
            )

    def merged(self, kind: Kind, winner: int, loser: int, at: int) -> None:
        """Two records have become one."""
        self.happened(kind, winner, "merge", at)
        self.waiting[-1] |= {"primaryObjectId": winner, "mergedObjectIds": [loser]}

    def requests(self, now: int) -> Iterable[Request]:
        """What waits, a hundred events at a time; it waits no longer."""
        while self.waiting:
            events, self.waiting = self.waiting[:IN_ONE], self.waiting[IN_ONE:]
            yield self._signed(json.dumps(events, separators=(",", ":")).encode(), now)

    def _signed(self, body: bytes, now: int) -> Request:
        told = b"POST" + unquote(self.url).encode() + body + str(now).encode()
        signature = base64.b64encode(hmac.new(self.secret.encode(), told, hashlib.sha256).digest()).decode()
        headers = {
            "Content-Type": "application/json",
            "X-HubSpot-Signature-v3": signature,
            "X-HubSpot-Request-Timestamp": str(now),
        }
        parts = urlsplit(self.url)
        return Request.of("POST", parts.path + (f"?{parts.query}" if parts.query else ""), headers, body)
