"""What `rules/alerts.yaml` says besides alerts about metrics: single records, coaching, praise, digest, quiet hours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Literal

from pydantic import Field as Key
from pydantic import PlainValidator, WithJsonSchema

from connector.decide.rule import Coaching, Digest, Driver, Praise, Quiet, RecordRule, Speaking
from connector.language.expression import Expression
from connector.language.read import condition
from connector.measure.metric import Metric
from connector.model.catalogue import SCORE_FIELDS, Catalogue, Field, Relation, relation
from connector.rulebook.messages_file import COACHING, DIGEST, PRAISE, Messages
from connector.rulebook.naming import Naming
from connector.rulebook.notation import AGrain, Name, unit_type
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape, complaint
from connector.yamlfile import Trail

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_AMOUNTS = {
    "actual": "what was reached so far",
    "target": "what should be reached in the period",
    "expected_amount": "what should be reached by today",
    "gap": "target - actual",
}


def scores(unit: str) -> Relation:
    """One person's numbers as conditions see them; amounts have the metric's unit."""
    amounts = tuple(Field(name, unit_type(unit), says) for name, says in _AMOUNTS.items())
    return relation("scores", "one person's numbers", (*SCORE_FIELDS.values(), *amounts), dates=(), credits=())


def _hour(value: object) -> time:
    """`19:00`. YAML reads it as a text, or unquoted as minutes. Raises a complaint."""
    text = f"{value // 60}:{value % 60:02}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip())
    if found is None:
        raise complaint("no-hour", f"`{value}` is no time of day", 'write "19:00"')
    return time(int(found[1]), int(found[2]))


Hour = Annotated[time, PlainValidator(_hour), WithJsonSchema({"type": "string", "examples": ["19:00"]})]
Least = Annotated[int, Key(ge=1, le=1000)]


class DriverEntry(Shape):
    """One factor of a number."""

    metric: str = Key(description="a metric of metrics.yaml: win_rate")
    look_at: str | None = Key(None, description="which deals to look at where it is the weakest: outcome = 'lost'")


class CoachingEntry(Shape):
    """What the manager of somebody who is behind is told."""

    metric: str = Key(description="a metric of metrics.yaml")
    period: AGrain = Key(description="month, quarter or year")
    when: str = Key(description="over one person's score: pace < 80%")
    for_: str | None = Key(None, alias="for", description="whom it is about: role = 'AE'")
    drivers: Annotated[list[DriverEntry], Key(min_length=2)] = Key(
        description="what the number is made of: how many, how often won, how large, how long"
    )
    least: Least = Key(5, description="records: with fewer of them a driver says nothing")
    peers: Least = Key(3, description="people of the same role: with fewer of them there is no median")
    at_once: bool = Key(default=False, description="in a task of its own, and not in the digest")
    say: str = Key(description="a message of messages/*.yaml")
    because: str = ""


class PraiseEntry(Shape):
    """What the manager of somebody who beat their own best is told."""

    metric: str = Key(description="a metric that adds up record by record")
    period: AGrain = Key(description="month, quarter or year")
    for_: str | None = Key(None, alias="for", description="whom it is about: role = 'AE'")
    least: Least = Key(4, description="periods that are over: with fewer of them nothing is a record")
    at_once: bool = Key(default=False, description="in a task of its own, and not in the digest")
    say: str = Key(description="a message of messages/*.yaml")
    because: str = ""


class DigestEntry(Shape):
    """One task a week for a manager, in the place of many."""

    on: Literal["monday", "tuesday", "wednesday", "thursday", "friday"] = Key(description="its day: monday")
    at_most: Annotated[int, Key(ge=1, le=200)] = Key(20, description="lines")
    say: str = Key(description="a message of messages/*.yaml")
    because: str = ""


class QuietEntry(Shape):
    """Hours in which nobody is told anything, by the clock of whoever is told."""

    from_: Hour = Key(alias="from", description='"19:00"')
    to: Hour = Key(description='"08:00", of the next morning if it is earlier')
    weekends: bool = Key(default=True, description="Saturdays and Sundays, too")
    because: str = ""


class Sections(Shape):
    """The sections of the file besides `alerts`."""

    coaching: dict[Name, CoachingEntry] = Key({}, description="what managers of people who are behind are told")
    praise: dict[Name, PraiseEntry] = Key({}, description="what managers of people at their best are told")
    digest: DigestEntry | None = Key(None, description="one task a week for a manager, in the place of many")
    quiet: QuietEntry | None = Key(None, description="hours in which nobody is told anything")


@dataclass(frozen=True, slots=True)
class SpeakingReader:
    """Reads those sections of a page whose shape was told already."""

    page: Page
    metrics: Mapping[str, Metric]
    naming: Naming
    messages: Messages
    catalogue: Catalogue

    def speaking(self, records: tuple[RecordRule, ...]) -> Speaking:
        """Every section that is right."""
        coaching = [self._coaching(name, ("coaching", name)) for name in self._names("coaching")]
        praise = [self._praise(name, ("praise", name)) for name in self._names("praise")]
        return Speaking(
            records,
            tuple(each for each in coaching if each),
            tuple(each for each in praise if each),
            self._digest(),
            self._quiet(),
        )

    def _section(self, name: str) -> object:
        value = self.page.file.value
        return value.get(name) if isinstance(value, dict) else None

    def _names(self, section: str) -> list[str]:
        found = self._section(section)
        return [str(each) for each in found] if isinstance(found, dict) else []

    def _coaching(self, name: str, trail: Trail) -> Coaching | None:
        entry = self.page.part(CoachingEntry, trail)
        if entry is None:
            return None
        before = len(self.page.problems)
        metric = self._metric(entry.metric, (*trail, "metric"))
        drivers = [self._driver(each, (*trail, "drivers", at)) for at, each in enumerate(entry.drivers)]
        when = self._condition(entry.when, scores(metric.unit), (*trail, "when")) if metric else None
        for_ = self._people(entry.for_, (*trail, "for"))
        say = self.messages.said(self.page, (*trail, "say"), entry.say, COACHING)
        if metric is None or when is None or say is None or len(self.page.problems) > before:
            return None
        return Coaching(
            name, self.page.place(trail), metric.name, entry.period, when, tuple(each for each in drivers if each), say,
            entry.least, entry.peers, for_, entry.at_once,
        )  # fmt: skip

    def _driver(self, entry: DriverEntry, trail: Trail) -> Driver | None:
        metric = self._metric(entry.metric, (*trail, "metric"))
        look_at = self._condition(entry.look_at, self.catalogue.relations["deals"], (*trail, "look_at"))
        return Driver(metric.name, look_at) if metric else None

    def _praise(self, name: str, trail: Trail) -> Praise | None:
        entry = self.page.part(PraiseEntry, trail)
        if entry is None:
            return None
        before = len(self.page.problems)
        metric = self._metric(entry.metric, (*trail, "metric"))
        if metric and not (metric.accumulates and metric.better == "higher"):
            text = f"nobody can be praised for a record of `{entry.metric}`: it does not add up over a period"
            self.page.refuse((*trail, "metric"), "no-record", text, "choose a sum or a count: bookings")
        for_ = self._people(entry.for_, (*trail, "for"))
        say = self.messages.said(self.page, (*trail, "say"), entry.say, PRAISE)
        if metric is None or say is None or len(self.page.problems) > before:
            return None
        place = self.page.place(trail)
        return Praise(name, place, metric.name, entry.period, say, entry.least, for_, entry.at_once)

    def _digest(self) -> Digest | None:
        entry = self.page.part(DigestEntry, ("digest",)) if self._section("digest") else None
        say = self.messages.said(self.page, ("digest", "say"), entry.say, DIGEST) if entry else None
        if entry is None or say is None:
            return None
        return Digest(self.page.place(("digest",)), WEEKDAYS.index(entry.on), say, entry.at_most)

    def _quiet(self) -> Quiet | None:
        entry = self.page.part(QuietEntry, ("quiet",)) if self._section("quiet") else None
        return Quiet(entry.from_, entry.to, entry.weekends) if entry else None

    def _metric(self, name: str, trail: Trail) -> Metric | None:
        return self.metrics.get(self.naming.known(self.page, trail, name) or "")

    def _people(self, text: str | None, trail: Trail) -> Expression | None:
        return self._condition(text, self.catalogue.relations["people"], trail)

    def _condition(self, text: str | None, over: Relation, trail: Trail) -> Expression | None:
        currency = self.catalogue.currency
        return self.page.expression(lambda written, at: condition(written, over, currency, at), text, trail)
