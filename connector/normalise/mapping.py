"""How a CRM's words become ours, and where ours go back: the shape of `mappings/*.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.model.catalogue import Type
from connector.model.changes import Policy
from connector.model.records import RecordKind, Scalar


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that only this company has: a known name to the rules, typed here."""

    field: str  # the CRM's name
    type: Type
    says: str = ""


@dataclass(frozen=True, slots=True)
class SourceMap:
    """One object of the CRM, and which of its fields means what."""

    kind: RecordKind
    object: str
    fields: Mapping[str, str]  # ours → the CRM's; a dot goes one step up: "UserRole.Name"
    custom: Mapping[str, CustomField] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)  # ours → a fixed value: type → meeting
    # ours → {the CRM's value, "" where it has none: our value}
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Every CRM field this source reads, each once, in a steady order."""
        wanted = [*self.fields.values(), *(each.field for each in self.custom.values())]
        return tuple(dict.fromkeys(wanted))


@dataclass(frozen=True, slots=True)
class OutcomeMap:
    """Which deals are won or lost: by stage values, or by the CRM's own flags."""

    field: str | None = None  # with `won` and `lost`: the stage field
    won: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    won_flag: str | None = None  # a boolean field: IsWon, hs_is_closed_won
    closed_flag: str | None = None

    def names(self) -> tuple[str, ...]:
        """The CRM fields needed to decide."""
        return tuple(each for each in (self.field, self.won_flag, self.closed_flag) if each)


@dataclass(frozen=True, slots=True)
class Manners:
    """What becomes of values that people put where we write."""

    usual: Policy
    by_field: Mapping[str, Policy] = field(default_factory=dict)

    def of(self, name: str) -> Policy:
        """The policy of one field."""
        return self.by_field.get(name, self.usual)


OURS, THEIRS = Manners(Policy.OVERWRITE), Manners(Policy.RESPECT)  # records of our own; records that people keep


@dataclass(frozen=True, slots=True)
class ScoreRows:
    """A record of our own per person, metric and period."""

    object: str  # "Attain_Attainment__c"
    label: str
    key_field: str
    fields: Mapping[str, str]  # the CRM's field → attribute of the score: "attainment", "gap", "person"
    manners: Manners = OURS


@dataclass(frozen=True, slots=True)
class ScoreProperties:
    """Properties on the record of the person: one per metric, grain and attribute."""

    object: str  # "users"
    prefix: str  # "attain_"
    attributes: tuple[str, ...]  # ("actual", "target", "attainment")
    manners: Manners = THEIRS
    reports: str | None = None  # a property of managers: ids of the records of whoever reports to them


@dataclass(frozen=True, slots=True)
class AlertTasks:
    """Alerts as tasks, upserted by a key of ours."""

    object: str  # "Task", "tasks"
    key_field: str
    fields: Mapping[str, str]  # the CRM's field → attribute of the alert, or a literal written `= High`


@dataclass(frozen=True, slots=True)
class RecordFields:
    """What we know about a deal or an account, in fields of its own record."""

    object: str  # "Opportunity", "deals"
    fields: Mapping[str, str]  # the CRM's field → attribute: "health", "health_band"
    manners: Manners = THEIRS


@dataclass(frozen=True, slots=True)
class WriteMap:
    """Where our results go back."""

    scores: ScoreRows | ScoreProperties | None = None
    alerts: AlertTasks | None = None
    deals: RecordFields | None = None
    accounts: RecordFields | None = None

    def shows(self, attribute: str) -> bool:
        """Whether a field is mapped to an attribute of scores."""
        match self.scores:
            case ScoreRows() as rows:
                return attribute in rows.fields.values()
            case ScoreProperties() as properties:
                return attribute in properties.attributes
        return False

    def manners(self, obj: str) -> Manners:
        """How values that people put into an object's fields are treated; tasks are ours."""
        places = (each for each in (self.scores, self.deals, self.accounts) if each is not None)
        return next((each.manners for each in places if each.object == obj), OURS)

    @property
    def people_own(self) -> frozenset[str]:
        """Objects whose records are people's work, and carry fields of ours."""
        return frozenset(each.object for each in (self.deals, self.accounts) if each is not None)

    @property
    def objects(self) -> tuple[str, ...]:
        """Every object that is written to, each once."""
        places = (self.scores, self.alerts, self.deals, self.accounts)
        return tuple(dict.fromkeys(each.object for each in places if each is not None))


@dataclass(frozen=True, slots=True)
class CrmMapping:
    """One mapping file, checked."""

    type: str  # "salesforce"
    sources: tuple[SourceMap, ...]
    outcome: OutcomeMap = OutcomeMap()
    write: WriteMap = WriteMap()
    default_currency: str | None = None  # None: the company's

    def assumed(self, own: str) -> str:
        """The currency of amounts that say none; `own`: the company's."""
        return self.default_currency or own

    def source(self, kind: RecordKind, obj: str) -> SourceMap:
        """The map of one source. Raises KeyError."""
        for each in self.sources:
            if each.kind is kind and each.object == obj:
                return each
        raise KeyError(f"{kind}/{obj}")

    def object_of(self, kind: RecordKind) -> str:
        """The object that holds a kind, for references to it; empty where the mapping has none."""
        return next((each.object for each in self.sources if each.kind is kind), "")

    def notes_on(self, obj: str) -> SourceMap | None:
        """The notes that are typed into records of an object; None: there are none."""
        notes = (each for each in self.sources if each.kind is RecordKind.NOTE)
        return next((each for each in notes if each.object.startswith(f"{obj}.")), None)

    def levels(self) -> tuple[str, ...]:
        """Names of the levels that users carry: everything mapped that is no built-in field of a user."""
        found: list[str] = []
        for each in self.sources:
            if each.kind is RecordKind.USER:
                found += [name for name in each.fields if name not in USER_FIELDS]
        return tuple(dict.fromkeys(found))


USER_FIELDS = frozenset({"email", "name", "first_name", "last_name", "active", "human", "manager", "user_id"})

VOID = "void"  # the status of an activity that came to nothing: it bounced, it was called off

NOTE_FIELDS = {  # ours → the kind of field that holds it; `person` and `record` are look-ups
    "author": "person",
    "person": "person",
    "kind": "choice",
    "metric": "text",
    "period": "text",
    "deal": "record",
    "text": "long_text",
    "rating": "number",
    "due_on": "date",
    "done_on": "date",
    "answer": "long_text",
    "written_at": "moment",
}


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of a file table."""

    name: str
    type: Type
    required: bool = False


@dataclass(frozen=True, slots=True)
class FileTable:
    """A CSV table of `mappings/files.yaml`."""

    name: str
    file: str  # relative to the files folder: "quotas.csv"
    columns: tuple[FileColumn, ...]
    key: tuple[str, ...]  # columns that name a row; a second row of one key replaces nothing: it is an error
    person: str | None = None  # the column that says whose row it is (e-mail, name or person id)
    date: str | None = None  # the column that says which day it belongs to

    def key_of(self, values: Mapping[str, Scalar]) -> str:
        """What a row is called among its table's: its key columns; an empty one is an empty part."""
        return "|".join("" if values.get(name) is None else str(values.get(name)) for name in self.key)
