"""What HubSpot tells by itself: a request is held against its signature, then read for what it tells.

Source: HubSpot, "Validating requests" (v3) and "Webhooks", read November 2026. The SDK's own check takes moments of the
future and does not decode addresses, so this one is ours. Webhooks come unordered, more than once, or not at all: each is
a hint to read a record, and polling stays the truth. One app may be installed in several accounts: events of another are
passed over. Where nobody can say which account is ours they are kept, since a hint too many only costs a read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connector.crm.hubspot.address import TYPE_IDS
from connector.crm.hubspot.typed import notes_at, read_typed
from connector.errors import CrmUnavailable, NotTrusted
from connector.model.hints import Hint, Knock
from connector.model.notes import Typed

TOLERANCE = timedelta(minutes=5)
SIGNATURE, MOMENT = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
MERGED = ("primaryObjectId", "mergedObjectIds", "newObjectId")
# The escapes that HubSpot takes back before it signs; the `?` that begins the query is none of them.
_ESCAPES = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
    "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_ESCAPE = re.compile("|".join(_ESCAPES), re.IGNORECASE)
_OBJECTS: Mapping[str, str] = {
    **{type_id: name for name, type_id in TYPE_IDS.items()},
    "deal": "deals",
    "company": "companies",
    "contact": "contacts",
    "task": "tasks",
}
Keep = Callable[[frozenset[Hint]], None]


@dataclass(slots=True)
class Ear:
    """Hears for one app: knows its secret, the address that HubSpot was given, and what was said in the last minutes."""

    url: str  # as HubSpot was told, whatever stands between it and us
    secret: str
    now: Callable[[], datetime]
    account: Callable[[], str]  # its number; raises CrmUnavailable where nobody knows it
    _said: dict[str, datetime] = field(default_factory=dict)

    def hear(self, knock: Knock, keep: Keep) -> None:
        """Keep the records that a request names. Raises NotTrusted, or ValueError for what no webhook looks like.

        What could not be kept may be said again; what was kept is not kept twice.
        """
        self._once(knock, self.url, lambda: keep(frozenset(_hints(json.loads(knock.body), self._account()))))

    def typed(self, knock: Knock, take: Callable[[Typed], None]) -> None:
        """Hand on what somebody sent from a page of ours, as `hear` does. Raises NotTrusted, ValueError, and what `take` raises.

        CrmUnavailable where nobody can say which account is ours: a note of another would be written on our people.
        """
        self._once(knock, notes_at(self.url), lambda: take(read_typed(knock, self.account())))

    def _account(self) -> str:
        """Empty where nobody knows."""
        try:
            return self.account()
        except CrmUnavailable:
            return ""

    def _once(self, knock: Knock, url: str, keep: Callable[[], None]) -> None:
        given, at = knock.headers.get(SIGNATURE, ""), self._moment(knock.headers.get(MOMENT, ""))
        if not hmac.compare_digest(given.encode(), self._signed(knock, url).encode()):
            raise NotTrusted("the signature is not the app's")
        self._said = {each: when for each, when in self._said.items() if when > self.now() - 2 * TOLERANCE}
        if given in self._said:
            return
        keep()
        self._said[given] = at

    def _moment(self, given: str) -> datetime:
        try:
            at = datetime.fromtimestamp(int(given) / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            raise NotTrusted("there is no moment of the request") from None
        if abs(at - self.now()) > TOLERANCE:
            raise NotTrusted("the request is not of these minutes")
        return at

    def _signed(self, knock: Knock, url: str) -> str:
        address = url + (f"?{knock.query}" if knock.query else "")
        plain = _ESCAPE.sub(lambda found: _ESCAPES[found[0].upper()], address)
        said = f"{knock.method}{plain}".encode() + knock.body + knock.headers.get(MOMENT, "").encode()
        return base64.b64encode(hmac.new(self.secret.encode(), said, hashlib.sha256).digest()).decode()


def _hints(body: object, account: str) -> Iterator[Hint]:
    """Of every event the records that it is about; those of other accounts, and of objects that we do not know, are passed over."""
    if not isinstance(body, list):
        raise ValueError("a list of events was expected")  # noqa: TRY004 - whoever sends it hears "bad request"
    for event in body:
        if not isinstance(event, dict):
            raise ValueError("an event was expected")  # noqa: TRY004
        if account and str(event.get("portalId", account)) != account:
            continue
        yield from _named(event)


def _named(event: Mapping[str, object]) -> Iterator[Hint]:
    """The records of one event; of an association both ends, because the account's app is told of either by either's events.

    An association names the types of its ends and no other. Sources: HubSpot's changelog, "Public Beta: Generic Webhook
    Subscriptions" (fromObjectTypeId, toObjectTypeId) and "New subscription types for Webhooks" (newObjectId, fromObjectId).
    """
    usual = event.get("objectTypeId") or str(event.get("subscriptionType", "")).partition(".")[0]
    yield from _hinted(usual, [event.get("objectId"), *(event.get(name) for name in MERGED)])
    for end in ("from", "to"):
        # Events of the older form name one object, which is the end that the association was made from.
        named = event.get(f"{end}ObjectTypeId") or (usual if end == "from" else None)
        yield from _hinted(named, [event.get(f"{end}ObjectId")])


def _hinted(named: object, given: Iterable[object]) -> Iterator[Hint]:
    obj = _OBJECTS.get(str(named), str(named) if str(named).startswith("2-") else "")
    for each in given if obj else ():
        for record in each if isinstance(each, list) else (each,):
            if str(record).isdigit():
                yield Hint(obj, str(record))
