"""What alerts were worth: of those who were warned, who missed; of those who missed, who was warned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from connector.appraisal.appraise import Appraisal
from connector.improve.review.parts import Back, Section, Table

MOMENTS = (Fraction(1, 3), Fraction(2, 3))  # of the period
BEHIND = Decimal("0.8")  # pace
PLAIN = f"pace below {BEHIND:.0%}"  # what every rule is held against

AppraiseOn = Callable[[date], Appraisal]


@dataclass(frozen=True, slots=True)
class Warned:
    """A rule on one day, held against how the period ended."""

    rule: str
    metric: str
    day: date
    warned: int
    missed_of_warned: int
    missed: int  # of everybody with a target
    people: int

    @property
    def precision(self) -> float | None:
        """Of the warned, the share that missed."""
        return self.missed_of_warned / self.warned if self.warned else None

    @property
    def recall(self) -> float | None:
        """Of those who missed, the share that was warned."""
        return self.missed_of_warned / self.missed if self.missed else None


def warned(back: Back, appraise_on: AppraiseOn) -> tuple[Warned, ...]:
    """Each rule about somebody's pace, on two days of the period; only of one that is over."""
    if back.today < back.period.last_day:
        return ()
    length = (back.period.ends_before - back.period.starts_on).days
    found = list[Warned]()
    for part in MOMENTS:
        day = back.period.starts_on + timedelta(days=int(length * part) - 1)
        found += _on(back, appraise_on(day), day)
    return tuple(found)


def _on(back: Back, then: Appraisal, day: date) -> Iterator[Warned]:
    for metric in back.rules.shown:
        reached = {
            each.subject: each.attainment >= 1
            for each in back.scores
            if each.metric == metric and each.subject.kind == "person" and each.attainment is not None
        }
        if not reached:
            continue
        rules = {
            name: {each.subject for each in then.alerts if each.rule == name and each.period.id == back.period.id}
            for name, rule in back.rules.alerts.items()
            if rule.metric == metric and rule.period is back.period.grain and rule.when is not None
        }
        rules[PLAIN] = {
            each.subject
            for each in then.scores
            if each.metric == metric
            and each.period.id == back.period.id
            and each.pace is not None
            and each.pace < BEHIND
        }
        for name, subjects in rules.items():
            told = [reached[each] for each in subjects if each in reached]
            yield Warned(
                name, metric, day, len(told), sum(not each for each in told), sum(not each for each in reached.values()),
                len(reached),
            )  # fmt: skip


def section(back: Back, found: tuple[Warned, ...]) -> Section:
    """A line for each rule and day."""
    title = "Warnings"
    if not found:
        return Section(
            title, ("The period is not over, or nobody had a target: what warnings were worth shows later.",)
        )
    says = tuple(
        f"{each.rule}, {back.rules.metrics[each.metric].title}: of {each.warned} warned on day "
        f"{(each.day - back.period.starts_on).days + 1}, {each.missed_of_warned} missed; "
        f"{each.missed - each.missed_of_warned} of {each.missed} who missed were not warned."
        for each in found
    )
    rows = tuple(
        (each.rule, each.metric, f"{each.day}", f"{each.warned}", _share(each.precision), _share(each.recall))
        for each in found
    )
    head = ("rule", "metric", "on", "warned", "precision", "recall")
    note = "Appraised once more by today's records and rules, as of those days."
    return Section(title, (*says, note), (Table(head, rows, ("warned", "precision", "recall")),))


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.0%}"
