"""One task a week for a manager, in the place of many."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from connector.decide.readers import MANAGER, key, spoken
from connector.decide.rule import Digest
from connector.decide.wording import ENGLISH, filled
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person, Roster
from connector.model.results import Alert, Subject

RULE = "digest"


def digested(
    found: Iterable[Alert],
    digest: Digest | None,
    roster: Roster,
    calendar: Calendar,
    *,
    at_once: Collection[str],
    connections: Sequence[str],
    today: date,
    language: str = ENGLISH,
) -> list[Alert]:
    """The same alerts, those to managers gathered into one for each manager and week; without a digest, as they are.

    A digest holds what was raised by its day: what comes up later in the week waits for the next one. A service that
    was down on that day still tells it, without what is only known of today: single records and coaching.
    `at_once` are rules whose alerts managers get by themselves.
    """
    if digest is None:
        return list(found)
    day = digest_day(digest, calendar, today)
    kept: list[Alert] = []
    gathered: dict[str, list[Alert]] = {}
    for each in found:
        if each.told_as != MANAGER or each.rule in at_once:
            kept.append(each)
        elif day is not None and each.raised_on <= day:
            gathered.setdefault(each.person, []).append(each)
    for person, mine in gathered.items():
        reader = roster.get(person)
        if reader and day:
            week = calendar.containing(day, Grain.WEEK)
            kept.append(_digest(digest, reader, mine, week, day, connections=connections, language=language))
    return kept


def digest_day(digest: Digest, calendar: Calendar, today: date) -> date | None:
    """The day of this week's digest: the first working day from its weekday on; None: it is still to come."""
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(days=digest.weekday)
    while not calendar.is_working(day) and day < monday + timedelta(days=6):
        day += timedelta(days=1)
    return day if day <= today else None


def _digest(
    digest: Digest,
    reader: Person,
    mine: Sequence[Alert],
    week: Period,
    day: date,
    *,
    connections: Sequence[str],
    language: str,
) -> Alert:
    spoken_in, message = spoken(digest.say, reader, day, language)
    ordered = sorted(mine, key=lambda each: (each.rule, each.subject, each.band))
    lines = [f"- {each.title}: {each.text}" for each in ordered[: digest.at_most]]
    if len(ordered) > digest.at_most:
        lines.append(_MORE.get(spoken_in, _MORE[ENGLISH]).format(len(ordered) - digest.at_most))
    words: Mapping[str, str] = {
        "person": reader.name,
        "period": week.id,
        "count": str(len(ordered)),
        "lines": "\n".join(lines),
    }
    subject = Subject("person", reader.id)
    return Alert(
        key(reader, connections, RULE, subject, week.id, RULE),
        RULE,
        subject,
        week,
        RULE,
        "",
        day,
        reader.id,
        filled(message.title, words),
        filled(message.text, words),
        told_as=MANAGER,
    )


_MORE = {ENGLISH: "- and {} more", "zh-CN": "- 另有 {} 条"}
