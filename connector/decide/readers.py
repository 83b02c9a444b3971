"""Who hears of something, in which language, and under which key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from connector.decide.home import home
from connector.decide.rule import Message, Speech
from connector.decide.wording import ENGLISH, filled
from connector.language.evaluate import truth
from connector.language.expression import Expression
from connector.model.calendar import Period
from connector.model.people import Person, Roster
from connector.model.results import Alert, Subject

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
            named = roster.get(about.manager or "")
        else:
            found = roster.by_address.get(each.lower(), ())
            named = found[0] if len(found) == 1 else None
        told = _still_here(named, roster, today)
        if told:
            yield Reader(told, each)


def _still_here(person: Person | None, roster: Roster, today: date) -> Person | None:
    """The person, or whoever above them is still there; None: nobody is."""
    seen = set[str]()
    while person and person.id not in seen and not (person.active and person.employed(today)):
        seen.add(person.id)
        person = roster.get(person.manager or "")
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


@dataclass(frozen=True, slots=True)
class Matter:
    """What an alert is about, and since when."""

    rule: str
    subject: Subject
    period: Period
    band: str
    on: date  # the day it was raised
    metric: str = ""
    record: str | None = None  # the deal or account to look at first


def told(
    matter: Matter, reader: Reader, connections: Sequence[str], message: Message, words: Mapping[str, str]
) -> Alert:
    """The alert that one reader gets of it."""
    band = reader.band(matter.band)
    return Alert(
        key(reader.person, connections, matter.rule, matter.subject, matter.period.id, band),
        matter.rule,
        matter.subject,
        matter.period,
        band,
        matter.metric,
        matter.on,
        reader.person.id,
        filled(message.title, words),
        filled(message.text, words),
        told_as=reader.told_as,
        record=matter.record,
    )


def key(reader: Person, connections: Sequence[str], *meaning: object) -> str:
    """32 hex digits, fixed by whom an alert is told to, and by what it means."""
    text = "|".join((home(reader, connections) or "", *map(str, meaning)))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
