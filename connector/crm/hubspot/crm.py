"""One connected HubSpot account: the port, and nothing but the port."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from connector.crm.hubspot import describe, doctor, install, linking, lookup, remove, volumes, write
from connector.crm.hubspot.address import Addresses
from connector.crm.hubspot.errors import Refused
from connector.crm.hubspot.hints import Ear
from connector.crm.hubspot.package import Account, project
from connector.crm.hubspot.portal import BATCH, Portal
from connector.crm.hubspot.read import Reader
from connector.crm.optional import optional
from connector.errors import CrmUnavailable, NotTrusted
from connector.model.changes import Change, Receipt, Row, Settled, Value, Wanted
from connector.model.hints import Hint, Knock
from connector.model.notes import Typed
from connector.model.records import RawRecord, Ref
from connector.model.schema import CrmField, CrmSchema
from connector.model.settings import Company
from connector.normalise.mapping import CrmMapping
from connector.ports import Cursor, Finding, InstallReport, Page, Project, Removal, Source, Stamp, Volume, World


class HubSpotCrm:
    """One HubSpot account. Every call may raise CrmUnavailable or CrmDenied, a read also SchemaDrifted."""

    type = "hubspot"
    at_once = many = BATCH

    def __init__(
        self,
        name: str,
        portal: Portal,
        reader: Reader,
        *,
        mapping: CrmMapping,
        company: Company,
        world: World,
        ear: Ear | None = None,
    ) -> None:
        self.name = name
        self._portal, self._reader = portal, reader
        self._mapping, self._company, self._world = mapping, company, world
        self._ear = ear
        self._addresses: Addresses | None = None
        self._organisation: str | None = None  # None: not asked yet

    def organisation(self) -> str:
        if self._organisation is None:
            number = ""
            with suppress(Refused), optional():  # a token that may not ask this may still read deals
                number = self._numbered()
            self._organisation = number
        return self._organisation

    def _numbered(self) -> str:
        number = self._addressed().portal
        if not number:
            raise CrmUnavailable(self.name, "HubSpot does not say which account this is")
        return number

    def sources(self) -> Sequence[Source]:
        return self._reader.sources()

    def schema(self) -> CrmSchema:
        with self._answering():
            return describe.schema(self._portal, self._mapping)

    def described(self, source: Source) -> Mapping[str, CrmField]:
        with self._answering():
            return {name: describe.field_of(each) for name, each in self._reader.described(source).items()}

    def changed(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        with self._answering():
            yield from self._reader.changed(source, since)

    def calculates(self, source: Source) -> bool:
        del source  # a calculated property moves the stamp of its record, as any other does
        return False

    def tells_of_deletions(self, source: Source) -> bool:
        return self._reader.tells_of_deletions(source)

    def listing(self, source: Source) -> Iterator[Sequence[Stamp]] | None:
        with self._answering():
            return self._reader.listing(source)

    def read(self, source: Source, ids: Sequence[str]) -> tuple[RawRecord, ...]:
        with self._answering():
            return self._reader.some(source, ids)

    def hear(self, knock: Knock, keep: Callable[[frozenset[Hint]], None]) -> None:
        self._listening().hear(knock, keep)

    def typed(self, knock: Knock, take: Callable[[Typed], None]) -> None:
        self._listening().typed(knock, take)

    def _listening(self) -> Ear:
        if self._ear is None:
            raise NotTrusted("this connection has no `webhooks` and no `app_secret`")
        return self._ear

    def current(self, rows: Sequence[Row], fields: Sequence[str]) -> Mapping[Row, Mapping[str, Value]]:
        with self._answering():
            return lookup.current(self._portal, rows, fields)

    def write(self, changes: Sequence[Change]) -> list[Receipt]:
        with self._answering():
            return linking.linked(self._portal, changes, write.write(self._portal, changes))

    def link(self, made: Sequence[tuple[Change, str]]) -> list[Receipt]:
        with self._answering():
            standing = [Receipt(change.row, Settled.WRITTEN, remote_id, created=True) for change, remote_id in made]
            return linking.linked(self._portal, [change for change, _ in made], standing)

    def remove(self, rows: Sequence[Row]) -> list[Receipt]:
        with self._answering():
            return remove.remove(self._portal, rows)

    def allowance(self) -> tuple[int, int] | None:
        with self._answering():
            for each in self._portal.calls_today() or ():
                used, limit = each.get("currentUsage"), each.get("usageLimit")
                if isinstance(used, int) and isinstance(limit, int):
                    return used, limit
            return None

    def look_up(self, rows: Sequence[Row]) -> Mapping[Row, str]:
        with self._answering():
            return lookup.look_up(self._portal, rows)

    def install(self, wanted: Wanted, *, check: bool) -> InstallReport:
        with self._answering():
            return install.install(self.name, self._portal, wanted, check=check)

    def uninstall(self, wanted: Wanted, *, check: bool) -> Removal:
        with self._answering():
            return install.uninstall(self.name, self._portal, wanted, check=check)

    def project(self, wanted: Wanted) -> Project:
        with self._answering():
            told_at = self._ear.url if self._ear else ""
            account = Account(self._addressed().domain, self._company.currency, told_at)
            return Project(project(self._mapping, wanted, account), "hs project validate && hs project upload")

    def doctor(self, wanted: Wanted, refused: Sequence[Receipt] = ()) -> list[Finding]:
        visit = doctor.Visit(self.name, self._portal, self._mapping, self._company, self._world, wanted, refused)
        return doctor.findings(visit)

    def volumes(self) -> Sequence[Volume]:
        with self._answering():
            return volumes.volumes(self._portal, self._mapping, self.sources())

    def filled(self, obj: str, fields: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        with self._answering():
            return volumes.filled(self._portal, self._mapping, obj, fields)

    def url(self, ref: Ref) -> str:
        with self._answering():
            return self._addressed().url(ref)

    def close(self) -> None:
        self._portal.transport.close()

    def _addressed(self) -> Addresses:
        if self._addresses is None:
            self._addresses = Addresses.of(self._portal.remembered())
        return self._addresses

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """A refusal that no room below could make sense of is an answer we cannot use."""
        try:
            yield
        except Refused as refused:
            raise CrmUnavailable(
                self.name, f"HubSpot refuses: {refused.said.text} (HTTP {refused.status})"
            ) from refused
