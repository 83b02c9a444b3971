"""The people of the invented company: who they are, where they sit, when they came and went."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field, replace
from random import Random

from connector.sandbox.company import names
from connector.sandbox.company.columns import CRMS
from connector.sandbox.company.days import Days

REGIONS = ("EMEA", "AMER", "APAC")
PER_TEAM = 6
FEWEST = 6  # a VP, a director, two teams of a manager and an AE


@dataclass(frozen=True, slots=True)
class Person:
    """One human; days are counts of `Days`."""

    at: int  # their place in the list
    id: str
    name: str
    email: str
    role: str  # VP, Director, Manager, AE, SDR
    team: str
    region: str  # today's
    manager: int | None
    starts: int
    ends: int | None  # their last day
    crm: tuple[str, ...]
    skill: float = 1.0  # how many more of their deals than usual are won, and how much more is asked of them
    was_region: str = ""  # before the re-organisation; empty: they stayed

    def works_on(self, day: int) -> bool:
        """Employed on that day, first and last day included."""
        return self.starts <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays which part; None where the company is too small for it."""

    staller: int | None = None  # wins nothing in the current quarter
    sandbagger: int | None = None  # low amounts, late dates, then it all comes in early and larger
    buncher: int | None = None  # wins in the last working days of a quarter only
    joiner: int | None = None  # came in the middle of a month
    leaver: int | None = None  # went during the last quarter; the manager took over
    moved_team: str = ""
    moved_on: int = 0  # the day from which the team sits in another region


@dataclass(slots=True)
class Staff:
    """Everybody, and who can be given a deal on a day."""

    people: list[Person]
    cast: Cast
    _bench: dict[str, list[tuple[list[int], list[float]]]] = field(default_factory=dict)
    _steady: dict[str, list[int]] = field(default_factory=dict)

    def seller(self, crm: str, day: int, chance: float) -> int:
        """An AE of that CRM who works on that day, the better ones more often."""
        sellers, reach = self._bench[crm][day]
        return sellers[bisect(reach, chance * reach[-1])]

    def mates(self, crm: str, person: int) -> list[int]:
        """AEs of a CRM who were there all along, still are, and play no part; the person left out."""
        return [each for each in self._steady[crm] if each != person]

    def seat(self, days: Days) -> None:
        """Work out who is there on which day; a CRM without an AE leaves its deals to the managers."""
        parts = (self.cast.staller, self.cast.sandbagger, self.cast.buncher)
        for crm in CRMS:
            can = [each for each in self.people if crm in each.crm and each.role in ("AE", "Manager")]
            self._bench[crm] = [_sellers(can, day) for day in range(days.today + 1)]
            self._steady[crm] = [
                each.at
                for each in can
                if each.role == "AE" and each.ends is None and each.starts <= days.starts and each.at not in parts
            ]


def _sellers(can: list[Person], day: int) -> tuple[list[int], list[float]]:
    here = [each for each in can if each.role == "AE" and each.works_on(day)]
    here = here or [each for each in can if each.role == "Manager"]
    reach, total = [], 0.0
    for each in here:
        total += each.skill
        reach.append(total)
    return [each.at for each in here], reach


def hire(count: int, days: Days, random: Random) -> Staff:
    """A company of that many people. Raises ValueError when it is too small to have a hierarchy."""
    if count < FEWEST:
        raise ValueError(f"a company needs {FEWEST} people at least, not {count}")
    people = _seats(count, random)
    aes = _around([each for each in people if each.role == "AE"])
    parts = [*(each.at for each in aes[:5]), None, None, None, None, None]
    cast = Cast(staller=parts[0], sandbagger=parts[1], buncher=parts[2], joiner=parts[3], leaver=parts[4])
    _come_and_go(people, aes, cast, days, random)
    cast = _reorganise(people, cast, days)
    staff = Staff(people, cast)
    staff.seat(days)
    return staff


def _seats(count: int, random: Random) -> list[Person]:
    regions = REGIONS[: 1 if count < 12 else 2 if count < 24 else 3]
    teams = max(2, round((count - 1 - len(regions)) / PER_TEAM))
    people: list[Person] = []

    def add(role: str, team: str, region: str, manager: int | None, crm: tuple[str, ...]) -> int:
        at = len(people)
        name, email = names.person(at)
        starts = random.randrange(40, 800)
        skill = round(random.uniform(0.75, 1.3), 2)
        people.append(Person(at, f"p{at + 1:03}", name, email, role, team, region, manager, starts, None, crm, skill))
        return at

    top = add("VP", "", "", None, CRMS)
    directors = {region: add("Director", "", region, top, CRMS) for region in regions}
    for team in range(teams):
        region, turn = regions[team % len(regions)], team // len(regions)
        crm = CRMS[team % 2 : team % 2 + 1]
        known = names.TEAMS[region]
        name = known[turn % len(known)] + (f" {turn // len(known) + 1}" if turn >= len(known) else "")
        size = (count - 1 - len(regions)) * (team + 1) // teams - (count - 1 - len(regions)) * team // teams
        manager = add("Manager", name, region, directors[region], CRMS if team in (1, 2) else crm)
        for seat in range(1, size):
            add("SDR" if seat % PER_TEAM == PER_TEAM - 1 else "AE", name, region, manager, crm)
    return people


def _around(aes: list[Person]) -> list[Person]:
    """One of each team, then the next of each, so that the parts fall to different teams."""
    seen: dict[str, int] = {}
    order = []
    for each in aes:
        seen[each.team] = seen.get(each.team, 0) + 1
        order.append((seen[each.team], each.at, each))
    return [each for _, _, each in sorted(order)]


def _come_and_go(people: list[Person], aes: list[Person], cast: Cast, days: Days, random: Random) -> None:
    for turn, each in enumerate(aes):
        starts, ends = each.starts, each.ends
        if each.at == cast.joiner:
            starts = _mid_month(days, days.today - 150)
        elif each.at == cast.leaver:
            ends = days.working[days.today - 65]
        elif turn >= 5 and turn % 9 == 6:
            starts = days.next_working[random.randrange(days.starts + 60, days.today - 200)]
        elif turn >= 5 and turn % 11 == 8:
            ends = days.working[random.randrange(days.starts + 200, days.today - 120)]
        people[each.at] = replace(each, starts=starts, ends=ends)


def _mid_month(days: Days, near: int) -> int:
    """A working day between the 14th and the 18th of that month."""
    first = near - int(days.text[near][8:]) + 1
    return days.next_working[first + 14]


def _reorganise(people: list[Person], cast: Cast, days: Days) -> Cast:
    """Move one team to another region on the first day of a quarter, half a year ago."""
    directors = [each for each in people if each.role == "Director"]
    teams = list(dict.fromkeys(each.team for each in people if each.team))
    if len(directors) < 2:
        return cast
    team = teams[min(3, len(teams) - 1)]
    was = next(each.region for each in people if each.team == team)
    here = next(at for at, each in enumerate(directors) if each.region == was)
    director = directors[(here + 2) % len(directors)] if len(directors) > 2 else directors[1 - here]
    for each in people:
        if each.team == team:
            manager = director.at if each.role == "Manager" else each.manager
            people[each.at] = replace(each, region=director.region, was_region=was, manager=manager)
    return replace(cast, moved_team=team, moved_on=days.quarter_starts[days.today - 180])
