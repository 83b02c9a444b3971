"""The small files: stages, people, rates, and the tables that no CRM holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from connector.sandbox.company import names
from connector.sandbox.company.columns import STAGES
from connector.sandbox.company.days import Days
from connector.sandbox.company.staff import Person, Staff

Row = tuple[object, ...]
_RELEVANT = ("AE", "SDR", "Manager")


def stages() -> Iterator[Row]:
    """The rows of stages.csv."""
    for stage, label, order, probability, is_closed, is_won, forecast in STAGES:
        yield stage, label, order, probability, str(is_closed).lower(), str(is_won).lower(), forecast


def people(staff: Staff, days: Days) -> Iterator[Row]:
    """The rows of people.csv: everybody as they are today."""
    for each in staff.people:
        manager = staff.people[each.manager].id if each.manager is not None else None
        ends = days.text[each.ends] if each.ends is not None else None
        active = "true" if each.ends is None else "false"
        seat = (each.id, each.name, each.email, each.role, each.team, each.region, manager)
        yield *seat, days.text[each.starts], ends, active, " ".join(each.crm)


def dated_people(staff: Staff, days: Days) -> Iterator[Row]:
    """The rows of files/people.csv: a row per person, and a second one for those whom the re-organisation moved."""
    directors = {each.region: each for each in staff.people if each.role == "Director"}
    moved_on = staff.cast.moved_on
    for each in staff.people:
        manager = staff.people[each.manager].email if each.manager is not None else None
        ends = days.text[each.ends] if each.ends is not None else None
        tail = (days.text[each.starts], ends, None)
        territory = f"{each.team} {each.at % 9 + 1}" if each.role == "AE" else None
        start = each.starts
        if each.was_region and start < moved_on:
            boss = directors[each.was_region].email if each.role == "Manager" else manager
            yield each.email, days.text[start], each.name, each.role, each.team, each.was_region, territory, boss, *tail
            start = moved_on
        yield each.email, days.text[start], each.name, each.role, each.team, each.region, territory, manager, *tail


def absences(staff: Staff, days: Days, random: Random) -> Iterator[Row]:
    """Two weeks each summer, a few days in winter, and one long leave."""
    long_leave = next((each for each in reversed(staff.people) if each.role == "AE" and each.ends is None), None)
    for each in staff.people:
        found: list[tuple[int, int]] = []
        for year in sorted(set(days.year[days.starts : days.today])):
            for month, length in ((7, 11), (12, 4)):
                first = next(
                    (
                        at
                        for at in range(days.starts - 365, days.today)
                        if days.year[at] == year and days.month[at] == month
                    ),
                    0,
                )
                if first:
                    starts = days.next_working[first + random.randrange(20)]
                    found.append((starts, days.working[starts + length]))
        if long_leave is each and each.starts < days.today - 300:
            found.append((days.next_working[days.today - 130], days.working[days.today - 75]))
        for starts, ends in _apart(found):
            if each.works_on(starts) and each.works_on(ends):
                yield each.email, days.text[starts], days.text[ends]


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same days away, each once: spans that overlap become one."""
    apart: list[tuple[int, int]] = []
    for starts, ends in sorted(spans):
        if apart and starts <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(ends, apart[-1][1]))
        else:
            apart.append((starts, ends))
    return apart


def trainings(staff: Staff, days: Days, random: Random) -> Iterator[Row]:
    """Three or four a year for those who sell."""
    for each in staff.people:
        first, last = max(each.starts, days.starts), min(each.ends or days.today - 1, days.today - 1)
        if each.role not in _RELEVANT or last - first < 30:
            continue
        count = max(1, (last - first) * random.choice((3, 4)) // 365)
        chosen = sorted(
            (days.working[random.randrange(first + 7, last)], random.choice(names.TRAININGS)) for _ in range(count)
        )
        for at, training in dict.fromkeys(chosen):
            yield each.email, training, days.text[at]


def quotas(staff: Staff, days: Days, random: Random, credited: Mapping[tuple[str, str], int]) -> Iterator[Row]:
    """Bookings per AE and quarter of this and the last fiscal year, in whole units of the company's currency.

    A team is asked for what it reached divided by 0.8 to 1.05; the current quarter is measured by what is
    normally reached by today. Within a team everybody is asked alike, by experience and days employed.
    """
    year = days.year[days.today]
    at = next(at for at, each in enumerate(days.year) if each == year - 1)
    usual = 100_00
    while days.year[at] <= year:
        quarter, ends = days.quarter[at], days.quarter_ends[at]
        aes = [(each, _present(each, at, ends) * each.skill) for each in staff.people if each.role == "AE"]
        rates = {}
        for team in dict.fromkeys(each.team for each, _ in aes):
            members = [(each, weight) for each, weight in aes if each.team == team and each.at != staff.cast.staller]
            weight = sum(weight for _, weight in members)
            won = sum(credited.get((each.id, quarter), 0) for each, _ in members) / 10_000
            done = days.working_days(at, min(ends, days.today)) / days.working_days(at, ends)
            if won and weight and done > 0.2:
                asked = random.uniform(0.8, 1.05) if done >= 1 else random.uniform(1.0, 1.2)
                rates[team] = won / weight / min(1, done) / asked
        usual = int(sum(rates.values()) / len(rates)) if rates else usual
        for each, weight in aes:
            if weight:
                value = max(1000, round(rates.get(each.team, usual) * weight / 1000) * 1000)
                yield each.email, "bookings", quarter, value
        at = ends


def _present(person: Person, starts: int, ends_before: int) -> float:
    """The share of a stretch of days in which somebody was employed."""
    last = ends_before if person.ends is None else min(ends_before, person.ends + 1)
    return max(0, last - max(starts, person.starts)) / (ends_before - starts)
