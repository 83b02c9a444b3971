"""What `attain recognition` says: badges, contests, levels with what they still ask, and plans that wait for a manager."""

from __future__ import annotations

import json
from datetime import date

from connector.cli.agreed import asked_about
from connector.cli.terminal import counted, number, percent, say, table
from connector.decide.recognition import Recognised
from connector.flow.appraise import people_of, reading_mirror, recognised_on
from connector.flow.house import House
from connector.model.people import Roster


def answer_recognition(
    house: House, handle: str | None, today: date, *, viewer: str | None = None, as_json: bool
) -> None:
    """One person's, or everybody's; `viewer`: whose eyes it is for."""
    roster = people_of(house)
    who, eyes = asked_about(house, roster, handle, viewer, today)
    with reading_mirror(house) as mirror:
        everything = recognised_on(house, mirror, roster, today)
    found = [each for each in everything if eyes.see(each.person) and (who is None or each.person == who.id)]
    given = house.rules.recognition
    if as_json:
        say(json.dumps([_plain(roster, each) for each in found], indent=2, default=str))
    elif not (given.badges or given.contests or given.levels or given.supports):
        say("Nothing is recognised: rules/incentives.yaml names badges, contests, levels and plans.")
    else:
        _show(house, roster, found)


def _show(house: House, roster: Roster, found: list[Recognised]) -> None:
    earned = [each for each in found if each.kind in ("badge", "contest")]
    rows = [
        (
            each.title,
            _name(roster, each),
            each.period.id if each.kind == "badge" else f"place {each.place}",
            _why(house, each),
        )
        for each in earned
    ]
    if rows:
        table(("for", "who", "when", "with"), rows, right=("with",))
    else:
        say("Nobody has earned a badge or a place.")
    levels = [
        (each.title, _name(roster, each), "; ".join(_asked(each)), _state(each))
        for each in found
        if each.kind == "level"
    ]
    if levels:
        say()
        table(("next level", "who", "asks", "stands"), levels)
    plans = [
        (each.title, _name(roster, each), each.period.id, _state(each)) for each in found if each.kind == "support"
    ]
    if plans:
        say()
        table(("plan", "who", "since", "stands"), plans)
        waiting = sum(not each.confirmed for each in found if each.kind == "support")
        if waiting:
            say(f"{counted(waiting, 'plan')} waits for a manager: a row of files/confirmations.csv confirms it.")


def _asked(level: Recognised) -> list[str]:
    return [
        f"{each.ask.metric}: {min(each.held, each.ask.in_a_row)} of {counted(each.ask.in_a_row, str(each.ask.period))}"
        for each in level.progress
    ]


def _state(found: Recognised) -> str:
    if found.confirmed:
        return f"confirmed {found.confirmed}"
    if not found.complete:
        return "on the way"
    return "waits for a manager to confirm it"


def _why(house: House, found: Recognised) -> str:
    rules = house.rules.recognition
    metric = next(
        (each.metric for rule in (rules.badges, rules.contests) for each in rule if each.name == found.name), ""
    )
    unit = house.rules.metrics[metric].unit
    value = number(found.value, unit, house.settings.company.currency)
    if found.rise is None:
        return value
    return f"{value}, {percent(found.rise)}{' points' if unit == 'ratio' else ''} up"


def _name(roster: Roster, found: Recognised) -> str:
    person = roster.get(found.person)
    return person.name if person else found.person


def _plain(roster: Roster, found: Recognised) -> dict[str, object]:
    return {
        "kind": found.kind,
        "name": found.name,
        "title": found.title,
        "person": _name(roster, found),
        "id": found.person,
        "period": found.period.id,
        "place": found.place,
        "value": None if found.value is None else str(found.value),
        "rise": None if found.rise is None else str(found.rise),
        "asks": [
            {"metric": each.ask.metric, "period": str(each.ask.period), "held": each.held, "of": each.ask.in_a_row}
            for each in found.progress
        ],
        "complete": found.complete,
        "confirmed": found.confirmed,
    }
