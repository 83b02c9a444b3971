"""Round after round of `attain run`: a cycle and the chores that are due, and what is said of them in the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import structlog

from connector.errors import ConnectorError
from connector.flow.chores import Chores, chores
from connector.flow.cycle import CycleReport, run_cycle
from connector.flow.house import House
from connector.model.changes import Settled
from connector.ports import World
from connector.service.on_disk import OnDisk

log = structlog.get_logger()


class Troubles:
    """Says once when something breaks and once when it recovers; silent in between."""

    def __init__(self, world: World, broke: str = "crm_unavailable", recovered: str = "crm_recovered") -> None:
        self._world, self._broke, self._recovered = world, broke, recovered
        self._since: dict[tuple[str, str], datetime] = {}

    def note(self, troubles: Iterable[ConnectorError]) -> None:
        """Compare these troubles with those of the last time; a connection may have several, one for each source."""
        now = self._world.now()
        broken = {(_connection(each), _source(each)): each for each in troubles}
        for key, error in broken.items():
            if key not in self._since:
                self._since[key] = now
                log.warning(self._broke, crm=key[0], problem=str(error))
        for key in [each for each in self._since if each not in broken]:
            minutes = int((now - self._since.pop(key)).total_seconds() // 60)
            log.info(self._recovered, crm=key[0], after_minutes=minutes)


def _connection(trouble: ConnectorError) -> str:
    """Its name; words of a trouble begin with it where it has no name of its own."""
    return str(getattr(trouble, "connection", "") or str(trouble).partition(":")[0])


def _source(trouble: ConnectorError) -> str:
    """What tells two of one connection apart; empty where all of it is in trouble."""
    return str(getattr(trouble, "object", "" if hasattr(trouble, "connection") else trouble))


class Rounds:
    """What one round leaves for the next: the tables as read last, and what was broken."""

    def __init__(self, house: House, config: Path, world: World) -> None:
        self._house, self._disk = house, OnDisk(house, config)
        self._crms = Troubles(world)
        self._chores = Troubles(world, "chore_failed", "chore_recovered")

    def one(self, *, hinted: bool) -> None:
        """A cycle, and the chores that are due; or what CRMs told of by themselves."""
        if not hinted:
            self._house = self._disk.taken_over(self._house)
        report = run_cycle(self._house, locked=True, hinted=hinted, what="hints" if hinted else "")
        _say(report)
        if not hinted:  # whoever was not asked did not recover
            self._crms.note(report.troubles)
            done = chores(self._house, report.today)
            self._chores.note(done.besides(report.troubles))
            _say_done(done)


def _say(report: CycleReport) -> None:
    log.info(
        "cycle_done",
        changed=sum(each.changed for each in report.pulled),
        written=report.settled[Settled.WRITTEN],
        waiting=sum(each.records for each in report.held.values()),
        **report.not_written,
    )


def _say_done(done: Chores) -> None:
    for each in done.swept:
        log.info("swept", crm=each.connection, object=each.object, compared=each.compared, mended=each.mended)
    for note in done.notes:
        log.warning("look_at", note=note)
    if any(done.purged.values()):
        log.info("purged", **done.purged)
