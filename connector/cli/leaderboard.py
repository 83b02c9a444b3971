"""What `attain scores` says: who stands where, on a day."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import typer

from connector.appraisal.agreed import seen_by
from connector.appraisal.appraise import Appraisal
from connector.cli.judged import one_person
from connector.cli.terminal import NONE, complain, counted, number, percent, say, table
from connector.flow.appraise import appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.model.calendar import Grain, Period
from connector.model.money import Money
from connector.model.people import Roster
from connector.model.results import Score
from connector.score.distribution import distribution

COLUMNS = ("rank", "who", "team", "actual", "target", "attainment", "gap", "pace")


@dataclass(frozen=True, slots=True)
class Question:
    """Whose scores, of what, when."""

    today: date
    period: Period | None  # None: the quarter of today
    metric: str | None  # None: every metric, those with targets in the tables
    by: str  # person, company, or a level
    viewer: str | None = None  # who asks; None: somebody who may see everything


def answer(house: House, question: Question, *, as_json: bool = False, as_csv: bool = False) -> None:
    """Print the scores that were asked for."""
    period = question.period or house.settings.company.calendar.containing(question.today, Grain.QUARTER)
    roster = people_of(house)
    if question.by not in ("person", "company", *roster.levels):
        complain(f"--by: `{question.by}` is none of person, company, {', '.join(roster.levels)}")
        raise typer.Exit(2)
    with reading_mirror(house) as mirror:
        appraisal = appraise_with(house, mirror, roster, question.today, [period])
    chosen = _chosen(appraisal, question, period)
    if question.viewer is not None:
        who = one_person(roster, question.viewer).id
        chosen = seen_by(chosen, who, roster, house.settings.privacy, question.today)
    if as_json:
        say(json.dumps([as_plain(house, roster, each) for each in chosen], indent=2))
    elif as_csv:
        _print_csv(house, roster, chosen)
    else:
        leaderboard(house, roster, chosen, period, question.today)


def _chosen(appraisal: Appraisal, question: Question, period: Period) -> list[Score]:
    return [
        each
        for each in appraisal.scores
        if each.period.id == period.id and each.subject.kind == question.by and question.metric in (None, each.metric)
    ]


def leaderboard(house: House, roster: Roster, scores: Sequence[Score], period: Period, today: date) -> None:
    """A table per metric that has targets, best first; the others are named below."""
    currency = house.settings.company.currency
    by_metric: dict[str, list[Score]] = {}
    for each in scores:
        by_metric.setdefault(each.metric, []).append(each)
    aimed = {name: found for name, found in by_metric.items() if any(each.target is not None for each in found)}
    if not scores:
        say(f"Nobody has anything to measure in {period.id}.")
    for name, found in (aimed or by_metric).items():
        metric = house.rules.metrics[name]
        say(f"{metric.title}, {period.id}, as of {today}", "bold")
        if _is_private(house, name) and found[0].subject.kind == "person":
            say(
                "This board is private: nobody's place is shown but to themselves. `attain explain PERSON` has a person's."
            )
        else:
            rows = [_cells(roster, each, currency) for each in sorted(found, key=_best_first)]
            table(COLUMNS, rows, right=("rank", "actual", "target", "attainment", "gap", "pace"))
        if picture := distribution(found):
            say(
                f"{counted(picture.people, 'person', 'people')}: mean {percent(picture.mean)}, median "
                f"{percent(picture.median)}, {percent(picture.at_target)} at target"
            )
    others = [name for name in by_metric if name not in aimed]
    if aimed and others:
        say(f"Without a target: {', '.join(others)}; `attain scores --metric NAME` shows one.")


def _is_private(house: House, metric: str) -> bool:
    board = house.rules.leaderboards.get(metric)
    return board is not None and board.private


def _best_first(score: Score) -> tuple[bool, Decimal, Decimal]:
    return score.attainment is None, -(score.attainment or Decimal(0)), -(score.actual or Decimal(0))


def _cells(roster: Roster, score: Score, currency: str) -> tuple[str, ...]:
    name, team = _who(roster, score)
    return (
        str(score.rank) if score.rank else "",
        name,
        team,
        number(score.actual, score.unit, currency),
        number(score.target, score.unit, currency),
        percent(score.attainment) if score.attainment is not None else score.reason or NONE,
        number(score.gap, score.unit, currency),
        percent(score.pace, 0),
    )


def _who(roster: Roster, score: Score) -> tuple[str, str]:
    person = roster.get(score.subject.id) if score.subject.kind == "person" else None
    if person is None:
        return score.subject.id, ""
    return person.name, person.on(score.as_of).levels.get("team", "")


def as_plain(house: House, roster: Roster, score: Score) -> dict[str, object]:
    """A score for machines: amounts in major units as text, ratios in full, null where nothing is known."""
    name, team = _who(roster, score)
    person = roster.get(score.subject.id) if score.subject.kind == "person" else None
    currency = house.settings.company.currency

    def amount(value: Decimal | None) -> str | None:
        if value is None or score.unit != "money":
            return _text(value)
        return str(Money(int(value), currency).amount)

    return {
        "metric": score.metric,
        "kind": score.subject.kind,
        "id": score.subject.id,
        "name": name,
        "email": person.email if person else None,
        "team": team,
        "period": score.period.id,
        "as_of": score.as_of.isoformat(),
        "unit": currency if score.unit == "money" else score.unit,
        "actual": amount(score.actual),
        "target": amount(score.target),
        "attainment": _text(score.attainment),
        "gap": amount(score.gap),
        "expected": amount(score.expected),
        "pace": _text(score.pace),
        "pace_by": score.pace_by,
        "surplus": amount(score.surplus),
        "run_rate": amount(score.run_rate),
        "required_rate": amount(score.required_rate),
        "projection": amount(score.projection),
        "projection_by": score.projection_by,
        "projection_error": _text(score.projection_error),
        "band": score.band,
        "rank": None if _is_private(house, score.metric) else score.rank,
        "reason": score.reason,
        "records": score.records,
        "left_out": score.left_out,
    }


def _text(value: Decimal | None) -> str | None:
    """Digits without an exponent, and without zeros that say nothing."""
    if value is None:
        return None
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") or "0" if "." in digits else digits


def _print_csv(house: House, roster: Roster, scores: Iterable[Score]) -> None:
    rows = [as_plain(house, roster, each) for each in scores]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    names = list(rows[0]) if rows else []
    writer.writerow(names)
    for row in rows:
        writer.writerow([_harmless(row[name]) for name in names])
    if not rows:
        complain(counted(0, "score"))


def _harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula is quoted away; numbers are left alone."""
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
