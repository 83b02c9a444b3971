"""What of a wish may be sent, given what the CRM shows now: a person's own value is not ours to overwrite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from connector.model.alike import alike, kept_as
from connector.model.changes import Change, Expected, Policy, Row, Value
from connector.normalise.mapping import Manners, WriteMap
from connector.ports import Crm
from connector.store.entries import Entry
from connector.store.ledger import Known

Now = Mapping[str, Value] | None  # None: there is no such record


class Verdict(StrEnum):
    """What becomes of a wish."""

    SEND = "send"
    THERE = "there"  # the CRM shows it already
    KEEP = "keep"  # people keep what they put there, in every field of it
    MOVED = "moved"  # it is not any more as it was when the plan was made
    MISSING = "missing"  # the record that we would update is gone
    HIDDEN = "hidden"  # it has none of the fields that are left to write, or does not show them to us


@dataclass(frozen=True, slots=True)
class Weighed:
    """A wish, held against what the CRM shows."""

    verdict: Verdict
    sends: frozenset[str] = frozenset()
    kept: Mapping[str, Value] = field(default_factory=dict)  # fields that people keep, with what they put there
    drifts: Mapping[str, Value] = field(default_factory=dict)  # fields that somebody edited since, kept or not
    hidden: frozenset[str] = frozenset()  # fields of the wish that the record does not have, or does not show to us
    reason: str = ""


def weigh(change: Change, now: Now, known: Mapping[str, Known], manners: Manners, expected: Expected | None) -> Weighed:
    """What of a wish to send. `known`: what was settled on before, by field."""
    if change.gone and now is None:
        return Weighed(Verdict.THERE)
    if now is None and change.row.by_own_id and change.empties:
        return Weighed(Verdict.THERE)  # our words went with the record that they were to be taken off
    if change.once and now is not None and not change.gone:
        return Weighed(Verdict.THERE)  # it was told, whatever has become of it
    right = frozenset() if now is None or change.gone else frozenset(_right(change.fields, now))
    if right and right == frozenset(change.fields):
        return Weighed(Verdict.THERE)
    if moved := _moved(now, expected, right):
        return Weighed(Verdict.MOVED, reason=moved)
    if now is None:
        gone = change.row.by_own_id
        return Weighed(Verdict.MISSING, reason="there is no such record any more") if gone else _whole(change)
    if change.gone:
        return _whole(change)
    hidden = frozenset(change.fields) - now.keys() if change.row.by_own_id else frozenset()
    seen = [name for name in change.fields if name not in right | hidden]
    drifts = {name: now.get(name) for name in seen if _edited(now.get(name), known.get(name))}
    kept = {name: now.get(name) for name in seen if _stays(manners.of(name), now.get(name), known.get(name))}
    sends = frozenset(change.fields) - right - kept.keys() - hidden
    if hidden and not sends:
        return Weighed(Verdict.HIDDEN, frozenset(), kept, drifts, hidden, hides(sorted(hidden)))
    if not sends:
        words = ", ".join(f"{name}: {value}" for name, value in kept.items())
        return Weighed(Verdict.KEEP, frozenset(), kept, drifts, reason=f"people keep what they put there ({words})")
    if change.row.by_own_id:  # the others go without what is not there: one lost property holds up no other number
        return Weighed(Verdict.SEND, sends, kept, drifts, hidden)
    return Weighed(Verdict.SEND, frozenset(change.fields) - kept.keys(), kept, drifts)


def hides(names: Iterable[str]) -> str:
    """Why fields cannot be written that a record does not have, as far as we are shown."""
    return f"there is no field {', '.join(names)}, or it is hidden from us: see `attain install`"


def _whole(change: Change) -> Weighed:
    return Weighed(Verdict.SEND, frozenset(change.fields))


def _right(fields: Mapping[str, Value], now: Mapping[str, Value]) -> list[str]:
    return [name for name, value in fields.items() if name in now and alike(value, now[name])]


def _moved(now: Now, expected: Expected | None, right: frozenset[str]) -> str:
    """How a record differs from what the plan was made of; empty: it does not, or there was no plan."""
    if expected is None or (now is None and not expected.exists):
        return ""
    if now is None:
        return "the record has gone since the plan was made"
    if not expected.exists:
        return "the record has appeared since the plan was made"
    for name, value in expected.fields.items():
        if name not in right and not alike(value, now.get(name)):
            return f"{name} has changed since the plan was made: {value} then, {now.get(name)} now"
    return ""


def _edited(shown: Value, known: Known | None) -> bool:
    return known is not None and (known.edited is not None or not kept_as(known.value, shown))


def _stays(policy: Policy, shown: Value, known: Known | None) -> bool:
    """Whether a person's value stays. An empty field gives itself back to us."""
    if policy is Policy.OVERWRITE or shown is None or shown == "":
        return False
    if known is None:
        return policy is Policy.FILL_EMPTY
    return _edited(shown, known)


def needs_a_look(change: Change, expected: Expected | None) -> bool:
    """Whether the CRM is asked what it shows before this is sent: always where people keep the record."""
    return expected is not None or change.row.by_own_id or change.gone


def look(crm: Crm, changes: Sequence[Change]) -> dict[Row, Mapping[str, Value]]:
    """What the CRM shows of these records now, in the fields that would be written; absent rows do not exist."""
    found: dict[Row, Mapping[str, Value]] = {}
    for obj in dict.fromkeys(each.row.object for each in changes):
        mine = [each for each in changes if each.row.object == obj]
        fields = sorted({name for each in mine for name in each.fields})
        found |= crm.current([each.row for each in mine], fields)
    return found


def looked_at(entry: Entry, now: Now, known: Mapping[str, Known], write: WriteMap) -> tuple[Entry, Weighed]:
    """An entry with what was found: what leaves of it, what people keep, and what stood there before."""
    found = weigh(entry.change, now, known, write.manners(entry.change.row.object), entry.expects)
    # What stood there at the first look: after a lost answer, our own value does.
    shown = {name: (now or {}).get(name) for name in entry.change.fields} | dict(entry.shown or {})
    sends = None if found.sends == frozenset(entry.change.fields) else found.sends
    return replace(entry, shown=shown, sends=sends, kept=found.kept, hidden=found.hidden), found
