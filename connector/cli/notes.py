"""`attain notes`: what people said about their targets, and the answer that goes back to them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, AsJson, Config
from connector.cli.terminal import complain, counted, say, table

if TYPE_CHECKING:
    from connector.flow.answering import Noted
    from connector.model.notes import Note

app = typer.Typer(help="What people said about their targets in the CRM, and the answers to it.", no_args_is_help=False)

All = Annotated[bool, typer.Option("--all", help="Those that were answered too.")]
WIDEST = 60


@app.callback(invoke_without_command=True)
def notes(context: typer.Context, config: Config = DEFAULT, all_: All = False, as_json: AsJson = False) -> None:
    """Feedback, disputes and actions that somebody waits for; with --all, everything that was said."""
    if context.invoked_subcommand:
        return
    from connector.flow.answering import noted
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        said = noted(found)
    shown = said.notes if all_ else said.waiting
    if as_json:
        say(json.dumps([asdict(each) for each in shown], indent=2, default=str, ensure_ascii=False))
        return
    for problem in said.problems:
        complain(f"not read: {problem}", style="yellow")
    if shown:
        rows = [_row(said, each) for each in shown]
        table(("note", "on", "by", "about", "kind", "metric", "said", "answer"), rows)
    waiting = len(said.waiting)
    say(
        f"{counted(len(said.notes), 'note')}, {waiting} of them waiting for an answer."
        if said.notes
        else "Nobody noted anything."
    )
    if waiting:
        say('`attain notes answer NOTE "…"` writes the answer into the record.')


def _row(said: Noted, note: Note) -> tuple[str, ...]:
    return (
        note.id,
        f"{note.written_on}",
        said.names.get(note.author, note.author),
        said.names.get(note.person, note.person),
        note.kind.replace("_", " "),
        note.metric,
        note.text if len(note.text) <= WIDEST else f"{note.text[: WIDEST - 1]}…",
        note.answer if len(note.answer) <= WIDEST else f"{note.answer[: WIDEST - 1]}…",
    )


@app.command()
def answer(
    note: Annotated[str, typer.Argument(help="The note's id, or how it begins, as `attain notes` shows it.")],
    text: Annotated[str, typer.Argument(help="What whoever wrote it will read in the record.")],
    config: Config = DEFAULT,
) -> None:
    """Write an answer into the record that the note was typed in. An answer that stands there already stays."""
    from connector.cli.plans import report
    from connector.flow.answering import answering, noted, the_note
    from connector.flow.apply import apply
    from connector.service.wiring import house

    if not text.strip():
        complain("say something: an empty answer is none")
        raise typer.Exit(2)
    with house(config) as found:
        asked = the_note(noted(found), note)
        made = answering(found, asked, text.strip())
        if made.plan is None:
            complain(f"it was answered already: {made.stands}")
            raise typer.Exit(1)
        done = apply(found, [made.plan], what="answer", why=f"note {asked.ref}")
        report(found, done)
    raise typer.Exit(done.exit_code)
