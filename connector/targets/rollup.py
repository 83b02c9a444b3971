"""Targets of units and the company, where none was given: what their people's add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from connector.model.results import COMPANY, Subject
from connector.targets.aim import Aim
from connector.targets.chain import Chain, starting

Places = Mapping[str, Mapping[Subject, Decimal]]  # person id → what each of their units has of their number


def rolled_up(found: Mapping[Subject, Chain], placed: Places, aim: Aim) -> dict[Subject, Chain]:
    """A chain for every unit and the company that has people with a target, and no number of its own.

    Units have what `placed` says, the company all of everybody's. A number that does not build up is handed on only
    where all of them have the same.
    """
    members: dict[Subject, list[tuple[Decimal, Chain]]] = {}
    for person_id, parts in sorted(placed.items()):
        chain = found[Subject("person", person_id)]
        for subject, part in {COMPANY: chain.value, **parts}.items():
            members.setdefault(subject, []).append((part, chain))
    together = {each: _together(parts, aim) for each, parts in members.items() if each not in found}
    return {each: chain for each, chain in together.items() if chain}


def _together(parts: Sequence[tuple[Decimal, Chain]], aim: Aim) -> Chain | None:
    people, (value, first) = "1 person" if len(parts) == 1 else f"{len(parts)} people", parts[0]
    if aim.accumulates:
        total = sum((each for each, _ in parts), Decimal(0))
        return starting("people", f"the sum of {people}'s targets", total, first.source, first.kind)
    if len({each for each, _ in parts}) == 1:
        return starting("people", f"the same for {people}", value, first.source, first.kind)
    return None
