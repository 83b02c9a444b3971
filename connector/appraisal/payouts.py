"""What every plan pays everybody it is for, in one period."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.model.calendar import Calendar, Grain, Period
from connector.model.people import Person, Roster
from connector.model.results import Score, Subject
from connector.score.payout import Payout, Plan, Result, added_up, overridden, payout, result
from connector.targets.presence import Presence, meant, seat


def periods_needed(plans: Sequence[Plan], period: Period, calendar: Calendar) -> tuple[Period, ...]:
    """The period itself, and for a year to date those of its year before it."""
    if all(each.basis == "period" for each in plans):
        return (period,)
    year = calendar.containing(period.starts_on, Grain.YEAR)
    return tuple(each for each in calendar.within(year, period.grain) if each.starts_on <= period.starts_on)


def estimates(
    plans: Sequence[Plan],
    scores: Sequence[Score],
    roster: Roster,
    calendar: Calendar,
    *,
    today: date,
    earlier: Callable[[Sequence[Period]], Sequence[Score]],
) -> tuple[Payout, ...]:
    """What plans that are on would pay in the periods of today.

    `scores` are today's; `earlier` finds those of other periods, which a year to date is made of.
    """
    switched_on = [each for each in plans if each.on]
    found: list[Payout] = []
    for grain in dict.fromkeys(each.period for each in switched_on):
        mine, period = [each for each in switched_on if each.period is grain], calendar.containing(today, grain)
        here = {each.period.id for each in scores}
        missing = [each for each in periods_needed(mine, period, calendar) if each.id not in here]
        more = earlier(missing) if missing else ()
        found += payouts(mine, period, [*scores, *more], roster, calendar)
    return tuple(found)


def payouts(
    plans: Sequence[Plan], period: Period, scores: Sequence[Score], roster: Roster, calendar: Calendar
) -> tuple[Payout, ...]:
    """Everybody's payouts by the plans of the period's length, by plan and name.

    `scores` hold those of `periods_needed`. A person is paid by the first plan that is meant for them.
    """
    known = {(each.metric, each.subject, each.period.id): each for each in scores if each.subject.kind == "person"}
    presence = Presence(calendar)
    found: dict[str, tuple[Plan, Payout]] = {}
    for plan in (each for each in plans if each.period is period.grain):
        paying = _Paying(plan, periods_needed([plan], period, calendar), known)
        for person in sorted(roster.people, key=lambda each: (each.name, each.id)):
            if person.id not in found and presence.here(person, period) and meant(person, plan.for_, period):
                found[person.id] = plan, paying.person(person)
    return tuple(_with_override(plan, each, found, known, roster) for plan, each in found.values())


@dataclass(frozen=True, slots=True)
class _Paying:
    """One plan, and the numbers it reads."""

    plan: Plan
    periods: Sequence[Period]  # oldest first, the one that is paid for last
    known: Mapping[tuple[str, Subject, str], Score]

    def person(self, person: Person) -> Payout:
        subject, period = Subject("person", person.id), self.periods[-1]
        before = 0
        for count, each in enumerate(self.periods[:-1], start=1):  # each was held by its own cap
            before += payout(self.plan, subject, each, self._results(subject, self.periods[:count]), before).pays or 0
        return payout(self.plan, subject, period, self._results(subject, self.periods), before)

    def _results(self, subject: Subject, periods: Sequence[Period]) -> list[Result]:
        """Each measure's numbers over some periods; one in which nothing was wanted adds nothing to an attainment."""
        found: list[Result] = []
        for measure in self.plan.measures:
            each = [
                result(score, self.known.get((measure.counting, subject, period.id)))
                for period in periods
                if (score := self.known.get((measure.metric, subject, period.id)))
            ]
            found.append(added_up(each) if each else result(None))
        return found


def _with_override(
    plan: Plan,
    own: Payout,
    found: Mapping[str, tuple[Plan, Payout]],
    known: Mapping[tuple[str, Subject, str], Score],
    roster: Roster,
) -> Payout:
    """A manager's share of what those who report to them are paid, or bring in."""
    if plan.override is None:
        return own
    below = [each.id for each in roster.people if seat(each, own.period).manager == own.subject.id]
    if plan.override.of == "payouts":
        amounts = [found[each][1].pays or 0 for each in below if each in found]
    else:
        metric = plan.measures[0].metric
        mine = (known.get((metric, Subject("person", each), own.period.id)) for each in below)
        amounts = [int(each.actual) for each in mine if each and each.actual is not None]
    return overridden(plan, own, amounts)
