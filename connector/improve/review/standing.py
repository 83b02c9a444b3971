"""Who reached what; and of targets that were missed or beaten by much, whether anybody could have known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connector.decide.wording import number, percent
from connector.improve.months import MonthlyPast, same_draws
from connector.improve.review.charts import histogram
from connector.improve.review.parts import Back, Chart, Section, Table
from connector.model.results import COMPANY, Score
from connector.score.distribution import distribution
from connector.score.reach import reach

MISSED, BEATEN = Decimal("0.75"), Decimal("1.25")  # attainment
UNLIKELY, LIKELY = 0.3, 0.7
_ORDER = {"company": 0, "region": 1, "team": 2, "person": 3}


def snapshot(back: Back) -> Section:
    """The company, its units and its people, metric by metric."""
    tables, charts, says = list[Table](), list[Chart](), list[str]()
    for name, metric in back.rules.shown.items():
        scores = [each for each in back.scores if each.metric == name]
        rows = [
            (
                back.name(each.subject),
                number(each.actual, metric.unit, back.company.currency),
                number(each.target, metric.unit, back.company.currency) if each.target is not None else "—",
                percent(each.attainment) if each.attainment is not None else each.reason or "—",
            )
            for each in sorted(scores, key=_best_first)
            if each.target is not None or each.subject == COMPANY
        ]
        if not rows:
            continue
        tables.append(
            Table((metric.title, "actual", "target", "attainment"), tuple(rows), ("actual", "target", "attainment"))
        )
        spread = distribution(scores)
        if spread:
            says.append(
                f"{metric.title}: {spread.people} people, mean {percent(spread.mean)}, median {percent(spread.median)}, "
                f"{percent(spread.at_target)} at target."
            )
            reached = [
                each.attainment for each in scores if each.subject.kind == "person" and each.attainment is not None
            ]
            charts.append(histogram(f"{metric.title}: people by attainment", reached))
    if not tables:
        says.append(f"Nobody had a target in {back.period.id}.")
    return Section("What was reached", tuple(says), tuple(tables), tuple(charts))


def _best_first(score: Score) -> tuple[int, Decimal, str]:
    return _ORDER.get(score.subject.kind, 2), -(score.attainment or Decimal(-1)), score.subject.id


@dataclass(frozen=True, slots=True)
class Surprise:
    """A target that was missed or beaten by much, and how likely it was when the period began."""

    score: Score
    probability: float | None  # of reaching it, by what was known then

    @property
    def verdict(self) -> str:
        """Whether the odds had said so."""
        if self.probability is None:
            return "too little was known"
        missed = self.score.attainment is not None and self.score.attainment < 1
        if (missed and self.probability <= UNLIKELY) or (not missed and self.probability >= LIKELY):
            return "could be known"
        if (missed and self.probability >= LIKELY) or (not missed and self.probability <= UNLIKELY):
            return "a surprise"
        return "open"


def surprises(back: Back) -> Section:
    """Those, the widest first; and how many were expected to reach theirs, beside how many did."""
    found, says = list[Surprise](), list[str]()
    for name, chances in _chances(back).items():
        known = {each: chance for each, chance in chances.items() if chance is not None}
        scores = {
            each.subject.id: each for each in back.scores if each.metric == name and each.subject.kind == "person"
        }
        came = sum(scores[each].attainment is not None and (scores[each].attainment or 0) >= 1 for each in known)
        if known:
            says.append(
                f"{back.rules.metrics[name].title}: when {back.period.id} began, {sum(known.values()):.1f} of {len(known)} "
                f"people were expected to reach their target; {came} did."
            )
        found += [
            Surprise(scores[each], chance)
            for each, chance in chances.items()
            if (reached := scores[each].attainment) is not None and not MISSED <= reached <= BEATEN
        ]
    found.sort(key=lambda each: -abs((each.score.attainment or Decimal(0)) - 1))
    rows = tuple(
        (
            back.name(each.score.subject),
            back.rules.metrics[each.score.metric].title,
            percent(each.score.attainment),
            "unknown" if each.probability is None else f"{each.probability:.0%}",
            each.verdict,
        )
        for each in found
    )
    if not rows:
        says.append("No target was missed or beaten by more than a quarter.")
    head = ("who", "metric", "attainment", "chance at the start", "so it")
    table = (Table(head, rows, ("attainment", "chance at the start")),) if rows else ()
    return Section("Missed and beaten by much", tuple(says), table)


def _chances(back: Back) -> Mapping[str, Mapping[str, float | None]]:
    """By metric and person id: how likely each target was, knowing what was known when the period began."""
    found: dict[str, dict[str, float | None]] = {}
    for name, metric in back.rules.shown.items():
        if not metric.accumulates or metric.better == "lower":
            continue
        past = MonthlyPast.of(back.mirror, metric, back.rules, back.calendar, back.roster, back.period.starts_on)
        found[name] = dict(_of_metric(back, past, [each for each in back.scores if each.metric == name]))
    return found


def _of_metric(back: Back, past: MonthlyPast, scores: Sequence[Score]) -> Iterator[tuple[str, float | None]]:
    for each in scores:
        person = back.roster.get(each.subject.id) if each.subject.kind == "person" else None
        if person and each.target is not None and each.target > 0:
            rng = same_draws(each.metric, person.id, back.period.id)
            chance = reach(past.history(person, rng), float(each.target), past.theirs(person, back.period), rng)
            yield person.id, chance.probability
