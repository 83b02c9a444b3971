"""`rules/scorecards.yaml`: what a role is scored by, and how people are ranked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field as Key

from connector.language.expression import Expression
from connector.language.read import condition
from connector.measure.metric import Metric
from connector.model.catalogue import Catalogue, Field, Relation, relation
from connector.model.results import COMPANY
from connector.rulebook.naming import Naming
from connector.rulebook.notation import AFigure, AGrain, Figure, Name, in_unit, unit_type
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape
from connector.score.rank import Leaderboard
from connector.score.scorecard import Gate, Scale, Scorecard, Weighed
from connector.yamlfile import Trail


class PointEntry(Shape):
    """A point of a scale."""

    at: AFigure = Key(description="attainment: 80%")
    points: AFigure = Key(description="what it is worth: 50%")


class StretchEntry(Shape):
    """A scale with two ends."""

    start: AFigure = Key(description="the attainment that is worth nothing: 50%")
    stop: AFigure = Key(description="the attainment that is worth 100%: 120%")


class GateEntry(Shape):
    """What holds a score down while a condition is true."""

    when: str = Key(description="over the person's own numbers, by metric: win_rate < 20%")
    at_most: AFigure | None = Key(None, description="the score is at most: 79%")
    multiply: AFigure | None = Key(None, description="the score is multiplied by: 50%")
    zero: bool = Key(default=False, description="the score is zero")
    because: str = ""


class ScorecardEntry(Shape):
    """One scorecard."""

    title: str | None = Key(None, description="what people read; without it, the name")
    period: AGrain = Key(description="month, quarter or year")
    for_: str | None = Key(None, alias="for", description="whom it is for: role = 'AE'")
    weights: Annotated[dict[str, Annotated[int, Key(ge=1, le=1000)]], Key(min_length=1)] = Key(
        description="metric: weight; team.metric is the number of the team that the person sits in"
    )
    by: Literal["attainment", "pace"] = Key("attainment", description="pace: what is expected by now counts as all")
    scale: dict[str, StretchEntry | list[PointEntry]] = Key({}, description="metric: how attainment becomes points")
    threshold: dict[str, AFigure] = Key({}, description="metric: below this attainment there are no points")
    floor: AFigure | None = Key(None, description="no metric is worth less: 0%")
    cap: AFigure | None = Key(None, description="no metric is worth more: 150%")
    missing: Literal["reweight", "zero", "neutral"] = Key("reweight", description="what a metric without a number is")
    gates: list[GateEntry] = Key([], description="what holds the score down")
    bands: Annotated[dict[Name, AFigure], Key(min_length=1)] = Key(description="name: from which score on")
    group: Literal["head", "target"] = Key("head", description="how a team's score is made of its people's")
    roster: Literal["whole", "scored"] = Key(
        "whole", description="scored: whoever has no score is left out of a team's"
    )
    because: str = ""


class LeaderboardEntry(Shape):
    """How people are ranked in a metric."""

    ties: Literal["standard", "dense", "first_to_reach"] = Key(
        "standard", description="1, 2, 2, 4; or 1, 2, 2, 3; or who reached the target first"
    )
    least_target: AFigure | None = Key(None, description="whose target is smaller takes no part")
    private: bool = Key(default=False, description="nobody sees more than their own place and quarter of the field")
    because: str = ""


class ScorecardsFile(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    scorecards: dict[Name, ScorecardEntry] = Key({}, description="name: scorecard")
    leaderboards: dict[str, LeaderboardEntry] = Key({}, description="metric: how people are ranked")


@dataclass(frozen=True, slots=True)
class ScorecardsReader:
    """Reads scorecards and leaderboards against what else is known."""

    page: Page
    metrics: Mapping[str, Metric]
    naming: Naming
    catalogue: Catalogue
    levels: Sequence[str]

    def scorecards(self) -> tuple[Scorecard, ...]:
        """Every scorecard that is right, in file order."""
        entries = self.page.entries(ScorecardsFile, "scorecards", ScorecardEntry)
        found = [self._card(str(name), each, ("scorecards", name)) for name, each in entries.items()]
        return tuple(each for each in found if each is not None)

    def leaderboards(self) -> dict[str, Leaderboard]:
        """How each metric is ranked that has a leaderboard of its own; call it after `scorecards`."""
        found: dict[str, Leaderboard] = {}
        value = self.page.file.value
        section = value.get("leaderboards") if isinstance(value, dict) else None
        for written in section if isinstance(section, dict) else ():
            entry = self.page.part(LeaderboardEntry, ("leaderboards", written))
            trail: Trail = ("leaderboards", written)
            name = self.naming.known(self.page, trail, str(written), key=True)
            metric = self.metrics.get(name or "")
            if entry and metric:
                least = self._figure(entry.least_target, metric.unit, (*trail, "least_target"))
                found[metric.name] = Leaderboard(entry.ties, least, entry.private)
        return found

    def _card(self, name: str, entry: ScorecardEntry, trail: Trail) -> Scorecard | None:
        before = len(self.page.problems)
        people, currency = self.catalogue.relations["people"], self.catalogue.currency
        for_ = self.page.expression(lambda text, at: condition(text, people, currency, at), entry.for_, (*trail, "for"))
        lines = self._lines(entry, trail)
        gates = [self._gate(each, (*trail, "gates", at)) for at, each in enumerate(entry.gates)]
        floor, cap = (self._share(getattr(entry, key), (*trail, key)) for key in ("floor", "cap"))
        if floor is not None and cap is not None and floor > cap:
            self.page.refuse((*trail, "cap"), "floor-above-cap", "the cap lies below the floor")
        bands = self._bands(entry, trail)
        if len(self.page.problems) > before:
            return None
        return Scorecard(
            name=name,
            title=entry.title or name,
            place=self.page.place(trail),
            period=entry.period,
            lines=lines,
            for_=for_,
            by=entry.by,
            floor=floor or Decimal(0),
            cap=cap,
            missing=entry.missing,
            gates=tuple(each for each in gates if each),
            bands=bands,
            group=entry.group,
            whole_roster=entry.roster == "whole",
            because=entry.because,
        )

    def _lines(self, entry: ScorecardEntry, trail: Trail) -> tuple[Weighed, ...]:
        found: list[Weighed] = []
        for written, weight in entry.weights.items():
            at: Trail = (*trail, "weights", written)
            level, _, name = written.rpartition(".")
            if level and level != COMPANY.kind:
                self.page.known(at, level, dict.fromkeys([*self.levels, COMPANY.kind]), "level", key=True)
            known = self.naming.known(self.page, at, name, key=True)
            found.append(Weighed(known or name, Decimal(weight), level, self._scale(entry, written, trail)))
        for key in ("scale", "threshold"):
            for written in getattr(entry, key):
                self.page.known((*trail, key, written), written, entry.weights, "weighed metric", key=True)
        return tuple(found)

    def _scale(self, entry: ScorecardEntry, written: str, trail: Trail) -> Scale:
        given = entry.scale.get(written)
        at: Trail = (*trail, "scale", written)
        threshold = self._share(entry.threshold.get(written), (*trail, "threshold", written))
        if isinstance(given, StretchEntry):
            start, stop = self._share(given.start, (*at, "start")), self._share(given.stop, (*at, "stop"))
            pairs = [(start, Decimal(0)), (stop, Decimal(1))]
        else:
            pairs = [
                (
                    self._share(each.at, (*at, place, "at")),
                    self._share(each.points, (*at, place, "points")) or Decimal(0),
                )
                for place, each in enumerate(given or ())
            ]
        points = [(low, worth) for low, worth in pairs if low is not None]
        if any(low >= high for (low, _), (high, _) in pairwise(points)):
            self.page.refuse_key(at, "no-scale", "a scale begins low and rises: each attainment above the one before")
        return Scale(tuple(points), threshold)

    def _gate(self, entry: GateEntry, trail: Trail) -> Gate | None:
        when = self._numbers_condition(entry.when, (*trail, "when"))
        given = [key for key in ("at_most", "multiply") if getattr(entry, key) is not None] + ["zero"] * entry.zero
        if len(given) != 1:
            self.page.refuse_key(
                (*trail, "when"), "gate-effect", "a gate does one thing: `at_most`, `multiply` or `zero`"
            )
            return None
        by = self._share(getattr(entry, given[0]), (*trail, given[0])) if given[0] != "zero" else Decimal(0)
        if when is None or by is None:
            return None
        return Gate(self.page.place(trail), when, given[0], by)

    def _numbers_condition(self, text: str, trail: Trail) -> Expression | None:
        unknown = (name for name, unit in self.naming.units.items() if not unit)
        if any(re.search(rf"\b{name}\b", text) for name in unknown):
            return None  # the metric itself is wrong, and has been told
        over = numbers(self.naming.units)
        currency = self.catalogue.currency
        return self.page.expression(lambda written, at: condition(written, over, currency, at), text, trail)

    def _bands(self, entry: ScorecardEntry, trail: Trail) -> tuple[tuple[str, Decimal], ...]:
        found = {name: self._share(each, (*trail, "bands", name)) for name, each in entry.bands.items()}
        known = [(name, low) for name, low in found.items() if low is not None]
        if len({low for _, low in known}) < len(known):
            self.page.refuse_key((*trail, "bands"), "same-bands", "two bands begin at the same score")
        return tuple(sorted(known, key=lambda each: -each[1]))

    def _share(self, written: Figure | None, trail: Trail) -> Decimal | None:
        return self._figure(written, "ratio", trail)

    def _figure(self, written: Figure | None, unit: str, trail: Trail) -> Decimal | None:
        if written is None:
            return None
        return self.page.tried(trail, lambda: in_unit(written, unit, self.catalogue.currency))


def numbers(units: Mapping[str, str]) -> Relation:
    """One person's numbers by metric, as gates see them."""
    fields = tuple(Field(name, unit_type(unit), "what the person reached") for name, unit in units.items() if unit)
    return relation("numbers", "one person's numbers, by metric", fields, dates=(), credits=())
