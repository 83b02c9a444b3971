"""Write back: the outbox in, records in the CRM and receipts in the ledger out.

Writing has one effect per key: a row that people keep is looked at first, claimed and committed before a
byte leaves, judged by its own receipt, and read back by its external id where the outcome is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from connector.errors import CrmUnavailable, NobodyServed
from connector.flow.guard import Verdict, look, looked_at, needs_a_look
from connector.flow.house import House
from connector.model.changes import Receipt, Row, Settled, Value
from connector.ports import Crm
from connector.store import ledger, outbox, written
from connector.store.entries import Entry
from connector.transport import Priority, working_on

BATCH = 200  # what both CRMs take in one or two calls


@dataclass(slots=True)
class Written:
    """What one connection was told, and what it said."""

    connection: str
    settled: Counter[str] = field(default_factory=Counter)  # by Settled
    objects: Counter[str] = field(default_factory=Counter)  # records written, by object
    created: Counter[str] = field(default_factory=Counter)
    refusals: list[Receipt] = field(default_factory=list)
    kept: int = 0  # records not sent, since people keep what they put there
    moved: list[Receipt] = field(default_factory=list)  # records not sent, since they changed after the plan was made

    @property
    def sent(self) -> int:
        """Records that left, whatever became of them."""
        return sum(self.settled.values())


def write_back(house: House, crm: Crm, epoch: int, run_id: str) -> Written:
    """Deliver what is due. Raises CrmUnavailable or CrmDenied, with every row safely settled."""
    report = Written(crm.name)
    recover(house, crm, epoch, run_id)
    for entries in house.watch(_claims(house, crm, epoch, run_id, report), f"{crm.name}: writing", _size):
        receipts = _deliver(house, crm, entries, run_id) if entries else ()
        _note(report, entries, receipts)
        if receipts and all(each.untried for each in receipts):
            break  # whatever waits would be refused as well
    return report


def recover(house: House, crm: Crm, epoch: int, run_id: str) -> int:
    """Rows that were under way when somebody died are looked up by their external id; what arrived is this run's.

    Returns how many there were. Raises CrmUnavailable or CrmDenied, with every such row still under way.
    """
    with house.store.writing() as tx:
        outbox.recover(tx, crm.name, epoch)
        lost = outbox.unknown(tx, crm.name)
    if not lost:
        return 0
    with working_on(Priority.ALERT):  # a few calls, and alerts wait behind them
        found = crm.look_up([entry.change.row for entry in lost])
        now = look(crm, [entry.change for entry in lost if needs_a_look(entry.change, entry.expects)])
    write = house.rules.mappings[crm.name].write
    with house.store.writing() as tx:
        known = ledger.known(tx, [entry.change.row for entry in lost])
        for entry in lost:
            row = entry.change.row
            seen, weighed = looked_at(entry, now.get(row), known.get(row, {}), write)
            # What we wrote and nobody confirmed is ours, and must never be taken for a person's.
            shown = row in now and weighed.verdict in (Verdict.THERE, Verdict.KEEP)
            arrived = replace(seen, sends=frozenset(seen.confirmed.fields) - seen.kept.keys()) if shown else entry
            outbox.resolve(tx, arrived, found.get(row), house.world.now(), run_id, shown=shown)
        written.let_go_unarrived(tx, crm.name)
    return len(lost)


def _claims(house: House, crm: Crm, epoch: int, run_id: str, report: Written) -> Iterator[Sequence[Entry]]:
    """Batches of what may be sent, looked at where people keep the record, and claimed before a byte leaves."""
    while True:
        with house.store.reading() as tx:
            waiting = outbox.due(tx, crm.name, max(BATCH, crm.many), house.world.now())
            waiting = waiting if len(waiting) >= crm.many else waiting[:BATCH]
            known = ledger.known(tx, [each.change.row for each in waiting])
        if not waiting:
            return
        now = look(crm, [each.change for each in waiting if _is_looked_at(each)])
        with house.store.writing() as tx:
            ready = _ready(tx, house, waiting, _Seen(crm.name, run_id, now, known), report)
            entries = outbox.claim(tx, crm.name, ready, house.world.now(), epoch)
        yield entries


@dataclass(frozen=True, slots=True)
class _Seen:
    connection: str
    run_id: str
    now: Mapping[Row, Mapping[str, Value]]
    known: Mapping[Row, Mapping[str, ledger.Known]]


def _ready(tx: Connection, house: House, waiting: Sequence[Entry], seen: _Seen, report: Written) -> list[Entry]:
    """The entries that are to be sent; the others are settled here and now."""
    write, at = house.rules.mappings[seen.connection].write, house.world.now()
    ready: list[Entry] = []
    for each in waiting:
        row = each.change.row
        if not _is_looked_at(each):
            ready.append(each)
            continue
        entry, found = looked_at(each, seen.now.get(row), seen.known.get(row, {}), write)
        match found.verdict:
            case Verdict.SEND:
                ready.append(entry)
            case Verdict.THERE:
                outbox.already(tx, entry, seen.run_id, at)
            case Verdict.KEEP:
                outbox.keep_theirs(tx, entry, found.reason, seen.run_id, at)
                report.kept += 1
            case Verdict.MOVED:
                outbox.drop(tx, entry)
                report.moved.append(Receipt(row, Settled.REFUSED, reason=found.reason))
            case Verdict.MISSING | Verdict.HIDDEN:
                outbox.refuse(tx, entry, found.reason, at)
                report.refusals.append(Receipt(row, Settled.REFUSED, reason=found.reason))
    return ready


def _is_looked_at(entry: Entry) -> bool:
    return not entry.is_told and needs_a_look(entry.change, entry.expects)


def _size(entries: Sequence[Entry]) -> tuple[int, int | None]:
    return len(entries), None


def _deliver(house: House, crm: Crm, entries: Sequence[Entry], run_id: str) -> Sequence[Receipt]:
    alerts = all(entry.change.once for entry in entries)
    try:
        with working_on(Priority.ALERT if alerts else Priority.INCREMENTAL):
            receipts = _told(crm, entries)
    except CrmUnavailable as error:
        _settle(house, entries, [_unanswered(entry, error) for entry in entries], run_id)
        raise
    except BaseException:
        # Denied or our own fault: nothing is known to have happened, so it is read back next time.
        _settle(house, entries, [Receipt(entry.change.row, Settled.UNKNOWN) for entry in entries], run_id)
        raise
    _settle(house, entries, receipts, run_id)
    return receipts


def _told(crm: Crm, entries: Sequence[Entry]) -> list[Receipt]:
    """One receipt per entry, in order. An alert that stands is never written again, only linked."""
    leaving = [entry for entry in entries if entry.change.gone]
    standing = {entry.change.row: entry.remote_id for entry in entries if entry.is_told and entry.remote_id}
    staying = [entry for entry in entries if not entry.change.gone and entry.change.row not in standing]
    pointing = [entry for entry in entries if entry.change.row in standing]
    receipts = crm.write([entry.sent for entry in staying]) if staying else []
    receipts += crm.link([(entry.change, standing[entry.change.row]) for entry in pointing]) if pointing else []
    receipts += crm.remove([entry.change.row for entry in leaving]) if leaving else []
    told = zip([*staying, *pointing, *leaving], receipts, strict=True)
    by_row = {entry.change.row: receipt for entry, receipt in told}
    return [by_row[entry.change.row] for entry in entries]


def _unanswered(entry: Entry, error: CrmUnavailable) -> Receipt:
    settled = Settled.UNKNOWN if error.unknown_effect else Settled.BUSY
    waits = error.retry_after.total_seconds() if error.retry_after else None
    untried = settled is Settled.BUSY and isinstance(error, NobodyServed)
    return Receipt(entry.change.row, settled, reason=error.problem, retry_after=waits, untried=untried)


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
