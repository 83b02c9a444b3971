"""What `attain diff` says: who moves between two sets of rules, by which line and which records, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from connector.appraisal.payouts import periods_needed
from connector.appraisal.rules import Rules
from connector.cli.terminal import NONE, counted, money, number, percent, say, table
from connector.flow.appraise import appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.improve.diff import Diff, MovedRecord, Shift, Side, diff, moved_records
from connector.model.calendar import Calendar, Period
from connector.model.people import Roster
from connector.model.results import Card, Score

Moved = dict[tuple[str, str], tuple[MovedRecord, ...]]  # by person and what moved


def answer_diff(
    house: House, rules: tuple[Rules, Rules], period: Period, today: date, *, limit: int, as_json: bool
) -> Diff:
    """Both sets of rules over the published mirror, and every person who moves; `limit` 0 shows all."""
    roster = people_of(house)
    calendar = house.settings.company.calendar
    with reading_mirror(house) as mirror:
        before, after = (
            Side(
                each, appraise_with(replace(house, rules=each), mirror, roster, today, _needed(each, period, calendar))
            )
            for each in rules
        )
        found = diff(before, after, period, roster, calendar)
        shown = found.shifts if as_json or not limit else found.shifts[:limit]
        moved: Moved = {
            (each.person, each.what): moved_records(mirror, before, after, each, period=period)
            for each in shown
            if isinstance(each.before or each.after, Score) and _value(each.before) != _value(each.after)
        }
    if as_json:
        say(json.dumps(_plain(found, roster, moved), indent=2, default=str))
    else:
        _show(house, roster, found, shown, moved)
    return found


def _needed(rules: Rules, period: Period, calendar: Calendar) -> Sequence[Period]:
    return periods_needed([each for each in rules.plans if each.period is period.grain], period, calendar)


def _show(house: House, roster: Roster, found: Diff, shown: Sequence[Shift], moved: Moved) -> None:
    currency = house.settings.company.currency
    if not found.shifts and not found.paid:
        say(f"Nobody moves in {found.period.id}.", "bold")
        return
    rows = [
        (
            _name(roster, each.person),
            each.what,
            f"{_reached(each.before)} → {_reached(each.after)}",
            f"{_rank(each.before)} → {_rank(each.after)}",
            _bands(each),
            "; ".join(
                [
                    *each.because,
                    *(_record(record, each, currency) for record in moved.get((each.person, each.what), ())),
                ]
            ),
        )
        for each in shown
    ]
    table(("who", "what", "reached", "rank", "band", "by"), rows, right=("reached",))
    if len(shown) < len(found.shifts):
        say(f"and {len(found.shifts) - len(shown)} more; --limit 0 shows all")
    for each in found.paid[: len(shown) or None]:
        old, new = (NONE if it is None else money(it, currency) for it in (each.before, each.after))
        say(f"{_name(roster, each.person)} is paid {old} → {new}")
    people = len({each.person for each in found.shifts})
    say(
        f"{counted(people, 'person', 'people')} of {found.people} move in {found.period.id}; "
        f"{len(found.rebanded)} change band ({percent(_decimal(found.churn))})."
        + (f" Payouts change by {money(found.payout_change, currency)}." if found.paid else ""),
        "bold",
    )


def _record(record: MovedRecord, shift: Shift, currency: str) -> str:
    score = shift.after or shift.before
    unit = score.unit if isinstance(score, Score) else ""

    def shown(value: Decimal | None) -> str:
        return "not counted" if value is None else number(value, unit if unit == "money" else "", currency).strip()

    return f"{record.name}: {shown(record.before)} → {shown(record.after)}"


def _reached(result: Score | Card | None) -> str:
    if result is None:
        return NONE
    return percent(result.score if isinstance(result, Card) else result.attainment)


def _rank(result: Score | Card | None) -> str:
    return NONE if result is None or result.rank is None else str(result.rank)


def _bands(shift: Shift) -> str:
    old, new = (each.band if each else "" for each in (shift.before, shift.after))
    return old if old == new else f"{old or NONE} → {new or NONE}"


def _value(result: Score | Card | None) -> Decimal | None:
    return result.actual if isinstance(result, Score) else None


def _name(roster: Roster, person_id: str) -> str:
    person = roster.get(person_id)
    return person.name if person else person_id


def _decimal(share: Fraction) -> Decimal:
    return Decimal(share.numerator) / share.denominator


def _plain(found: Diff, roster: Roster, moved: Moved) -> dict[str, object]:
    def side(result: Score | Card | None) -> dict[str, object] | None:
        if result is None:
            return None
        reached = result.score if isinstance(result, Card) else result.attainment
        return {"reached": reached, "actual": _value(result), "rank": result.rank, "band": result.band}

    return {
        "period": found.period.id,
        "people": found.people,
        "churn": _decimal(found.churn),
        "payout_change": found.payout_change,
        "moves": [
            {
                "person": each.person,
                "name": _name(roster, each.person),
                "what": each.what,
                "before": side(each.before),
                "after": side(each.after),
                "because": each.because,
                "records": [
                    {"ref": it.ref, "name": it.name, "before": it.before, "after": it.after}
                    for it in moved.get((each.person, each.what), ())
                ],
            }
            for each in found.shifts
        ],
        "payouts": [{"person": each.person, "before": each.before, "after": each.after} for each in found.paid],
    }
