"""What we want a CRM to show, and what it said when we asked it to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

OWN_IDS = frozenset({"Id", "hs_object_id"})  # Salesforce's and HubSpot's names for a record's own id

Value = str | int | Decimal | bool | date | datetime | None


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """A record to write, named by an external id of ours or by the CRM's own id."""

    connection: str
    object: str  # "Attain_Attainment__c", "users", "Task"
    key_field: str  # "Attain_Key__c"; the CRM's own id field ("Id", "hs_object_id") for an update
    key: str

    @property
    def by_own_id(self) -> bool:
        """Named by the CRM's own id: an update of a record that exists, never an upsert."""
        return self.key_field in OWN_IDS

    @property
    def place(self) -> str:
        """Where it is, as people type it: `deals/1251`."""
        return f"{self.object}/{self.key}"

    def is_called(self, named: str) -> bool:
        """Whether somebody means it by `1251`, `deals/1251` or `smb:deals/1251`; others may be called the same."""
        return named in (self.key, self.place, f"{self.connection}:{self.place}")

    def __str__(self) -> str:
        return f"{self.connection}:{self.object}[{self.key_field}={self.key}]"


class Policy(StrEnum):
    """What becomes of a value that a person put where we write."""

    OVERWRITE = "overwrite"  # ours stands
    RESPECT = "respect"  # whoever changed what we wrote keeps theirs, until they empty the field
    FILL_EMPTY = "fill_empty"  # what was there before us stays too


@dataclass(frozen=True, slots=True)
class Change:
    """One record with the fields it should show. One change, one receipt."""

    row: Row
    fields: Mapping[str, Value]
    because: str = ""  # the rule line behind it, for the plan
    riding: Mapping[str, Value] = field(default_factory=dict)  # sent along, never compared: computed_at, run
    links: Mapping[str, str] = field(default_factory=dict)  # object → remote id, for associations (HubSpot)
    once: bool = False  # alerts: acknowledged is final, it is never sent again
    subject: str = ""  # whom it is about, for the plan: "Ana Silva · bookings · 2026-Q4"
    gone: bool = False  # the record itself is to leave: one that we made, undone
    erases: bool = False  # takes away what nobody may be shown of somebody: what was undone does not keep it waiting

    @property
    def empties(self) -> bool:
        """Whether all that it does is take our words away."""
        return all(value is None for value in self.fields.values())


@dataclass(frozen=True, slots=True)
class Expected:
    """What a record showed when a human looked at the plan; it is written only while it still does."""

    exists: bool
    fields: Mapping[str, Value] = field(default_factory=dict)


class Settled(StrEnum):
    """How a write ended, as far as we know."""

    WRITTEN = "written"  # the CRM confirmed it
    REFUSED = "refused"  # the CRM said no to this record; repeating does not help
    BUSY = "busy"  # not done, surely; may be repeated (locks, limits)
    UNKNOWN = "unknown"  # an effect may exist; read it back


@dataclass(frozen=True, slots=True)
class Receipt:
    """The CRM's answer to one change."""

    row: Row
    settled: Settled
    remote_id: str | None = None
    created: bool = False
    reason: str = ""  # the CRM's own words, for the admin
    retry_after: float | None = None  # seconds
    untried: bool = False  # BUSY, but nobody was served then, or it never left: no attempt of this record's


@dataclass(frozen=True, slots=True)
class WantedField:
    """A field that must exist in a CRM before we can write."""

    object: str
    name: str
    label: str
    type: str  # text | long_text | number | money | ratio | date | moment | choice | person
    unique: bool = False  # an external id, by which rows are upserted
    length: int = 255
    choices: tuple[str, ...] = ()
    points_at: str = ""  # for `person`: the object looked up


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything `install` should create, if it is not there."""

    objects: tuple[tuple[str, str], ...] = ()  # (api name, label) of objects of our own
    fields: tuple[WantedField, ...] = ()
