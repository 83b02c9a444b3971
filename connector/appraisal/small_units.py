"""Units whose total would tell of a few: counted by a period's own days, and guarded against subtraction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations

from connector.model.calendar import Period
from connector.model.people import Assignment, Person, Roster
from connector.model.records import RecordKind
from connector.model.results import COMPANY, Subject, units

Seat = tuple[str, int]  # a person, and which of their seats: what numbers of units add up from
Seats = frozenset[Seat]
NO_UNITS = frozenset({"person", COMPANY.kind, RecordKind.DEAL, RecordKind.ACCOUNT})  # kinds of subject
LINGERS = timedelta(days=365)  # how long after somebody left their records may still count where they sat last


@dataclass
class SmallUnits:
    """Whose total is not shown in a period, where `privacy: least_team:` says that it needs so many people.

    Everybody counts in a unit who sat in it, or was a member besides their seat, on a day of the period on which they
    were employed: a unit that lost its people meanwhile is judged by those whose numbers these are, and one without
    anybody has nobody. What nobody is known to sit in has no people either, and is not shown.

    A hidden unit is told by subtraction where it is all that a shown one has besides its shown parts. So whatever is
    hidden inside a shown unit (or the company) is together as many people as a unit needs, or the smallest of its
    shown parts is hidden as well, and so on. A whole of which no part is shown is the end of it: with a single part it
    is the same people, and hidden with it, or more of them, and judged by its own number like every unit. The company
    is never hidden: its total is what all of this is about. Where something is subtracted, people who sit in no unit of
    a level hide nobody, since their numbers may be known to be nothing; nor are they kept from being told so: they are
    no unit.

    Numbers of units add up from seats. Where units of one level lie whole in those of another, the seats of a shown
    unit that are in none of its shown parts, one group per unit, are all that sums and differences of shown totals can
    give; so this is enough. Where they cross (territories), the parts are those that lie in a unit with all their seats.
    Periods are looked at one by one: who subtracts months from their quarter is not defended against.
    """

    roster: Roster = field(default_factory=lambda: Roster.of([]))
    least: int = 1
    _known: dict[Period, frozenset[Subject]] = field(default_factory=dict)
    _counted: dict[Period, _Counted] = field(default_factory=dict)

    def is_small(self, subject: Subject, period: Period | None) -> bool:
        """Whether a total must not be shown; of a unit without a period: wherever there is a least size at all."""
        if self.least <= 1 or subject.kind in NO_UNITS:
            return False
        if period is None or subject in self.of(period):
            return True
        return subject not in self._counted[period].people

    def of(self, period: Period) -> frozenset[Subject]:
        """Every unit that occurs in a period, or sat there once, and must not be shown in it."""
        if self.least <= 1:
            return frozenset()
        if period not in self._known:
            counted = self._counted[period] = _counted(self.roster, period)
            small = {each for each, people in counted.people.items() if len(people) < self.least}
            self._known[period] = frozenset(_guarded(counted, small, self.roster.levels, self.least))
        return self._known[period]


@dataclass(frozen=True, slots=True)
class _Counted:
    """Who sat where in a period."""

    people: Mapping[Subject, Collection[str]]  # employed on a day of it
    seats: Mapping[Subject, Seats]  # with those of whoever left not long before
    of_seat: Mapping[Seat, Sequence[Subject]]
    employed: Seats  # seats that are somebody's who was there

    def heads(self, seats: Collection[Seat]) -> int:
        """How many people who were there sat in them."""
        return len({person for person, at in seats if (person, at) in self.employed})


def _counted(roster: Roster, period: Period) -> _Counted:
    people: dict[Subject, set[str]] = {each: set() for each in _units(roster)}
    seated, besides = defaultdict[Subject, set[Seat]](set), defaultdict[Subject, set[Seat]](set)
    employed = set[Seat]()
    for person in roster.people:
        for at, (assignment, start, end) in enumerate(_stretches(person, period)):
            there = _is_there(person, start, end)
            if not there and not _left_lately(person, start):
                continue
            seat = person.id, at
            employed |= {seat} if there else set()
            for unit in units(assignment.levels, list(assignment.levels)):
                seated[unit].add(seat)
            for each in person.memberships:
                if each.starts_on < end and (each.ends_on is None or each.ends_on >= start):
                    besides[Subject(each.level, each.unit)].add(seat)
    for held in (seated, besides):
        for sat, seats in held.items():
            people.setdefault(sat, set()).update(who for who, at in seats if (who, at) in employed)
    # What lies in what is told by seats; by memberships only where a unit has nothing else.
    seats_of = {each: frozenset(seated.get(each) or besides.get(each) or ()) for each in people}
    seats_of[COMPANY] = frozenset().union(*seats_of.values())
    of_seat = defaultdict[Seat, list[Subject]](list)
    for unit, all_seats in seats_of.items():
        for seat in all_seats:
            of_seat[seat].append(unit)
    return _Counted(people, seats_of, of_seat, frozenset(employed))


def _units(roster: Roster) -> Iterator[Subject]:
    """Every unit that anybody ever sat in."""
    for person in roster.people:
        for each in person.assignments:
            yield from units(each.levels, list(each.levels))
        yield from (Subject(each.level, each.unit) for each in person.memberships)


def _stretches(person: Person, period: Period) -> Iterator[tuple[Assignment, date, date]]:
    """Each seat in the period, from a day to before another; the first has always been, the last is for ever."""
    starts = [date.min, *(each.starts_on for each in person.assignments[1:])]
    ends = [*starts[1:], date.max]
    for assignment, start, end in zip(person.assignments, starts, ends, strict=True):
        first, before = max(start, period.starts_on), min(end, period.ends_before)
        if first < before:
            yield assignment, first, before


def _is_there(person: Person, start: date, end: date) -> bool:
    """Whether somebody is employed on a day of a stretch."""
    return (person.starts_on is None or person.starts_on < end) and (person.ends_on is None or person.ends_on >= start)


def _left_lately(person: Person, start: date) -> bool:
    return person.ends_on is not None and person.ends_on < start <= person.ends_on + LINGERS


def _guarded(counted: _Counted, small: set[Subject], levels: Sequence[str], least: int) -> set[Subject]:
    """Those that are small, and whatever must be hidden with them."""
    inside = _inside(counted, levels)
    choices = [frozenset(each) for many in range(1, len(levels) + 1) for each in combinations(levels, many)]
    again = True
    while again:
        again = False
        for whole in sorted(inside):
            for chosen in choices if whole not in small else ():
                parts = [each for each in inside[whole] if each.kind in chosen and each not in small]
                hidden = _untold(counted, whole, parts, chosen, small)
                if parts and hidden and counted.heads(hidden) < least:
                    small.add(min(_widest(counted, parts), key=lambda each: (len(counted.people[each]), each)))
                    again = True
    return small


def _inside(counted: _Counted, levels: Sequence[str]) -> Mapping[Subject, Sequence[Subject]]:
    """For each unit those of other levels that lie in it with all their seats; in the company lie all."""
    found = defaultdict[Subject, list[Subject]](list)
    for unit in sorted(each for each, seats in counted.seats.items() if seats and each.kind in levels):
        seats = counted.seats[unit]
        for around in counted.of_seat[next(iter(seats))]:
            if around.kind in (*levels, COMPANY.kind) and around.kind != unit.kind and seats <= counted.seats[around]:
                found[around].append(unit)
    return found


def _untold(
    counted: _Counted, whole: Subject, parts: Sequence[Subject], levels: Collection[str], small: Collection[Subject]
) -> set[Seat]:
    """Seats in hidden units that are what is left of a whole when its shown parts are taken off."""
    left = set(counted.seats[whole]).difference(*(counted.seats[each] for each in parts))
    return {seat for seat in left if any(each.kind in levels and each in small for each in counted.of_seat[seat])}


def _widest(counted: _Counted, parts: Sequence[Subject]) -> list[Subject]:
    """Without those that lie in another one: hiding them alone would change nothing."""
    seats = counted.seats
    return [each for each in parts if not any(seats[each] < seats[other] for other in parts)]
