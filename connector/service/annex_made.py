"""What is worked out of people, teams and records: numbers, and whatever is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.appraisal.agreed import per_team
from connector.appraisal.rules import Rules
from connector.model.settings import Privacy

# What follows from every number that somebody has a target of, whatever the rules are.
OF_TARGETS = (
    ("target", "Target", "what somebody should reach, by policy, quota and adjustment"),
    ("attainment", "Attainment, gap, surplus", "how far they are"),
    ("pace", "Pace, expected to date, needed per working day", "whether they are on the way"),
    ("projection", "Projection to the end of the period", "where they would end as it goes"),
    ("chance", "Chance of reaching a suggested target", "`attain suggest`: for whoever sets targets; kept nowhere"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """Something that is made, and of whom."""

    metric: str  # its name; of a number the metric's
    title: str
    of: str  # person | team | record
    purpose: str
    what: str = "number"


def made(rules: Rules, privacy: Privacy) -> Iterator[Made]:
    """Every number, and everything that judges, recognises, pays or looks at people by numbers."""
    hidden, aimed = per_team(rules.metrics, privacy), {each.metric for each in rules.targets}
    for each in rules.metrics.values():
        of = "team" if each.name in hidden else "person"
        yield Made(each.name, each.title, of, each.because or _purpose(each.name, aimed))
    for name, title, purpose in OF_TARGETS if aimed else ():
        yield Made(name, title, "person", purpose, "of every target")
    if privacy.ranks:
        yield Made("rank", "Place, quarter of the field", "person", "compared with others", "of every target")
    yield from _judged(rules)
    yield from _recognised(rules)
    for rule in rules.alerts.values():
        yield Made(rule.name, rule.name, "person", f"tells {_listed(rule.tell)} of {rule.metric}", "alert")
    for about in rules.speaking.records:
        yield Made(about.name, about.name, "record", f"tells {_listed(about.tell)} of single {about.kind}", "alert")
    for coach in rules.speaking.coaching:
        drivers = _listed(each.metric for each in coach.drivers)
        yield Made(coach.name, coach.name, "person", f"tells the manager which of {drivers} holds back", "coaching")
    for praise in rules.speaking.praise:
        yield Made(praise.name, praise.name, "person", f"tells the manager of a best {praise.metric}", "praise")
    for name in sorted(privacy.detectors):
        yield Made(name, name, "person", "shown by `attain review` beside its base rate", "pattern")


def _judged(rules: Rules) -> Iterator[Made]:
    for card in rules.scorecards:
        weighed = _listed(dict.fromkeys(each.name for each in card.lines))
        bands = f"; bands {_listed(name for name, _ in card.bands)}" if card.bands else ""
        yield Made(card.name, card.title, "person", card.because or f"weighs {weighed}{bands}", "scorecard")
    for health in rules.health:
        bands = _listed(name for name, _ in health.bands)
        yield Made(f"{health.kind} health", f"Health of {health.kind}", "record", f"bands {bands}", "health")


def _recognised(rules: Rules) -> Iterator[Made]:
    given = rules.recognition
    for badge in given.badges:
        yield Made(badge.name, badge.title, "person", f"recognises {badge.metric}", "badge")
    for contest in given.contests:
        span = f"{contest.starts_on} to {contest.ends_on}"
        yield Made(contest.name, contest.title, "person", f"places by {contest.metric}, {span}", "contest")
    for level in given.levels:
        asked = _listed(dict.fromkeys(each.metric for each in level.asks))
        yield Made(level.name, level.title, "person", f"asks {asked}; a manager confirms it", "level")
    for support in given.supports:
        asked = support.ask.metric
        yield Made(support.name, support.title, "person", f"by {asked}; a manager confirms it", "coaching plan")
    for plan in rules.plans:
        paid = _listed(dict.fromkeys(each.metric for each in plan.measures))
        on = "" if plan.on else "; off: `attain payout` alone shows it"
        yield Made(plan.name, plan.title, "person", f"estimates what {paid} pays{on}", "payout")


def _purpose(metric: str, aimed: set[str]) -> str:
    return "measured against a target" if metric in aimed else "measured, without a target"


def _listed(names: Iterator[str] | tuple[str, ...] | dict[str, None]) -> str:
    return ", ".join(names)
