"""What `attain lint` says: a line per finding, with the rule or row it concerns, and what would cure it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date

import typer

from connector.cli.terminal import complain, counted, say, table
from connector.flow.appraise import appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.improve.finding import Finding, Severity
from connector.improve.lint import Lint
from connector.model.calendar import Grain, Period
from connector.model.people import Roster


def answer_lint(house: House, period: Period | None, fail_on: str, today: date, *, as_json: bool) -> None:
    """Every finding; exit 1 where one is at least as bad as `fail_on`."""
    try:
        worst = Severity[fail_on.upper()]
    except KeyError:
        complain(f"--fail-on: `{fail_on}` is none of note, warning, error")
        raise typer.Exit(2) from None
    calendar = house.settings.company.calendar
    asked = period or calendar.containing(today, Grain.QUARTER)
    roster = people_of(house)
    with reading_mirror(house) as mirror:
        appraisal = appraise_with(house, mirror, roster, today, [asked], everything=False, judged=False)
        found = Lint(mirror, house.rules, roster, calendar, appraisal, asked).findings()
    if as_json:
        say(json.dumps([_plain(roster, each) for each in found], indent=2))
    else:
        _show(roster, found, asked, targets=sum(each.period.id == asked.id for each in appraisal.targets))
    if any(each.severity >= worst for each in found):
        raise typer.Exit(1)


def _show(roster: Roster, found: Sequence[Finding], period: Period, *, targets: int) -> None:
    if not targets:
        say(f"There is no target in {period.id} to look at.")
        return
    rows = [
        (str(each.severity.name.lower()), each.check, each.metric, _who(roster, each), each.says, each.cure, each.where)
        for each in found
    ]
    if rows:
        table(("severity", "check", "metric", "who", "says", "cure", "where"), rows)
    many = Counter(each.severity for each in found)
    said = ", ".join(counted(many[each], each.name.lower()) for each in sorted(many, reverse=True)) or "nothing to say"
    say(f"{counted(targets, 'target')} of {period.id}: {said}.")


def _who(roster: Roster, finding: Finding) -> str:
    person = roster.get(finding.subject.id) if finding.subject.kind == "person" else None
    return person.name if person else finding.subject.id


def _plain(roster: Roster, finding: Finding) -> dict[str, str]:
    return {
        "severity": finding.severity.name.lower(),
        "check": finding.check,
        "metric": finding.metric,
        "kind": finding.subject.kind,
        "id": finding.subject.id,
        "who": _who(roster, finding),
        "period": finding.period,
        "says": finding.says,
        "cure": finding.cure,
        "where": finding.where,
    }
