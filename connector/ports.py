"""The sockets in the wall: what a CRM must do for us, and how one is plugged in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from connector.errors import ConnectorError, PlaceOf, Problem
from connector.model.changes import Change, Receipt, Row, Value, Wanted
from connector.model.hints import Hint, Knock
from connector.model.notes import Typed
from connector.model.records import RawRecord, RecordKind, Ref
from connector.model.schema import CrmField, CrmSchema
from connector.model.settings import Company, ConnectionSettings
from connector.normalise.mapping import CrmMapping


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One stream of records: a kind, and the CRM's object that it comes from."""

    kind: RecordKind
    object: str  # "Opportunity", "Task", "meetings"

    def __str__(self) -> str:
        return f"{self.kind}/{self.object}"


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one stream has been read; kept in the store, beside the page it came with."""

    covered: datetime | None  # everything stamped before this has been read; None: nothing yet
    until: datetime | None = None  # upper bound of a window that is being read; None: no window is open
    after: str = ""  # the place inside that window, in the adapter's own words
    memo: str = ""  # what the adapter wants to know at its next read, in its own words


@dataclass(frozen=True, slots=True)
class Page:
    """Records that arrived together, and the cursor that is true once they are stored."""

    source: Source
    records: tuple[RawRecord, ...]
    cursor: Cursor
    total: int | None = None  # records the whole read will bring, where the CRM says so (progress bars)
    last: bool = False
    whole: bool = False  # of a read that brings everything there is: what it leaves out is gone
    parts_of: tuple[Ref, ...] = ()  # deals of which this page has every split: what it leaves out is gone

    def with_parts_of(self, deals: Iterable[Ref]) -> Page:
        """The same page, all that these deals have."""
        return replace(self, parts_of=tuple(deals))


@dataclass(frozen=True, slots=True)
class Stamp:
    """A record as a sweep compares it."""

    id: str
    modified_at: datetime
    points_at: Mapping[str, str | None] = field(default_factory=dict)  # our name → id: links that move no stamp


class Severity(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"  # something will not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `attain doctor`."""

    connection: str
    subject: str  # "login", "Opportunity.Amount", "Attain_Key__c"
    severity: Severity
    text: str
    cure: str = ""  # what to grant or click


@dataclass(frozen=True, slots=True)
class InstallReport:
    """What `install` created, found, or could not create."""

    connection: str
    created: tuple[str, ...]  # "Attain_Attainment__c.Metric__c"
    present: tuple[str, ...]
    missing: tuple[str, ...]  # with `check`: what would be created
    refused: tuple[str, ...] = ()  # why the CRM would not have what we can do without: pages, reports
    to_do: tuple[str, ...] = ()  # what remains to be clicked by hand


@dataclass(frozen=True, slots=True)
class Removal:
    """What `uninstall` took away; with `check`, what it would."""

    connection: str
    removed: tuple[str, ...]
    grants: int = 0  # people who held one of our permission sets


@dataclass(frozen=True, slots=True)
class Project:
    """What `install` creates, and pages to go with it, as files for the vendor's own tool."""

    files: Mapping[str, bytes]  # by path; empty: this CRM has no such tool
    then: str = ""  # the command that hands them over, from their folder


@dataclass(frozen=True, slots=True)
class Volume:
    """How much a first pull will bring, and what it costs."""

    source: Source
    records: int
    calls: int


class Crm(Protocol):
    """One connected CRM account. tests/contracts/test_crm.py holds every adapter to these promises:

    `changed` yields pages oldest window first, repeats at most the overlap, never skips a record, and its last page
    carries a cursor whose `covered` is the upper bound; `write` returns one receipt per change, in order, and may be
    repeated; `look_up` reads back by external id; all raise only CrmUnavailable or CrmDenied, and `changed`
    SchemaDrifted when a mapped field is gone: one bad record is a refused receipt or a rejection. A field of the CRM's
    type percent is read and written as a share of 1.
    """

    name: str  # the connection's
    type: str  # "salesforce"
    at_once: int  # records that one call writes
    many: int  # records that are best handed over together, where so many wait: one job instead of many calls

    def organisation(self) -> str:
        """Which company's account it is, by the CRM's own id: the same for every login to it; empty where it does not tell."""
        ...

    def sources(self) -> Sequence[Source]:
        """The streams to pull, users first, so that owners are known before their deals."""
        ...

    def schema(self) -> CrmSchema:
        """What may be read and written, as the CRM describes itself today."""
        ...

    def described(self, source: Source) -> Mapping[str, CrmField]:
        """The fields that a source reads, as the CRM describes them today, by the CRM's names.

        It asks what the read that follows would ask anyway, and for stages where the mapping says by them what is closed.
        Raises SchemaDrifted when one is gone. What has no description, such as a link, is absent.
        """
        ...

    def changed(self, source: Source, since: Cursor | None) -> Iterator[Page]:
        """Everything that changed since the cursor, including deletions the CRM tells of."""
        ...

    def calculates(self, source: Source) -> bool:
        """Whether a field that is read may change without the CRM saying so: formulas are read again once a day."""
        ...

    def tells_of_deletions(self, source: Source) -> bool:
        """Whether `changed` does; where it does not, ids are compared once a day."""
        ...

    def listing(self, source: Source) -> Iterator[Sequence[Stamp]] | None:
        """Stamps of everything a source has, in pages; None for a source whose pull tells of all that is gone."""
        ...

    def read(self, source: Source, ids: Sequence[str]) -> tuple[RawRecord, ...]:
        """These records as they are now; one that does not exist comes as deleted."""
        ...

    def hear(self, knock: Knock, keep: Callable[[frozenset[Hint]], None]) -> None:
        """Hand on what a request of the CRM's own tells of, unless it did before. Raises NotTrusted and ValueError."""
        ...

    def typed(self, knock: Knock, take: Callable[[Typed], None]) -> None:
        """Hand on a note that somebody sent from a page of ours, as `hear` does. Raises what `take` raises, too."""
        ...

    def current(self, rows: Sequence[Row], fields: Sequence[str]) -> Mapping[Row, Mapping[str, Value]]:
        """What the CRM shows now; a row that does not exist is absent."""
        ...

    def write(self, changes: Sequence[Change]) -> list[Receipt]:
        """Write records, batched as the CRM likes it; one receipt per change, in order.

        BUSY with a remote id: the record stands, and does not yet point at what it is about.
        """
        ...

    def link(self, made: Sequence[tuple[Change, str]]) -> list[Receipt]:
        """Point records that stand, each with its id, at what they are about, and write nothing else; as `write` says.

        May be repeated. The receipts say `created`: whoever asks was never told that they are there.
        """
        ...

    def remove(self, rows: Sequence[Row]) -> list[Receipt]:
        """Take away records of our own, one receipt per row, in order; may be repeated."""
        ...

    def allowance(self) -> tuple[int, int] | None:
        """Calls used today, by whomever, and how many there are; None where the CRM does not say."""
        ...

    def look_up(self, rows: Sequence[Row]) -> Mapping[Row, str]:
        """Remote ids of rows that exist, by their external id."""
        ...

    def install(self, wanted: Wanted, *, check: bool) -> InstallReport:
        """Create the fields and objects that are missing; with `check`, only say which."""
        ...

    def uninstall(self, wanted: Wanted, *, check: bool) -> Removal:
        """Take away what install creates, with everything it holds; with `check`, only say what."""
        ...

    def project(self, wanted: Wanted) -> Project:
        """What people open, and what install creates, as files for the vendor's own deployment tool."""
        ...

    def doctor(self, wanted: Wanted, refused: Sequence[Receipt] = ()) -> list[Finding]:
        """What works and what does not, each with its cure; `refused`: what it would not take so far. Raises nothing."""
        ...

    def volumes(self) -> Sequence[Volume]:
        """How many records each source holds, and the calls a first pull takes."""
        ...

    def filled(self, obj: str, fields: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """How many records an object has, and how many of them have a value in each field."""
        ...

    def url(self, ref: Ref) -> str:
        """Where a person opens the record."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class Option:
    """A key of the connection's block in the config file."""

    name: str
    says: str
    required: bool = False
    secret: bool = False
    default: str | None = None
    instead: str = ""  # another key that takes the place of a required one
    address: bool = False  # a URL that keys are sent to: it is held against `CrmType.hosts`


class Gate(Protocol):
    """Lets calls to a CRM pass, and hears how they ended."""

    def let_pass(self, connection: str) -> None:
        """Raise CrmUnavailable where no call may be made now."""
        ...

    def heard(self, connection: str, error: ConnectorError | None) -> None:
        """How a call ended; None: it was answered."""
        ...

    def told(self, connection: str, used: int, most: int) -> None:
        """What the CRM says of its calls of the day: used by whomever, and how many there are."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """Time, handed in; nobody reads a clock of their own or sleeps by themselves."""

    now: Callable[[], datetime]  # aware UTC
    sleep: Callable[[float], None]  # seconds
    gate: Gate | None = None  # None: every call may pass


@dataclass(frozen=True, slots=True)
class CrmType:
    """What a folder under `connector/crm` offers, as `CRM` in its `__init__`."""

    name: str  # the folder's name, and `type:` in the config
    title: str
    options: tuple[Option, ...]
    faults: Callable[[ConnectionSettings, CrmMapping, PlaceOf], Sequence[Problem]]  # options that cannot be obeyed
    connect: Callable[[ConnectionSettings, CrmMapping, Company, World], Crm]
    hosts: tuple[str, ...] = ()  # the vendor's own, which keys may be sent to: "*.hubapi.com"
