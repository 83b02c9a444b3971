"""What holds somebody back: the driver that is weakest against their own past and their peers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from connector.decide.readers import MANAGER, Matter, readers, spoken, told
from connector.decide.rule import Coaching
from connector.decide.wording import ENGLISH, number, percent
from connector.measure.facts import Weighty
from connector.measure.metric import Metric
from connector.model.people import Person, Roster
from connector.model.results import Alert, Measurement, Score

BAND = "coaching"
_WORST = 0.01  # of nothing, no logarithm can be taken


@dataclass(frozen=True, slots=True)
class Standing:
    """One driver of somebody's number: now, in their own like periods before, and now with each of their peers."""

    metric: str
    now: Measurement | None
    past: Sequence[Measurement]
    peers: Sequence[Measurement]
    builds_up: bool  # a count or a sum: few records are what it says, and no reason to say nothing
    lower: bool = False  # better when lower


@dataclass(frozen=True, slots=True)
class Weakness:
    """The weakest driver, and what it is compared with."""

    standing: Standing
    past: Decimal | None  # median; None: too little of it
    peers: Decimal | None
    share: Decimal  # of what all drivers that are behind hold back
    records: int  # that the driver was measured on


def weakest(drivers: Sequence[Standing], *, least: int, peers: int) -> Weakness | None:
    """The driver that holds back most; None: too few records to say so, or no driver is behind.

    A number that is made of factors falls by their product, so each counts by the logarithm of what it is against its
    own past and the peers' median, the mean of the two where both are known. `least` records are needed on either
    side, and so many `peers`.
    """
    found: list[tuple[float, Weakness]] = []
    for each in drivers:
        now = _value(each.now, 0 if each.builds_up else least)
        if now is None or each.now is None:
            continue
        past = _median(each.past, least, 1)
        others = _median(each.peers, 0 if each.builds_up else least, peers)
        lost = [_lost(now, against, lower=each.lower) for against in (past, others) if against]
        if lost:
            loss = sum(lost) / len(lost)
            found.append((loss, Weakness(each, past, others, Decimal(0), each.now.records)))
    behind = [each for each in found if each[0] > 0]
    if not behind:
        return None
    loss, worst = max(behind, key=lambda each: each[0])
    share = Decimal(str(round(loss / sum(each for each, _ in behind), 4)))
    return Weakness(worst.standing, worst.past, worst.peers, share, worst.records)


def _value(measured: Measurement | None, least: int) -> Decimal | None:
    return measured.value if measured and measured.records >= least else None


def _median(found: Sequence[Measurement], least: int, people: int) -> Decimal | None:
    values = [value for each in found if (value := _value(each, least)) is not None]
    return median(values) if len(values) >= max(people, 1) else None


def _lost(now: Decimal, against: Decimal, *, lower: bool) -> float:
    """How far a driver is behind: 0 as it was, above 0 behind."""
    ratio = float(now / against)
    ratio = max(1 / ratio if lower and ratio else ratio, _WORST)
    return -math.log(ratio)


@dataclass(frozen=True, slots=True)
class Coachable:
    """Somebody behind, what holds them back most, and the records to look at."""

    person: Person
    score: Score
    weakness: Weakness
    records: Sequence[Weighty]


def coaching_alerts(
    rule: Coaching,
    found: Iterable[Coachable],
    roster: Roster,
    metrics: Mapping[str, Metric],
    *,
    connections: Sequence[str],
    currency: str,
    today: date,
    language: str = ENGLISH,
) -> Iterator[Alert]:
    """A word to the manager of each, once in a period for each driver."""
    for each in found:
        score, band = each.score, f"{BAND}: {each.weakness.standing.metric}"
        first = next((record.ref for record in each.records), None)
        matter = Matter(rule.name, score.subject, score.period, band, today, score.metric, first)
        for reader in readers((MANAGER,), each.person, roster, today):
            spoken_in, message = spoken(rule.say, reader.person, today, language)
            words = _words(each, metrics, currency, spoken_in)
            yield told(matter, reader, connections, message, words)


def _words(found: Coachable, metrics: Mapping[str, Metric], currency: str, language: str) -> Mapping[str, str]:
    score, weak = found.score, found.weakness
    driver = metrics[weak.standing.metric]
    now = weak.standing.now.value if weak.standing.now else None

    def said(value: Decimal | None, unit: str = score.unit) -> str:
        return number(value, unit, currency, language)

    return {
        "person": found.person.name,
        "metric": metrics[score.metric].title,
        "period": score.period.id,
        "actual": said(score.actual),
        "target": said(score.target),
        "gap": said(score.gap),
        "pace": percent(score.pace, language),
        "driver": driver.title,
        "now": said(now, driver.unit),
        "past": said(weak.past, driver.unit),
        "peers": said(weak.peers, driver.unit),
        "share": percent(weak.share, language),
        "count": str(weak.records),
        "records": "; ".join(_record(each, currency, language) for each in found.records),
    }


def _record(record: Weighty, currency: str, language: str) -> str:
    """`Rollout (300 000 EUR, emea:Opportunity/006…)`: the name, and where it is found."""
    if record.amount is None:
        return f"{record.name} ({record.ref})"
    return f"{record.name} ({number(Decimal(record.amount), 'money', currency, language)}, {record.ref})"
