"""Writing records in batches: updates by id, upserts by a unique property, one receipt per change.

HubSpot refuses a whole batch for one bad row, so a refused batch is halved until the row stands
alone; a batch that worked in part (207) is judged row by row, never by its status.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from connector.crm.hubspot.errors import Refused, Said
from connector.crm.hubspot.portal import BATCH, Portal
from connector.crm.hubspot.required import explained
from connector.crm.hubspot.values import outward
from connector.crm.hubspot.wire import Batch, Found
from connector.errors import CrmDenied, CrmUnavailable, NobodyServed
from connector.model.changes import Change, Receipt, Row, Settled

T = TypeVar("T")
NOT_NOW = frozenset({"RATE_LIMITS", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"})


@dataclass(frozen=True, slots=True)
class Item:
    """A change with its place in what we were given; the place is also its trace in the batch."""

    at: int
    change: Change

    @property
    def upserts(self) -> bool:
        return not self.change.row.by_own_id

    def input(self) -> dict[str, Any]:
        """As HubSpot takes it; the unique value stands among the properties too, so that the reply shows it."""
        row = self.change.row
        values = {**self.change.fields, **self.change.riding, **({row.key_field: row.key} if self.upserts else {})}
        given: dict[str, Any] = {
            "id": row.key,
            "properties": {name: outward(name, value) for name, value in values.items()},
            "objectWriteTraceId": str(self.at),
        }
        return {**given, "idProperty": row.key_field} if self.upserts else given

    def is_named(self, error: Said) -> bool:
        """Whether an error is about this change."""
        return str(self.at) in error.named("objectWriteTraceId") or self.change.row.key in error.named("ids", "id")

    def is_answered_by(self, record: Found) -> bool:
        """Whether a result is this change's, by trace, by id, or by the unique value.

        The trace is documented for results, but the recorded one of a batch that was sent with traces has none; and
        results come in any order (hubspot-api-nodejs#190).
        """
        if record.trace is not None:
            return record.trace == str(self.at)
        key = record.properties.get(self.change.row.key_field) if self.upserts else record.id
        return key is not None and key.lower() == self.change.row.key.lower()


Items = Sequence[Item]


def write(portal: Portal, changes: Sequence[Change]) -> list[Receipt]:
    """One receipt per change, in order. Raises CrmDenied only while nothing has been settled."""
    errand = _Errand(portal)
    errand.run(batches(changes))
    return [errand.receipts[at] for at in range(len(changes))]


def batches(changes: Sequence[Change]) -> list[list[Item]]:
    """Up to 100 of one object and key each; one record never twice in a batch, which HubSpot refuses whole."""
    made: list[list[Item]] = []
    open_: dict[tuple[str, str], tuple[list[Item], set[str]]] = {}
    for at, change in enumerate(changes):
        row = change.row
        batch, keys = open_.get((row.object, row.key_field), ([], set()))
        if not batch or len(batch) == BATCH or row.key in keys:
            batch, keys = [], set()
            made.append(batch)
        batch.append(Item(at, change))
        keys.add(row.key)
        open_[row.object, row.key_field] = batch, keys
    return made


class _Errand:
    """One call of `write`: what is settled so far."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.receipts: dict[int, Receipt] = {}

    def run(self, waiting: Iterable[Items]) -> None:
        """Send batches until all are settled, or until HubSpot stops answering."""
        queue = deque(waiting)
        while queue:
            batch = queue.popleft()
            try:
                queue.extendleft(reversed(self._sent(batch)))
            except CrmDenied as denied:
                if not self.receipts:
                    raise
                self._settle((batch,), Settled.BUSY, denied.problem)
                self._never_sent(queue, denied.problem)
                return
            except CrmUnavailable as error:
                wait = error.retry_after.total_seconds() if error.retry_after else None
                settled = Settled.UNKNOWN if error.unknown_effect else Settled.BUSY
                if settled is Settled.BUSY and isinstance(error, NobodyServed):
                    queue.appendleft(batch)
                else:
                    self._settle((batch,), settled, error.problem, wait)
                self._never_sent(queue, error.problem, wait)
                return

    def _sent(self, batch: Items) -> list[Items]:
        """Settle what can be settled; what must be sent again comes back in smaller batches."""
        obj = batch[0].change.row.object
        if not self.portal.has(obj):  # HubSpot would refuse each row of it by itself
            raise CrmDenied(self.portal.transport.connection, f"there is no object {obj}", "Run `attain install`.")
        send = self.portal.upserted if batch[0].upserts else self.portal.updated
        try:
            reply = send(obj, [each.input() for each in batch])
        except Refused as refused:
            return self._refused(batch, refused.said)
        return self._judged(batch, reply)

    def _refused(self, batch: Items, error: Said) -> list[Items]:
        if len(batch) == 1:
            self._refuse(batch[0], error)
            return []
        unknown = set(error.unknown_properties)
        doomed = [each for each in batch if unknown & {*each.change.fields, *each.change.riding}]
        for each in doomed:
            self._refuse(each, error)
        if not doomed:
            return halves(batch)
        return [rest] if (rest := [each for each in batch if each not in doomed]) else []

    def _judged(self, batch: Items, reply: Batch) -> list[Items]:
        left = [each for each in batch if not self._worked(each, reply.records)]
        unnamed = list(reply.errors)
        for error in reply.errors:
            for each in [item for item in left if item.is_named(error)]:
                self._refuse(each, error)
                left.remove(each)
                unnamed = [other for other in unnamed if other is not error]
        strangers = [each for each in reply.records if not any(item.is_answered_by(each) for item in batch)]
        if len(left) == len(strangers) == 1:  # it can be nobody else's: a merged record answers under another id
            self._worked(left[0], (replace(strangers[0], trace=str(left[0].at)),))
            return []
        if left and strangers and batch[0].upserts:
            known = self._with_keys(batch[0].change.row, strangers)
            left = [each for each in left if not self._worked(each, known)]
        return self._missing(left, unnamed)

    def _with_keys(self, like: Row, records: Sequence[Found]) -> list[Found]:
        """Records with their unique value, which HubSpot's answer left out; as they are, where it cannot be read."""
        try:
            batches = [
                self.portal.read(like.object, [each.id for each in records[start : start + BATCH]], [like.key_field])
                for start in range(0, len(records), BATCH)
            ]
        except (CrmUnavailable, CrmDenied, Refused):
            return list(records)
        keys = {each.id: each.properties for batch in batches for each in batch.records}
        return [replace(each, properties={**each.properties, **keys.get(each.id, {})}) for each in records]

    def _missing(self, left: Items, unnamed: Sequence[Said]) -> list[Items]:
        """Rows that the reply passes over: it names none of its errors, or it has none."""
        if len(left) > 1 and unnamed:
            return halves(left)
        for each in left:
            if unnamed:
                self._refuse(each, unnamed[0])
            else:
                self._settle(((each,),), Settled.UNKNOWN, "HubSpot's answer passes over this record")
        return []

    def _worked(self, item: Item, records: Iterable[Found]) -> bool:
        record = next(filter(item.is_answered_by, records), None)
        if record is None:
            return False
        self.receipts[item.at] = Receipt(item.change.row, Settled.WRITTEN, record.id, created=record.new)
        return True

    def _refuse(self, item: Item, error: Said) -> None:
        settled = Settled.BUSY if error.category in NOT_NOW else Settled.REFUSED
        text = explained(item.change.row.object, error, self.portal.transport.write_version)
        self._settle(((item,),), settled, text)

    def _settle(self, groups: Iterable[Items], settled: Settled, reason: str, wait: float | None = None) -> None:
        for item in (each for group in groups for each in group):
            self.receipts[item.at] = Receipt(item.change.row, settled, reason=reason, retry_after=wait)

    def _never_sent(self, groups: Iterable[Items], reason: str, wait: float | None = None) -> None:
        """Or sent where nobody was served: it cost them no attempt."""
        for item in (each for group in groups for each in group):
            self.receipts[item.at] = Receipt(
                item.change.row, Settled.BUSY, reason=reason, retry_after=wait, untried=True
            )


def halves(batch: Sequence[T]) -> list[Sequence[T]]:
    """Of more than one."""
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]]
