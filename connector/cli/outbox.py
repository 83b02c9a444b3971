"""`attain outbox`: what has not arrived, and what a human decides about it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, AsJson, Config
from connector.cli.terminal import complain, counted, say, spaced, table

if TYPE_CHECKING:
    from connector.store.entries import Entry, State

app = typer.Typer(help="What has not arrived in a CRM, and what to do about it.", no_args_is_help=False)

Key = Annotated[
    str,
    typer.Argument(help="The record's key, or object/key, as `attain outbox` shows them; `all` for every one."),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]
SHOWN = 50
AFTER_DISCARD = "they are not tried again by themselves; other values of a record are a new wish"


@app.callback(invoke_without_command=True)
def outbox(context: typer.Context, config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """What waits, was refused, or was given up, each with its reason; what needs a look comes first."""
    if context.invoked_subcommand:
        return
    from connector.service.wiring import house
    from connector.store import outbox as stored

    with house(config, connect=False) as found, found.store.reading() as tx:
        entries = [each for one in found.settings.connections for each in stored.open_entries(tx, one.name)]
    if as_json:
        told = [
            {
                "row": str(each.change.row),
                "subject": each.change.subject,
                "state": each.state,
                "attempts": each.attempt,
                "queued_at": each.queued_at,
                "not_before": each.not_before,
                "reason": each.reason,
            }
            for each in entries
        ]
        say(json.dumps(told, indent=2, default=str))
        return
    if not entries:
        say("Everything has arrived.")
        return
    _sums(entries)
    rows = [
        (
            each.change.row.connection,
            str(each.state),
            each.change.row.object,
            each.change.row.key,
            each.change.subject,
            str(each.attempt),
            each.reason,
        )
        for each in sorted(entries, key=lambda each: _rank(each.state))[:SHOWN]
    ]
    table(("connection", "state", "object", "key", "record", "attempts", "reason"), rows, right=("attempts",))
    if len(entries) > SHOWN:
        say(f"… and {counted(len(entries) - SHOWN, 'more record', 'more records')}; `--json` shows all.")


def _sums(entries: Sequence[Entry]) -> None:
    """How many are in which state, by connection."""
    counts = Counter((each.change.row.connection, _rank(each.state), str(each.state)) for each in entries)
    for connection in dict.fromkeys(name for name, _, _ in counts):
        mine = [f"{spaced(count)} {state}" for (name, _, state), count in sorted(counts.items()) if name == connection]
        say(f"{connection}: {', '.join(mine)}")


def _rank(state: State) -> int:
    """What needs somebody's look comes before what waits by itself, and that before what is settled."""
    from connector.store.entries import State

    first = (State.FAILED, State.DEAD, State.UNKNOWN, State.SENDING, State.RETRY_WAIT, State.PENDING, State.HELD)
    return first.index(state) if state in first else len(first)


@app.command()
def retry(key: Key, reason: Reason, config: Config = DEFAULT) -> None:
    """Try again what was refused or given up, once what stood in its way is mended; what was discarded, by its own key."""
    _decide(config, key, reason, "retry")


@app.command()
def discard(key: Key, reason: Reason, config: Config = DEFAULT) -> None:
    """Let go of what was refused or given up. An alert stays away, until `retry` or `attain apply`.

    Of a record the same values are not tried again by themselves; other values are a new wish, and are written. An undo
    that is let go stands in the way of nothing any more.
    """
    _decide(config, key, reason, "discard")


def _decide(config: Path, key: str, reason: str, what: str) -> None:
    from uuid import uuid4

    from connector.service.wiring import house
    from connector.store import decisions
    from connector.store import outbox as stored
    from connector.store.entries import State

    if not reason.strip():
        complain("--reason: say why; it is kept")
        raise typer.Exit(2)
    with house(config, connect=False) as found, found.store.writing() as tx:
        now, count = found.world.now(), 0
        open_ones = [each for one in found.settings.connections for each in stored.stuck(tx, one.name)]
        if what == "retry" and key != "all":
            open_ones += [each for one in found.settings.connections for each in stored.discarded(tx, one.name)]
        meant = [each for each in open_ones if key == "all" or each.change.row.is_called(key)]
        _refuse_who_is_not_told_apart(meant, key)
        for one in found.settings.connections:
            mine = [each for each in meant if each.change.row.connection == one.name]
            if mine:
                state = State.PENDING if what == "retry" else State.DISCARDED
                stored.decide(tx, mine, state, reason, now)
                decisions.note(tx, decisions.Decision(uuid4().hex, one.name, what, reason, len(mine), now))
            count += len(mine)
    if not count:
        complain(f"nothing that was refused or given up has the key `{key}`: see `attain outbox`")
        raise typer.Exit(1)
    after = "they leave with the next cycle" if what == "retry" else AFTER_DISCARD
    say(f"{counted(count, 'record')}: {what}; {after}.")


def _refuse_who_is_not_told_apart(meant: Sequence[Entry], key: str) -> None:
    """Records of several objects, or of several CRMs, may share an id."""
    rows = dict.fromkeys(each.change.row for each in meant)
    if key == "all" or len(rows) < 2:
        return
    names = ", ".join(f"{row.connection}:{row.place}" for row in rows)
    complain(f"`{key}` is more than one record: say which, {names}")
    raise typer.Exit(2)
