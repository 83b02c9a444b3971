"""What `attain suggest` says: a target for each person, how sure it is, and how well the ways would have done before."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import typer

from connector.cli.machines import plain_amount
from connector.cli.sheets import harmless, is_harmless
from connector.cli.terminal import NONE, complain, counted, number, percent, refuse_unwritable, say, table, writing
from connector.flow.appraise import Tables, appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.improve.suggest import Suggested, Suggesting, next_period, suggestible
from connector.model.calendar import Grain, Period
from connector.model.money import digits
from connector.model.people import Roster
from connector.model.results import COMPANY
from connector.targets.presence import Presence

COLUMNS = ("person", "metric", "period", "value")  # as in files/quotas.csv


def answer_suggest(
    house: House, metric: str | None, period: Period | None, out: Path | None, today: date, *, as_json: bool
) -> None:
    """Suggestions for everybody who has a target now, or will be there; written as rows where `out` says so."""
    _refuse_file(out)
    rules, company = house.rules, house.settings.company
    names = [each for each in rules.metrics if each in rules.aimed and metric in (None, each)]
    if metric and not names:
        complain(f"nobody has a target of `{metric}`; there are targets of {', '.join(sorted(rules.aimed))}")
        raise typer.Exit(2)
    asked = period or next_period(company.calendar, Grain.QUARTER, today)
    if not suggestible(asked):
        grains = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
        known = ", ".join(next_period(company.calendar, each, today).id for each in grains)
        complain(f"--period: {asked.id} is not made up of whole months, by which suggestions are made; write {known}")
        raise typer.Exit(2)
    roster = people_of(house)
    with reading_mirror(house) as mirror:
        appraisal = appraise_with(house, mirror, roster, today, [asked], everything=False, judged=False)
        making = Suggesting(mirror, rules, roster, company.calendar, today, Tables(house))
        presence, found = Presence(company.calendar), list[Suggested]()
        for chosen in (rules.metrics[name] for name in names):
            if not chosen.accumulates or chosen.better == "lower":
                complain(f"note: {chosen.name} does not add up over a period, and is not suggested")
                continue
            held = {target.subject.id for target in appraisal.targets if target.metric == chosen.name}
            people = [it for it in roster.people if it.active and it.id in held and presence.here(it, asked)]
            mine = [it for it in appraisal.targets if it.metric == chosen.name and it.period.id == asked.id]
            plan = next((it.value for it in mine if it.subject == COMPANY and it.steps[0].what != "people"), None)
            present = {it.subject.id: it.value for it in mine if it.subject.kind == "person"}
            places = digits(company.currency) if chosen.is_money else 0
            found.append(making.of(chosen, asked, people, plan, places, present))
    if as_json:
        say(json.dumps([_plain(house, roster, each) for each in found], indent=2))
    else:
        for each in found:
            _show(house, roster, each)
    if out:
        _write(house, roster, found, out)


def _refuse_file(out: Path | None) -> None:
    if out and out.exists():
        complain(f"{out} is there already: suggestions are not written over anything")
        raise typer.Exit(2)
    refuse_unwritable(out)


def _show(house: House, roster: Roster, found: Suggested) -> None:
    metric, currency = house.rules.metrics[found.metric], house.settings.company.currency
    say(f"{metric.title}, {found.period.id}", "bold")
    if found.problem:
        say(f"Nothing can be suggested: {found.problem}.")
        return
    rows = [
        (
            _name(roster, each.person),
            number(each.value, metric.unit, currency),
            number(each.naive, metric.unit, currency) if each.naive is not None else NONE,
            _chance(each.chance.probability),
            number(each.present, metric.unit, currency) if each.present is not None else NONE,
            _chance(each.chance_now),
            str(each.own),
        )
        for each in sorted(found.rows, key=lambda it: -it.value)
    ]
    table(
        ("who", "suggested", "last year x growth", "chance", "as it stands", "its chance", "own months"),
        rows,
        right=("suggested", "last year x growth", "chance", "as it stands", "its chance", "own months"),
    )
    tried = "; ".join(
        f"{name} missed {percent(error)}" for name, error in sorted(found.errors.items(), key=lambda it: it[1])
    )
    say(f"By {found.way}. On past periods, person by person: {tried}; the naive way is {found.naive}.")
    said = f"Together {number(found.total, metric.unit, currency)}"
    if found.plan:
        gap = found.total - found.plan
        said += f", {number(abs(gap), metric.unit, currency)} {'more' if gap > 0 else 'less'} than the company's {number(found.plan, metric.unit, currency)}"
    say(f"{said}.")
    if found.fairness:
        now, then = found.fairness
        say(f"Chances lie {then * 100:.0f} points apart by these, {now * 100:.0f} by the targets as they stand.")
    for remark in found.remarks:
        complain(f"note: {remark}")


def _chance(probability: float | None) -> str:
    return NONE if probability is None else percent(Decimal(str(round(probability, 3))), 0)


def _write(house: House, roster: Roster, found: list[Suggested], out: Path) -> None:
    """Rows of files.quotas, for a human to edit."""
    with writing(out), out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for each in found:
            for row in each.rows:
                person = roster.get(row.person)
                # What is read again must stand there as it is: an address that is not harmless gives way to our id.
                email = person.email if person and person.email and is_harmless(person.email) else row.person
                cells = (email, each.metric, each.period.id, _units(house, each, row.value))
                writer.writerow([harmless(cell) for cell in cells])
    say(
        f"{counted(sum(len(each.rows) for each in found), 'row')} written to {out}; they hold once they stand in files/quotas.csv."
    )


def _units(house: House, found: Suggested, value: Decimal) -> str:
    places = digits(house.settings.company.currency) if house.rules.metrics[found.metric].is_money else 0
    return f"{value.scaleb(-places):f}".split(".", maxsplit=1)[0]


def _plain(house: House, roster: Roster, found: Suggested) -> dict[str, object]:
    unit, currency = house.rules.metrics[found.metric].unit, house.settings.company.currency
    return {
        "metric": found.metric,
        "period": found.period.id,
        "way": found.way,
        "errors": {name: str(each) for name, each in found.errors.items()},
        "problem": found.problem,
        "plan": plain_amount(found.plan, unit, currency),
        "together": plain_amount(found.total, unit, currency),
        "naive": found.naive,
        "spread_now": None if found.fairness is None else round(found.fairness[0], 4),
        "spread": None if found.fairness is None else round(found.fairness[1], 4),
        "remarks": list(found.remarks),
        "rows": [
            {
                "person": _name(roster, each.person),
                "id": each.person,
                "value": _units(house, found, each.value),
                "chance": each.chance.probability,
                "low": each.chance.low,
                "high": each.chance.high,
                "own_months": each.own,
                "as_it_stands": None if each.present is None else _units(house, found, each.present),
                "chance_as_it_stands": each.chance_now,
            }
            for each in found.rows
        ],
    }


def _name(roster: Roster, person_id: str) -> str:
    person = roster.get(person_id)
    return person.name if person else person_id
