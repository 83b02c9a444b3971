"""What a review is made of, however it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from connector.appraisal.agreed import Agreed
from connector.appraisal.appraise import Appraisal
from connector.appraisal.notes import notes
from connector.appraisal.rules import Rules
from connector.model.calendar import Calendar, Period
from connector.model.notes import Note
from connector.model.people import Roster
from connector.model.records import Reading
from connector.model.results import COMPANY, Score, Subject
from connector.model.settings import Company, Privacy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

PAST = 4  # like periods before, that this one is compared with


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; `right` names the columns of numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing as SVG, and the same in words for whoever cannot see it."""

    svg: str
    says: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, sentences, then tables and drawings; `code` is text to be kept as it stands."""

    title: str
    says: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The whole of it."""

    company: str
    period: Period
    as_of: date
    rules_version: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Back:
    """Everything that is looked back with."""

    mirror: DuckDBPyConnection
    rules: Rules
    roster: Roster
    company: Company
    privacy: Privacy
    tables: Mapping[str, Sequence[Reading]]
    period: Period
    appraisal: Appraisal  # on the day of the review, the period among what was appraised

    @property
    def calendar(self) -> Calendar:
        """The company's."""
        return self.company.calendar

    @property
    def today(self) -> date:
        """The day of the review."""
        return self.appraisal.today

    @cached_property
    def agreed(self) -> Agreed:
        """What may be known of whom on the day of the review."""
        return Agreed.of(self.rules.metrics, self.roster, self.privacy, self.today)

    @cached_property
    def before(self) -> tuple[Period, ...]:
        """The like periods before, newest first."""
        return tuple(self.calendar.past(self.period, PAST))

    @property
    def spans(self) -> Mapping[str, object]:
        """The period and those before, as queries are given them."""
        periods = (self.period, *self.before)
        return {
            "names": [each.id for each in periods],
            "starts": [each.starts_on for each in periods],
            "ends": [each.ends_before for each in periods],
        }

    @cached_property
    def notes(self) -> tuple[list[Note], list[str]]:
        """What people typed, of any period; and a sentence for each row that is no note."""
        return notes(self.tables, self.roster)

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        """The period's, of whatever has a target."""
        shown = self.rules.shown
        return tuple(
            each for each in self.appraisal.scores if each.period.id == self.period.id and each.metric in shown
        )

    def name(self, subject: Subject) -> str:
        """As people call it."""
        if subject == COMPANY:
            return "the company"
        person = self.roster.get(subject.id) if subject.kind == "person" else None
        return person.name if person else f"{subject.kind} {subject.id}"

    def team(self, person: str | None) -> str:
        """Where somebody sat when the period ended; empty: nowhere, or where a total would tell of one."""
        known = self.roster.get(person) if person else None
        team = known.on(self.period.last_day).levels.get("team", "") if known else ""
        return team if self.agreed.may_know("", Subject("team", team), self.period) else ""
