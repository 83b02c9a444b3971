"""What a CRM would not take so far, for its doctor: each reason once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connector.model.changes import Receipt
from connector.ports import Finding, Severity

CURE = "Mend it, then `attain outbox retry all --reason …`."


def by_reason(refused: Iterable[Receipt]) -> Mapping[tuple[str, str], Sequence[Receipt]]:
    """By object and the CRM's own words."""
    found: dict[tuple[str, str], list[Receipt]] = {}
    for each in refused:
        found.setdefault((each.row.object, each.reason), []).append(each)
    return found


def finding(connection: str, receipts: Sequence[Receipt], where: str = "") -> Finding:
    """Receipts of one object and reason as a line of `attain doctor`; `where`: ` in stage Signed`."""
    obj, count = receipts[0].row.object, len(receipts)
    text = f"{count} record{'s' if count > 1 else ''}{where} could not be written: {receipts[0].reason}"
    return Finding(connection, f"{obj}.refused", Severity.WARNING, text, CURE)
