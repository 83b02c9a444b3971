"""Eight faults, as one might make them; planted here, never in the product, so that the campaign shows that it bites."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

from connector.crm.salesforce import adapter, write
from connector.crm.salesforce.window import Window
from connector.flow import pull
from connector.flow.keep import keep
from connector.model import money
from connector.model.changes import Receipt
from connector.normalise import fields, records
from connector.store import outbox, streams
from connector.store.entries import Entry


@contextmanager
def send_before_commit() -> Iterator[None]:
    """Rows are sent, and noted as under way only afterwards."""
    claim = outbox.claim

    def unclaimed(_tx: Any, _connection: str, entries: Sequence[Entry], _at: datetime, epoch: int) -> list[Entry]:
        return [each.claimed(epoch) for each in entries]

    def settle(tx: Any, entries: Sequence[Entry], receipts: Sequence[Receipt], at: datetime, run_id: str) -> Any:
        if entries:
            claim(tx, entries[0].change.row.connection, [_waiting(each) for each in entries], at, entries[0].epoch)
        return plain(tx, entries, receipts, at, run_id)

    plain = outbox.settle
    with mock.patch.object(outbox, "claim", unclaimed), mock.patch.object(outbox, "settle", settle):
        yield


def _waiting(entry: Entry) -> Entry:
    from dataclasses import replace

    from connector.store.entries import State

    return replace(entry, state=State.PENDING if entry.attempt <= 1 else State.RETRY_WAIT)


@contextmanager
def cursor_before_page() -> Iterator[None]:
    """The cursor moves in a commit of its own, before the page that makes it true."""

    def commit(self: Any, page: Any, found: Any, stream: str, before: Any, *_rest: Any) -> None:
        with self._house.store.writing() as tx:
            streams.move(tx, self._crm.name, stream, before, page.cursor, self._epoch)
        with self._house.store.writing() as tx:
            keep(tx, self._house, found, self._today)

    with mock.patch.object(pull._Pull, "_commit", commit):
        yield


@contextmanager
def after_instead_of_from() -> Iterator[None]:
    """A window begins after the last stamp instead of at it."""

    def stretch(self: Any, stamp: str) -> list[str]:
        return [each.replace(" >= ", " > ") for each in plain(self, stamp)]

    plain = Window._stretch
    with mock.patch.object(Window, "_stretch", stretch):
        yield


@contextmanager
def no_fence() -> Iterator[None]:
    """Whoever holds a stream is not asked whether they still do."""

    def move(tx: Any, connection: str, source: str, _old: Any, new: Any, epoch: int, **rest: Any) -> None:
        plain(tx, connection, source, streams.cursor(tx, connection, source), new, epoch, **rest)

    plain = streams.move
    with mock.patch.object(streams, "held"), mock.patch.object(streams, "move", move):
        yield


@contextmanager
def post_instead_of_upsert() -> Iterator[None]:
    """Records of our own are created, not upserted by their key."""

    def send(org: Any, world: Any, describer: Any, batch: Sequence[Any]) -> Iterable[Receipt]:
        if batch[0].row.by_own_id:
            return plain(org, world, describer, batch)
        shape = describer.shape(batch[0].row.object)
        records = [write._record(shape, each) for each in batch]
        return write._judge(batch, org.write("POST", "composite/sobjects", {"allOrNone": False, "records": records}))

    plain = write._send
    with mock.patch.object(write, "_send", send):
        yield


@contextmanager
def retry_on_unknown() -> Iterator[None]:
    """A lost answer counts as "it did not happen": nothing is read back, the row is sent again."""

    def recover(tx: Any, connection: str, epoch: int) -> int:
        number = plain(tx, connection, epoch)
        for entry in outbox.unknown(tx, connection):
            outbox.resolve(tx, entry, None, entry.queued_at)
        return number

    plain = outbox.recover
    with mock.patch.object(outbox, "recover", recover):
        yield


@contextmanager
def no_overlap() -> Iterator[None]:
    """A window begins where the last one ended: what became visible late is never seen."""
    with mock.patch.object(adapter, "OVERLAP", timedelta(0)):
        yield


@contextmanager
def float_money() -> Iterator[None]:
    """Amounts pass through a float on their way to minor units."""

    def to_minor(amount: Decimal, currency: str) -> int:
        return int(float(amount) * 10 ** money.digits(currency))

    with mock.patch.object(fields, "to_minor", to_minor), mock.patch.object(records, "to_minor", to_minor):
        yield


PLANTED: Mapping[str, Callable[[], Any]] = {
    "send before commit": send_before_commit,
    "cursor before page": cursor_before_page,
    "> instead of >=": after_instead_of_from,
    "no fence": no_fence,
    "POST instead of upsert": post_instead_of_upsert,
    "retry on unknown": retry_on_unknown,
    "overlap 0": no_overlap,
    "float money": float_money,
}
