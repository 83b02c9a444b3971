"""Commands that do the work: sync, sweep, run."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from connector.cli.options import DEFAULT, AsJson, Config, Today, day
from connector.cli.terminal import complain, say, watch

Only = Annotated[
    Literal["pull", "appraise", "write"] | None, typer.Option(help="One stage of the cycle; all of them otherwise.")
]


def sync(config: Config = DEFAULT, today: Today = None, only: Only = None) -> None:
    """One cycle: pull what changed, measure and score, write back what differs; once a day, throw away what is kept no longer."""
    from connector.cli.reports import cycle_report
    from connector.flow.chores import throw_away
    from connector.flow.cycle import run_cycle
    from connector.service.wiring import house
    from connector.store.locks import run_lock

    with house(config, watch=watch) as found, run_lock(found.store):
        report = run_cycle(found, today=day(today), only=only, locked=True)
        cycle_report(found, report)
        if not (only or today):  # of a day that is only supposed, nothing is thrown away
            purged = throw_away(found, report.today).purged
            if any(purged.values()):
                told = ", ".join(f"{count} of {kind}" for kind, count in purged.items() if count)
                complain(f"thrown away, as its time is over: {told}", None)
    raise typer.Exit(report.exit_code)


def sweep(config: Config = DEFAULT, today: Today = None, as_json: AsJson = False) -> None:
    """Compare every id and stamp with the CRMs, and pull again what differs. `attain run` does it once a week."""
    from connector.cli.reports import swept_table
    from connector.errors import CrmDenied, CrmUnavailable, SchemaDrifted
    from connector.flow.sweep import sweep as compare
    from connector.service.wiring import house
    from connector.store.locks import run_lock

    found, troubles = [], []
    with house(config, watch=watch) as ready, run_lock(ready.store):
        for crm in ready.crms.values():
            try:
                found += compare(ready, crm, day(today) or ready.today())
            except (CrmDenied, CrmUnavailable, SchemaDrifted) as trouble:
                troubles.append(trouble)
                complain(str(trouble))
    swept_table(found, as_json=as_json)
    raise typer.Exit(min((each.exit_code for each in troubles), default=0))


def run(config: Config = DEFAULT) -> None:
    """Run for years: a cycle every few minutes, as the config says. Ends well on SIGTERM."""
    from connector.service.schedule import run_forever
    from connector.web.serving import open_door

    say_started = "running; stop with Ctrl-C"
    say(say_started)
    run_forever(config, door=open_door)
