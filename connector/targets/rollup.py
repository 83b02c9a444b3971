"""Targets of units and the company, where none was given: what their people's add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from connector.model.calendar import Period
from connector.model.people import Roster
from connector.model.results import COMPANY, Subject
from connector.targets.aim import Aim
from connector.targets.chain import Chain, starting
from connector.targets.presence import seat


def rolled_up(found: Mapping[Subject, Chain], roster: Roster, period: Period, aim: Aim) -> dict[Subject, Chain]:
    """A chain for every unit and the company that has people with a target, and no number of its own.

    People belong to the unit they sat in when the period began. A number that does not build up is
    handed on only where all of them have the same.
    """
    members: dict[Subject, list[Chain]] = {}
    for person in sorted(roster.people, key=lambda each: each.id):
        chain = found.get(Subject("person", person.id))
        if chain:
            levels = seat(person, period).levels
            units = [Subject(level, levels[level]) for level in roster.levels if levels.get(level)]
            for subject in (COMPANY, *units):
                members.setdefault(subject, []).append(chain)
    together = {each: _together(chains, aim) for each, chains in members.items() if each not in found}
    return {each: chain for each, chain in together.items() if chain}


def _together(chains: Sequence[Chain], aim: Aim) -> Chain | None:
    people = "1 person" if len(chains) == 1 else f"{len(chains)} people"
    if aim.accumulates:
        total = sum((each.value for each in chains), Decimal(0))
        return starting("people", f"the sum of {people}'s targets", total, chains[0].source, chains[0].kind)
    if len({each.value for each in chains}) == 1:
        return starting("people", f"the same for {people}", chains[0].value, chains[0].source, chains[0].kind)
    return None
