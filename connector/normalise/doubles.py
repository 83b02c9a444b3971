"""Logins that are in use and have one e-mail address between them, where that can hardly be meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from connector.model.records import Ref, User


@dataclass(frozen=True, slots=True)
class Double:
    """Logins with one address. Those that are switched off do not count: whoever left, or has a new login, had one before."""

    users: tuple[Ref, ...]
    people: int  # 1: two logins of one CRM, of which the first alone is told; more: one address of several people


def doubles(users: Iterable[User]) -> list[Double]:
    """By the first login of each. One person with a login in each CRM is as it should be."""
    together: dict[str, list[User]] = defaultdict(list)
    for each in users:
        if each.human and each.active and each.email:
            together[each.email].append(each)
    found: list[Double] = []
    for those in together.values():
        people, connections = {each.person for each in those}, {each.ref.connection for each in those}
        if len(people) > 1 or len(connections) < len(those):
            found.append(Double(tuple(sorted(each.ref for each in those)), len(people)))
    return sorted(found, key=lambda each: each.users)
