"""The command line's table of contents; each family of commands is a file beside this one."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli import (
    answers,
    cycle,
    demo,
    drift,
    history,
    installing,
    judgement,
    notes,
    outbox,
    periods,
    personal,
    plans,
    preview,
    sandbox,
    setup,
    trials,
)

app = typer.Typer(
    name="attain",
    help="Measure sales targets against the CRM, score them, and write the result back where reps see it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"attain {version('attain')}")
        raise typer.Exit


@app.callback()
def attain(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Pull what changed, measure it, score it against targets, decide, write it back into the CRM."""


for command in (
    setup.init,
    setup.check,
    setup.doctor,
    installing.install,
    installing.uninstall,
    setup.schema,
    setup.functions,
    cycle.sync,
    cycle.sweep,
    drift.drift,
    plans.plan,
    plans.apply,
    plans.undo,
    history.history,
    cycle.run,
    answers.scores,
    answers.explain,
    answers.targets,
    answers.compare,
    judgement.scorecard,
    judgement.health,
    judgement.payout,
    judgement.recognition,
    judgement.lint,
    judgement.suggest,
    judgement.review,
    judgement.diff,
    preview.preview,
    periods.close,
    periods.lock,
    periods.periods,
    personal.privacy,
    personal.about,
    personal.forget,
    demo.demo,
):
    app.command()(command)
app.command("try")(trials.try_)
app.command("support-bundle")(personal.support_bundle)
app.add_typer(outbox.app, name="outbox")
app.add_typer(notes.app, name="notes")
app.add_typer(sandbox.app, name="sandbox")
