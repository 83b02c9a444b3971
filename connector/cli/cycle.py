"""Commands that do the work: sync, plan, apply, run."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from connector.cli.options import DEFAULT, AsJson, Config, Today, day
from connector.cli.terminal import say, watch

Only = Annotated[
    Literal["pull", "appraise", "write"] | None, typer.Option(help="One stage of the cycle; all of them otherwise.")
]


def sync(config: Config = DEFAULT, today: Today = None, only: Only = None) -> None:
    """One cycle: pull what changed, measure and score, write back what differs."""
    from connector.cli.reports import cycle_report
    from connector.flow.cycle import run_cycle
    from connector.service.wiring import house

    with house(config, watch=watch) as found:
        report = run_cycle(found, today=day(today), only=only)
        cycle_report(found, report)
    raise typer.Exit(report.exit_code)


def plan(config: Config = DEFAULT, today: Today = None, as_json: AsJson = False) -> None:
    """What a cycle would write, field by field: old and new. Writes nothing."""
    from connector.cli.reports import plan_report
    from connector.flow.appraise import plan_day
    from connector.service.wiring import house

    with house(config, watch=watch, connect=False) as found:
        plan_report(found, plan_day(found, day(today) or found.today()), as_json=as_json)


def apply(config: Config = DEFAULT, today: Today = None) -> None:
    """Write what `attain plan` shows, to every connection whose `write` is on."""
    from connector.cli.reports import cycle_report
    from connector.cli.terminal import complain
    from connector.flow.cycle import run_cycle
    from connector.service.wiring import house

    with house(config, watch=watch) as found:
        if not any(each.write for each in found.settings.connections):
            complain("no connection may be written to: say `write: on` in the config once the plan looks right")
            raise typer.Exit(2)
        queued = run_cycle(found, today=day(today), only="appraise")
        report = run_cycle(found, today=day(today), only="write")
        report.appraised = queued.appraised
        cycle_report(found, report)
    raise typer.Exit(report.exit_code)


def run(config: Config = DEFAULT) -> None:
    """Run for years: a cycle every few minutes, as the config says. Ends well on SIGTERM."""
    from connector.service.schedule import run_forever

    say_started = "running; stop with Ctrl-C"
    say(say_started)
    run_forever(config)
