"""Webhooks: what a portal tells an app about its records, signed as HubSpot signs.

Source: HubSpot, "Webhooks" and "Validating requests" (v3), read November 2026; of associations and merges the changelog,
"Public Beta: Generic Webhook Subscriptions" and "New subscription types for Webhooks". Nothing is sent from here: whoever
runs the portal takes the requests and carries them over, in order or not, once or more often.
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
from connector.sandbox.hubspot.links import TYPES, LinkType
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

    def merged(self, kind: Kind, primary: int, other: int, left: int, at: int) -> None:
        """Two records have become one, a third or the primary one of them."""
        self.happened(kind, primary, "merge", at)
        self.waiting[-1] |= {"primaryObjectId": primary, "mergedObjectIds": [other], "newObjectId": left}

    def linked(self, link: LinkType, one: int, other: int, at: int, *, removed: bool = False) -> None:
        """Two records were associated, or are so no longer: both objects are told, each from its own end."""
        ends = (link.source, one), (link.target, other)
        types = link, TYPES[link.opposite]
        for ((kind, from_id), (to, to_id)), each in zip((ends, ends[::-1]), types, strict=True):
            self.happened(kind, from_id, "associationChange", at)
            told = self.waiting[-1]
            del told["objectId"], told["objectTypeId"]
            told |= {
                "associationType": f"{kind.singular}_to_{to.singular}".upper(),
                "associationTypeId": each.id,
                "associationCategory": "HUBSPOT_DEFINED",
                "fromObjectId": from_id,
                "fromObjectTypeId": kind.type_id,
                "toObjectId": to_id,
                "toObjectTypeId": to.type_id,
                "associationRemoved": removed,
                "isPrimaryAssociation": each.primary,
            }

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
