"""What is done once a day or once a week, by whoever runs the cycles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from connector.errors import ConnectorError, CrmDenied, CrmUnavailable, SchemaDrifted
from connector.flow import fiscal
from connector.flow.appraise import never_read
from connector.flow.house import House
from connector.flow.sweep import Swept, recalculate, sweep
from connector.model.periods import months_before
from connector.ports import Crm
from connector.store import jobs
from connector.store.purge import purge


@dataclass(slots=True)
class Chores:
    """What was done, and what could not be."""

    swept: list[Swept] = field(default_factory=list)
    recalculated: int = 0  # records whose formulas had come to something else
    purged: dict[str, int] = field(default_factory=dict)  # rows that were thrown away, by kind
    notes: list[str] = field(default_factory=list)  # what a human should look at
    troubles: list[ConnectorError] = field(default_factory=list)  # tried again: a CRM soon, a source in its turn

    def besides(self, troubles: Iterable[ConnectorError]) -> list[ConnectorError]:
        """Those that a cycle has not told of already: a source that pauses does so here too."""
        known = {str(each) for each in troubles}
        return [each for each in self.troubles if str(each) not in known]


def whole(house: House) -> frozenset[str]:
    """Connections whose sources were all read to their end."""
    with house.store.reading() as tx:
        return frozenset(house.crms) - frozenset(never_read(tx, house))


def chores(house: House, today: date, of: Collection[str] | None = None) -> Chores:
    """Do what is due. A bucket is the company's own day or week, so that no change of clocks does one twice.

    `of`: the connections whose records are compared; those that are whole otherwise. What is half read is not compared: a
    read is under way, and goes on where it stopped.
    """
    done = Chores()
    year, week, _ = today.isocalendar()
    compared = whole(house) if of is None else of
    for name, crm in ((each, house.crms[each]) for each in house.crms if each in compared):
        _once(house, done, f"formulas {name}", today.isoformat(), partial(_recalculate, house, crm, today, done))
        _once(house, done, f"ids {name}", today.isoformat(), partial(_sweep, house, crm, today, done, silent=True))
        _once(house, done, f"sweep {name}", f"{year}-W{week:02}", partial(_sweep, house, crm, today, done))
    _once(house, done, "fiscal years", today.isoformat(), partial(_look_at_years, house, today, done))
    if house.settings.privacy.keep:
        _once(house, done, "purge", today.isoformat(), partial(_purge, house, today, done))
    return done


def _purge(house: House, today: date, done: Chores) -> None:
    """Throw away what the company does not keep any longer."""
    before = {kind: months_before(today, months) for kind, months in house.settings.privacy.keep.items()}
    with house.store.writing() as tx:
        done.purged = purge(tx, before)


def _look_at_years(house: House, today: date, done: Chores) -> None:
    done.notes += fiscal.notes(house, today)


def _recalculate(house: House, crm: Crm, today: date, done: Chores) -> None:
    found = recalculate(house, crm, today)
    done.recalculated += found.changed
    done.troubles += found.troubles


def _sweep(house: House, crm: Crm, today: date, done: Chores, *, silent: bool = False) -> None:
    found = sweep(house, crm, today, silent=silent)
    done.swept += found.swept
    done.troubles += found.troubles


def _once(house: House, done: Chores, job: str, bucket: str, work: Callable[[], None]) -> None:
    with house.store.writing() as tx:
        if not jobs.is_due(tx, job, bucket):
            return
        jobs.begin(tx, job, bucket, house.world.now())
    try:
        work()
    except (CrmUnavailable, CrmDenied, SchemaDrifted) as trouble:
        done.troubles.append(trouble)
        return
    with house.store.writing() as tx:
        jobs.finish(tx, job, bucket, house.world.now())
