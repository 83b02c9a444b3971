"""Which single deals and accounts are spoken of today, and to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from connector.decide.readers import Matter, is_meant, readers, spoken, told
from connector.decide.rule import Message, RecordRule
from connector.decide.wording import ENGLISH, WORD
from connector.measure.facts import Fact
from connector.model.calendar import Period
from connector.model.people import Roster
from connector.model.results import Alert, Subject

WEIGHT = {"deals": "amount", "accounts": "yearly_value"}  # what makes a record weightier than another
OWN_WORDS = ("record", "person", "period")  # what a message may say besides the fields of the record


def fields_asked(rule: RecordRule) -> tuple[str, ...]:
    """The fields of the record that a rule's message speaks of, in any language, and its weight; each once."""
    found = (word for each in (rule.say.english, *rule.say.others.values()) for word in _words(each))
    return tuple(dict.fromkeys((*(each for each in found if each not in OWN_WORDS), WEIGHT[rule.kind])))


def record_alerts(
    rule: RecordRule,
    found: Iterable[Fact],
    roster: Roster,
    period: Period,
    *,
    shown: Callable[[str, object], str],
    connections: Sequence[str],
    today: date,
    language: str = ENGLISH,
) -> list[Alert]:
    """The alerts of one rule: one for each record and reader, once in a period.

    `found` are the records of which the condition holds, with the values of `fields_asked`. A record of nobody we know,
    or of somebody who left, is told to nobody; of each owner's, no more than `at_most`, the weightiest.
    """
    names, gathered = fields_asked(rule), list[Alert]()
    weight = names.index(WEIGHT[rule.kind])
    spoken_of = Counter[str]()
    for each in sorted(found, key=lambda it: (-_number(it.values[weight]), it.ref)):
        owner = roster.get(each.owner or "")
        if owner is None or spoken_of[owner.id] >= rule.at_most or not is_meant(rule.for_, owner, today):
            continue
        spoken_of[owner.id] += 1
        values = {name: shown(name, value) for name, value in zip(names, each.values, strict=True)}
        words = {**values, "record": each.name, "person": owner.name, "period": period.id}
        subject = Subject(rule.kind.removesuffix("s"), each.ref)
        matter = Matter(rule.name, subject, period, rule.band, today, record=each.ref)
        for reader in readers(rule.tell, owner, roster, today):
            _, message = spoken(rule.say, reader.person, today, language)
            gathered.append(told(matter, reader, connections, message, words))
    return gathered


def _number(value: object) -> int | float:
    return value if isinstance(value, int | float) else 0


def _words(message: Message) -> list[str]:
    return WORD.findall(message.title + message.text)
