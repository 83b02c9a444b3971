"""Write back: the outbox in, records in the CRM and receipts in the ledger out.

Writing has one effect per key: a row is claimed and committed before a byte leaves, judged by its
own receipt, and read back by its external id where the outcome is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connector.errors import CrmUnavailable
from connector.flow.house import House
from connector.model.changes import Receipt, Settled
from connector.ports import Crm
from connector.store import outbox
from connector.store.entries import Entry

BATCH = 200  # what both CRMs take in one or two calls


@dataclass(slots=True)
class Written:
    """What one connection was told, and what it said."""

    connection: str
    settled: Counter[str] = field(default_factory=Counter)  # by Settled
    objects: Counter[str] = field(default_factory=Counter)  # records written, by object
    created: Counter[str] = field(default_factory=Counter)
    refusals: list[Receipt] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """Records that left, whatever became of them."""
        return sum(self.settled.values())


def write_back(house: House, crm: Crm, epoch: int, run_id: str) -> Written:
    """Deliver what is due. Raises CrmUnavailable or CrmDenied, with every row safely settled."""
    report = Written(crm.name)
    _recover(house, crm, epoch)
    for entries in house.watch(_claims(house, crm, epoch), f"{crm.name}: writing", _size):
        receipts = _deliver(house, crm, entries, run_id)
        _note(report, entries, receipts)
    return report


def _recover(house: House, crm: Crm, epoch: int) -> None:
    """Rows that were under way when somebody died are looked up by their external id."""
    with house.store.writing() as tx:
        outbox.recover(tx, crm.name, epoch)
        lost = outbox.unknown(tx, crm.name)
    if not lost:
        return
    found = crm.look_up([entry.change.row for entry in lost])
    with house.store.writing() as tx:
        for entry in lost:
            outbox.resolve(tx, entry, found.get(entry.change.row), house.world.now())


def _claims(house: House, crm: Crm, epoch: int) -> Iterator[Sequence[Entry]]:
    while True:
        with house.store.writing() as tx:
            entries = outbox.claim(tx, crm.name, BATCH, house.world.now(), epoch)
        if not entries:
            return
        yield entries


def _size(entries: Sequence[Entry]) -> tuple[int, int | None]:
    return len(entries), None


def _deliver(house: House, crm: Crm, entries: Sequence[Entry], run_id: str) -> Sequence[Receipt]:
    try:
        receipts = crm.write([entry.change for entry in entries])
    except CrmUnavailable as error:
        _settle(house, entries, [_unanswered(entry, error) for entry in entries], run_id)
        raise
    except BaseException:
        # Denied or our own fault: nothing is known to have happened, so it is read back next time.
        _settle(house, entries, [Receipt(entry.change.row, Settled.UNKNOWN) for entry in entries], run_id)
        raise
    _settle(house, entries, receipts, run_id)
    return receipts


def _unanswered(entry: Entry, error: CrmUnavailable) -> Receipt:
    settled = Settled.UNKNOWN if error.unknown_effect else Settled.BUSY
    return Receipt(entry.change.row, settled, reason=error.problem)


def _settle(house: House, entries: Sequence[Entry], receipts: Sequence[Receipt], run_id: str) -> None:
    with house.store.writing() as tx:
        outbox.settle(tx, entries, receipts, house.world.now(), run_id)


def _note(report: Written, entries: Sequence[Entry], receipts: Sequence[Receipt]) -> None:
    for entry, receipt in zip(entries, receipts, strict=True):
        report.settled[str(receipt.settled)] += 1
        if receipt.settled is Settled.WRITTEN:
            report.objects[entry.change.row.object] += 1
            report.created[entry.change.row.object] += receipt.created
        elif receipt.settled is Settled.REFUSED:
            report.refusals.append(receipt)
