"""Who hears of something, in which language, and under which key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from connector.decide.home import home
from connector.decide.rule import Message, Speech
from connector.decide.wording import ENGLISH
from connector.language.evaluate import truth
from connector.language.expression import Expression
from connector.model.people import Person, Roster

MANAGER = "manager"


class Reader(NamedTuple):
    """Somebody who is told, and as what: `rep`, `manager` or the address that a rule names."""

    person: Person
    told_as: str

    def band(self, band: str) -> str:
        """The band under which they are told; another reader's is another one, since it is another message."""
        match self.told_as:
            case "rep":
                return band
            case "manager":
                return f"{band}, to the manager"
            case address:
                return f"{band}, to {address}"


def readers(tell: Sequence[str], about: Person, roster: Roster, today: date) -> Iterator[Reader]:
    """Who is told of a person's affairs. Whoever left is replaced by their manager, and that one by theirs."""
    for each in tell:
        if each == "rep":
            yield Reader(about, each)
            continue
        if each == MANAGER:
            named = roster.get(about.assignments[-1].manager or "")
        else:
            named = next((person for person in roster.people if person.email == each), None)
        found = _still_here(named, roster, today)
        if found:
            yield Reader(found, each)


def _still_here(person: Person | None, roster: Roster, today: date) -> Person | None:
    """The person, or whoever above them is still there; None: nobody is."""
    seen = set[str]()
    while person and person.id not in seen and not (person.active and person.employed(today)):
        seen.add(person.id)
        person = roster.get(person.assignments[-1].manager or "")
    return person if person and person.id not in seen else None


def is_meant(for_: Expression | None, person: Person, today: date) -> bool:
    """Whether a rule is about them, as they are today."""
    if not person.active or not person.employed(today):
        return False
    values = {**person.on(today).levels, "name": person.name, "email": person.email}
    return for_ is None or truth(for_, values, today) is True


def spoken(say: Speech, reader: Person, today: date, language: str) -> tuple[str, Message]:
    """What somebody reads, and in which language: their level `language`, else the company's; else English."""
    wanted = reader.on(today).levels.get("language") or language
    found = say.others.get(wanted)
    return (wanted, found) if found else (ENGLISH, say.english)


def key(reader: Person, connections: Sequence[str], *meaning: object) -> str:
    """32 hex digits, fixed by whom an alert is told to, and by what it means."""
    text = "|".join((home(reader, connections) or "", *map(str, meaning)))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
