"""What a cycle did, as people read it; the last line says whether the world changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from connector.cli.terminal import complain, counted, say, spaced, table
from connector.errors import ConnectorError
from connector.flow.appraise import Appraised
from connector.flow.chores import Chores
from connector.flow.cycle import CycleReport
from connector.flow.house import House
from connector.flow.pull import Pulled
from connector.flow.sweep import Swept
from connector.flow.write_back import Written


def cycle_report(house: House, report: CycleReport) -> None:
    """What was pulled, appraised and written."""
    if report.pulled:
        pulled_table(report.pulled)
    for note in report.notes:
        complain(f"note: {note}", style="yellow")
    if report.appraised:
        say(f"Scored {report.today}: {_found(report.appraised)}.")
        for problem in (*report.appraised.roster.unmatched, *report.appraised.appraisal.problems):
            complain(f"note: {problem}", style="yellow")
        if report.appraised.unread:
            names = ", ".join(report.appraised.unread)
            complain(f"nothing is decided yet: {names} was not read to the end yet", style="yellow")
        for plan in report.appraised.plans:
            if plan.rows and not house.may_write(plan.connection):
                say(
                    f"{plan.connection}: {counted(len(plan.rows), 'record')} would change, but `write` is off: see `attain plan`."
                )
    if report.written:
        written_table(report.written)
    for name, held in report.held.items():
        complain(f"{name}: {counted(held.records, 'record')} wait for `attain apply`: {held.reason}", style="yellow")
    for trouble in report.troubles:
        complain(str(trouble))
    _last_line(report)


def _found(appraised: Appraised) -> str:
    """What came of a day, in a few words."""
    scored = sum(score.attainment is not None for score in appraised.appraisal.scores)
    found = f"{spaced(scored)} attainments, {counted(len(appraised.appraisal.alerts), 'alert')}"
    return f"{found}, {appraised.waiting} of which wait until quiet hours are over" if appraised.waiting else found


def pulled_table(pulled: Sequence[Pulled]) -> None:
    """Records read and changed, by connection and kind."""
    rows = [
        (each.connection, kind.replace("_", " "), spaced(count), spaced(each.stored[kind]))
        for each in pulled
        for kind, count in each.read.items()
    ]
    if rows:
        table(("connection", "pulled", "read", "new or changed"), rows, right=("read", "new or changed"))
    for each in pulled:
        if each.mended:
            say(f"{each.connection}: {counted(each.mended, 'record')} that had been set aside are right by now.")
        if each.removed:
            say(f"{each.connection}: {counted(each.removed, 'record')} removed.")
        if each.set_aside:
            complain(
                f"{each.connection}: {counted(each.set_aside, 'record')} set aside: see `attain doctor`", style="yellow"
            )


def written_table(written: Sequence[Written]) -> None:
    """Records written, by connection and object."""
    rows = [
        (each.connection, name, spaced(each.created[name]), spaced(count - each.created[name]))
        for each in written
        for name, count in each.objects.items()
    ]
    if rows:
        table(("connection", "wrote", "created", "updated"), rows, right=("created", "updated"))
    for each in written:
        for reason, count in Counter(receipt.reason for receipt in each.refusals).most_common(5):
            complain(f"{each.connection}: refused {counted(count, 'record')}: {reason}")
        if each.kept:
            say(f"{each.connection}: {counted(each.kept, 'record')} left as people have them.")
        if each.moved:
            complain(
                f"{each.connection}: {counted(len(each.moved), 'record')} not written: they changed after the plan was made"
            )
        for receipt in each.moved[:5]:
            complain(f"  {receipt.row}: {receipt.reason}", style=None)
        waiting = each.settled["busy"] + each.settled["unknown"]
        if waiting:
            complain(f"{each.connection}: {counted(waiting, 'record')} will be tried again", style="yellow")


def swept_table(swept: Sequence[Swept], *, as_json: bool) -> None:
    """What a sweep compared and mended, by object."""
    if as_json:
        say(json.dumps([asdict(each) for each in swept], indent=2))
        return
    rows = [
        (
            each.connection,
            each.object,
            spaced(each.compared),
            spaced(each.differing),
            spaced(each.gone),
            spaced(each.mended),
        )
        for each in swept
    ]
    columns = ("connection", "object", "compared", "differ", "gone", "mended")
    table(columns, rows, right=columns[2:])
    mended = sum(each.mended for each in swept)
    say(f"{counted(mended, 'record')} mended." if mended else "Nothing was missing.", "bold")


def chores_report(done: Chores, troubles: Iterable[ConnectorError]) -> None:
    """What was done besides a cycle, where it came to anything."""
    mended = sum(each.mended for each in done.swept)
    if mended:
        complain(f"held against the CRMs: {counted(mended, 'record')} mended", None)
    if done.recalculated:
        complain(f"formulas had come to something else: {counted(done.recalculated, 'record')}", None)
    if any(done.purged.values()):
        told = ", ".join(f"{count} of {kind}" for kind, count in done.purged.items() if count)
        complain(f"thrown away, as its time is over: {told}", None)
    for each in troubles:
        complain(str(each))


def _last_line(report: CycleReport) -> None:
    changed = sum(each.changed for each in report.pulled)
    sent = sum(each.settled["written"] for each in report.written)
    parts = [f"{counted(changed, 'record')} pulled anew"] if report.pulled else []
    parts.append(f"{counted(sent, 'record')} written" if sent else "nothing was written")
    run = f" Run {report.run_id[:12]}: `attain undo {report.run_id[:12]}` would take it back." if sent else ""
    say(f"{', '.join(parts)}.{run}", "bold")
