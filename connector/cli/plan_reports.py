"""A plan as people read it: which records, old and new, why, what it costs, what stands in the way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from connector.cli.terminal import NONE, complain, counted, say, spaced, table
from connector.flow.house import House
from connector.flow.proposed import HELD_BACK, Proposal, Proposed
from connector.flow.undo import TakenBack
from connector.model.changes import Value
from connector.store.entries import State

SHOWN = 20  # records of a plan before the rest is counted
SHORT = 4  # fields of a new record before the rest is counted
BROAD = 80  # characters of them
GROUPS = 12  # objects and rules before the rest is counted


def plan_report(house: House, proposals: Sequence[Proposal], *, as_json: bool) -> None:
    """Old and new of each field that would be written."""
    if as_json:
        say(json.dumps([_as_json(each) for each in proposals], indent=2, default=str))
        return
    for each in proposals:
        _groups(house, each)
        _records(house, each)
        _left(each)
        _in_the_way(each)
        _sum(house, each)
    say("Nothing was written.", "bold")


def _groups(house: House, proposal: Proposal) -> None:
    """How many records, by object and by the rule that asks for them."""
    found = Counter((row.change.row.object, row.change.because, row.new) for row in proposal.rows)
    places = dict.fromkeys((obj, because) for obj, because, _ in found)
    rows = [
        (
            proposal.connection,
            obj,
            _place(house, because),
            spaced(found[obj, because, True]),
            spaced(found[obj, because, False]),
        )
        for obj, because in sorted(places)
    ]
    if rows:
        table(("connection", "object", "because", "new", "to change"), rows[:GROUPS], right=("new", "to change"))
    if len(rows) > GROUPS:
        say(f"… and {counted(len(rows) - GROUPS, 'more rule', 'more rules')}.")


def _place(house: House, because: str) -> str:
    """A line of a rule file, as seen from the config."""
    return because.removeprefix(f"{house.settings.home}/") or NONE


def _records(house: House, proposal: Proposal) -> None:
    """A changed record field by field; a new one in one line, since every field of it is new."""
    rows: list[tuple[str, str, str, str, str]] = []
    for proposed in proposal.rows[:SHOWN]:
        subject, because = proposed.change.subject or str(proposed.change.row), _place(house, proposed.change.because)
        if proposed.standing:
            subject += f" ({proposed.standing})"
        if proposed.change.gone:
            rows.append((subject, "the record", "is there", "is taken away", because))
            continue
        differing = proposed.differences
        if proposed.new or (len(differing) > SHORT and all(old is None for old, _ in differing.values())):
            rows.append((subject, "new" if proposed.new else "", NONE, _in_short(proposed), because))
            continue
        for at, (name, (old, new)) in enumerate(differing.items()):
            edited = " (edited)" if name in proposed.drifts else ""
            rows.append(
                (subject if at == 0 else "", name, _shown(old) + edited, _shown(new), because if at == 0 else "")
            )
    if rows:
        table(("record", "field", "now", "then", "because"), rows)
    if len(proposal.rows) > SHOWN:
        say(f"… and {counted(len(proposal.rows) - SHOWN, 'more record', 'more records')}; `--json` shows all.")


def _left(proposal: Proposal) -> None:
    """Records that people keep as they have them."""
    for each in proposal.left[:SHOWN]:
        words = ", ".join(f"{name} {_shown(value)}" for name, value in each.kept.items())
        say(f"{proposal.connection}: {each.change.subject or each.change.row} stays as people have it: {words}")
    if len(proposal.left) > SHOWN:
        say(f"… and {counted(len(proposal.left) - SHOWN, 'more record', 'more records')} that stay.")


def _in_the_way(proposal: Proposal) -> None:
    if proposal.trouble:
        complain(str(proposal.trouble))
    for reason, count in Counter(row.foreseen for row in proposal.rows if row.foreseen).most_common(5):
        complain(f"{proposal.connection}: {counted(count, 'record')} will be refused: {reason}")
    for reason, count in Counter(row.standing for row in proposal.rows if row.standing).most_common(5):
        text = f"{counted(count, 'record')} {reason}: cycles leave them alone, and `attain apply` sends them again"
        complain(f"{proposal.connection}: {text}", style="yellow")
    if proposal.under_way:
        text = (
            f"{counted(len(proposal.under_way), 'record')} left out: being written, and nobody knows yet what arrived"
        )
        complain(f"{proposal.connection}: {text}", style="yellow")
    for state, count in sorted(proposal.stuck.items()):
        if state in (HELD_BACK, State.DISCARDED):
            continue  # told above, as far as they are wished for
        complain(f"{proposal.connection}: {counted(count, 'record')} {state}: see `attain outbox`", style="yellow")
    if proposal.waits:
        say(f"{proposal.connection}: waits for `attain apply`: {proposal.waits}.")


def _sum(house: House, proposal: Proposal) -> None:
    if proposal.trouble:
        say(f"{proposal.connection}: not planned: the CRM did not say what it shows.")
        return
    new = sum(row.new for row in proposal.rows)
    parts = [f"{new} new", f"{len(proposal.rows) - new} to change", *_as_they_should_be(proposal)]
    if proposal.calls and proposal.rows:
        parts.append(counted(proposal.calls, "call") + _of_the_day(proposal))
    off = "" if house.may_write(proposal.connection) else "; `write` is off"
    unseen = "" if proposal.looked else "; the CRM was not asked what it shows"
    say(f"{proposal.connection}: {', '.join(parts)}{off}{unseen}.")


def _as_they_should_be(proposal: Proposal) -> list[str]:
    """Only what was looked at is known to be right: somebody may have edited the others, or taken them away."""
    told = (
        (proposal.right_already, "already right"),
        (proposal.confirmed, "last confirmed by us, not looked at today"),
    )
    return [f"{count} {words}" for count, words in told if count]


def _of_the_day(proposal: Proposal) -> str:
    if proposal.allowance is None:
        return ""
    used, most = proposal.allowance
    return f" of {spaced(max(most - used, 0))} left today"


def _in_short(proposed: Proposed) -> str:
    """The numbers of a new record; its texts where it has none."""
    fields = proposed.change.fields
    numbers = [f"{name} {_shown(value)}" for name, value in fields.items() if isinstance(value, Decimal | int)]
    texts = [f"{name} {_shown(value)}" for name, value in fields.items() if isinstance(value, str)]
    chosen = numbers or texts
    shown = chosen[:SHORT]
    while len(shown) > 1 and len(", ".join(shown)) > BROAD:
        shown.pop()
    rest = len(chosen) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _shown(value: Value) -> str:
    text = NONE if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _as_json(proposal: Proposal) -> dict[str, object]:
    return {
        "connection": proposal.connection,
        "right_already": proposal.right_already,
        "confirmed_and_not_looked_at": proposal.confirmed,
        "being_written": [str(each.row) for each in proposal.under_way],
        "asked_the_crm": proposal.looked,
        "calls": proposal.calls,
        "allowance": proposal.allowance and {"used": proposal.allowance[0], "of": proposal.allowance[1]},
        "trouble": str(proposal.trouble or ""),
        "waits": proposal.waits,
        "outbox": dict(proposal.stuck),
        "rows": [_row_as_json(row) for row in proposal.rows],
        "left": [_row_as_json(row) for row in proposal.left],
    }


def _row_as_json(row: Proposed) -> dict[str, object]:
    return {
        "row": str(row.change.row),
        "subject": row.change.subject,
        "because": row.change.because,
        "new": row.new,
        "gone": row.change.gone,
        "fields": {name: {"now": old, "then": new} for name, (old, new) in row.differences.items()},
        "drifts": dict(row.drifts),
        "kept": dict(row.kept),
        "foreseen": row.foreseen,
        "standing": row.standing,
    }


def undo_report(found: TakenBack, *, beside: bool) -> None:
    """What of an undo is done, what is not, and what becomes of it. `beside`: a scheduler writes it, by and by."""
    if found.done:
        say(f"{counted(found.done, 'record')} taken back; on hold until the next `attain apply`.")
    if found.coming and beside:
        say("On hold from then on, until the next `attain apply`.")
    elif found.coming:
        complain(
            f"{counted(found.coming, 'record')} not taken back yet: a later cycle tries again; `attain outbox` shows them",
            style="yellow",
        )
    if found.refused:
        complain(
            f"{counted(found.refused, 'record')} not taken back, and left as they are until you say "
            "`attain outbox retry`, `attain outbox discard` or `attain apply`"
        )
