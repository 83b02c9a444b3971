"""What a cycle did and what a plan would do, as people read it; the last line says whether the world changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from connector.cli.terminal import NONE, complain, counted, say, spaced, table
from connector.flow.appraise import Appraised
from connector.flow.cycle import CycleReport
from connector.flow.house import House
from connector.flow.plan import Plan, PlannedRow
from connector.flow.pull import Pulled
from connector.flow.write_back import Written
from connector.model.changes import Value

SHOWN = 20  # records of a plan before the rest is counted
SHORT = 4  # fields of a new record before the rest is counted


def cycle_report(house: House, report: CycleReport) -> None:
    """What was pulled, appraised and written."""
    if report.pulled:
        pulled_table(report.pulled)
    if report.appraised:
        say(f"Scored {report.today}: {_found(report.appraised)}.")
        for problem in (*report.appraised.roster.unmatched, *report.appraised.appraisal.problems):
            complain(f"note: {problem}", style="yellow")
        for plan in report.appraised.plans:
            if plan.rows and not _may_write(house, plan.connection):
                say(
                    f"{plan.connection}: {counted(len(plan.rows), 'record')} would change, but `write` is off: see `attain plan`."
                )
    if report.written:
        written_table(report.written)
    for trouble in report.troubles:
        complain(str(trouble))
    _last_line(report)


def _found(appraised: Appraised) -> str:
    """What came of a day, in a few words."""
    scored = sum(score.attainment is not None for score in appraised.appraisal.scores)
    found = f"{spaced(scored)} attainments, {counted(len(appraised.appraisal.alerts), 'alert')}"
    return f"{found}, {appraised.waiting} of which wait until quiet hours are over" if appraised.waiting else found


def _may_write(house: House, connection: str) -> bool:
    return any(each.name == connection and each.write for each in house.settings.connections)


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
        waiting = each.settled["busy"] + each.settled["unknown"]
        if waiting:
            complain(f"{each.connection}: {counted(waiting, 'record')} will be tried again", style="yellow")


def _last_line(report: CycleReport) -> None:
    changed = sum(each.changed for each in report.pulled)
    sent = sum(each.settled["written"] for each in report.written)
    parts = [f"{counted(changed, 'record')} pulled anew"] if report.pulled else []
    parts.append(f"{counted(sent, 'record')} written" if sent else "nothing was written")
    say(f"{', '.join(parts)}.", "bold")


def plan_report(house: House, plans: Sequence[Plan], *, as_json: bool) -> None:
    """Old and new of each field that would be written."""
    if as_json:
        say(json.dumps([_plan_as_json(each) for each in plans], indent=2, default=str))
        return
    for plan in plans:
        new = sum(row.new for row in plan.rows)
        objects = Counter(row.change.row.object for row in plan.rows)
        for name, count in objects.items():
            say(f"{plan.connection}  {name}: {counted(count, 'record')} to write", "bold")
        _print_rows(plan)
        off = "" if _may_write(house, plan.connection) else "; `write` is off"
        say(f"{plan.connection}: {new} new, {len(plan.rows) - new} to change, {plan.right_already} already right{off}.")
    say("Nothing was written.", "bold")


def _print_rows(plan: Plan) -> None:
    """A changed record field by field; a new one in one line, since every field of it is new."""
    rows: list[tuple[str, str, str, str, str]] = []
    for planned in plan.rows[:SHOWN]:
        subject, because = planned.change.subject or str(planned.change.row), planned.change.because
        if planned.new:
            rows.append((subject, "new", "", _in_short(planned), because))
            continue
        for at, (name, (old, new)) in enumerate(planned.differences.items()):
            rows.append((subject if at == 0 else "", name, _shown(old), _shown(new), because if at == 0 else ""))
    if rows:
        table(("record", "field", "now", "then", "because"), rows)
    if len(plan.rows) > SHOWN:
        say(f"… and {counted(len(plan.rows) - SHOWN, 'more record', 'more records')}; `--json` shows all.")


def _in_short(planned: PlannedRow) -> str:
    """The numbers of a new record; its texts where it has none."""
    fields = planned.change.fields
    numbers = [f"{name} {value}" for name, value in fields.items() if isinstance(value, Decimal | int)]
    texts = [f"{name} {_shown(value)}" for name, value in fields.items() if isinstance(value, str)]
    chosen = numbers or texts
    rest = len(chosen) - SHORT
    return ", ".join(chosen) if rest <= 1 else f"{', '.join(chosen[:SHORT])} and {rest} more"


def _shown(value: Value) -> str:
    text = NONE if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _plan_as_json(plan: Plan) -> dict[str, object]:
    return {
        "connection": plan.connection,
        "right_already": plan.right_already,
        "rows": [
            {
                "row": str(row.change.row),
                "subject": row.change.subject,
                "because": row.change.because,
                "new": row.new,
                "fields": {name: {"now": old, "then": new} for name, (old, new) in row.differences.items()},
            }
            for row in plan.rows
        ],
    }
