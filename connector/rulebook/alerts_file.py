"""`rules/alerts.yaml`: when to speak up, to whom, and when to stop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Annotated, Literal

from pydantic import Field as Key
from pydantic import PlainValidator, WithJsonSchema

from connector.decide.rule import AlertRule, Message
from connector.language.expression import Expression
from connector.language.read import condition
from connector.measure.metric import Metric
from connector.model.catalogue import SCORE_FIELDS, Catalogue, Field, Relation, relation
from connector.rulebook.messages_file import MessageEntry
from connector.rulebook.naming import Naming
from connector.rulebook.notation import AFigure, AGrain, Name, WorkingDays, in_unit, unit_type
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape, complaint
from connector.yamlfile import Trail

_AMOUNTS = {
    "actual": "what was reached so far",
    "target": "what should be reached in the period",
    "expected_amount": "what should be reached by today",
    "gap": "target - actual",
}


def _reader(value: object) -> str:
    """`rep`, `manager`, or an address. Raises a complaint."""
    word = str(value).strip()
    if word in ("rep", "manager") or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", word):
        return word.lower()
    raise complaint("unknown-value", f"`{value}` is nobody to tell", "write rep, manager, or an e-mail address")


Reader = Annotated[str, PlainValidator(_reader), WithJsonSchema({"type": "string", "examples": ["rep", "manager"]})]


class AlertEntry(Shape):
    """One alert."""

    metric: str = Key(description="a metric of metrics.yaml")
    period: AGrain = Key(description="month, quarter or year")
    when: str | None = Key(None, description="over one person's score: pace < 70%; or milestones")
    milestones: list[AFigure] = Key([], description="attainment to be told of, each once: [50%, 100%]")
    cool_down: WorkingDays | None = Key(None, description="after it is over, not again for so long: 5 working days")
    rearm: bool = Key(default=False, description="a milestone is told again when it is reached with another target")
    after: WorkingDays = Key(1, description="how many working days in a row: 3 working days")
    until: str | None = Key(None, description="when it is over: pace >= 80%; without it, when `when` no longer holds")
    tell: Annotated[list[Reader], Key(min_length=1)] = Key(
        description="rep, manager, or somebody's e-mail address; whoever left is replaced by their manager"
    )
    say: str = Key(description="a message of messages/*.yaml")
    band: Name = "behind"
    for_: str | None = Key(None, alias="for", description="whom it is about: role = 'AE'")
    because: str = ""


class AlertsFile(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    alerts: dict[Name, AlertEntry]


def scores(unit: str) -> Relation:
    """One person's numbers as conditions see them; amounts have the metric's unit."""
    amounts = tuple(Field(name, unit_type(unit), says) for name, says in _AMOUNTS.items())
    return relation("scores", "one person's numbers", (*SCORE_FIELDS.values(), *amounts), dates=(), credits=())


@dataclass(frozen=True, slots=True)
class AlertsReader:
    """Reads the alerts of a page against what else is known."""

    page: Page
    metrics: Mapping[str, Metric]
    naming: Naming
    messages: Mapping[str, MessageEntry | None]
    catalogue: Catalogue
    translated: Mapping[str, Mapping[str, MessageEntry | None]] = field(default_factory=dict)  # by language

    def alerts(self) -> dict[str, AlertRule]:
        """Every alert that is right, in file order."""
        entries = self.page.entries(AlertsFile, "alerts", AlertEntry)
        found = {str(name): self._alert(str(name), entry) for name, entry in entries.items()}
        return {name: each for name, each in found.items() if each is not None}

    def _alert(self, name: str, entry: AlertEntry) -> AlertRule | None:
        page, trail = self.page, ("alerts", name)
        before = len(page.problems)
        said = page.known((*trail, "say"), entry.say, self.messages, "message")
        for_ = self._condition(entry.for_, self.catalogue.relations["people"], (*trail, "for"))
        metric_name = self.naming.known(page, (*trail, "metric"), entry.metric)
        unit = self.naming.units.get(metric_name or "")
        if not metric_name or not unit:
            return None
        over = scores(unit)
        when = self._condition(entry.when, over, (*trail, "when"))
        until = self._condition(entry.until, over, (*trail, "until"))
        metric = self.metrics.get(metric_name)
        marks = self._milestones(entry, trail)
        if said is None or metric is None or len(page.problems) > before:
            return None
        return AlertRule(
            name, page.place(trail), metric.name, entry.period, when, entry.after, until, tuple(dict.fromkeys(entry.tell)),
            said.title, said.text, entry.band, for_, self._others(entry.say), marks, entry.cool_down or 0, entry.rearm,
        )  # fmt: skip

    def _others(self, name: str) -> dict[str, Message]:
        """The message in other languages, where they have it."""
        found = {language: messages.get(name) for language, messages in self.translated.items()}
        return {language: Message(each.title, each.text) for language, each in found.items() if each}

    def _milestones(self, entry: AlertEntry, trail: Trail) -> tuple[Decimal, ...]:
        """The marks, lowest first; a rule has these or a condition."""
        if (entry.when is None) == (not entry.milestones):
            text = "a rule speaks up `when` something holds, or at `milestones`: one of the two"
            self.page.refuse_key(trail, "one-condition", text, "when: pace < 70%")
        if entry.milestones and entry.until is not None:
            self.page.refuse_key((*trail, "until"), "misplaced-key", "`until` says nothing beside `milestones`")
        if entry.rearm and not entry.milestones:
            self.page.refuse_key((*trail, "rearm"), "misplaced-key", "`rearm` says nothing without `milestones`")
        found = [
            self.page.tried((*trail, "milestones", at), partial(in_unit, each, "ratio", self.catalogue.currency))
            for at, each in enumerate(entry.milestones)
        ]
        return tuple(sorted({each for each in found if each is not None}))

    def _condition(self, text: str | None, over: Relation, trail: Trail) -> Expression | None:
        currency = self.catalogue.currency
        return self.page.expression(lambda written, at: condition(written, over, currency, at), text, trail)
