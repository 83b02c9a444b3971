"""What `rules/incentives.yaml` recognises and asks for: badges, contests, levels, and plans for whoever needs help."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from pydantic import Field as Key
from pydantic import PlainValidator, WithJsonSchema

from connector.decide.recognition import Ask, Badge, Contest, Level, Recognition, Support
from connector.decide.rule import Speech
from connector.language.expression import Expression
from connector.language.read import condition
from connector.measure.metric import Metric
from connector.model.catalogue import Catalogue, Relation
from connector.rulebook.messages_file import RECOGNITION, Messages
from connector.rulebook.naming import Naming
from connector.rulebook.notation import AGrain, Name
from connector.rulebook.page import Page
from connector.rulebook.speaking_file import scores
from connector.rulebook.validate import Shape, complaint
from connector.yamlfile import Trail

S = TypeVar("S", bound=Shape)


def _day(value: object) -> dt.date:
    """`2027-03-01`. Raises a complaint."""
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise complaint("no-day", f"`{value}` is no day", "write 2027-03-01") from None


Day = Annotated[dt.date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
InARow = Annotated[int, Key(ge=1, le=24)]


class AskEntry(Shape):
    """Something that is to hold of a person's score."""

    metric: str = Key(description="a metric of metrics.yaml")
    period: AGrain = Key(description="month, quarter or year: of those that are over")
    when: str = Key(description="over one person's score: attainment >= 100%")
    in_a_row: InARow = Key(1, description="so many periods, one after the other")


class BadgeEntry(Shape):
    """One badge."""

    title: str
    metric: str = Key(description="a metric of metrics.yaml")
    period: AGrain = Key(description="month, quarter or year: the last one that is over")
    when: str | None = Key(None, description="over one person's score: attainment >= 120%; or most_improved")
    in_a_row: InARow = Key(1, description="so many periods, one after the other")
    most_improved: bool = Key(default=False, description="for the largest rise against the period before")
    for_: str | None = Key(None, alias="for", description="who takes part: role = 'AE'")
    say: str | None = Key(None, description="a message of messages/*.yaml, to the rep; without it, nothing is said")
    because: str = ""


class ContestEntry(Shape):
    """One contest, by the number itself."""

    title: str
    metric: str = Key(description="a metric of metrics.yaml")
    from_: Day = Key(alias="from", description="its first day")
    to: Day = Key(description="its last day")
    places: Annotated[int, Key(ge=1, le=100)] = Key(3, description="how many are named")
    for_: str | None = Key(None, alias="for", description="who takes part: role = 'AE'")
    because: str = ""


class LevelEntry(Shape):
    """A next step, and what it asks."""

    title: str
    for_: str | None = Key(None, alias="for", description="whose next step it is: role = 'AE'")
    asks: Annotated[list[AskEntry], Key(min_length=1)]
    say: str | None = Key(None, description="a message of messages/*.yaml, to the manager who is to confirm it")
    because: str = ""


class SupportEntry(Shape):
    """A plan for whoever stays under a floor: confirmed by the manager, and never a penalty."""

    title: str
    metric: str = Key(description="a metric of metrics.yaml")
    period: AGrain = Key(description="month, quarter or year: of those that are over")
    when: str = Key(description="over one person's score: attainment < 60%")
    in_a_row: InARow = Key(2, description="so many periods, one after the other")
    for_: str | None = Key(None, alias="for", description="whom it is for: role = 'AE'")
    say: str | None = Key(None, description="a message of messages/*.yaml, to the manager who is to confirm it")
    because: str = ""


class RecognitionSections(Shape):
    """The sections of the file besides `plans`."""

    badges: dict[Name, BadgeEntry] = Key({}, description="name: badge")
    contests: dict[Name, ContestEntry] = Key({}, description="name: contest")
    levels: dict[Name, LevelEntry] = Key({}, description="name: level")
    support: dict[Name, SupportEntry] = Key({}, description="name: plan")


@dataclass(frozen=True, slots=True)
class RecognitionReader:
    """Reads those sections of a page whose shape was told already."""

    page: Page
    metrics: Mapping[str, Metric]
    naming: Naming
    messages: Messages
    catalogue: Catalogue

    def recognition(self) -> Recognition:
        """Every entry that is right, in file order."""
        badges = (self._badge(name, entry, trail) for name, entry, trail in self._entries("badges", BadgeEntry))
        contests = (self._contest(name, entry, trail) for name, entry, trail in self._entries("contests", ContestEntry))
        levels = (self._level(name, entry, trail) for name, entry, trail in self._entries("levels", LevelEntry))
        support = (self._support(name, entry, trail) for name, entry, trail in self._entries("support", SupportEntry))
        return Recognition(
            tuple(each for each in badges if each),
            tuple(each for each in contests if each),
            tuple(each for each in levels if each),
            tuple(each for each in support if each),
        )

    def _entries(self, section: str, shape: type[S]) -> list[tuple[str, S, Trail]]:
        value = self.page.file.value
        found = value.get(section) if isinstance(value, dict) else None
        names = found if isinstance(found, dict) else ()
        parts = ((str(name), self.page.part(shape, (section, name)), (section, name)) for name in names)
        return [(name, part, trail) for name, part, trail in parts if part is not None]

    def _badge(self, name: str, entry: BadgeEntry, trail: Trail) -> Badge | None:
        before = len(self.page.problems)
        if (entry.when is None) == (not entry.most_improved):
            text = "a badge is for whoever a condition holds of (`when`), or for the `most_improved`: one of the two"
            self.page.refuse_key(trail, "one-condition", text, "when: attainment >= 120%")
        if entry.most_improved and entry.in_a_row != 1:
            self.page.refuse_key((*trail, "in_a_row"), "misplaced-key", "`in_a_row` says nothing of the most improved")
        metric = self._metric(entry.metric, trail)
        ask = self._ask(metric, entry.period, entry.when, entry.in_a_row, trail) if metric and entry.when else None
        for_, say = self._people(entry.for_, trail), self._say(entry.say, trail)
        if metric is None or len(self.page.problems) > before:
            return None
        return Badge(name, self.page.place(trail), entry.title, metric.name, entry.period, ask, for_, say)

    def _contest(self, name: str, entry: ContestEntry, trail: Trail) -> Contest | None:
        before = len(self.page.problems)
        if entry.to < entry.from_:
            self.page.refuse((*trail, "to"), "wrong-order", f"it would end on {entry.to}, before it begins")
        metric, for_ = self._metric(entry.metric, trail), self._people(entry.for_, trail)
        if metric is None or len(self.page.problems) > before:
            return None
        place = self.page.place(trail)
        return Contest(name, place, entry.title, metric.name, entry.from_, entry.to, entry.places, for_)

    def _level(self, name: str, entry: LevelEntry, trail: Trail) -> Level | None:
        before = len(self.page.problems)
        asks = [self._asked(each, (*trail, "asks", at)) for at, each in enumerate(entry.asks)]
        for_, say = self._people(entry.for_, trail), self._say(entry.say, trail)
        if len(self.page.problems) > before:
            return None
        return Level(name, self.page.place(trail), entry.title, tuple(each for each in asks if each), for_, say)

    def _asked(self, entry: AskEntry, trail: Trail) -> Ask | None:
        metric = self._metric(entry.metric, trail)
        return self._ask(metric, entry.period, entry.when, entry.in_a_row, trail) if metric else None

    def _support(self, name: str, entry: SupportEntry, trail: Trail) -> Support | None:
        before = len(self.page.problems)
        metric = self._metric(entry.metric, trail)
        ask = self._ask(metric, entry.period, entry.when, entry.in_a_row, trail) if metric else None
        for_, say = self._people(entry.for_, trail), self._say(entry.say, trail)
        if ask is None or len(self.page.problems) > before:
            return None
        return Support(name, self.page.place(trail), entry.title, ask, for_, say)

    def _ask(self, metric: Metric, grain: AGrain, when: str, in_a_row: int, trail: Trail) -> Ask | None:
        found = self._condition(when, scores(metric.unit), (*trail, "when"))
        return Ask(metric.name, grain, found, in_a_row) if found else None

    def _metric(self, name: str, trail: Trail) -> Metric | None:
        return self.metrics.get(self.naming.known(self.page, (*trail, "metric"), name) or "")

    def _people(self, text: str | None, trail: Trail) -> Expression | None:
        return self._condition(text, self.catalogue.relations["people"], (*trail, "for"))

    def _say(self, name: str | None, trail: Trail) -> Speech | None:
        return self.messages.said(self.page, (*trail, "say"), name, RECOGNITION) if name else None

    def _condition(self, text: str | None, over: Relation, trail: Trail) -> Expression | None:
        currency = self.catalogue.currency
        return self.page.expression(lambda written, at: condition(written, over, currency, at), text, trail)
