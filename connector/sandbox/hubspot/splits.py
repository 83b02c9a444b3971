"""Deal splits: read and replaced by the deal, and by nothing else.

Source: HubSpot, "Deal splits", and the changelog of May 2024 for the replies, read November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from connector.sandbox.hubspot import records
from connector.sandbox.hubspot.batch import INPUTS, inputs_of
from connector.sandbox.hubspot.kinds import DEALS
from connector.sandbox.hubspot.moments import stamp_text
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.replies import Json, batch, invalid, row_error
from connector.sandbox.wire import Response

FIRST = 50_636_518_818


def read(portal: Portal, body: Json) -> Response:
    """The splits of up to 100 deals; a deal that is not there is an error of its row."""
    started = portal.stamp()
    names = [str(each.get("id")) for each in inputs_of(body, INPUTS)]
    ids = {name: records.numbered(name) for name in names}
    kept = records.found(portal, DEALS, [each for each in ids.values() if each is not None])
    errors = [
        row_error("OBJECT_NOT_FOUND", "Some of the deals could not be found.", {"id": [name]})
        for name, number in ids.items()
        if number not in kept
    ]
    results = [{"id": str(number), "splits": _of(portal, number)} for number in kept]
    return batch(results, errors, started, portal.stamp())


def replace(portal: Portal, body: Json) -> Response:
    """In place of what the deals had; percentages of a deal must add up to 1.0, and its owner must be among them."""
    started, results = portal.stamp(), []
    for each in inputs_of(body, INPUTS):
        number = records.numbered(each.get("id"))
        deal = records.found(portal, DEALS, [number or 0]).get(number or 0)
        if deal is None:
            raise invalid(f"Deal {each.get('id')} does not exist")
        shares = _judged(each.get("splits"), deal.properties)
        portal.store.run("DELETE FROM shares WHERE deal = ?", (deal.id,))
        row = portal.store.one("SELECT max(id) FROM shares")
        first = (row[0] if row and row[0] else FIRST) + 1
        now = portal.now()
        rows = [(first + at, deal.id, owner, share, now) for at, (owner, share) in enumerate(shares)]
        portal.store.many("INSERT INTO shares VALUES (?, ?, ?, ?, ?)", rows)
        records.change(portal, DEALS, deal, {})
        results.append({"id": str(deal.id), "splits": _of(portal, deal.id)})
    return batch(results, [], started, portal.stamp())


def _judged(given: object, deal: Mapping[str, str]) -> Sequence[tuple[int, str]]:
    try:
        shares = [(int(each["ownerId"]), Decimal(str(each["percentage"]))) for each in given]  # type: ignore[attr-defined]
    except (TypeError, KeyError, ValueError, InvalidOperation):
        raise invalid("Invalid input JSON: splits need an ownerId and a percentage") from None
    if sum(share for _, share in shares) != 1:
        raise invalid("Deal split percentages must add up to 1.0")
    if deal.get("hubspot_owner_id") not in {str(owner) for owner, _ in shares}:
        raise invalid("The owner of the deal must be included in its splits")
    return [(owner, str(share)) for owner, share in shares]


def _of(portal: Portal, deal: int) -> list[Json]:
    rows = portal.store.rows("SELECT id, owner, share, at FROM shares WHERE deal = ? ORDER BY id", (deal,))
    return [
        {
            "id": str(number),
            "properties": {"hs_deal_split_percentage": share, "hubspot_owner_id": str(owner)},
            "createdAt": stamp_text(at),
            "updatedAt": stamp_text(at),
            "archived": False,
        }
        for number, owner, share, at in rows
    ]
