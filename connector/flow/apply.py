"""Apply: a plan that a human looked at, queued as approved and written; by us, or by the scheduler that runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import uuid4

from sqlalchemy import Connection

from connector.errors import ConnectorError, StoreBusy
from connector.flow.belonging import make_sure
from connector.flow.cycle import CycleReport, run_cycle
from connector.flow.house import House
from connector.flow.proposed import Proposal, Proposed
from connector.flow.trouble import gravest, unless_in_trouble
from connector.model.changes import Change, Row
from connector.store import decisions, entries, runs, wishes
from connector.store.database import Store
from connector.store.decisions import Decision
from connector.store.entries import Terms
from connector.store.upsert import counter


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an approved plan."""

    queued: int
    report: CycleReport | None  # None: another process runs on the store, and will write it
    runner: str = ""  # who that is
    passed_over: tuple[Row, ...] = ()  # records of the plan that were being written already, with something else
    troubles: tuple[ConnectorError, ...] = ()  # of connections for which nothing was queued

    @property
    def exit_code(self) -> int:
        """That of the gravest trouble; else 1 when a CRM refused records, or they had moved, or were under way."""
        codes = (gravest(self.troubles), self.report.exit_code if self.report else 0)
        left = self.report is not None and any(each.moved or each.refusals for each in self.report.written)
        return min((each for each in codes if each), default=int(left or bool(self.passed_over)))


def store_number(store: Store) -> int:
    """What tells this store from any other."""
    with store.reading() as tx:
        return counter(tx, "store")


def apply(
    house: House, proposals: Sequence[Proposal], plan_id: str = "", *, what: str = "apply", why: str = ""
) -> Applied:
    """Queue exactly these records as approved, and write them now unless a scheduler runs that will.

    What an earlier run left under way is read back first; what is under way even then stays as it is, and is told.
    Nothing is queued for a CRM that does not say who it is. Raises AnotherOrganisation. `plan_id`: of the file that they
    come from, which is applied once to each connection; one that was just made has none.
    """
    troubles = [each.trouble for each in proposals if each.trouble]
    sure = [each for each in proposals if _is_sure(house, each, troubles)]
    approved = _Approved(house, sure, plan_id or uuid4().hex, what, why)
    try:
        report = run_cycle(house, only="write", what=what, queue=approved.queue)
    except StoreBusy as busy:
        approved.queue()
        return Applied(approved.queued, None, str(busy), tuple(approved.passed_over), tuple(troubles))
    return Applied(approved.queued, report, passed_over=tuple(approved.passed_over), troubles=tuple(troubles))


def _is_sure(house: House, proposal: Proposal, troubles: list[ConnectorError]) -> bool:
    """Whether the CRM is the one that the plan was made for."""
    crm = house.crms.get(proposal.connection)
    if crm is None or not proposal.rows:
        return proposal.trouble is None
    before = len(troubles)
    unless_in_trouble(troubles, partial(make_sure, house, crm))
    return len(troubles) == before


def _something_else(tx: Connection, wanted: Sequence[Change]) -> list[Row]:
    """Those of these records, being written when the plan was made, that are told something else than it would say."""
    latest = entries.latest(tx, [each.row for each in wanted])
    says = {row: entry.payload for row, entry in latest.items()}
    return [each.row for each in wanted if says.get(each.row) != entries.digest(each)]


@dataclass(slots=True)
class _Approved:
    """What a human let pass, on its way into the outbox."""

    house: House
    proposals: Sequence[Proposal]
    plan_id: str
    what: str
    why: str
    queued: int = 0
    passed_over: list[Row] = field(default_factory=list)

    def queue(self) -> None:
        """All of it in one commit."""
        now = self.house.world.now()
        with self.house.store.writing() as tx:
            for each in self.proposals:
                crm = self.house.crms.get(each.connection)
                if crm is None or not self.house.may_write(crm.name):
                    continue
                self._queue(tx, each.rows, now)
                self.passed_over += _something_else(tx, each.under_way)
                if each.rows:  # whoever saw nothing approved nothing: the first plan that says something still waits
                    noted = Decision(self.plan_id, each.connection, self.what, self.why, len(each.rows), now)
                    decisions.note(tx, noted)
                    runs.note_approval(tx, self.plan_id, now, self.house.rules.version)

    def _queue(self, tx: Connection, rows: Sequence[Proposed], now: datetime) -> None:
        self.passed_over += wishes.under_way(tx, [row.change.row for row in rows])
        for undoes in dict.fromkeys(row.undoes for row in rows):
            mine = [row for row in rows if row.undoes == undoes]
            expects = {row.change.row: row.expects for row in mine if row.expects is not None}
            terms = Terms(approval=self.plan_id, undoes=undoes, expects=expects)
            found = wishes.enqueue(tx, [row.change for row in mine], self.plan_id, now, terms)
            self.queued += found.new + found.replaced
