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
from connector.store import entries, ledger, outbox
from connector.store.entries import ON_HOLD, UNDER_WAY, Entry, State, is_undone
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
    standing: str = ""  # why a cycle leaves it alone, and `attain apply` alone sends it: "on hold: …", "discarded: …"

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
    right_already: int = 0  # records that were looked at, and show what they should
    confirmed: int = 0  # records that did when the CRM confirmed them last, and were not looked at
    under_way: tuple[Change, ...] = ()  # what differs and is not proposed, since the record is being written
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
        latest = entries.latest(tx, [row.change.row for row in plan.rows])
        known = ledger.known(tx, [row.change.row for row in plan.rows])
        reason = waits(tx, house, settings, plan)
        stuck = _stuck(outbox.open_entries(tx, plan.connection))
    busy = {row for row, entry in latest.items() if entry.state in UNDER_WAY}
    sure = Proposal(
        plan.connection,
        rows=tuple(
            Proposed(each.change, each.before, each.new, standing=_standing(each.change, latest.get(each.change.row)))
            for each in plan.rows
            if each.change.row not in busy
        ),
        confirmed=plan.right_already,
        under_way=tuple(each for each in plan.changes if each.row in busy),
        waits=reason,
        stuck=stuck,
    )
    if not looking:
        return sure
    troubles: list[ConnectorError] = []
    looked = unless_in_trouble(troubles, partial(_looked, house, house.crms[plan.connection], sure, known))
    return looked or replace(sure, rows=(), trouble=troubles[0])


def _looked(house: House, crm: Crm, sure: Proposal, known: Mapping[Row, Mapping[str, Known]]) -> Proposal:
    """Held against what the CRM shows. Raises CrmUnavailable and CrmDenied."""
    make_sure(house, crm)
    now = look(crm, sure.changes())
    write = house.rules.mappings[sure.connection].write
    rows: list[Proposed] = []
    left: list[Proposed] = []
    there = 0
    schema = crm.schema() if sure.rows else None
    for row in sure.rows:
        shown = now.get(row.change.row)
        found = weigh(row.change, shown, known.get(row.change.row, {}), write.manners(row.change.row.object), None)
        if found.verdict is Verdict.THERE:
            there += 1
            continue
        proposed = replace(_row(row.change, shown, found, schema, write.objects), standing=row.standing)
        (left if found.verdict is Verdict.KEEP else rows).append(proposed)
    return replace(
        sure,
        rows=tuple(rows),
        left=tuple(left),
        right_already=there,
        looked=True,
        calls=calls(crm, [row.change for row in rows]),
        allowance=crm.allowance(),
    )


STUCK = (State.FAILED, State.DEAD, State.UNKNOWN, State.DISCARDED)
HELD_BACK = "on hold"  # among states: what was undone


def _stuck(open_entries: Sequence[Entry]) -> Counter[str]:
    """How many entries need a look, or a human's word to leave."""
    undone = [each for each in open_entries if each.state is State.HELD and is_undone(each.reason)]
    found = Counter(str(each.state) for each in open_entries if each.state in STUCK)
    return found + Counter({HELD_BACK: len(undone)})


def _standing(change: Change, before: Entry | None) -> str:
    """Why a cycle leaves a wish alone; empty: it does not. What somebody let go of comes back once it says something else."""
    if before is None or change.erases:
        return ""
    if before.state is State.ACKED and before.undoes:
        return f"{HELD_BACK}: run {before.undoes[:12]} was undone"
    if before.state is State.HELD and is_undone(before.reason):
        return f"{HELD_BACK}: {before.reason.removeprefix(ON_HOLD)} was undone"
    if before.state is State.DISCARDED and entries.digest(change) == before.payload:
        return f"discarded: {before.reason}"
    return ""


def _row(change: Change, now: Now, found: Weighed, schema: CrmSchema | None, described: Sequence[str]) -> Proposed:
    sends = frozenset(change.fields) if found.verdict is Verdict.MISSING else found.sends | found.hidden
    leaves = replace(change, fields={name: value for name, value in change.fields.items() if name in sends})
    return Proposed(
        change=leaves,
        old=dict(now or {}),
        new=now is None,
        expects=expected(leaves, now),
        drifts=found.drifts,
        kept=found.kept,
        foreseen=found.reason
        if found.verdict is Verdict.MISSING
        else _foreseen(leaves, now is None, schema, described),
    )


def expected(change: Change, now: Now) -> Expected:
    """What a record must still show when it is written."""
    if now is None:
        return Expected(exists=False)
    return Expected(exists=True, fields={name: now.get(name) for name in change.fields})


def _foreseen(change: Change, new: bool, schema: CrmSchema | None, described: Sequence[str]) -> str:
    """Why the CRM will refuse a record, as far as it describes itself. `described`: objects that it was asked about."""
    fields = schema.objects.get(change.row.object) if schema else None
    if fields is None:
        hidden = schema is not None and change.row.object in described
        return f"the CRM does not show {change.row.object} to us: see `attain install`" if hidden else ""
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
