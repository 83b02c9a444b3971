"""Rules that ask for what nobody agreed to: refused where files are checked, before any number is made."""

from __future__ import annotations

from collections.abc import Iterator

from connector.appraisal.agreed import of_teams_only, per_team
from connector.appraisal.rules import Rules
from connector.errors import Place, Problem
from connector.model.settings import Settings

CODE = "not-agreed"


def not_agreed(settings: Settings, rules: Rules) -> Iterator[Problem]:
    """What looks at people by what is measured of teams only, or gives them places where nobody has one."""
    hidden = per_team(rules.metrics, settings.privacy)
    yield from _scorecards(rules, hidden)
    for place, metric in (*_recognised(rules), *_coached(rules)):
        if metric in hidden:
            yield Problem(place, CODE, of_teams_only(metric), "take another metric, or leave it out")
    if not settings.privacy.ranks:
        yield from _places(rules)


def _scorecards(rules: Rules, hidden: frozenset[str]) -> Iterator[Problem]:
    for card in rules.scorecards:
        for line in card.lines:
            if line.metric in hidden and not line.of:
                yield Problem(
                    card.place, CODE, of_teams_only(line.metric), f"weigh `team.{line.metric}`, or leave it out"
                )
        for gate in card.gates:
            for metric in sorted(hidden.intersection(gate.when.fields)):
                yield Problem(gate.place, CODE, of_teams_only(metric), "leave the gate out")


def _recognised(rules: Rules) -> Iterator[tuple[Place, str]]:
    """Every metric that somebody is recognised by, with the place of the rule."""
    given = rules.recognition
    for badge in given.badges:
        yield from (
            (badge.place, each)
            for each in dict.fromkeys((badge.metric, badge.ask.metric if badge.ask else badge.metric))
        )
    yield from ((each.place, each.metric) for each in given.contests)
    yield from ((level.place, metric) for level in given.levels for metric in sorted({it.metric for it in level.asks}))
    yield from ((each.place, each.ask.metric) for each in given.supports)


def _coached(rules: Rules) -> Iterator[tuple[Place, str]]:
    for rule in rules.speaking.coaching:
        yield from ((rule.place, each) for each in dict.fromkeys((rule.metric, *(it.metric for it in rule.drivers))))
    yield from ((each.place, each.metric) for each in rules.speaking.praise)


def _places(rules: Rules) -> Iterator[Problem]:
    """What nobody can win without a place among others."""
    hint = "`privacy: ranks: on`, once it is agreed to; or leave it out"
    for contest in rules.recognition.contests:
        yield Problem(contest.place, CODE, "a contest gives places, and nobody has one: `privacy: ranks:` is off", hint)
    for badge in rules.recognition.badges:
        if badge.ask is None:
            text = "`most_improved` names whoever is first, and nobody has a place: `privacy: ranks:` is off"
            yield Problem(badge.place, CODE, text, hint)
