"""`attain preview`: everything that ops ask before a change of rules goes live, in one answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from connector.cli.answers import PeriodId
from connector.cli.judgement import diff
from connector.cli.options import DEFAULT, Config, Today
from connector.cli.plans import plan
from connector.cli.setup import check
from connector.cli.terminal import say
from connector.cli.trials import try_


def preview(
    base: Annotated[str, typer.Argument(help="What to compare with: a folder of rules, or a git revision.")] = "HEAD",
    config: Config = DEFAULT,
    period: PeriodId = None,
    max_churn: Annotated[str | None, typer.Option(help="Exit 1 when more people than this change band: 10%.")] = None,
    today: Today = None,
) -> None:
    """Check, try, diff and plan in one: are the rules right, do they pass their trials, who moves, what is written.

    Each part is shown even where one before it failed, except that wrong files end it; the exit code is the worst.
    """
    worst = _part("Check", lambda: check(config, offline=True))
    if worst == 0:
        worst = max(
            _part("Trials", lambda: try_(None, config)),
            _part(f"Who moves since {base}", lambda: diff(base, "", config, period, max_churn, today, limit=20)),
            _part("What would be written", lambda: plan(config, today, offline=True)),
        )
    raise typer.Exit(worst)


def _part(title: str, run: Callable[[], None]) -> int:
    """One part under its heading, and the code it ends with."""
    from connector.errors import ConfigError

    say()
    say(title, "bold")
    try:
        run()
    except typer.Exit as ending:
        return ending.exit_code
    except ConfigError as error:  # no such revision, say: the other parts still have their answers
        say(str(error))
        return 2
    return 0
