"""`attain history`: what we ever wrote, record by record, and the runs that did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, AsJson, Config
from connector.cli.terminal import NONE, complain, counted, say, spaced, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.flow.house import House
    from connector.model.changes import Row
    from connector.store.journal import Written

SHOWN = 50  # runs in a table


def history(
    record: Annotated[
        str | None,
        typer.Argument(help="A record: the CRM's id or our key, or object/id; without it, the runs that wrote."),
    ] = None,
    config: Config = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Every value that we ever wrote to a record: when, what stood there before, why, by which rules."""
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        if record is None:
            _runs(found, as_json=as_json)
        else:
            _of_record(found, record, as_json=as_json)


def _runs(found: House, *, as_json: bool) -> None:
    from connector.store import journal, runs

    with found.store.reading() as tx:
        wrote = journal.by_run(tx)
        rows = [(each, wrote[each.id]) for each in runs.these(tx, wrote)]
    if as_json:
        told = [{"run": run.id, "what": run.what, "at": run.started_at, "records": count} for run, count in rows]
        say(json.dumps(told, indent=2, default=str))
        return
    if not rows:
        say("No run has written anything yet.")
        return
    shown = [
        (run.id[:12], f"{run.started_at:%Y-%m-%d %H:%M}Z", run.what, spaced(n), run.rules_version)
        for run, n in rows[:SHOWN]
    ]
    table(("run", "at", "what", "records", "rules"), shown, right=("records",))
    if len(rows) > SHOWN:
        complain(f"… and {counted(len(rows) - SHOWN, 'earlier run')}; `--json` lists them all", None)


def _of_record(found: House, record: str, *, as_json: bool) -> None:
    from connector.store import journal

    with found.store.reading() as tx:
        told = journal.of_record(tx, record)
    if as_json:
        fields = (
            "row",
            "field",
            "at",
            "prior",
            "looked",
            "value",
            "because",
            "run_id",
            "rules_version",
            "created",
            "gone",
        )
        say(json.dumps([{name: getattr(each, name) for name in fields} for each in told], indent=2, default=str))
        return
    if not told:
        complain(f"nothing was ever written to `{record}`; name it by the CRM's id, or by our key")
        raise typer.Exit(1)
    records = list(dict.fromkeys(each.row for each in told))
    for row in records:
        _one_record(row, [each for each in told if each.row == row])
    if len(records) > 1:
        complain(f"{counted(len(records), 'record')} are called so; `attain history OBJECT/ID` shows one", None)


def _one_record(row: Row, told: Sequence[Written]) -> None:
    say(f"{row}" + (f", {told[0].subject}" if told[0].subject else ""), "bold")
    rows = [
        (
            f"{each.at:%Y-%m-%d %H:%M}Z",
            each.field,
            ("nobody looked" if not each.looked else NONE if each.prior is None else str(each.prior))
            if not each.created
            else "new",
            "taken away" if each.gone else NONE if each.value is None else str(each.value),
            each.because,
            each.rules_version,
            each.run_id[:12],
        )
        for each in told
    ]
    table(("at", "field", "before", "written", "because", "rules", "run"), rows)
