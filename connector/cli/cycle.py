"""Commands that do the work: sync, run."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from connector.cli.options import DEFAULT, Config, Today, day
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


def run(config: Config = DEFAULT) -> None:
    """Run for years: a cycle every few minutes, as the config says. Ends well on SIGTERM."""
    from connector.service.schedule import run_forever

    say_started = "running; stop with Ctrl-C"
    say(say_started)
    run_forever(config)
