"""`rules/alerts.yaml`: when to speak up, to whom, and when to stop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Annotated, Literal

from pydantic import Field as Key
from pydantic import PlainValidator, WithJsonSchema

from connector.decide.records import OWN_WORDS
from connector.decide.rule import AlertRule, RecordRule, Speaking
from connector.language.expression import Expression
from connector.language.read import condition
from connector.measure.metric import Metric
from connector.model.catalogue import Catalogue, Relation
from connector.rulebook.messages_file import ALERT, Messages
from connector.rulebook.naming import Naming
from connector.rulebook.notation import AFigure, AGrain, Name, WorkingDays, in_unit
from connector.rulebook.page import Page
from connector.rulebook.speaking_file import Sections, SpeakingReader, scores
from connector.rulebook.validate import Shape, complaint
from connector.yamlfile import Trail


def _reader(value: object) -> str:
    """`rep`, `manager`, or an address. Raises a complaint."""
    word = str(value).strip()
    if word in ("rep", "manager") or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", word):
        return word.lower()
    raise complaint("unknown-value", f"`{value}` is nobody to tell", "write rep, manager, or an e-mail address")


Reader = Annotated[str, PlainValidator(_reader), WithJsonSchema({"type": "string", "examples": ["rep", "manager"]})]


class AlertEntry(Shape):
    """One alert: about a metric of people, or about single records."""

    metric: str | None = Key(None, description="a metric of metrics.yaml; or `of`")
    of: Literal["deals", "accounts"] | None = Key(None, description="single records of theirs, instead of a metric")
    period: AGrain = Key(description="month, quarter or year: nobody is told twice in one")
    when: str | None = Key(
        None, description="over one person's score: pace < 70%; over a record: outcome = 'open' and pushes >= 3"
    )
    milestones: list[AFigure] = Key([], description="attainment to be told of, each once: [50%, 100%]")
    changed_target: bool = Key(default=False, description="tells of targets that files/adjustments.csv changed")
    cool_down: WorkingDays | None = Key(None, description="after it is over, not again for so long: 5 working days")
    rearm: bool = Key(default=False, description="a milestone is told again when it is reached with another target")
    after: WorkingDays | None = Key(None, description="how many working days in a row: 3 working days")
    until: str | None = Key(None, description="when it is over: pace >= 80%; without it, when `when` no longer holds")
    tell: Annotated[list[Reader], Key(min_length=1)] = Key(
        description="rep, manager, or somebody's e-mail address; whoever left is replaced by their manager"
    )
    at_most: Annotated[int, Key(ge=1, le=100)] | None = Key(
        None, description="of single records, no more than so many of one person at a time, the weightiest: 5"
    )
    at_once: bool = Key(default=False, description="a manager is told in a task of its own, and not in the digest")
    say: str = Key(description="a message of messages/*.yaml")
    band: Name = "behind"
    for_: str | None = Key(None, alias="for", description="whom it is about: role = 'AE'")
    because: str = ""


class AlertsFile(Sections):
    """The whole file."""

    attain: Literal[1] = 1
    alerts: dict[Name, AlertEntry]


@dataclass(frozen=True, slots=True)
class AlertsReader:
    """Reads the alerts of a page against what else is known."""

    page: Page
    metrics: Mapping[str, Metric]
    naming: Naming
    messages: Messages
    catalogue: Catalogue

    def rules(self) -> tuple[dict[str, AlertRule], Speaking]:
        """Everything that is right, in file order: alerts about metrics, and whatever else is said."""
        entries = self.page.entries(AlertsFile, "alerts", AlertEntry)
        about_metrics: dict[str, AlertRule] = {}
        about_records: list[RecordRule] = []
        for name, entry in entries.items():
            match self._alert(str(name), entry):
                case AlertRule() as rule:
                    about_metrics[rule.name] = rule
                case RecordRule() as rule:
                    about_records.append(rule)
        more = SpeakingReader(self.page, self.metrics, self.naming, self.messages, self.catalogue)
        return about_metrics, more.speaking(tuple(about_records))

    def _alert(self, name: str, entry: AlertEntry) -> AlertRule | RecordRule | None:
        trail: Trail = ("alerts", name)
        if (entry.metric is None) == (entry.of is None):
            text = "an alert is about a `metric` of people, or a rule `of` single records: one of the two"
            self.page.refuse_key(trail, "one-subject", text, "metric: bookings")
            return None
        return self._about_records(name, entry, trail) if entry.of else self._about_metric(name, entry, trail)

    def _about_metric(self, name: str, entry: AlertEntry, trail: Trail) -> AlertRule | None:
        page, before = self.page, len(self.page.problems)
        say = self.messages.said(page, (*trail, "say"), entry.say, ALERT)
        for_ = self._condition(entry.for_, self.catalogue.relations["people"], (*trail, "for"))
        metric_name = self.naming.known(page, (*trail, "metric"), str(entry.metric))
        unit = self.naming.units.get(metric_name or "")
        if not metric_name or not unit:
            return None
        over = scores(unit)
        when = self._condition(entry.when, over, (*trail, "when"))
        until = self._condition(entry.until, over, (*trail, "until"))
        metric = self.metrics.get(metric_name)
        marks = self._milestones(entry, trail)
        if say is None or metric is None or len(page.problems) > before:
            return None
        return AlertRule(
            name, page.place(trail), metric.name, entry.period, when, entry.after or 1, until,
            tuple(dict.fromkeys(entry.tell)), say, entry.band, for_, marks, entry.cool_down or 0, entry.rearm,
            entry.changed_target, entry.at_once,
        )  # fmt: skip

    def _about_records(self, name: str, entry: AlertEntry, trail: Trail) -> RecordRule | None:
        page, before, kind = self.page, len(self.page.problems), str(entry.of)
        over = self.catalogue.relations[kind]
        say = self.messages.said(page, (*trail, "say"), entry.say, (*OWN_WORDS, *over.fields))
        for_ = self._condition(entry.for_, self.catalogue.relations["people"], (*trail, "for"))
        when = self._condition(entry.when, over, (*trail, "when"))
        if entry.when is None:
            self.page.refuse_key(trail, "one-condition", "a rule about records says `when`", "when: pushes >= 3")
        for key in ("milestones", "changed_target", "cool_down", "rearm", "after", "until"):
            if getattr(entry, key):
                self.page.refuse_key(
                    (*trail, key), "misplaced-key", f"`{key}` says nothing of single records: `when` can count days"
                )
        if say is None or when is None or len(page.problems) > before:
            return None
        tell = tuple(dict.fromkeys(entry.tell))
        return RecordRule(
            name, page.place(trail), kind, entry.period, when, tell, say, entry.band, for_, entry.at_once,
            entry.at_most or 5,
        )  # fmt: skip

    def _milestones(self, entry: AlertEntry, trail: Trail) -> tuple[Decimal, ...]:
        """The marks, lowest first; a rule has these, or a condition, or tells of changed targets."""
        if sum((entry.when is not None, bool(entry.milestones), entry.changed_target)) != 1:
            text = (
                "a rule speaks up `when` something holds, at `milestones`, or on a `changed_target`: one of the three"
            )
            self.page.refuse_key(trail, "one-condition", text, "when: pace < 70%")
        if entry.at_most is not None:
            self.page.refuse_key((*trail, "at_most"), "misplaced-key", "`at_most` is about single records: `of: deals`")
        if entry.when is None:
            for key in ("until", "cool_down", "after"):
                if getattr(entry, key) is not None:
                    self.page.refuse_key((*trail, key), "misplaced-key", f"`{key}` says nothing without `when`")
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
