"""Undo: what one run wrote, taken back; itself a plan, which refuses whatever somebody edited since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from connector.errors import ConfigError, ConnectorError, Place, Problem
from connector.flow.appraise import people_of
from connector.flow.belonging import make_sure
from connector.flow.guard import Now, look
from connector.flow.house import House
from connector.flow.proposed import Proposal, Proposed, calls, expected
from connector.flow.trouble import unless_in_trouble
from connector.flow.unshown import FORGOTTEN, NOT_AGREED, unshown
from connector.model.alike import kept_as
from connector.model.changes import Change, Row, Value
from connector.store import journal, pseudonyms
from connector.store.entries import State, latest
from connector.store.journal import Act, Written

AGAIN = "it was written again since"
NO_CONNECTION = "the config has no such connection any more"


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking a run back comes to."""

    run_id: str
    proposals: tuple[Proposal, ...]
    refused: Mapping[Row, str] = field(default_factory=dict)  # records that stay as they are, and why


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Records of an undo that was applied."""

    done: int  # the CRM shows what stood there before; on hold from now on
    refused: int  # the CRM said no, or it was given up: a human decides by `attain outbox`
    coming: int  # approved and not written yet


def undoing(house: House, start: str) -> Undoing:
    """The plan that restores what stood there before a run. Raises ConfigError for a run that wrote nothing.

    A connection that is denied or unavailable has no rows, and its trouble; the others go on.

    `start`: the first letters of the run's id, as many as tell it from others. What was taken back since does not
    stand in the way, neither what took it back: what counts is that the CRM shows what the run wrote.
    """
    roster = people_of(house)
    with house.store.reading() as tx:
        run_id = _the_run(tx, start)
        told: dict[Row, list[Written]] = defaultdict(list)
        for each in journal.of_run(tx, run_id):
            told[each.row].append(each)
        acts = journal.acts(tx, run_id)
        left = {row: _standing(acts[row]) for row in told}
        by_row = {row: [each for each in some if each.field in left[row][each.revision]] for row, some in told.items()}
        back = {row: _back(tx, each) for row, each in by_row.items() if each}
        nobody = unshown(tx, house, roster, house.today())
    refused = {row: "it was taken back already" for row, each in by_row.items() if not each}
    refused |= {row: AGAIN for row, each in by_row.items() if each and _written_again(each, acts[row], left[row])}
    refused |= {row: "it was taken away, and cannot be made again" for row, each in by_row.items() if _is_gone(each)}
    refused |= {row: NO_CONNECTION for row in by_row if row.connection not in house.crms}
    agreed = {row: nobody.agreed_to(each, house.rules) for row, each in back.items() if row not in refused}
    refused |= {row: why for row, each in agreed.items() if (why := nobody.why_not(each, house.rules))}
    refused |= {row: NOT_AGREED for row, each in agreed.items() if back[row].fields and not each.fields}
    refused |= {row: FORGOTTEN for row, each in back.items() if _names_nobody(each)}
    proposals = []
    for name in dict.fromkeys(row.connection for row in by_row if row.connection in house.crms):
        mine = [change for row, change in agreed.items() if row.connection == name and row not in refused]
        troubles: list[ConnectorError] = []
        found = unless_in_trouble(troubles, partial(_proposal, house, name, run_id, mine, by_row, refused))
        proposals.append(found or Proposal(name, (), trouble=troubles[0]))
    return Undoing(run_id, tuple(proposals), refused)


def taken_back(house: House, undone: Undoing) -> TakenBack:
    """How far an undo that was applied has come."""
    rows = [row.change.row for each in undone.proposals for row in each.rows]
    with house.store.reading() as tx:
        found = [each for each in latest(tx, rows).values() if each.undoes == undone.run_id]
    done = sum(each.state is State.ACKED for each in found)
    refused = sum(each.state in {State.FAILED, State.DEAD} for each in found)
    return TakenBack(done, refused, len(found) - done - refused)


def _standing(acts: Sequence[Act]) -> dict[int, frozenset[str]]:
    """The fields of each act that no later one took back; what takes back may be taken back in its turn."""
    left: dict[int, frozenset[str]] = {}
    later: list[tuple[str, frozenset[str]]] = []
    for act in sorted(acts, key=lambda each: each.revision, reverse=True):
        back = [fields for run_id, fields in later if run_id == act.run_id]
        left[act.revision] = act.fields.difference(*back)
        if act.undoes:
            later.append((act.undoes, left[act.revision]))
    return left


def _written_again(told: Sequence[Written], acts: Sequence[Act], left: Mapping[int, frozenset[str]]) -> bool:
    """Whether something of ours stands there that came after it, and that took nothing back."""
    last = max(each.revision for each in told)
    return any(act.revision > last and left[act.revision] and not act.undoes for act in acts)


def _is_gone(told: Sequence[Written]) -> bool:
    return bool(told) and told[0].gone


def _proposal(  # noqa: PLR0917
    house: House,
    name: str,
    run_id: str,
    changes: Sequence[Change],
    by_row: Mapping[Row, Sequence[Written]],
    refused: dict[Row, str],
) -> Proposal:
    """One connection's part, held against what it shows; what was edited since is refused."""
    crm = house.crms[name]
    make_sure(house, crm)
    now = look(crm, changes)
    rows = []
    for change in changes:
        shown = now.get(change.row)
        if problem := _edited(by_row[change.row], shown):
            refused[change.row] = problem
            continue
        rows.append(Proposed(change, dict(shown or {}), new=False, expects=expected(change, shown), undoes=run_id))
    cost = calls(crm, [row.change for row in rows])
    return Proposal(name, tuple(rows), looked=True, calls=cost, allowance=crm.allowance())


def _edited(told: Sequence[Written], now: Now) -> str:
    """What somebody did to a record since; empty: nothing, as far as it shows."""
    if now is None:
        return "" if _was_made(told) else "there is no such record any more"
    for name, value in _last_said(told).items():
        if not kept_as(value, now.get(name)):
            return f"{name} was edited since: {now.get(name)}"
    return ""


def _last_said(told: Sequence[Written]) -> dict[str, Value]:
    """What a run wrote into each field in the end: it may have written a record twice."""
    return {each.field: each.value for each in reversed(told)}


def _was_made(told: Sequence[Written]) -> bool:
    return any(each.created for each in told)


def _back(tx: Connection, told: Sequence[Written]) -> Change:
    """The change that restores a record: what stood there; nothing, where the run had made it."""
    first = told[0]
    made = _was_made(told) and not first.row.by_own_id
    fields = _last_said(told) if made else {each.field: _before(tx, each) for each in told}  # of two, the first one's
    return Change(first.row, fields, because=f"undo of {first.run_id[:12]}", subject=first.subject, gone=made)


def _names_nobody(back: Change) -> bool:
    """Whether a pseudonym stands in what would return: the CRM never had it, and the name is gone."""
    said = (back.row.key, *(each for each in back.fields.values() if isinstance(each, str)))
    return any(map(pseudonyms.stands_in, said))


def _before(tx: Connection, told: Written) -> Value:
    """What a field showed before: as the CRM said, or as we wrote it last."""
    if told.looked:
        return told.prior
    earlier = [
        each
        for each in journal.of_record(tx, told.row.key)
        if each.row == told.row and each.field == told.field and each.revision < told.revision
    ]
    return max(earlier, key=lambda each: each.revision).value if earlier else None


def _the_run(tx: Connection, start: str) -> str:
    found = journal.runs_like(tx, start)
    if len(found) == 1:
        return found[0]
    text = f"no run that starts with `{start}` wrote anything" if not found else f"{len(found)} runs start so"
    hint = (
        "`attain history` lists them"
        if not found
        else f"say more letters: {', '.join(each[:12] for each in found[:4])}"
    )
    raise ConfigError([Problem(Place(f"run {start}"), "unknown-run", text, hint)])
