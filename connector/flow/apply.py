"""Apply: a plan that a human looked at, queued as approved and written; by us, or by the scheduler that runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from connector.errors import StoreBusy
from connector.flow.belonging import make_sure
from connector.flow.cycle import CycleReport, may_write, run_cycle
from connector.flow.house import House
from connector.flow.proposed import Proposal
from connector.store import decisions, wishes
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

    @property
    def exit_code(self) -> int:
        """1 when records had moved since the plan was made; else the worst that happened while writing."""
        if self.report is None:
            return 0
        moved = any(each.moved for each in self.report.written)
        return self.report.exit_code or int(moved)


def store_number(store: Store) -> int:
    """What tells this store from any other."""
    with store.reading() as tx:
        return counter(tx, "store")


def apply(
    house: House, proposals: Sequence[Proposal], plan_id: str = "", *, what: str = "apply", why: str = ""
) -> Applied:
    """Queue exactly these records as approved, and write them now unless a scheduler runs that will.

    Raises AnotherOrganisation, and CrmUnavailable or CrmDenied where a CRM does not say who it is. `plan_id`: of the file that they come from, which is applied once; one that was just made has none.
    """
    plan_id = plan_id or uuid4().hex
    queued = 0
    now = house.world.now()
    for each in proposals:
        if each.rows and each.connection in house.crms:
            make_sure(house, house.crms[each.connection])
    with house.store.writing() as tx:
        for each in proposals:
            crm = house.crms.get(each.connection)
            if crm is None or not may_write(house, crm):
                continue
            for undoes in dict.fromkeys(row.undoes for row in each.rows):
                mine = [row for row in each.rows if row.undoes == undoes]
                expects = {row.change.row: row.expects for row in mine if row.expects is not None}
                terms = Terms(approval=plan_id, undoes=undoes, expects=expects)
                found = wishes.enqueue(tx, [row.change for row in mine], plan_id, now, terms)
                queued += found.new + found.replaced
            if each.rows:  # whoever saw nothing approved nothing: the first plan that says something still waits
                decisions.note(tx, Decision(plan_id, each.connection, what, why, len(each.rows), now))
    try:
        return Applied(queued, run_cycle(house, only="write", what=what))
    except StoreBusy as busy:
        return Applied(queued, None, str(busy))
