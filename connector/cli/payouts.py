"""What `attain payout` says: each measure, each leg, to the minor unit."""

from __future__ import annotations

import json
from datetime import date

from connector.appraisal.payouts import payouts, periods_needed
from connector.cli.agreed import asked_about
from connector.cli.judged import asked_period
from connector.cli.terminal import NONE, complain, money, number, percent, say, table
from connector.flow.appraise import appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.model.calendar import Grain
from connector.model.people import Roster
from connector.score.payout import Line, Payout, Plan


def answer_payout(
    house: House, handle: str | None, written: str | None, today: date, *, viewer: str | None = None, as_json: bool
) -> None:
    """One person's payout leg by leg, or everybody's sums; `viewer`: whose eyes it is for."""
    calendar, plans = house.settings.company.calendar, house.rules.plans
    grain = plans[0].period if plans else Grain.QUARTER
    period = asked_period(house, written, today) or calendar.containing(today, grain)
    mine = [each for each in plans if each.period is period.grain]
    roster = people_of(house)
    who, eyes = asked_about(house, roster, handle, viewer, today)
    with reading_mirror(house) as mirror:
        needed = periods_needed(mine, period, calendar)
        appraisal = appraise_with(house, mirror, roster, today, needed)
    known = house.agreed(roster, today).people(roster)
    paid = eyes.seen(payouts(mine, period, appraisal.scores, known, calendar))
    found = [each for each in paid if who in (None, each.subject)]
    by_name = {each.name: each for each in mine}
    if as_json:
        say(json.dumps([_plain(roster, by_name[each.plan], each) for each in found], indent=2, default=str))
    elif not mine:
        say(f"No plan pays for a {period.grain}: rules/incentives.yaml says what results pay.")
    elif not found:
        say(f"No plan is meant for {handle or 'anybody'} in {period.id}.")
    elif who:
        for each in found:
            _show(house, by_name[each.plan], each)
    else:
        _show_everybody(house, roster, found)


def _show(house: House, plan: Plan, found: Payout) -> None:
    currency = house.settings.company.currency
    say(f"{plan.title}, {found.period.id}: {_money(found.pays, currency)}, an estimate", "bold")
    for line in found.lines:
        _show_line(house, plan, line, currency)
    if found.held:
        say(f"Held: {found.held}.")
    if plan.basis == "year_to_date" and found.pays is not None:
        say(f"Paid before in the year: {money(found.before, currency)}; the difference is this period's.")
    if found.reason:
        say(f"It cannot be told: {found.reason}.")
    say(f"From {plan.place}." + ("" if plan.on else " The plan is off: only this command shows it."))


def _show_line(house: House, plan: Plan, line: Line, currency: str) -> None:
    metric = house.rules.metrics.get(line.metric)
    title = metric.title if metric else f"Override: {plan.override.of if plan.override else ''}"
    reached = line.result.actual / line.result.target if line.result.actual is not None and line.result.target else None
    so_far = " in the year so far" if plan.basis == "year_to_date" and metric else ""
    says = f"{title}{so_far}: {number(line.result.actual, 'money', currency)}"
    if line.result.target is not None:
        says += f" of {number(line.result.target, 'money', currency)}, {percent(reached)}"
    say(says)
    rows = [
        (
            each.says,
            number(each.amount, "money", currency),
            f"{each.rate.scaleb(2).normalize():f}%",
            money(each.pays, currency),
        )
        for each in line.legs
    ]
    if rows:
        table(("of it", "amount", "rate", "pays"), rows, right=("amount", "rate", "pays"))
    if line.weight != 1:
        say(f"weighs {percent(line.weight)}: {_money(line.pays, currency)}")


def _show_everybody(house: House, roster: Roster, found: list[Payout]) -> None:
    currency = house.settings.company.currency
    rows = [(_name(roster, each), each.plan, _money(each.pays, currency), each.reason or each.held) for each in found]
    table(("who", "plan", "pays", "why"), rows, right=("pays",))
    total = sum(each.pays or 0 for each in found)
    say(f"Together {money(total, currency)} for {found[0].period.id}, estimates.")
    if unknown := sum(each.pays is None for each in found):
        complain(f"note: {unknown} cannot be told, and are not in the sum", style="yellow")


def _money(minor: int | None, currency: str) -> str:
    return NONE if minor is None else money(minor, currency)


def _name(roster: Roster, found: Payout) -> str:
    person = roster.get(found.subject.id)
    return person.name if person else found.subject.id


def _plain(roster: Roster, plan: Plan, found: Payout) -> dict[str, object]:
    return {
        "person": found.subject.id,
        "name": _name(roster, found),
        "plan": found.plan,
        "on": plan.on,
        "period": found.period.id,
        "pays": found.pays,
        "before": found.before,
        "held": found.held,
        "reason": found.reason,
        "lines": [
            {
                "metric": each.metric,
                "actual": each.result.actual,
                "target": each.result.target,
                "weight": each.weight,
                "pays": each.pays,
                "reason": each.reason,
                "legs": [
                    {"says": leg.says, "amount": leg.amount, "rate": leg.rate, "pays": leg.pays} for leg in each.legs
                ],
            }
            for each in found.lines
        ],
    }
