"""`attain outbox`: what has not arrived, and what a human decides about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.options import DEFAULT, AsJson, Config
from connector.cli.terminal import complain, counted, say, table

app = typer.Typer(help="What has not arrived in a CRM, and what to do about it.", no_args_is_help=False)

Key = Annotated[str, typer.Argument(help="The record's key, as `attain outbox` shows it; `all` for every one.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]
SHOWN = 50
AFTER_DISCARD = "they are not tried again by themselves; other values of a record are a new wish"


@app.callback(invoke_without_command=True)
def outbox(context: typer.Context, config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """What waits, was refused, or was given up: by connection and state, each with its reason."""
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
    rows = [
        (
            each.change.row.connection,
            str(each.state),
            each.change.row.key,
            each.change.subject,
            str(each.attempt),
            each.reason,
        )
        for each in entries[:SHOWN]
    ]
    table(("connection", "state", "key", "record", "attempts", "reason"), rows, right=("attempts",))
    if len(entries) > SHOWN:
        say(f"… and {counted(len(entries) - SHOWN, 'more record', 'more records')}; `--json` shows all.")


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
        for one in found.settings.connections:
            let_go = stored.discarded(tx, one.name) if what == "retry" and key != "all" else []
            mine = [each for each in (*stored.stuck(tx, one.name), *let_go) if key in ("all", each.change.row.key)]
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
