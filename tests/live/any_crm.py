"""What is tried in the same way in every live account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from connector.errors import ConnectorError
from connector.model.changes import Wanted
from connector.ports import Crm, Severity, Source
from tests.live.outcome import Outcome, Verdict


class Visit(Protocol):
    """One account, and what the mapping wants there."""

    @property
    def crm(self) -> Crm: ...
    @property
    def wanted(self) -> Wanted: ...


def doctor(visit: Visit) -> Iterator[Outcome]:
    for each in visit.crm.doctor(visit.wanted):
        if each.severity is not Severity.OK:
            yield Outcome(Verdict.TOLD, f"{each.severity}: {each.subject}: {each.text} {each.cure}")


def reading(visit: Visit) -> Iterator[Outcome]:
    for source in visit.crm.sources():
        yield _first_page(visit.crm, source)


def _first_page(crm: Crm, source: Source) -> Outcome:
    try:
        page = next(iter(crm.changed(source, None)))
    except ConnectorError as error:
        return Outcome(Verdict.FAILED, f"{source}: {error}")
    return Outcome(Verdict.HELD, f"{source}: {len(page.records)} records on the first page of {page.total or 'any'}")


def removal_tried(visit: Visit) -> Iterator[Outcome]:
    removal = visit.crm.uninstall(visit.wanted, check=True)
    yield Outcome(
        Verdict.TOLD, f"{len(removal.removed)} components would go, {removal.grants} grants would be taken back"
    )
