"""What `attain targets` says: how each number came about, and whether the levels add up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from connector.cli.agreed import asked_about
from connector.cli.terminal import NONE, complain, counted, number, percent, say, table
from connector.flow.appraise import appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.model.calendar import Grain, Period
from connector.model.people import Roster
from connector.model.results import Target
from connector.targets.reconcile import Reconciled, reconciled


def answer_targets(
    house: House,
    handle: str | None,
    metric: str | None,
    period: Period | None,
    today: date,
    *,
    viewer: str | None = None,
    as_json: bool,
) -> None:
    """One person's targets step by step, or everybody's with each level beside the one below.

    `viewer`: whose eyes it is for; whoever does not see everybody is shown no level beside its people.
    """
    asked = period or house.settings.company.calendar.containing(today, Grain.QUARTER)
    roster = people_of(house)
    who, eyes = asked_about(house, roster, handle, viewer, today)
    with reading_mirror(house) as mirror:
        appraisal = appraise_with(house, mirror, roster, today, [asked])
    chosen = [
        each
        for each in eyes.seen(appraisal.targets)
        if each.period.id == asked.id and metric in (None, each.metric) and who in (None, each.subject)
    ]
    for problem in appraisal.problems if viewer is None else ():  # they may name others
        complain(f"note: {problem}", style="yellow")
    if as_json:
        say(json.dumps([_plain(roster, each) for each in chosen], indent=2, default=str))
    elif not chosen:
        say(f"No target for {handle or 'anybody'} in {asked.id}.")
    elif who:
        for each in chosen:
            _show_steps(house, each)
    else:
        _show_everybody(house, roster, chosen, levels=viewer is None)


def _show_steps(house: House, target: Target) -> None:
    currency = house.settings.company.currency
    title = house.rules.metrics[target.metric].title
    say(f"{title}, {target.period.id}: {number(target.value, target.unit, currency)}", "bold")
    rows = [
        (each.what, each.says, _signed(each.change, target.unit, currency), number(each.value, target.unit, currency))
        for each in target.steps
    ]
    table(("step", "how", "adds", "makes"), rows, right=("adds", "makes"))
    say(f"From {target.source}.")


def _signed(value: Decimal, unit: str, currency: str) -> str:
    text = number(value, unit, currency)
    return text if value < 0 else f"+{text}"


def _show_everybody(house: House, roster: Roster, chosen: Sequence[Target], *, levels: bool) -> None:
    currency = house.settings.company.currency
    for metric in dict.fromkeys(each.metric for each in chosen):
        mine = [each for each in chosen if each.metric == metric]
        say(f"{house.rules.metrics[metric].title}, {mine[0].period.id}", "bold")
        people = [each for each in mine if each.subject.kind == "person"]
        rows = [
            (_name(roster, each), number(each.value, each.unit, currency), each.steps[-1].what, each.source)
            for each in sorted(people, key=lambda each: (-each.value, _name(roster, each)))
        ]
        table(("who", "target", "by", "from"), rows, right=("target",))
        if levels and house.rules.metrics[metric].accumulates:
            _show_levels(reconciled(mine, roster), currency)


def _show_levels(found: Sequence[Reconciled], currency: str) -> None:
    """Each level beside its people; nothing is corrected."""
    rows = [
        (
            f"{each.target.subject.kind} {each.target.subject.id}".replace("company company", "the company"),
            number(each.target.value, each.target.unit, currency),
            number(each.together, each.target.unit, currency),
            counted(each.people, "person", "people"),
            number(each.gap, each.target.unit, currency) if each.gap else NONE,
            percent(each.hedge) if each.gap else NONE,
        )
        for each in found
    ]
    table(
        ("level", "target", "its people's", "of", "gap", "hedge"),
        rows,
        right=("target", "its people's", "gap", "hedge"),
    )


def _name(roster: Roster, target: Target) -> str:
    person = roster.get(target.subject.id)
    return person.name if person else target.subject.id


def _plain(roster: Roster, target: Target) -> dict[str, object]:
    return {
        "metric": target.metric,
        "kind": target.subject.kind,
        "id": target.subject.id,
        "name": _name(roster, target),
        "period": target.period.id,
        "value": target.value,
        "unit": target.unit,
        "as": target.kind,
        "source": target.source,
        "steps": [
            {"what": each.what, "says": each.says, "change": each.change, "value": each.value} for each in target.steps
        ],
    }
