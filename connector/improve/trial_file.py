"""One file of `rules/trials/`: what is given, and what should come out on which day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from connector.appraisal.rules import Rules
from connector.errors import ConfigError, Place, Problem
from connector.model.calendar import Period
from connector.model.settings import Company
from connector.rulebook.notation import AFigure, Figure, in_unit
from connector.rulebook.validate import Shape, complaint, validated
from connector.yamlfile import Trail, YamlFile, did_you_mean, read

UNKNOWN = "unknown"  # written where a number is expected not to exist


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise complaint("no-day", f"`{value}` is no day", "write 2026-11-25") from None


def _expected(value: object) -> Figure | None:
    from connector.rulebook.notation import figure

    return None if value == UNKNOWN else figure(value)


ADay = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Expected = Annotated[
    Figure | None,
    PlainValidator(_expected),
    WithJsonSchema({"type": ["string", "number"], "description": "24%, 60_000 EUR, 12, or unknown"}),
]


class TargetEntry(Shape):
    """What the person is to reach: a number of their own, or one that is meant for everybody."""

    metric: str
    period: str
    reach: AFigure | None = None
    each: AFigure | None = None


class PersonEntry(Shape):
    """Who the trial is about; everything has a plain answer when left out."""

    role: str = "AE"
    team: str = "Team"
    region: str = "Region"
    start: ADay | None = None
    end: ADay | None = None


class DealEntry(Shape):
    """A deal of that person."""

    outcome: Literal["open", "won", "lost"]
    closed_on: ADay
    amount: AFigure | None = None
    created_on: ADay | None = None
    stage: str | None = None
    account: str | None = None


class ActivityEntry(Shape):
    """Something that person did, or plans to do."""

    type: Literal["call", "meeting", "email", "task", "note"]
    happened_on: ADay
    status: Literal["completed", "planned"] = "completed"


class GivenEntry(Shape):
    """The little world of a trial."""

    target: TargetEntry
    person: PersonEntry = PersonEntry()
    deals: list[DealEntry] = Field(default_factory=list)
    activities: list[ActivityEntry] = Field(default_factory=list)


class DayEntry(Shape):
    """What should be so on a day; what is not named is not compared."""

    attainment: Expected = None
    pace: Expected = None
    actual: Expected = None
    target: Expected = None
    alerts: list[str] | None = None
    sent: int | None = None


class TrialEntry(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    trial: str
    given: GivenEntry
    expect: dict[ADay, DayEntry]


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial, checked against the rules it is about."""

    title: str
    place: Place
    period: Period
    reach: Decimal  # in the metric's unit
    own: bool  # a number of their own holds as it stands; one for everybody is prorated
    given: GivenEntry
    expect: Mapping[date, DayEntry]
    places: Mapping[tuple[date, str], Place] = field(default_factory=dict)  # of each expectation


def read_trials(folder: Path, rules: Rules, company: Company) -> list[Trial]:
    """Every trial of a folder, or of one file. Raises ConfigError with all problems of all files."""
    paths = [folder] if folder.suffix == ".yaml" else sorted(folder.glob("*.yaml"))
    found: list[Trial] = []
    problems: list[Problem] = []
    for path in paths:
        trial, wrong = _read(read(path), rules, company)
        problems += wrong
        if trial:
            found.append(trial)
    if problems:
        raise ConfigError(problems)
    return found


def _read(file: YamlFile, rules: Rules, company: Company) -> tuple[Trial | None, list[Problem]]:
    entry, problems = validated(file, TrialEntry)
    if entry is None:
        return None, problems
    checker = _Checker(file, rules, company)
    period, reach = checker.target(entry.given.target)
    checker.alerts(entry)
    if checker.problems or period is None or reach is None:
        return None, checker.problems
    days = {str(day): day for day in entry.expect}
    places = {
        (day, name): file.place(("expect", text, name))
        for text, day in days.items()
        for name in entry.expect[day].model_fields_set
    }
    own = entry.given.target.reach is not None
    return Trial(entry.trial, file.place(("trial",)), period, reach, own, entry.given, entry.expect, places), []


class _Checker:
    """What only the rules can tell: whether metrics, periods and alerts exist, and whether units fit."""

    def __init__(self, file: YamlFile, rules: Rules, company: Company) -> None:
        self.file, self.rules, self.company = file, rules, company
        self.problems: list[Problem] = []

    def target(self, given: TargetEntry) -> tuple[Period | None, Decimal | None]:
        trail: Trail = ("given", "target")
        metric = self.rules.metrics.get(given.metric)
        if metric is None:
            hint = did_you_mean(given.metric, self.rules.metrics)
            self._problem((*trail, "metric"), "unknown-metric", f"there is no metric `{given.metric}`", hint)
        period = reach = None
        try:
            period = self.company.calendar.period(given.period)
        except ValueError as error:
            self._problem((*trail, "period"), "no-period", str(error))
        key, written = ("reach", given.reach) if given.reach is not None else ("each", given.each)
        if written is None or None not in (given.reach, given.each):
            text = "a target is either `reach` or `each`"
            self._problem(trail, "one-of", text, "`reach` is a number of their own, `each` one for everybody, prorated")
        elif metric:
            try:
                reach = in_unit(written, metric.unit, self.company.currency)
            except PydanticCustomError as error:
                self._problem((*trail, key), error.type, error.message())
        return period, reach

    def alerts(self, entry: TrialEntry) -> None:
        for day, expected in entry.expect.items():
            for at, name in enumerate(expected.alerts or ()):
                if name not in self.rules.alerts:
                    hint = did_you_mean(name, self.rules.alerts)
                    self._problem(
                        ("expect", str(day), "alerts", at), "unknown-alert", f"there is no alert `{name}`", hint
                    )

    def _problem(self, trail: Trail, code: str, text: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file.place(trail), code, text, hint))


def trial_schema(rules: Rules | None) -> dict[str, object]:
    """The JSON Schema of a trial, for editors; with rules, it knows their metrics and alerts."""
    found = TrialEntry.model_json_schema()
    if rules:
        found["$defs"]["TargetEntry"]["properties"]["metric"]["enum"] = list(rules.metrics)
        told = found["$defs"]["DayEntry"]["properties"]["alerts"]
        next(each for each in told["anyOf"] if "items" in each)["items"]["enum"] = list(rules.alerts)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found, "title": "rules/trials/*.yaml"}
