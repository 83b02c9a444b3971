"""`attain try`: ops' own tests of their rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.cli.options import DEFAULT, Config
from connector.cli.terminal import complain, counted, say


def try_(
    path: Annotated[Path | None, typer.Argument(help="A trial, or a folder of them; rules/trials otherwise.")] = None,
    config: Config = DEFAULT,
) -> None:
    """Run ops' own tests of the rules. Exit 1 when one fails; changes nothing, connects to nothing."""
    from connector.improve.trial_file import read_trials
    from connector.improve.trials import run_trial
    from connector.service.wiring import check

    found = check(config, offline=True)
    folder = path or found.settings.rules / "trials"
    if not folder.exists():
        complain(f"there is no {folder}")
        raise typer.Exit(2)
    trials = read_trials(folder, found.rules, found.settings.company)
    failed = 0
    for trial in trials:
        failures = run_trial(trial, found.rules, found.settings.company)
        failed += bool(failures)
        say(f"{'failed' if failures else 'passed'}  {trial.title}", "red" if failures else "green")
        for each in failures:
            say(f"        {each.place}: on {each.day} {each.what} should be {each.expected}, and is {each.got}")
    say(f"{counted(len(trials), 'trial')}, {failed} failed.", "bold")
    raise typer.Exit(1 if failed else 0)
