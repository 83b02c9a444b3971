"""The schedule: ticks wake the cycle, the database says what is due.

A tick is only a wake-up: nothing about progress lives in the scheduler, so its job store is memory,
no tick is ever "too late" to count, and several missed ones become one.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from connector.errors import AnotherOrganisation, ConnectorError, Fenced
from connector.flow.house import House, Watch
from connector.ports import World
from connector.service import wiring
from connector.service.rounds import Rounds
from connector.store.locks import run_lock

log = structlog.get_logger()
T = TypeVar("T")

PATIENCE_AT_THE_END = 4.0  # seconds; whoever sent the signal gives five
HINTS, GATHER = "hints", timedelta(seconds=1)
Door = Callable[[House, Callable[[], None]], AbstractContextManager[None]]


def _no_door(_house: House, _wake: Callable[[], None]) -> AbstractContextManager[None]:
    return nullcontext()


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


def run_forever(
    config: Path, *, world: World = wiring.REAL, stop: threading.Event | None = None, door: Door = _no_door
) -> None:
    """Run cycles until told to stop. Raises StoreBusy when another scheduler runs on this store, and AnotherOrganisation.

    `door` hears CRMs meanwhile; what they tell of is read and shown within seconds, between two cycles.

    Told to stop, it ends at the next page or pause; where that takes longer than a few seconds, in the middle of
    whatever it does, which the next start finds as it finds any crash.
    """
    stopping = stop or threading.Event()
    if stop is None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopping.set())
    patient = World(world.now, lambda seconds: _sleep(stopping, seconds), world.gate)
    with wiring.house(config, world=patient, watch=_until(stopping)) as house, run_lock(house.store) as lock:
        rounds, idle = Rounds(house, config, world), threading.Event()
        refused = list[AnotherOrganisation]()
        idle.set()

        def work(*, hinted: bool = False) -> None:
            idle.clear()  # before it is asked whether we are to end: the end does not come in between
            try:
                if stopping.is_set():
                    return  # it waited behind the last cycle, and nobody holds the lock for it
                lock.make_sure()
                rounds.one(hinted=hinted)
            except Stopped:
                log.info("stopped_midway")
            except AnotherOrganisation as error:  # the next cycle would find the same, and so would every other one
                refused.append(error)
                stopping.set()
            except Fenced as replaced:
                log.warning("cycle_given_up", problem=str(replaced))  # the next one begins from what is kept
            finally:
                idle.set()

        scheduler = scheduler_for(work, house.settings.every)
        with ExitStack() as end:
            with door(house, lambda: wake(scheduler, partial(work, hinted=True))):
                scheduler.start()
                stopping.wait()
                end.enter_context(_soon())
            scheduler.shutdown(wait=False)
            idle.wait()
        if refused:
            raise refused[0]


@contextmanager
def _soon() -> Iterator[None]:
    """Where this takes longer than the patience at the end, the door and the cycle together, the process ends midway."""
    last = threading.Timer(PATIENCE_AT_THE_END, _end_midway)
    last.daemon = True
    last.start()
    try:
        yield
    finally:
        last.cancel()


def _end_midway() -> None:
    log.warning("ended_midway")
    os._exit(0)


def wake(scheduler: BackgroundScheduler, work: Callable[[], None]) -> None:
    """Have hints read in a moment; what is told until then goes with them, so that a flood makes no more rounds."""
    if scheduler.get_job(HINTS) is None:
        at = datetime.now(UTC) + GATHER
        scheduler.add_job(work, "date", run_date=at, id=HINTS, replace_existing=True)


def _until(stopping: threading.Event) -> Watch:
    """Looks on while pages pass, and ends the work between two of them."""

    def watch(pages: Iterable[T], doing: str, size: Callable[[T], tuple[int, int | None]]) -> Iterable[T]:  # noqa: ARG001
        for page in pages:
            yield page
            if stopping.is_set():
                raise Stopped

    return watch


class Stopped(ConnectorError):
    """We were asked to end while waiting for a CRM."""

    exit_code = 0


def _sleep(stopping: threading.Event, seconds: float) -> None:
    if stopping.wait(seconds):
        raise Stopped
