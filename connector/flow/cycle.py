"""One cycle: pull what changed, measure and score it, write back what differs.

Start reading here. Three kinds of commit: a page with its cursor; an appraisal with its outbox rows;
a batch claimed, then its receipts. A cycle may be killed anywhere and started again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TypeVar
from uuid import uuid4

from connector.appraisal.holding_back import doubts
from connector.errors import AnotherOrganisation, ConnectorError, CrmDenied, CrmUnavailable, Problem, StoreBusy
from connector.flow import fiscal
from connector.flow.appraise import Appraised, appraise_day
from connector.flow.belonging import make_sure, take_over
from connector.flow.hinted import read_hinted
from connector.flow.house import House
from connector.flow.pull import Pulled, pull
from connector.flow.trouble import unless_in_trouble
from connector.flow.write_back import Written, recover, write_back
from connector.model.changes import Settled
from connector.model.records import FILES, RecordKind
from connector.ports import Crm
from connector.store import nameless, next_steps, outbox, records, runs, streams
from connector.store.locks import run_lock
from connector.store.outbox import Held

STAGES = ("pull", "appraise", "write")
T = TypeVar("T")


@dataclass(slots=True)
class CycleReport:
    """What one cycle did, connection by connection."""

    run_id: str
    today: date
    pulled: list[Pulled] = field(default_factory=list)
    appraised: Appraised | None = None
    written: list[Written] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)  # connections whose plan waits for a human
    troubles: list[ConnectorError] = field(default_factory=list)  # connections that could not take part
    notes: list[str] = field(default_factory=list)  # what a human should look at, and nothing waits for

    @property
    def exit_code(self) -> int:
        """0 when everybody took part; else that of the gravest trouble: a human who must agree is a missing permission."""
        codes = [trouble.exit_code for trouble in self.troubles] + ([CrmDenied.exit_code] if self.held else [])
        return min(codes, default=0)

    @property
    def settled(self) -> Counter[str]:
        """Records that left, of all connections, by what became of them."""
        return sum((each.settled for each in self.written), Counter())

    @property
    def not_written(self) -> dict[str, int]:
        """Those of them that no CRM confirmed."""
        return {str(each): self.settled[each] for each in Settled if each is not Settled.WRITTEN and self.settled[each]}


def run_cycle(
    house: House,
    *,
    today: date | None = None,
    only: str | None = None,
    locked: bool = False,
    what: str = "",
    hinted: bool = False,
    queue: Callable[[], None] | None = None,
) -> CycleReport:
    """One cycle over every connection. Raises StoreBusy when another process runs on the store, and AnotherOrganisation.

    `locked`: the caller holds the store's lock already, for longer than this one cycle. `what`: its name in the history.
    `hinted`: only what CRMs themselves said has changed is read, and nobody is polled. `queue`: puts wishes into the
    outbox before it is written, once rows that were under way have been read back.
    A connection that is denied or unavailable is reported and left out; the others go on.
    """
    report = CycleReport(uuid4().hex, today or house.today())
    stages = (only,) if only else STAGES
    with nullcontext() if locked else run_lock(house.store):
        ours = _ours(house, report, stages)
        epochs = _begin(house, report, what or " ".join(stages))
        error = "the process ended before the cycle did"
        try:
            report.notes += _cleaned(house)
            if "pull" in stages:
                if hinted:
                    _pull_hinted(house, report, ours)
                else:
                    _pull_all(house, report, ours, epochs)
                    report.notes += fiscal.notes(house, report.today)
            if "appraise" in stages:
                report.appraised = appraise_day(house, report.today, report.run_id, epochs)
                report.notes += doubts(report.appraised.roster, house.settings.privacy, report.today)
            if queue:
                ours = _recovered(house, report, ours, epochs)
                queue()
            if "write" in stages:
                _write_all(house, report, ours, epochs)
                report.held = _held(house)
            error = "; ".join(str(trouble) for trouble in report.troubles)
        except BaseException as problem:
            error = _told(problem)
            raise
        finally:
            with house.store.writing() as tx:
                runs.finish(tx, report.run_id, house.world.now(), _summary(report), error)
    return report


def _told(problem: BaseException) -> str:
    """What is kept of an error: its kind, and our own words; those of a library may tell a key, or whom a record names."""
    kind = type(problem).__name__
    return f"{kind}: {problem}" if isinstance(problem, ConnectorError) else kind


def _ours(house: House, report: CycleReport, stages: Sequence[str]) -> dict[str, Crm]:
    """The CRMs that this store belongs to; one that does not say who it is takes no part in this cycle.

    Raises AnotherOrganisation before anything is read or written.
    """
    found, strangers = dict[str, Crm](), list[Problem]()
    for name, crm in house.crms.items() if {"pull", "write"} & set(stages) else ():
        try:
            make_sure(house, crm)
        except AnotherOrganisation as stranger:
            strangers += stranger.problems
        except (CrmDenied, CrmUnavailable) as trouble:
            report.troubles.append(trouble)
        else:
            found[name] = crm
    if strangers:
        raise AnotherOrganisation(strangers)
    take_over(house, found.values())
    return found


def _begin(house: House, report: CycleReport, what: str) -> dict[str, int]:
    """Note that a run began, and take over every stream: whoever held them before is fenced out."""
    with house.store.writing() as tx:
        runs.start(tx, report.run_id, house.world.now(), house.rules.version, what)
        return {name: streams.take(tx, name) for name in house.crms}


def _cleaned(house: House) -> list[str]:
    """Texts that earlier versions kept are gone by now; or why they are not."""
    try:
        next_steps.forget_texts(house.store)
    except StoreBusy as busy:
        return [
            f"{busy}; until it is, parts of the file may hold texts of deals' next steps, which are not kept any more"
        ]
    return []


def _pull_all(house: House, report: CycleReport, ours: Mapping[str, Crm], epochs: dict[str, int]) -> None:
    keep_tables(house, report.today, epochs)
    for name, crm in ours.items():
        pulled = unless_in_trouble(report.troubles, partial(pull, house, crm, epochs[name], report.today))
        if pulled:
            report.pulled.append(pulled)
            report.troubles += pulled.troubles


def _pull_hinted(house: House, report: CycleReport, ours: Mapping[str, Crm]) -> None:
    """No cursor moves."""
    for name, crm in ours.items():
        found = unless_in_trouble(report.troubles, partial(read_hinted, house, crm, report.today))
        if found:
            report.troubles += found.troubles
        if found and found.changed:
            report.pulled.append(Pulled(name, hinted=found.changed))


def keep_tables(house: House, today: date, epochs: Mapping[str, int]) -> None:
    """Bring the rows of the file tables into the store; rows that are no longer there leave it. Raises Fenced."""
    with house.store.writing() as tx:
        streams.all_held(tx, epochs)
        for name, all_rows in house.tables.rows.items():
            rows = nameless.unnamed(tx, all_rows, house.rules.files)
            records.save(tx, rows, today)
            kept = [row.ref for row in rows]
            records.replace_all(tx, FILES, RecordKind.READING, name, kept, house.world.now())


def _recovered(house: House, report: CycleReport, ours: Mapping[str, Crm], epochs: Mapping[str, int]) -> dict[str, Crm]:
    """The CRMs of which it is known what of ours arrived; one that does not say is written to by a later cycle."""

    def is_known(name: str, crm: Crm) -> bool:
        work = partial(recover, house, crm, epochs[name], report.run_id)
        return not house.may_write(crm.name) or unless_in_trouble(report.troubles, work) is not None

    return {name: crm for name, crm in ours.items() if is_known(name, crm)}


def _write_all(house: House, report: CycleReport, ours: Mapping[str, Crm], epochs: dict[str, int]) -> None:
    for name, crm in ours.items():
        if not house.may_write(crm.name):
            continue
        written = unless_in_trouble(report.troubles, partial(write_back, house, crm, epochs[name], report.run_id))
        if written:
            report.written.append(written)


def _held(house: House) -> dict[str, Held]:
    """What waits for `attain apply`, by connection."""
    with house.store.reading() as tx:
        found = {name: outbox.waiting_for_a_human(tx, name) for name in house.crms}
    return {name: held for name, held in found.items() if held}


def _summary(report: CycleReport) -> str:
    read = sum(each.changed for each in report.pulled)
    others = [f", {count} {what}" for what, count in report.not_written.items()]
    return f"{read} records changed, {report.settled[Settled.WRITTEN]} written{''.join(others)}"
