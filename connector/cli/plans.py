"""Commands about what is written: plan, apply, undo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, AsJson, Config, Today, day
from connector.cli.terminal import complain, counted, refuse_unwritable, say, watch, writing

if TYPE_CHECKING:
    from datetime import date

    from connector.flow.apply import Applied
    from connector.flow.house import House
    from connector.flow.proposed import Proposal
    from connector.flow.undo import Undoing

Out = Annotated[Path | None, typer.Option("--out", help="Write the plan into this file, for `attain apply FILE`.")]


def plan(
    config: Config = DEFAULT,
    today: Today = None,
    as_json: AsJson = False,
    out: Out = None,
    offline: Annotated[bool, typer.Option(help="By what we know, without asking the CRM what it shows now.")] = False,
) -> None:
    """What a cycle would write, field by field: old and new, why, and what it costs. Writes nothing."""
    from connector.cli.plan_reports import plan_report
    from connector.flow.appraise import plan_day
    from connector.flow.proposed import propose
    from connector.flow.trouble import gravest
    from connector.service.wiring import house

    if out and offline:
        complain("--out needs to know what the CRM shows: leave out --offline")
        raise typer.Exit(2)
    refuse_unwritable(out)
    with house(config, watch=watch, connect=not offline) as found:
        forgotten, unread = _forgettings(found), _never_read(found)
        proposals = propose(found, plan_day(found, day(today) or found.today()), looking=not offline)
        plan_report(found, proposals, as_json=as_json)
        if unread:
            complain(f"{unread}: these are numbers of a part of what there is, and are not written")
        if unread and out:
            complain(f"{out}: not made: `attain sync` first")
            raise typer.Exit(4)
        if out:
            _keep(found, proposals, out, forgotten)
    raise typer.Exit(gravest(each.trouble for each in proposals))


def _forgettings(found: House) -> int:
    from connector.store.pseudonyms import forgettings

    with found.store.reading() as tx:
        return forgettings(tx)


def _keep(found: House, proposals: tuple[Proposal, ...], out: Path, forgotten: int) -> None:
    from connector.flow.apply import store_number
    from connector.flow.plan_file import written

    planned = [each for each in proposals if each.trouble is None]
    text = written(
        planned,
        store_number(found.store),
        found.rules.version,
        found.world.now(),
        forgettings=forgotten,
        privacy=found.settings.privacy.shown,
    )
    with writing(out):
        out.write_text(text, encoding="utf-8")
    complain(
        f"{out}: {counted(sum(len(each.rows) for each in planned), 'record')}; `attain apply {out}` writes them", None
    )
    if len(planned) < len(proposals):
        complain(f"{out}: without {', '.join(each.connection for each in proposals if each.trouble)}")


def apply(
    file: Annotated[Path | None, typer.Argument(help="A plan of `attain plan --out`; without it, today's.")] = None,
    config: Config = DEFAULT,
    today: Today = None,
) -> None:
    """Approve a plan and write it, to every connection whose `write` is on. A record that moved since is refused.

    A file is applied once to each connection: what could not be written to one may be, later, by the same file.
    """
    from connector.flow.apply import apply as carry_out
    from connector.service.wiring import house

    with house(config, watch=watch) as found:
        if not any(each.write for each in found.settings.connections):
            complain("no connection may be written to: say `write: on` in the config once the plan looks right")
            raise typer.Exit(2)
        _refuse_half_a_picture(found)
        on = day(today) or found.today()
        given, id_, left = _from_file(found, file, on) if file else (_made_now(found, on), "", False)
        done = carry_out(found, given, id_)
        report(found, done)
    raise typer.Exit(done.exit_code or int(left))


def _made_now(found: House, on: date) -> tuple[Proposal, ...]:
    """Today's plan; what `write: off` keeps from being written is said."""
    from connector.flow.appraise import plan_day
    from connector.flow.proposed import propose

    made = propose(found, plan_day(found, on), looking=True)
    for each in made:
        if each.rows and not found.may_write(each.connection):
            say(f"{each.connection}: {counted(len(each.rows), 'record')} would change, but `write` is off.")
    return made


def _from_file(found: House, file: Path, on: date) -> tuple[tuple[Proposal, ...], str, bool]:
    """What of a file is carried out, its id, and whether anything of it is left out."""
    from connector.flow.apply import store_number
    from connector.flow.given import still_asked_for
    from connector.flow.plan_file import read

    said = read(file)
    _refuse_what_is_stale(found, file, said.store == store_number(found.store), said.rules_version)
    _refuse_another_agreement(found, file, said.privacy)
    _refuse_who_was_forgotten(found, file, said.forgettings)
    to_do = _not_applied_yet(found, file, said.id, said.proposals)
    later = f"nothing is written there, and `attain apply {file}` may do it later"
    closed = _refuse_where_nothing_may_be_written(found, to_do, later)
    given = still_asked_for(found, to_do, on)
    _left([f"{row}: not written: {reason}" for row, reason in given.refused.items()], "that are not written")
    return given.proposals, said.id, bool(closed or given.refused)


def _refuse_half_a_picture(found: House) -> None:
    """Numbers of half of the deals are written nowhere, whoever approves them."""
    if unread := _never_read(found):
        complain(f"{unread}: `attain sync` first; nothing was written")
        raise typer.Exit(4)


def _never_read(found: House) -> str:
    """Which connections were never read to the end; empty: all were."""
    from connector.flow.appraise import never_read

    with found.store.reading() as tx:
        unread = never_read(tx, found)
    return f"{', '.join(unread)} was not read to the end yet" if unread else ""


def _refuse_what_is_stale(found: House, file: Path, same_store: bool, rules_version: str) -> None:
    """A plan of another store, or of other rules."""
    if not same_store:
        complain(f"{file}: this plan was made from another store")
        raise typer.Exit(2)
    if rules_version != found.rules.version:
        complain(
            f"{file}: the rules have changed since ({rules_version} then, {found.rules.version} now); "
            "nothing was written. Make a new one: `attain plan --out FILE`"
        )
        raise typer.Exit(1)


def _not_applied_yet(found: House, file: Path, id_: str, proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """What a file says of connections that it was not applied to before."""
    from connector.store import decisions

    with found.store.reading() as tx:
        done = decisions.let_pass(tx, id_)
    if done and not {each.connection for each in proposals if each.rows} - done:
        complain(f"{file}: this plan was applied already; nothing was written")
        raise typer.Exit(1)
    for name in sorted(done):
        complain(f"{name}: this plan was applied there already; nothing is written there again", style="yellow")
    return tuple(each for each in proposals if each.connection not in done)


def _refuse_another_agreement(found: House, file: Path, privacy: str) -> None:
    """A plan may show what nobody may be shown any more."""
    if privacy != found.settings.privacy.shown:
        complain(
            f"{file}: what may be shown of whom has changed since (the `privacy:` block of the config); "
            "nothing was written. Make a new one: `attain plan --out FILE`"
        )
        raise typer.Exit(1)


def _refuse_who_was_forgotten(found: House, file: Path, forgettings: int) -> None:
    """A plan made before somebody was forgotten may bring back their name."""
    if forgettings != _forgettings(found):
        complain(
            f"{file}: somebody was forgotten since; nothing was written. Throw it away, and make a new one: "
            "`attain plan --out FILE`"
        )
        raise typer.Exit(1)


def report(found: House, done: Applied) -> None:
    """What became of an approved plan."""
    from connector.cli.reports import cycle_report

    _under_way(done)
    for trouble in {str(each) for each in done.troubles} - {
        str(each) for each in (done.report.troubles if done.report else ())
    }:
        complain(trouble)
    if done.report is not None:
        cycle_report(found, done.report)
        return
    minutes = int(found.settings.every.total_seconds() // 60)
    say(f"{counted(done.queued, 'record')} approved. {done.runner}: it will write them within {minutes} minutes.")


def _under_way(done: Applied) -> None:
    """Records of it that stay as they are, since something else is on its way to them."""
    says = "not written: it is being written already; make a new plan once that is done"
    _left([f"{row}: {says}" for row in done.passed_over], "that are being written already")


def undo(
    run: Annotated[str, typer.Argument(help="The run, or how its id begins: see `attain history`.")],
    config: Config = DEFAULT,
    out: Out = None,
    apply_: Annotated[bool, typer.Option("--apply", help="Do it; otherwise it is only shown.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take back what a run wrote: what stood there before returns. Records that were edited since stay as they are."""
    from connector.cli.plan_reports import plan_report, undo_report
    from connector.flow.apply import apply as carry_out
    from connector.flow.trouble import gravest
    from connector.flow.undo import taken_back, undoing
    from connector.service.wiring import house

    if out and apply_:
        complain("--out keeps what would be taken back for later: leave out --apply")
        raise typer.Exit(2)
    refuse_unwritable(out)
    with house(config, watch=watch) as found:
        forgotten = _forgettings(found)
        plan_ = undoing(found, run)
        _refusals(plan_)
        if not apply_:
            plan_report(found, plan_.proposals, as_json=as_json)
            if out:
                _keep(found, plan_.proposals, out, forgotten)
            raise typer.Exit(gravest(each.trouble for each in plan_.proposals) or int(bool(plan_.refused)))
        closed = _refuse_where_nothing_may_be_written(found, plan_.proposals, "nothing is taken back there")
        done = carry_out(found, plan_.proposals, what="undo", why=f"run {plan_.run_id}")
        report(found, done)
        undo_report(taken_back(found, plan_), beside=done.runner != "")
    raise typer.Exit(done.exit_code or int(bool(plan_.refused or closed)))


def _refuse_where_nothing_may_be_written(found: House, proposals: Sequence[Proposal], then: str) -> list[str]:
    """Connections that may not be written to; where nothing is left besides, nothing is said to be done either."""
    wanted = [each.connection for each in proposals if each.rows]
    closed = [name for name in wanted if not found.may_write(name)]
    for name in closed:
        if name in found.crms:
            complain(f"{name} may not be written to: say `write: on` in the config; {then}")
        else:
            complain(f"{name}: the config has no such connection any more; {then}")
    if closed == wanted and closed:
        raise typer.Exit(2)
    return closed


def _refusals(plan_: Undoing) -> None:
    _left([f"{row}: stays: {reason}" for row, reason in plan_.refused.items()], "that stay")


def _left(said: Sequence[str], all_of_them: str) -> None:
    """What becomes of records that are left as they are; of many, the first ones and how many more there are."""
    for each in said[:20]:
        complain(each, style="yellow")
    if len(said) > 20:
        complain(f"… and {counted(len(said) - 20, 'more record', 'more records')} {all_of_them}.", style="yellow")
