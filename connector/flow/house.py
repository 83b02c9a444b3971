"""Everything one cycle works with, handed in at one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from connector.appraisal.agreed import Agreed
from connector.appraisal.rules import Rules
from connector.crm.files import Tables
from connector.model.people import Roster
from connector.model.settings import Settings
from connector.normalise.fields import Context
from connector.ports import Crm, World
from connector.store.database import Store

T = TypeVar("T")


class Watch(Protocol):
    """Somebody who looks on while pages pass: a progress bar on a terminal, nobody in a pipe."""

    def __call__(self, pages: Iterable[T], doing: str, size: Callable[[T], tuple[int, int | None]]) -> Iterable[T]:
        """Pass pages through; `size` gives a page's records, and the total where it is known."""
        ...


def unwatched(pages: Iterable[T], doing: str, size: Callable[[T], tuple[int, int | None]]) -> Iterable[T]:  # noqa: ARG001 - a Watch
    """Nobody looks on."""
    return pages


@dataclass(frozen=True, slots=True)
class House:
    """Settings, rules, store and connected CRMs of one company."""

    settings: Settings
    rules: Rules
    store: Store
    crms: Mapping[str, Crm]  # by connection, in config order
    tables: Tables
    world: World
    watch: Watch = field(default=unwatched)

    def context(self, connection: str) -> Context:
        """What this connection's records are read with."""
        return Context(self.rules.mappings[connection], self.settings.company)

    def agreed(self, roster: Roster, today: date) -> Agreed:
        """What may be known of whom on a day: whoever measures somebody, or shows a number of theirs, asks it."""
        return Agreed.of(self.rules.metrics, roster, self.settings.privacy, today)

    def may_write(self, connection: str) -> bool:
        """Whether the config has this connection, and lets us write to it."""
        return any(each.name == connection and each.write for each in self.settings.connections)

    def today(self) -> date:
        """The company's day, by the clock that was handed in."""
        return self.settings.company.day_of(self.world.now())
