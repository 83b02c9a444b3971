"""What `attain scores` says: who stands where, on a day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypedDict

import typer

from connector.appraisal.appraise import Appraisal
from connector.cli.agreed import Eyes
from connector.cli.machines import plain, plain_amount, print_csv
from connector.cli.terminal import NONE, complain, counted, number, percent, say, table
from connector.flow.appraise import appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.model.calendar import Grain, Period
from connector.model.people import Roster
from connector.model.results import Score
from connector.score.distribution import distribution

PRIVATE = "This board is private: nobody's row is shown but to themselves. `attain explain PERSON` has a person's."
SEVERAL = 3  # people: a mean of two tells either of them the other's
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
    eyes = Eyes.of(house, roster, question.viewer, question.today)
    chosen = eyes.seen(_chosen(appraisal, question, period))
    if as_json or as_csv:
        shown, closed = _open_to(house, chosen, eyes.viewer)
        if closed:
            complain(f"note: {', '.join(closed)}: {PRIVATE}", style="yellow")
        if as_csv:
            _print_csv(house, roster, shown)
        else:
            say(json.dumps([as_plain(house, roster, each) for each in shown], indent=2))
    else:
        leaderboard(house, roster, chosen, period, question.today, viewer=eyes.viewer)


def _open_to(house: House, scores: Iterable[Score], viewer: str | None) -> tuple[list[Score], list[str]]:
    """Scores without the rows of private boards that are not the viewer's own, and which boards these are."""
    boards = house.rules.leaderboards
    private = {name for name, each in boards.items() if each.private}
    mine, closed = list[Score](), set[str]()
    for each in scores:
        if each.subject.kind == "person" and each.metric in private and each.subject.id != viewer:
            closed.add(each.metric)
        else:
            mine.append(each)
    return mine, sorted(closed)


def _chosen(appraisal: Appraisal, question: Question, period: Period) -> list[Score]:
    return [
        each
        for each in appraisal.scores
        if each.period.id == period.id and each.subject.kind == question.by and question.metric in (None, each.metric)
    ]


def leaderboard(
    house: House, roster: Roster, scores: Sequence[Score], period: Period, today: date, *, viewer: str | None = None
) -> None:
    """A table per metric that has targets, best first; the others are named below.

    Of a private board the viewer's own row alone, and the picture of the whole where it is of several.
    """
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
        shown, closed = _open_to(house, found, viewer)
        if closed:
            say(PRIVATE)
        if shown:
            rows = [_cells(roster, each, currency) for each in sorted(shown, key=_best_first)]
            table(COLUMNS, rows, right=("rank", "actual", "target", "attainment", "gap", "pace"))
        picture = distribution(found)
        if picture and not (closed and picture.people < max(SEVERAL, house.settings.privacy.least_team)):
            say(
                f"{counted(picture.people, 'person', 'people')}: mean {percent(picture.mean)}, median "
                f"{percent(picture.median)}, {percent(picture.at_target)} at target"
            )
    others = [name for name in by_metric if name not in aimed]
    if aimed and others:
        say(f"Without a target: {', '.join(others)}; `attain scores --metric NAME` shows one.")


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


class PlainScore(TypedDict):
    """A score for machines: amounts in major units as text, ratios in full, null where nothing is known."""

    metric: str
    kind: str
    id: str
    name: str
    email: str | None
    team: str
    period: str
    as_of: str
    unit: str
    actual: str | None
    target: str | None
    attainment: str | None
    gap: str | None
    expected: str | None
    pace: str | None
    pace_by: str
    surplus: str | None
    run_rate: str | None
    required_rate: str | None
    projection: str | None
    projection_by: str
    projection_error: str | None
    band: str
    rank: int | None
    reason: str
    records: int
    left_out: int


def as_plain(house: House, roster: Roster, score: Score) -> PlainScore:
    """A score for machines."""
    name, team = _who(roster, score)
    person = roster.get(score.subject.id) if score.subject.kind == "person" else None
    currency = house.settings.company.currency

    def amount(value: Decimal | None) -> str | None:
        return plain_amount(value, score.unit, currency)

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
        "attainment": plain(score.attainment),
        "gap": amount(score.gap),
        "expected": amount(score.expected),
        "pace": plain(score.pace),
        "pace_by": score.pace_by,
        "surplus": amount(score.surplus),
        "run_rate": amount(score.run_rate),
        "required_rate": amount(score.required_rate),
        "projection": amount(score.projection),
        "projection_by": score.projection_by,
        "projection_error": plain(score.projection_error),
        "band": score.band,
        "rank": score.rank,
        "reason": score.reason,
        "records": score.records,
        "left_out": score.left_out,
    }


def _print_csv(house: House, roster: Roster, scores: Sequence[Score]) -> None:
    rows = [as_plain(house, roster, each) for each in scores]
    print_csv(list(PlainScore.__annotations__), [list(row.values()) for row in rows])
    if not rows:
        complain(counted(0, "score"))
