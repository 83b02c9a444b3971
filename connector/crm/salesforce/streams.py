"""What is asked of each object: which fields, by which stamp, and which rows are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.crm.salesforce import soql
from connector.crm.salesforce.describe import DECIMALS, Describer, FieldShape, missing_field
from connector.crm.salesforce.schema import field_of
from connector.errors import SchemaDrifted
from connector.model.records import POINTERS, RecordKind
from connector.model.schema import CrmField
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.ports import Source

# Users first, so that owners are known before their deals.
_ORDER = (
    RecordKind.USER,
    RecordKind.RATE,
    RecordKind.ACCOUNT,
    RecordKind.DEAL,
    RecordKind.STAGE_CHANGE,
    RecordKind.SPLIT,
    RecordKind.TEAM_MEMBER,
    RecordKind.ACTIVITY,
    RecordKind.READING,
    RecordKind.NOTE,
    RecordKind.MEMBERSHIP,
    RecordKind.ACCOUNT_TERRITORY,
    RecordKind.PERIOD,
)
# What no mapping reads unless ops asked for it, and an admin has to switch on.
SWITCHES = {
    "OpportunityTeamMember": "switch it on in Setup > Opportunity Team Settings > Enable Team Selling",
    "ObjectTerritory2Association": "switch it on in Setup > Territory Settings, and activate a territory model",
}
# Features that an org may have switched off: no splits, one currency, no dated rates, no forecasts.
_OPTIONAL_OBJECTS = frozenset(
    {
        "OpportunitySplit",
        "CurrencyType",
        "DatedConversionRate",
        "ForecastingQuota",
        "UserTerritory2Association",
        "Period",
        *SWITCHES,
    }
)
_ALONGSIDE = {"Period": "FiscalYearSettings"}  # what says nothing without another object
_OPTIONAL_FIELDS = frozenset({"CurrencyIsoCode", "Territory2.Name"})
# Territories are planned in models, of which one is in force. Source: Salesforce, object reference of Territory2Model.
CUT_BY_HAND = "FiscalYearSettings.IsStandardYear"  # false for a custom fiscal year; others follow a rule of months
_IN_FORCE = "Territory2.Territory2Model.State"
OURS = "Attain_"  # how our own objects and fields begin
# Of these a field of another record (`Account.Industry`) is read again with the formulas; a user's role moves its own stamp.
_BIG = frozenset({RecordKind.DEAL, RecordKind.ACCOUNT, RecordKind.ACTIVITY, RecordKind.ACCOUNT_TERRITORY})

# SystemModstamp moves with automation too, and nobody can set it; history rows are only ever added.
# Source: Salesforce, "System Fields", read 2026-11-23.
_STAMPS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")


# Where a record that was merged away lives on. Source: Salesforce, Object Reference, Account.
MASTER = "MasterRecordId"
_POINTING = frozenset({RecordKind.DEAL, RecordKind.ACCOUNT, RecordKind.ACTIVITY})


@dataclass(frozen=True, slots=True)
class Points:
    """Fields that lead to other records, and may be moved by a merge without any stamp."""

    fields: Mapping[str, str]  # our name → field: account → AccountId
    about: str = ""  # a field that leads to either of several objects: WhatId
    kinds: Mapping[str, str] = field(default_factory=dict)  # of that one: object → our name: Opportunity → deal

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that tell, each once."""
        return tuple(dict.fromkeys((*self.fields.values(), *([self.about] if self.about else []))))

    def told(self, row: Mapping[str, Any], object_of: Callable[[str | None], str | None]) -> dict[str, str | None]:
        """Our name → id, as the normalised record would have it; None: it leads nowhere."""
        found: dict[str, str | None] = dict.fromkeys(self.kinds.values()) if self.about else {}
        found |= {name: row.get(each) or None for name, each in self.fields.items()}
        if self.about and (name := self.kinds.get(object_of(row.get(self.about)) or "")):
            found[name] = row[self.about]
        return found


@dataclass(frozen=True, slots=True)
class Stream:
    """One source, resolved against what the org shows."""

    source: Source
    names: tuple[str, ...]  # fields that the mapping wants and the org has
    stamp: str
    parents: tuple[str, ...]  # stamps of the records that dotted names come from: a renamed role moves no user's stamp
    deletable: bool  # has IsDeleted: the recycle bin shows up in queryAll
    replicateable: bool  # keeps a list of deletions
    whole: bool  # read in full each time: small, and its changes leave no trace
    leave_out: tuple[str, ...]  # conditions on rows that would count twice
    leads: tuple[tuple[str, str], ...]  # polymorphic fields → where to put the object's name: WhatId → What.Type
    numbers: frozenset[str]  # fields that are decimals even where the JSON number is whole
    types: Mapping[str, str]  # field → describe's word for its type, also of those that are always asked for
    percents: frozenset[str]  # fields that say 60 where we say 0.6
    calculates: bool  # a formula is read, or another record's field: they change without moving the record's stamp
    plain: tuple[str, ...]  # names without a dot
    dotted: tuple[tuple[str, str, str], ...]  # names one step up: ("UserRole.Name", "UserRole", "Name")
    merges: bool  # a deleted one may say what it was merged into
    points: Points

    @property
    def tells_of_deletions(self) -> bool:
        """Whether the recycle bin or the list of deletions shows all that is gone.

        A member who is taken off a team goes to no bin, and stands in that list alone. When another model of territories
        comes into force, the associations of the former one stay where they are, and are out of it all the same.
        """
        match self.source.kind:
            case RecordKind.TEAM_MEMBER:
                return self.replicateable
            case RecordKind.ACCOUNT_TERRITORY:
                return False
        return self.deletable or self.whole

    def select(
        self,
        where: Sequence[str] = (),
        *,
        ordered: bool = True,
        names: Sequence[str] | None = None,
        plain: bool = False,
    ) -> str:
        """The query for rows that meet the conditions, oldest first unless nobody needs an order.

        `names`: some of the fields only; `plain`: by id, with nothing left out and in no order.
        """
        merged = [MASTER] if self.merges else []
        extras = ["Id"] if plain else ["Id", self.stamp, *(["IsDeleted"] if self.deletable else []), *merged]
        fields = tuple(dict.fromkeys([*extras, *(self.names if names is None else names)]))
        if plain:
            return soql.select(fields, self.source.object, where=where)
        order = ("Id",) if self.whole else (self.stamp, "Id")
        conditions = [*self.leave_out, *where]
        return soql.select(fields, self.source.object, where=conditions, order_by=order if ordered else ())


class Streams:
    """The sources of one mapping, as far as the org has them."""

    def __init__(self, connection: str, mapping: CrmMapping, describer: Describer) -> None:
        self._connection, self._mapping, self._describer = connection, mapping, describer

    def sources(self) -> tuple[Source, ...]:
        """Every stream to pull; features that are switched off are left out."""
        shown = self._describer.listing().names
        found = [
            Source(each.kind, each.object)
            for each in self._mapping.sources
            if {each.object, _ALONGSIDE.get(each.object, each.object)} <= shown
            or not (each.object in _OPTIONAL_OBJECTS or each.object.startswith(OURS))
        ]
        return tuple(sorted(found, key=lambda each: _ORDER.index(each.kind)))

    def switched_off(self) -> tuple[str, ...]:
        """Objects that the mapping asks for by a section of its own, and the org does not show."""
        shown = self._describer.listing().names
        return tuple(
            each.object for each in self._mapping.sources if each.object in SWITCHES and each.object not in shown
        )

    def resolve(self, source: Source) -> Stream:
        """One stream. Raises SchemaDrifted when a mapped field is not shown."""
        obj = source.object
        shape = self._describer.shape(obj)
        names = self.shown(source)
        fields = {name: self._describer.field(obj, name) for name in names}
        stamp = self._stamp(source)
        asked = {name: shape.fields[name] for name in ("Id", stamp, "IsDeleted") if name in shape.fields}
        return Stream(
            source=source,
            names=names,
            stamp=stamp,
            parents=self._parents(source, names),
            deletable="IsDeleted" in shape.fields,
            replicateable=shape.replicateable,
            # Small, and all but periods keep no list of what was deleted.
            whole=source.kind in (RecordKind.RATE, RecordKind.MEMBERSHIP, RecordKind.PERIOD),
            leave_out=self._leave_out(source),
            leads=tuple(
                (name, f"{field.relationship}.Type")
                for name, field in fields.items()
                if field and field.polymorphic and field.relationship
            ),
            numbers=frozenset(name for name, field in fields.items() if field and field.type in DECIMALS),
            calculates=any(
                field.calculated or ("." in name and not is_optional(source, name) and source.kind in _BIG)
                for name, field in fields.items()
                if field
            ),
            plain=tuple(name for name in names if "." not in name),
            dotted=tuple((name, *name.split(".", 1)) for name in names if "." in name),  # type: ignore[misc]
            types={name: field.type for name, field in (asked | fields).items() if field},
            merges=source.kind is RecordKind.ACCOUNT and MASTER in shape.fields,
            points=self._points(source, names, fields),
            percents=frozenset(name for name, field in fields.items() if field and field.type == "percent"),
        )

    def wanted(self, source: Source) -> tuple[str, ...]:
        """Every field the mapping names for a source, shown or not."""
        mapped: SourceMap = self._mapping.source(source.kind, source.object)
        extra = self._mapping.outcome.names() if source.kind is RecordKind.DEAL else ()
        return tuple(dict.fromkeys((*mapped.names(), *extra)))

    def shown(self, source: Source) -> tuple[str, ...]:
        """The fields to read. Raises SchemaDrifted for one that is neither shown nor optional."""
        found = []
        for name in self.wanted(source):
            if self._describer.field(source.object, name) is not None:
                found.append(name)
            elif not is_optional(source, name):
                raise SchemaDrifted(missing_field(self._connection, source.object, name))
        return tuple(found)

    def described(self, source: Source) -> dict[str, CrmField]:
        """The fields to read, in the words of the port. Raises SchemaDrifted as `resolve` does."""
        found = {name: self._describer.field(source.object, name) for name in self.shown(source)}
        return {name: field_of(field) for name, field in found.items() if field}

    def _points(self, source: Source, names: Sequence[str], shown: Mapping[str, FieldShape | None]) -> Points:
        """Only fields that are read as they are, and lead to what the mapping reads."""
        if source.kind not in _POINTING:
            return Points({})
        mapped = self._mapping.source(source.kind, source.object)
        plain = {
            ours: theirs
            for ours, theirs in mapped.fields.items()
            if theirs in names and "." not in theirs and ours not in mapped.values
        }
        objects = {ours: obj for ours, kind in POINTERS.items() if (obj := self._mapping.object_of(kind))}
        about = shown.get(plain.get("about", ""))
        return Points(
            {ours: plain[ours] for ours in objects if ours in plain},
            plain["about"] if about and about.polymorphic and about.relationship else "",
            {obj: ours for ours, obj in objects.items() if ours != "parent"},
        )

    def _stamp(self, source: Source) -> str:
        fields = self._describer.shape(source.object).fields
        stamps = ("CreatedDate",) if source.kind is RecordKind.STAGE_CHANGE else _STAMPS
        for stamp in stamps:
            if stamp in fields and fields[stamp].filterable:
                return stamp
        raise SchemaDrifted(missing_field(self._connection, source.object, stamps[0]))

    def _parents(self, source: Source, names: Sequence[str]) -> tuple[str, ...]:
        """Only for users: over a large table the alternative would cost the index."""
        if source.kind is not RecordKind.USER:
            return ()
        stamps = dict.fromkeys(f"{name.rpartition('.')[0]}.{_STAMPS[0]}" for name in names if "." in name)
        return tuple(each for each in stamps if self._describer.field(source.object, each) is not None)

    def _leave_out(self, source: Source) -> tuple[str, ...]:
        """Masters of a series and invitees' copies would count one meeting twice; so would planned territories."""
        fields = self._describer.shape(source.object).fields
        if source.kind is RecordKind.ACCOUNT_TERRITORY:
            parts = (
                [soql.equals("SobjectType", self._mapping.object_of(RecordKind.ACCOUNT))]
                if "SobjectType" in fields
                else []
            )
            return (*parts, *self._in_force(source.object))
        if source.kind is RecordKind.PERIOD:
            return (soql.truth(CUT_BY_HAND, is_set=False),) if self._describer.field(source.object, CUT_BY_HAND) else ()
        if source.kind is RecordKind.MEMBERSHIP:
            return self._in_force(source.object)
        if source.kind is not RecordKind.ACTIVITY:
            return ()
        flags = [flag for flag in ("IsRecurrence", "IsChild") if flag in fields and fields[flag].filterable]
        return tuple(soql.truth(flag, is_set=False) for flag in flags)

    def _in_force(self, obj: str) -> tuple[str, ...]:
        """Only territories of the model that is active, where the org tells."""
        return (soql.equals(_IN_FORCE, "Active"),) if self._describer.field(obj, _IN_FORCE) else ()


def is_optional(source: Source, name: str) -> bool:
    """A field that an org may lack without anything being wrong."""
    needed = source.kind is RecordKind.ACCOUNT_TERRITORY  # says nothing without the name of the territory
    return (name in _OPTIONAL_FIELDS and not needed) or name.startswith(OURS)
