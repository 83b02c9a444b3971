"""Who earned what: decided from scores of periods that are over, and from what managers confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from connector.decide.alerts import score_values
from connector.decide.readers import MANAGER, is_meant, key, readers, spoken
from connector.decide.recognition import Ask, Badge, Contest, Level, Progress, Recognised, Recognition, Support
from connector.decide.rule import Speech
from connector.decide.wording import ENGLISH, filled
from connector.language.evaluate import truth
from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person, Roster
from connector.model.records import Reading
from connector.model.results import Alert, Score, Subject

TABLE = "confirmations"


def over(calendar: Calendar, grain: Grain, today: date, many: int) -> list[Period]:
    """The last periods of a length that are over on a day, newest first."""
    return calendar.past(calendar.containing(today, grain), many)


@dataclass(frozen=True, slots=True)
class Recognising:
    """Everything that recognition is decided from."""

    rules: Recognition
    roster: Roster
    calendar: Calendar
    today: date
    scores: Mapping[tuple[str, Subject, str], Score]  # by metric, subject and period id
    standings: Mapping[str, Mapping[str, Decimal]]  # of contests by name: everybody's number by person id
    confirmations: Sequence[Reading] = ()  # rows of files/confirmations.csv

    def all(self) -> list[Recognised]:
        """Whatever anybody earned or is to be helped with, and how far they are with their next level."""
        found = [each for badge in self.rules.badges for each in self._badge(badge)]
        found += [each for contest in self.rules.contests for each in self._contest(contest)]
        found += [each for level in self.rules.levels for each in self._level(level)]
        found += [each for support in self.rules.supports for each in self._support(support)]
        return found

    def _meant(self, rule: Badge | Contest | Level | Support) -> Iterator[Person]:
        yield from (each for each in self.roster.people if is_meant(rule.for_, each, self.today))

    def _held(self, ask: Ask, person: Person) -> int:
        """In how many periods in a row it held, newest first, no more than are asked."""
        held = 0
        for period in over(self.calendar, ask.period, self.today, ask.in_a_row):
            score = self._score(ask.metric, person, period)
            if score is None or truth(ask.when, score_values(score), period.last_day) is not True:
                break
            held += 1
        return held

    def _score(self, metric: str, person: Person, period: Period) -> Score | None:
        return self.scores.get((metric, Subject("person", person.id), period.id))

    def _badge(self, badge: Badge) -> Iterator[Recognised]:
        if badge.ask is None:
            yield from self._most_improved(badge)
            return
        [last] = over(self.calendar, badge.period, self.today, 1)
        for person in self._meant(badge):
            if self._held(badge.ask, person) >= badge.ask.in_a_row:
                score = self._score(badge.metric, person, last)
                value = score.actual if score else None
                yield Recognised("badge", badge.name, badge.title, person.id, last, value=value)

    def _most_improved(self, badge: Badge) -> Iterator[Recognised]:
        """Whoever rose most against the period before: a share of what it was, or points where it is a ratio."""
        last, before = over(self.calendar, badge.period, self.today, 2)
        rises: dict[str, tuple[Decimal, Decimal]] = {}
        for person in self._meant(badge):
            now, was = (self._score(badge.metric, person, each) for each in (last, before))
            if now and was and now.actual is not None and was.actual is not None:
                points = now.unit == "ratio"
                if points or was.actual > 0:
                    rise = now.actual - was.actual if points else now.actual / was.actual - 1
                    rises[person.id] = rise, now.actual
        best = max((rise for rise, _ in rises.values()), default=Decimal(0))
        for person_id, (rise, value) in rises.items():
            if rise == best > 0:
                yield Recognised("badge", badge.name, badge.title, person_id, last, value=value, rise=rise)

    def _contest(self, contest: Contest) -> Iterator[Recognised]:
        """Places by the number, 1, 2, 2, 4; nobody with nothing has one."""
        numbers = self.standings.get(contest.name, {})
        mine = {each.id: numbers[each.id] for each in self._meant(contest) if numbers.get(each.id, 0) > 0}
        span = Period(contest.starts_on, contest.ends_on + timedelta(days=1), contest.name, Grain.ROLLING)
        for person_id, value in sorted(mine.items(), key=lambda each: (-each[1], each[0])):
            place = 1 + sum(other > value for other in mine.values())
            if place <= contest.places:
                yield Recognised("contest", contest.name, contest.title, person_id, span, place, value)

    def _level(self, level: Level) -> Iterator[Recognised]:
        for person in self._meant(level):
            progress = tuple(Progress(each, self._held(each, person)) for each in level.asks)
            confirmed = self._confirmed(level.name, person)
            last = over(self.calendar, level.asks[0].period, self.today, 1)[0]
            yield Recognised("level", level.name, level.title, person.id, last, progress=progress, confirmed=confirmed)

    def _support(self, support: Support) -> Iterator[Recognised]:
        [last] = over(self.calendar, support.ask.period, self.today, 1)
        for person in self._meant(support):
            if self._held(support.ask, person) >= support.ask.in_a_row:
                confirmed = self._confirmed(support.name, person, last)
                yield Recognised("support", support.name, support.title, person.id, last, confirmed=confirmed)

    def _confirmed(self, name: str, person: Person, since: Period | None = None) -> str:
        """Who confirmed it, and when; a plan is confirmed anew each period."""
        for row in self.confirmations:
            on, by = row.values.get("on"), str(row.values.get("by") or "")
            who = self.roster.find(str(row.values.get("person") or ""))
            if row.values.get("what") != name or who != [person] or not isinstance(on, date) or on > self.today:
                continue
            if since is None or on >= since.ends_before:
                return f"by {by or 'somebody'} on {on}"
        return ""


def recognition_alerts(
    found: Iterable[Recognised],
    rules: Recognition,
    roster: Roster,
    *,
    connections: Sequence[str],
    today: date,
    language: str = ENGLISH,
) -> Iterator[Alert]:
    """A word to the rep about a badge, and to the manager about what waits for their confirmation."""
    said: dict[tuple[str, str], Speech | None] = {("badge", each.name): each.say for each in rules.badges}
    said |= {("level", each.name): each.say for each in rules.levels}
    said |= {("support", each.name): each.say for each in rules.supports}
    for each in found:
        say, person = said.get((each.kind, each.name)), roster.get(each.person)
        waiting = each.kind == "badge" or (each.complete and not each.confirmed)
        if say is None or person is None or not waiting:
            continue
        tell = "rep" if each.kind == "badge" else MANAGER
        for reader in readers((tell,), person, roster, today):
            _, message = spoken(say, reader.person, today, language)
            words = {"person": person.name, "title": each.title, "period": each.period.id, "what": each.name}
            subject, period = Subject("person", person.id), each.period
            # A level that nobody confirms is asked for once, and not anew each period.
            meaning = (each.kind, each.name, subject, "" if each.kind == "level" else period.id)
            yield Alert(
                key(reader.person, connections, *meaning),
                each.name,
                subject,
                period,
                each.kind,
                "",
                today,
                reader.person.id,
                filled(message.title, words),
                filled(message.text, words),
                told_as=reader.told_as,
            )
