"""`rules/health.yaml`: how healthy deals and accounts are, record by record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field as Key

from connector.language.expression import Expression
from connector.language.read import condition
from connector.model.catalogue import Catalogue
from connector.rulebook.notation import Name, Text
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape
from connector.score.health import HIGHEST, LOWEST, WORD, HealthRules, Point
from connector.yamlfile import Trail, did_you_mean

KINDS = ("deals", "accounts")


class HealthPointEntry(Shape):
    """What adds to the health of a record, or takes from it."""

    add: Annotated[int, Key(ge=-HIGHEST, le=HIGHEST)] = Key(description="points: 15, or -25")
    when: str = Key(description="over the record: days_in_stage > stage_p75_days")
    say: Text = Key(description="the reason; fields of the record in braces: {days_in_stage} days in {stage}")
    do: str = Key("", description="what to do about it")
    because: str = ""


class HealthEntry(Shape):
    """How one kind of record is judged."""

    for_: str | None = Key(None, alias="for", description="which records: outcome = 'open'")
    start: Annotated[int, Key(ge=LOWEST, le=HIGHEST)] = Key(50, description="what a record begins with, of 100")
    points: Annotated[list[HealthPointEntry], Key(min_length=1)]
    bands: Annotated[dict[Name, Annotated[int, Key(ge=LOWEST, le=HIGHEST)]], Key(min_length=1)] = Key(
        description="name: from how many points on"
    )
    because: str = ""


class HealthFile(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    deals: HealthEntry | None = None
    accounts: HealthEntry | None = None


@dataclass(frozen=True, slots=True)
class HealthReader:
    """Reads the rules of health against the fields that are known."""

    page: Page
    catalogue: Catalogue

    def rules(self) -> tuple[HealthRules, ...]:
        """The rules of each kind of record that are right."""
        self.page.whole(HealthFile)
        value = self.page.file.value
        given = [kind for kind in KINDS if isinstance(value, dict) and value.get(kind) is not None]
        found = [self._kind(kind) for kind in given]
        return tuple(each for each in found if each is not None)

    def _kind(self, kind: str) -> HealthRules | None:
        entry = self.page.part(HealthEntry, (kind,))
        if entry is None:
            return None
        before = len(self.page.problems)
        for_ = self._condition(kind, entry.for_, (kind, "for"))
        points = [self._point(kind, each, (kind, "points", at)) for at, each in enumerate(entry.points)]
        bands = tuple(sorted(entry.bands.items(), key=lambda each: -each[1]))
        if len(set(entry.bands.values())) < len(bands):
            self.page.refuse_key((kind, "bands"), "same-bands", "two bands begin at the same number of points")
        if len(self.page.problems) > before:
            return None
        return HealthRules(
            kind, self.page.place((kind,)), entry.start, tuple(each for each in points if each), bands, for_
        )

    def _point(self, kind: str, entry: HealthPointEntry, trail: Trail) -> Point | None:
        when = self._condition(kind, entry.when, (*trail, "when"))
        self._words(kind, entry.say, (*trail, "say"))
        self._words(kind, entry.do, (*trail, "do"))
        return Point(self.page.place(trail), entry.add, when, entry.say, entry.do) if when else None

    def _words(self, kind: str, text: str, trail: Trail) -> None:
        fields = self.catalogue.relations[kind].fields
        for found in WORD.finditer(text):
            if found[1] not in fields:
                place = self.page.file.place_in(trail, found.start(1))
                hint = did_you_mean(found[1], fields) or "words in braces are fields of the record"
                self.page.refuse_at(place, "unknown-word", f"{kind} have no field `{found[1]}`", hint)

    def _condition(self, kind: str, text: str | None, trail: Trail) -> Expression | None:
        over, currency = self.catalogue.relations[kind], self.catalogue.currency
        return self.page.expression(lambda written, at: condition(written, over, currency, at), text, trail)
