"""People as they were on each day: who they are, where they sat, when they were there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.model.records import Ref


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a CRM said about one of its users, on the day we first saw it say so."""

    user: Ref
    seen_on: date
    levels: Mapping[str, str]
    manager: Ref | None
    active: bool


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a person sat from a day on, until the next assignment or their end."""

    starts_on: date
    levels: Mapping[str, str]  # "role", "team", "region", "territory"; whatever the mapping declares
    manager: str | None = None  # a person id


@dataclass(frozen=True, slots=True)
class Membership:
    """A unit that somebody sits in besides their seat: a second team, another territory."""

    level: str
    unit: str
    starts_on: date
    ends_on: date | None = None  # the last day, inclusive; None: still there


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away, both inclusive; the reason is never kept."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Person:
    """One human with an id of our own and dated places in the company."""

    id: str  # "p_" and 12 hex digits; a pseudonym
    name: str
    email: str | None
    identities: tuple[Ref, ...]  # the users of each CRM that are this person; in each, those in use come first
    active: bool  # False: every login is switched off, or they were forgotten
    starts_on: date | None  # None: has always been here
    ends_on: date | None  # last day, inclusive; None: still here
    assignments: tuple[Assignment, ...]  # oldest first, at least one
    absences: tuple[Absence, ...] = ()
    home: str | None = None  # connection that gets their alerts
    scores_on: tuple[Ref, ...] = ()  # the records that carry their numbers, one per connection
    memberships: tuple[Membership, ...] = ()
    also_at: tuple[str, ...] = ()  # addresses of their other users, where these differ
    formerly: tuple[str, ...] = ()  # addresses that they had before, and that are nobody's today

    def on(self, day: date) -> Assignment:
        """The assignment in force; the first one extends back before its start."""
        current = self.assignments[0]
        for assignment in self.assignments:
            if assignment.starts_on <= day:
                current = assignment
        return current

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every e-mail address that leads to them, today's first."""
        return (*self.addresses_today, *self.formerly)

    @property
    def addresses_today(self) -> tuple[str, ...]:
        """Those that their users have now."""
        return (*([self.email] if self.email else []), *self.also_at)

    @property
    def manager(self) -> str | None:
        """Who they report to today, a person id."""
        return self.assignments[-1].manager if self.assignments else None

    def employed(self, day: date) -> bool:
        """Whether the day lies between start and end."""
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)

    def present(self, day: date) -> bool:
        """Employed and not absent."""
        if self.absences and any(absence.starts_on <= day <= absence.ends_on for absence in self.absences):
            return False
        return self.employed(day)


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody, and the levels by which the company is cut."""

    people: tuple[Person, ...]
    levels: tuple[str, ...] = ("region", "team")  # widest first; roll-ups are made for these
    unmatched: tuple[str, ...] = ()  # rows of file tables that name nobody we know, with their place
    _by_id: Mapping[str, Person] = field(default_factory=dict, repr=False, compare=False)
    # E-mail address, in lower case → who has it today, else who had it; where there are several it tells nobody apart.
    by_address: Mapping[str, Sequence[Person]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls, people: Sequence[Person], levels: Sequence[str] = ("region", "team"), unmatched: Sequence[str] = ()
    ) -> Roster:
        """Build a roster with its indexes."""
        ids = {each.id: each for each in people}
        return cls(tuple(people), tuple(levels), tuple(unmatched), ids, _by_address(people))

    def get(self, person_id: str) -> Person | None:
        """The person of that id, or None."""
        return self._by_id.get(person_id)

    def find(self, handle: str) -> list[Person]:
        """People whose id, e-mail or name is `handle`, case ignored; else whose e-mail it was, or whose name holds it."""
        wanted = handle.strip().lower()
        exact = [each for each in self.people if wanted in (each.id, each.name.lower())]
        exact += [each for each in self.by_address.get(wanted, ()) if each not in exact]
        return exact or [each for each in self.people if wanted in each.name.lower()]


def _by_address(people: Iterable[Person]) -> Mapping[str, Sequence[Person]]:
    now, before = defaultdict[str, list[Person]](list), defaultdict[str, list[Person]](list)
    for each in people:
        for address in dict.fromkeys(map(str.lower, each.addresses_today)):
            now[address].append(each)
        for address in dict.fromkeys(map(str.lower, each.formerly)):
            before[address].append(each)
    return {**before, **now}
