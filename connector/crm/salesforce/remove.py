"""Takes records of ours away again, by their external id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.errors import Complaint, settled
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.write import MOST_ROWS, look_up
from connector.model.changes import Receipt, Row, Settled

_GONE = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})


def remove(org: Org, describer: Describer, rows: Sequence[Row]) -> list[Receipt]:
    """One receipt per row, in order; a row that is not there is as it should be. May be repeated."""
    ids = look_up(org, describer, rows)
    there = [row for row in dict.fromkeys(rows) if row in ids]
    receipts = {row: Receipt(row, Settled.WRITTEN) for row in rows if row not in ids}
    for start in range(0, len(there), MOST_ROWS):
        batch = there[start : start + MOST_ROWS]
        named = ",".join(ids[row] for row in batch)
        results = org.write("DELETE", f"composite/sobjects?ids={named}&allOrNone=false", {}).body
        listed = results if isinstance(results, list) else []
        for row, result in zip(batch, [*listed, *[None] * len(batch)], strict=False):
            receipts[row] = _receipt(row, ids[row], result)
    return [receipts[row] for row in rows]


def _receipt(row: Row, remote_id: str, result: object) -> Receipt:
    if not isinstance(result, Mapping) or "success" not in result:
        return Receipt(row, Settled.UNKNOWN, remote_id, reason="the reply has no result for this row")
    complaint = Complaint.of(result.get("errors") or "refused without a reason")
    if result["success"] is True or complaint.code in _GONE:
        return Receipt(row, Settled.WRITTEN, remote_id)
    return Receipt(row, settled(complaint), remote_id, reason=str(complaint))
