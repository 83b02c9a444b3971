"""A plan as a human looks at it: what the CRM shows now, what would be written, what would be left, what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from connector.errors import ConnectorError
from connector.flow.approval import waits
from connector.flow.belonging import make_sure
from connector.flow.guard import Now, Verdict, Weighed, hides, look, needs_a_look, weigh
from connector.flow.house import House
from connector.flow.plan import Plan, differences
from connector.flow.trouble import unless_in_trouble
from connector.model.changes import Change, Expected, Row, Value
from connector.model.schema import CrmSchema
from connector.ports import Crm
from connector.store import ledger, outbox
from connector.store.entries import State
from connector.store.ledger import Known


@dataclass(frozen=True, slots=True)
class Proposed:
    """One record that would be written, or why it would not."""

    change: Change
    old: Mapping[str, Value]  # what it shows now, in the fields that would be written
    new: bool
    expects: Expected | None = None  # what must still be so when it is written; None: nobody looked
    drifts: Mapping[str, Value] = field(default_factory=dict)  # fields of ours that somebody edited, with their value
    kept: Mapping[str, Value] = field(default_factory=dict)  # of those, the ones that stay
    foreseen: str = ""  # why the CRM will refuse it
    undoes: str = ""

    @property
    def differences(self) -> dict[str, tuple[Value, Value]]:
        """Field → (old, new), for the fields that differ."""
        return differences(self.change, self.old)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything that would be written to one connection."""

    connection: str
    rows: tuple[Proposed, ...]
    left: tuple[Proposed, ...] = ()  # records that would not be touched, since people keep what they put there
    right_already: int = 0
    looked: bool = False  # whether the CRM was asked what it shows
    calls: int = 0  # of the CRM's API, at least
    allowance: tuple[int, int] | None = None  # calls used today, and how many there are
    trouble: ConnectorError | None = None  # why nobody could look at this connection: nothing of it is proposed
    waits: str = ""  # why a cycle would wait for a human; empty: it would not
    stuck: Mapping[str, int] = field(default_factory=dict)  # entries of the outbox that need a look, by state

    def changes(self) -> tuple[Change, ...]:
        """What to queue."""
        return tuple(row.change for row in self.rows)


def propose(house: House, plans: Sequence[Plan], *, looking: bool) -> tuple[Proposal, ...]:
    """Plans, each held against what its CRM shows. One that is denied or unavailable has its trouble, and no rows."""
    return tuple(_proposed(house, each, looking=looking) for each in plans)


def _proposed(house: House, plan: Plan, *, looking: bool) -> Proposal:
    settings = next(each for each in house.settings.connections if each.name == plan.connection)
    with house.store.reading() as tx:
        known = ledger.known(tx, [row.change.row for row in plan.rows])
        reason = waits(tx, house, settings, plan)
        stuck = Counter(str(each.state) for each in outbox.open_entries(tx, plan.connection) if each.state in STUCK)
    sure = Proposal(plan.connection, (), right_already=plan.right_already, waits=reason, stuck=stuck)
    if not looking:
        return replace(sure, rows=tuple(Proposed(row.change, row.before, row.new) for row in plan.rows))
    troubles: list[ConnectorError] = []
    looked = unless_in_trouble(troubles, partial(_looked, house, house.crms[plan.connection], plan, sure, known))
    return looked or replace(sure, trouble=troubles[0])


def _looked(house: House, crm: Crm, plan: Plan, sure: Proposal, known: Mapping[Row, Mapping[str, Known]]) -> Proposal:
    """Held against what the CRM shows. Raises CrmUnavailable and CrmDenied."""
    make_sure(house, crm)
    now = look(crm, plan.changes)
    write = house.rules.mappings[plan.connection].write
    rows: list[Proposed] = []
    left: list[Proposed] = []
    there = 0
    schema = crm.schema() if plan.rows else None
    for row in plan.rows:
        shown = now.get(row.change.row)
        found = weigh(row.change, shown, known.get(row.change.row, {}), write.manners(row.change.row.object), None)
        if found.verdict is Verdict.THERE:
            there += 1
            continue
        proposed = _row(row.change, shown, found, schema)
        (left if found.verdict is Verdict.KEEP else rows).append(proposed)
    return replace(
        sure,
        rows=tuple(rows),
        left=tuple(left),
        right_already=sure.right_already + there,
        looked=True,
        calls=calls(crm, [row.change for row in rows]),
        allowance=crm.allowance(),
    )


STUCK = (State.FAILED, State.DEAD, State.UNKNOWN)


def _row(change: Change, now: Now, found: Weighed, schema: CrmSchema | None) -> Proposed:
    sends = frozenset(change.fields) if found.verdict is Verdict.MISSING else found.sends | found.hidden
    leaves = replace(change, fields={name: value for name, value in change.fields.items() if name in sends})
    return Proposed(
        change=leaves,
        old=dict(now or {}),
        new=now is None,
        expects=expected(leaves, now),
        drifts=found.drifts,
        kept=found.kept,
        foreseen=found.reason if found.verdict is Verdict.MISSING else _foreseen(leaves, now is None, schema),
    )


def expected(change: Change, now: Now) -> Expected:
    """What a record must still show when it is written."""
    if now is None:
        return Expected(exists=False)
    return Expected(exists=True, fields={name: now.get(name) for name in change.fields})


def _foreseen(change: Change, new: bool, schema: CrmSchema | None) -> str:
    """Why the CRM will refuse a record, as far as it describes itself."""
    fields = schema.objects.get(change.row.object) if schema else None
    if fields is None:
        return ""
    wanted = [change.row.key_field] if new else []
    if missing := [name for name in (*wanted, *change.fields) if name not in fields]:
        return hides(missing)
    fixed = [name for name in change.fields if not fields[name].writable]
    return f"we may not write {', '.join(fixed)}" if fixed else ""


def calls(crm: Crm, changes: Sequence[Change]) -> int:
    """Calls that writing takes at least: batches by object and key, and a look first where people keep the record."""
    by_place = Counter((each.row.object, each.row.key_field) for each in changes)
    looked = Counter(each.row.object for each in changes if needs_a_look(each, None))
    return sum(-(-count // crm.at_once) for count in (*by_place.values(), *looked.values()))
