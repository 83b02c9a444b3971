"""The schedule: ticks wake the cycle, the database says what is due.

A tick is only a wake-up: nothing about progress lives in the scheduler, so its job store is memory,
no tick is ever "too late" to count, and several missed ones become one.
"""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from connector.errors import ConnectorError
from connector.flow.cycle import CycleReport, run_cycle
from connector.ports import World
from connector.service import wiring
from connector.store.locks import run_lock

log = structlog.get_logger()


class Troubles:
    """Says once when a connection breaks and once when it recovers; silent in between."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._since: dict[str, datetime] = {}

    def note(self, report: CycleReport) -> None:
        """Compare this cycle's troubles with those of the last."""
        now = self._world.now()
        broken = {getattr(each, "connection", "store"): each for each in report.troubles}
        for name, error in broken.items():
            if name not in self._since:
                self._since[name] = now
                log.warning("crm_unavailable", crm=name, problem=str(error))
        for name in [each for each in self._since if each not in broken]:
            minutes = int((now - self._since.pop(name)).total_seconds() // 60)
            log.info("crm_recovered", crm=name, after_minutes=minutes)


def scheduler_for(work: object, every: timedelta) -> BackgroundScheduler:
    """A scheduler with the settings that lose nothing: memory, coalesced, never too late, one at a time.

    The first tick comes at once. Ticks follow the machine's clock, whatever time the cycle is told it is.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC,
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_job(work, "interval", seconds=every.total_seconds(), id="cycle", next_run_time=datetime.now(UTC))
    scheduler.add_listener(_record, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    return scheduler


def _record(event: JobExecutionEvent) -> None:
    error = getattr(event, "exception", None)
    log.error("cycle_failed" if error else "cycle_skipped", job=event.job_id, error=repr(error) if error else "")


def run_forever(config: Path, *, world: World = wiring.REAL, stop: threading.Event | None = None) -> None:
    """Run cycles until told to stop. Raises StoreBusy when another scheduler runs on this store."""
    stopping = stop or threading.Event()
    if stop is None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopping.set())
    patient = World(world.now, lambda seconds: _sleep(stopping, seconds))
    with wiring.house(config, world=patient) as house, run_lock(house.store) as lock:
        troubles = Troubles(world)

        def cycle() -> None:
            try:
                lock.make_sure()
                report = run_cycle(house, locked=True)
            except Stopped:
                return
            troubles.note(report)
            log.info(
                "cycle_done",
                changed=sum(each.changed for each in report.pulled),
                written=sum(each.sent for each in report.written),
            )

        scheduler = scheduler_for(cycle, house.settings.every)
        scheduler.start()
        stopping.wait()
        scheduler.shutdown(wait=True)


class Stopped(ConnectorError):
    """We were asked to end while waiting for a CRM."""

    exit_code = 0


def _sleep(stopping: threading.Event, seconds: float) -> None:
    if stopping.wait(seconds):
        raise Stopped
