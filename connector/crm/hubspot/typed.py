"""What somebody sent from the app's own page: a note, in a request that HubSpot passes on and signs.

A page has no way to write into HubSpot, so its note goes to our door. Source: HubSpot, "Fetching data for UI
extensions" and "Validating requests", read November 2026: the request is signed as webhooks are, and HubSpot adds who is
logged in to the address (`userId`, `portalId`, `userEmail`, `appId`). Somebody could ask for an address that carries such
words already: whoever stands there twice is nobody.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from connector.errors import NotTrusted
from connector.model.hints import Knock
from connector.model.notes import SENT, Typed

LONGEST = 5_000  # characters of a note; a property takes 65,536
NAMES = ("metric", "period", "deal")  # what it is about
NAME_LENGTH = 100


def notes_at(hints_at: str) -> str:
    """The address for notes, beside the one for webhooks; empty: there is none."""
    return f"{hints_at}/notes" if hints_at else ""


def read_typed(knock: Knock, account: str) -> Typed:
    """Raises NotTrusted where nobody of this account is named, and ValueError for what no page of ours sends."""
    words = parse_qs(knock.query)
    emails = words.get("userEmail", [])
    if len(emails) != 1:
        raise NotTrusted("the request does not say who is logged in")
    if words.get("portalId", []) != [account]:
        raise NotTrusted("the request is of another account")
    said = json.loads(knock.body)
    if not isinstance(said, dict) or not {"kind", "text"} <= said.keys() <= {"kind", "text", *NAMES}:
        raise ValueError("a note was expected")
    texts = {name: value.strip() for name, value in said.items() if isinstance(value, str)}
    if len(texts) < len(said) or texts["kind"] not in SENT or not 0 < len(texts["text"]) <= LONGEST:
        raise ValueError("a note has a kind and a text")
    if any(len(texts.get(name, "")) > NAME_LENGTH for name in NAMES):
        raise ValueError("that names nothing of ours")
    if (deal := texts.get("deal", "")) and not (deal.isascii() and deal.isdigit()):
        raise ValueError("that is the id of no deal")
    return Typed(emails[0], **texts)
