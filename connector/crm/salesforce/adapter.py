"""One connected Salesforce org, as the port asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from connector.crm.optional import optional
from connector.crm.refused import by_reason, finding
from connector.crm.salesforce import read, remove, soql, write
from connector.crm.salesforce.access import Access
from connector.crm.salesforce.bell import Bell
from connector.crm.salesforce.corporate import Corporate
from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.doctor import Doctor
from connector.crm.salesforce.grants import login_of
from connector.crm.salesforce.install import Installer
from connector.crm.salesforce.listing import listing
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.package import Stages, project
from connector.crm.salesforce.schema import filled, schema
from connector.crm.salesforce.streams import Streams
from connector.crm.salesforce.whose import organisation_of
from connector.crm.salesforce.window import Window
from connector.errors import NotTrusted
from connector.model.changes import Change, Receipt, Row, Settled, Value, Wanted
from connector.model.hints import Hint, Knock
from connector.model.notes import Typed
from connector.model.records import RawRecord, RecordKind, Ref
from connector.model.schema import CrmField, CrmSchema
from connector.model.settings import Company, ConnectionSettings
from connector.normalise.mapping import CrmMapping
from connector.ports import Crm, Cursor, Finding, InstallReport, Page, Project, Removal, Source, Stamp, Volume, World
from connector.transport import Patience

OVERLAP = timedelta(minutes=15)
SETTLE = timedelta(minutes=2)
ROWS_PER_PAGE = 2_000


def connect(settings: ConnectionSettings, mapping: CrmMapping, company: Company, world: World) -> Crm:
    """An adapter that logs in when first asked for something. Raises ConfigError for options it cannot obey."""
    return SalesforceCrm(settings, mapping, company, world)


class SalesforceCrm:
    """Holds the parts together; each of them is a file beside this one."""

    type = "salesforce"
    at_once = write.MOST_ROWS
    many = write.MOST_IN_JOB

    def __init__(self, settings: ConnectionSettings, mapping: CrmMapping, company: Company, world: World) -> None:
        self.name = settings.name
        self._world, self._mapping = world, mapping
        self._company = company  # only held against what the org says: amounts and days are read as they are
        self._overlap = OVERLAP if settings.overlap is None else settings.overlap
        self._settle = SETTLE if settings.settle is None else settings.settle
        self.patience = Patience(settings.name, world)
        self.org = Org(login_of(settings), world, self.patience)
        alerts = mapping.write.alerts
        self._bell = Bell(self.org, alerts) if alerts and settings.options.get("bell") == "on" else None
        self._describer = Describer(self.org, world)
        self._streams = Streams(settings.name, mapping, self._describer)
        self._corporate = Corporate(self.org, self._describer, mapping.assumed(company.currency), company.currency)
        self._organisation = ""

    def organisation(self) -> str:
        if not self._organisation:
            self._organisation = organisation_of(self.org)
        return self._organisation

    def sources(self) -> Sequence[Source]:
        return self._streams.sources()

    def schema(self) -> CrmSchema:
        return schema(self.org, self._describer, self._mapping)

    def described(self, source: Source) -> Mapping[str, CrmField]:
        return self._streams.described(source)

    def changed(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        if source.kind is RecordKind.RATE:
            self._corporate.hold()
        stream = self._streams.resolve(source)
        window = Window.of(since, self.org.now(), self._overlap, self._settle)
        yield from read.changed(self.org, self._world, stream, self._describer.listing(), window)

    def calculates(self, source: Source) -> bool:
        return self._streams.resolve(source).calculates

    def tells_of_deletions(self, source: Source) -> bool:
        return self._streams.resolve(source).tells_of_deletions

    def listing(self, source: Source) -> Iterator[Sequence[Stamp]] | None:
        stream = self._streams.resolve(source)
        return None if stream.whole else listing(self.org, stream, self._describer.listing())

    def read(self, source: Source, ids: Sequence[str]) -> tuple[RawRecord, ...]:
        return read.some(self.org, self._streams.resolve(source), self._describer.listing(), ids)

    def hear(self, knock: Knock, keep: Callable[[frozenset[Hint]], None]) -> None:
        del knock, keep
        raise NotTrusted("Salesforce is polled, and tells nothing by itself here")

    def typed(self, knock: Knock, take: Callable[[Typed], None]) -> None:
        del knock, take
        raise NotTrusted("in Salesforce notes are records, and are pulled")

    def current(self, rows: Sequence[Row], fields: Sequence[str]) -> Mapping[Row, Mapping[str, Value]]:
        return write.current(self.org, self._describer, rows, fields)

    def write(self, changes: Sequence[Change]) -> list[Receipt]:
        receipts = write.write(self.org, self._world, self._describer, changes)
        if self._bell:
            self._bell.ring(changes, receipts)
        return receipts

    def link(self, made: Sequence[tuple[Change, str]]) -> list[Receipt]:
        """What a task is about is a field of it (WhatId), which came with the rest."""
        return [Receipt(change.row, Settled.WRITTEN, remote_id, created=True) for change, remote_id in made]

    def remove(self, rows: Sequence[Row]) -> list[Receipt]:
        return remove.remove(self.org, self._describer, rows)

    def allowance(self) -> tuple[int, int] | None:
        if "api-usage" not in self.org.usage:
            with optional():
                self.org.query("SELECT Id FROM User LIMIT 1")  # any reply tells
        return self.org.usage.get("api-usage")

    def look_up(self, rows: Sequence[Row]) -> Mapping[Row, str]:
        return write.look_up(self.org, self._describer, rows)

    def install(self, wanted: Wanted, *, check: bool) -> InstallReport:
        return self._installer(wanted).install(wanted, check=check)

    def uninstall(self, wanted: Wanted, *, check: bool) -> Removal:
        return self._installer(wanted).uninstall(check=check)

    def project(self, wanted: Wanted) -> Project:
        files = self._stages(wanted).files()
        return Project(files, "sf project deploy start --source-dir force-app")

    def _installer(self, wanted: Wanted) -> Installer:
        access = Access(self.org, self._describer, self._world, self._mapping, bell=self._bell is not None)
        return Installer(self.org, self._describer, self._world, self._stages(wanted), access)

    def _stages(self, wanted: Wanted) -> Stages:
        return project(self.org.version, self._mapping, wanted, bell=self._bell is not None)

    def doctor(self, wanted: Wanted, refused: Sequence[Receipt] = ()) -> list[Finding]:
        doctor = Doctor(
            self.org, self._describer, self._streams, self._company, self._mapping, bell=self._bell is not None
        )
        found = doctor.examine(wanted)
        return [*found, *(finding(self.name, each) for each in by_reason(refused).values())]

    def volumes(self) -> Sequence[Volume]:
        found = []
        for source in self._streams.sources():
            stream = self._streams.resolve(source)
            records = self.org.query(soql.count(source.object, stream.leave_out), deleted=stream.deletable).total
            found.append(Volume(source, records, max(1, -(-records // ROWS_PER_PAGE))))
        return found

    def filled(self, obj: str, fields: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        return filled(self.org, self._describer, obj, fields)

    def url(self, ref: Ref) -> str:
        return f"{self.org.instance}/lightning/r/{ref.object}/{ref.id}/view"

    def close(self) -> None:
        self.org.close()
