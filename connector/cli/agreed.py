"""What is answered to whoever asks for a number that nobody may know, or that is not theirs to see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import typer

from connector.appraisal.agreed import Viewed, people_seen, seen_by
from connector.cli.terminal import complain
from connector.flow.house import House
from connector.model.calendar import Period
from connector.model.people import Roster
from connector.model.results import COMPANY, Subject

S = TypeVar("S", bound=Viewed)


def refuse_unknown(
    house: House, roster: Roster, subject: Subject | None, today: date, metric: str = "", period: Period | None = None
) -> None:
    """Exit 3 with the setting of `privacy:` by which it may not be known; nothing where nobody is asked about."""
    why = house.agreed(roster, today).why_not(metric, subject, period) if subject else ""
    if why:
        complain(why)
        raise typer.Exit(3)


def one_person(roster: Roster, handle: str) -> Subject:
    """Whom a name or an e-mail address means. Exit 2 when nobody, or several."""
    found = roster.find(handle)
    if len(found) != 1:
        names = ", ".join(f"{each.name} <{each.email}>" for each in found[:8])
        complain(f"`{handle}` may be {names}" if found else f"nobody is called `{handle}`")
        raise typer.Exit(2)
    return Subject("person", found[0].id)


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whose eyes an answer is for: those of `--as`, or of an admin, who sees everything that may be known."""

    viewer: str | None  # a person id; None: nobody's, everything
    people: frozenset[str]  # whose numbers they may see

    @classmethod
    def of(cls, house: House, roster: Roster, handle: str | None, today: date) -> Eyes:
        """By `--as`. Exit 2 when it names nobody, or several."""
        if handle is None:
            return cls(None, frozenset())
        who = one_person(roster, handle).id
        return cls(who, people_seen(who, roster, house.settings.privacy, today))

    def see(self, person: str | None) -> bool:
        """Whether somebody's own may be shown; what is nobody's is everybody's."""
        return self.viewer is None or person is None or person in self.people

    def seen(self, found: Iterable[S]) -> list[S]:
        """What they may see of numbers of people, units and the company."""
        return list(found) if self.viewer is None else seen_by(found, self.people)

    def refuse(self, subject: Subject | None) -> None:
        """Exit 3 where a person is asked about whose numbers are not theirs to see."""
        if subject is not None and subject.kind == "person" and not self.see(subject.id):
            _not_theirs("this person's numbers are not theirs to see")

    def refuse_records(self, subject: Subject, roster: Roster) -> None:
        """The same, and where the records behind a total are of people whose numbers are not theirs to see."""
        self.refuse(subject)
        if subject.kind != "person" and not all(self.see(each) for each in _ever_in(subject, roster)):
            _not_theirs(f"the records behind the total of {subject.kind} {subject.id} are not all theirs to see")


def asked_about(
    house: House, roster: Roster, handle: str | None, viewer: str | None, today: date
) -> tuple[Subject | None, Eyes]:
    """Who is asked about (None: everybody), and whose eyes the answer is for. Exit 2 or 3 where there is none to give."""
    who = one_person(roster, handle) if handle else None
    refuse_unknown(house, roster, who, today)
    eyes = Eyes.of(house, roster, viewer, today)
    eyes.refuse(who)
    return who, eyes


def _not_theirs(text: str) -> None:
    complain(f"{text}: `privacy: reps_see:` in the config")
    raise typer.Exit(3)


def _ever_in(unit: Subject, roster: Roster) -> list[str]:
    return [
        each.id
        for each in roster.people
        if unit == COMPANY
        or any(it.levels.get(unit.kind) == unit.id for it in each.assignments)
        or any((it.level, it.unit) == unit for it in each.memberships)
    ]
