"""A number beside what the next level down adds up to: a difference is reported, and neither side is corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connector.model.people import Roster
from connector.model.results import COMPANY, Subject, Target, units
from connector.targets.presence import seat


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A unit's or the company's target, and its people's."""

    target: Target
    people: int  # with a target of their own
    together: Decimal  # what theirs add up to

    @property
    def gap(self) -> Decimal:
        """What is handed out beyond the target; negative: what nobody has."""
        return self.together - self.target.value

    @property
    def hedge(self) -> Decimal | None:
        """The gap as a share of the target; None where the target is zero."""
        return self.gap / self.target.value if self.target.value else None


def reconciled(targets: Sequence[Target], roster: Roster) -> list[Reconciled]:
    """Every unit and the company with people below it, the widest level first; for one metric and period.

    People belong to the unit that they sat in when the period began, or what of their target each unit has, as for targets.
    """
    mine = {each.subject.id: each for each in targets if each.subject.kind == "person"}
    members: dict[Subject, list[Decimal]] = {}
    for person_id, target in mine.items():
        person = roster.get(person_id)
        levels = seat(person, target.period).levels if person else {}
        sat = dict.fromkeys(units(levels, roster.levels), target.value)
        for subject, part in {COMPANY: target.value, **(dict(target.placed) or sat)}.items():
            members.setdefault(subject, []).append(part)
    order = {kind: at for at, kind in enumerate((COMPANY.kind, *roster.levels))}
    found = [
        Reconciled(each, len(members[each.subject]), sum(members[each.subject], Decimal(0)))
        for each in targets
        if each.subject in members
    ]
    return sorted(found, key=lambda each: (order[each.target.subject.kind], each.target.subject.id))
