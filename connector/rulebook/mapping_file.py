"""`mappings/<crm>.yaml`: how a CRM's words become ours, and where ours go back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field as Key
from pydantic import StringConstraints

from connector.language.parse import RESERVED
from connector.model.catalogue import RELATIONS, Type
from connector.model.records import RecordKind
from connector.normalise.mapping import (
    OURS,
    THEIRS,
    USER_FIELDS,
    AlertTasks,
    CrmMapping,
    CustomField,
    OutcomeMap,
    RecordFields,
    ScoreProperties,
    ScoreRows,
    SourceMap,
    WriteMap,
)
from connector.rulebook.manners import MannersEntry
from connector.rulebook.mapped_names import (
    ALERT_ATTRIBUTES,
    HEALTH_WORDS,
    KINDS,
    KNOWN,
    OUR_VALUES,
    REQUIRED,
    SCORE_ATTRIBUTES,
)
from connector.rulebook.notation import Name, Text
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape
from connector.yamlfile import Trail

_NAMED_BY_KEYS = {RecordKind.DEAL: "deals", RecordKind.ACCOUNT: "accounts"}  # kinds that keep custom fields


class CustomEntry(Shape):
    """A field that only this company has."""

    field: Text = Key(description="the CRM's name of it")
    type: Literal["text", "choice", "boolean", "number", "ratio", "money", "days", "date", "moment"]
    says: str = ""


class SourceEntry(Shape):
    """One object of the CRM."""

    from_: Text = Key(alias="from", description="the CRM's object: Opportunity")
    fields: dict[Name, Text] = Key(description="our name: the CRM's field")
    custom: dict[Name, CustomEntry] = Key({}, description="fields that only this company has")
    constants: dict[Name, Text] = Key({}, description="our name: a fixed value")
    values: dict[Name, dict[str, Text]] = Key(
        {}, description='our name: {the CRM\'s value: our value}; "" is an empty field, an unlisted value says nothing'
    )


class OutcomeEntry(Shape):
    """Which deals are won or lost: by the values of a field, or by flags."""

    field: Text | None = None
    won: list[Text] | None = None
    lost: list[Text] | None = None
    won_flag: Text | None = None
    closed_flag: Text | None = None


class ScoresEntry(MannersEntry):
    """Where scores go: rows of an object (`fields`), or properties of people (`prefix`)."""

    object: Text
    label: Text | None = None
    key: Text | None = None
    fields: dict[str, str] | None = Key(None, description="the CRM's field: attribute of the score")
    prefix: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    attributes: list[str] | None = None
    reports: Text | None = Key(None, description="a property of managers: the records of whoever reports to them")


class AlertsEntry(Shape):
    """Alerts as tasks."""

    object: Text
    key: Text
    fields: dict[str, str] = Key(description='the CRM\'s field: attribute of the alert, or a literal: "= High"')


class RecordFieldsEntry(MannersEntry):
    """What is known about a deal or an account, in fields of its own record."""

    object: Text
    fields: Annotated[dict[str, str], Key(min_length=1)] = Key(description="the CRM's field: health, health_band …")


class WriteEntry(Shape):
    """Where our results go back."""

    scores: ScoresEntry | None = None
    alerts: AlertsEntry | None = None
    deals: RecordFieldsEntry | None = None
    accounts: RecordFieldsEntry | None = None


class MappingFile(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    type: Text = Key(description="the CRM: salesforce, hubspot")
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = Key(
        None, description="of deals that name none; without it, the company's"
    )
    users: list[SourceEntry]
    accounts: list[SourceEntry] = Key([])
    deals: list[SourceEntry]
    outcome: OutcomeEntry
    stage_changes: list[SourceEntry] = Key([])
    splits: list[SourceEntry] = Key([])
    team_members: list[SourceEntry] = Key([], description="who works on a deal, for `credit: team`")
    account_territories: list[SourceEntry] = Key([], description="where accounts lie, as a CRM has it today")
    activities: list[SourceEntry] = Key([])
    rates: list[SourceEntry] = Key([])
    quotas: list[SourceEntry] = Key(
        [], description="people's own numbers, for `quotas: [<connection>.quotas]` of a target"
    )
    memberships: list[SourceEntry] = Key(
        [], description="units that people sit in besides their seat, as a CRM has it today: territories"
    )
    periods: list[SourceEntry] = Key([], description="fiscal years that were cut by hand, to be held against ours")
    notes: list[SourceEntry] = Key(
        [], description="what people type about targets: feedback, dispute, check_in, rating, action"
    )
    write: WriteEntry = WriteEntry()


@dataclass(frozen=True, slots=True)
class MappingReader:
    """Reads the mapping of one CRM."""

    page: Page
    crm: str  # the type that the connection has

    def mapping(self) -> CrmMapping | None:
        """What is right of the mapping; None when the file cannot be read."""
        self.page.whole(MappingFile)
        value = self.page.file.value
        if not isinstance(value, dict):
            return None
        given = value.get("type")
        if isinstance(given, str) and given != self.crm:
            text = f"this maps {given}, and the connection is of type {self.crm}"
            self.page.refuse(("type",), "other-type", text)
        sources = tuple(each for key, kind in KINDS.items() for each in self._sources(key, kind, value.get(key)))
        outcome = self.page.part(OutcomeEntry, ("outcome",)) if "outcome" in value else None
        write = self.page.part(WriteEntry, ("write",)) if "write" in value else None
        currency = value.get("currency")
        return CrmMapping(
            self.crm,
            sources,
            self._outcome(outcome) if outcome else OutcomeMap(),
            self._write(write, sources) if write else WriteMap(),
            currency if isinstance(currency, str) else None,
        )

    def _sources(self, section: str, kind: RecordKind, value: object) -> Iterator[SourceMap]:
        for at in range(len(value) if isinstance(value, list) else 0):
            entry = self.page.part(SourceEntry, (section, at))
            if entry:
                yield self._source(kind, entry, (section, at))

    def _source(self, kind: RecordKind, entry: SourceEntry, trail: Trail) -> SourceMap:
        for part in ("fields", "constants", "values"):
            for name in getattr(entry, part):
                self._our_name(kind, name, (*trail, part, name))
        mapped = {*entry.fields, *entry.constants}
        for name in REQUIRED.get(kind, ()):
            if name not in mapped:
                self.page.refuse_key((*trail, "fields"), "unmapped", f"`{name}` is not mapped, and {trail[0]} need it")
        for name, translated in entry.values.items():
            for theirs, ours in translated.items():
                self._our_value(name, ours, (*trail, "values", name, theirs))
        for name, ours in entry.constants.items():
            self._our_value(name, ours, (*trail, "constants", name))
        custom = {name: self._custom(kind, name, each, (*trail, "custom", name)) for name, each in entry.custom.items()}
        return SourceMap(kind, entry.from_, entry.fields, custom, entry.constants, entry.values)

    def _our_name(self, kind: RecordKind, name: str, trail: Trail) -> None:
        known = KNOWN[kind]
        if kind is RecordKind.USER and name not in USER_FIELDS:
            self._free(name, trail)  # a level: any name will do
            return
        self.page.known(trail, name, dict.fromkeys(known), "field of ours", key=True)

    def _our_value(self, name: str, value: str, trail: Trail) -> None:
        if name in OUR_VALUES:
            self.page.known(trail, value, dict.fromkeys(OUR_VALUES[name]), f"{name} of ours")

    def _custom(self, kind: RecordKind, name: str, entry: CustomEntry, trail: Trail) -> CustomField:
        relation = RELATIONS.get(_NAMED_BY_KEYS.get(kind, ""))
        if relation is None:
            self.page.refuse_key(trail, "no-custom", "custom fields are kept of deals and accounts")
        elif name in relation.fields:
            text = f"{relation.name} have a field `{name}` already"
            self.page.refuse_key(trail, "name-taken", text, "choose another name")
        self._free(name, trail)
        return CustomField(entry.field, Type(entry.type), entry.says)

    def _free(self, name: str, trail: Trail) -> None:
        if name in RESERVED:
            text = f"`{name}` is a word of the rule language, and cannot be the name of a field"
            self.page.refuse_key(trail, "reserved-name", text, f"write `{name}_`, or another name")

    def _outcome(self, entry: OutcomeEntry) -> OutcomeMap:
        by_value = [key for key in ("field", "won", "lost") if getattr(entry, key) is not None]
        by_flag = [key for key in ("won_flag", "closed_flag") if getattr(entry, key) is not None]
        if bool(by_value) == bool(by_flag):
            text = "an outcome is known by `field`, `won` and `lost`, or by `won_flag` and `closed_flag`"
            self.page.refuse_key(("outcome",), "outcome", text)
        wanted = ("field", "won", "lost") if by_value else ("won_flag", "closed_flag")
        for key in wanted:
            if getattr(entry, key) is None and bool(by_value) != bool(by_flag):
                self.page.refuse_key(("outcome",), "missing-key", f"`{key}` is missing")
        both = set(entry.won or ()) & set(entry.lost or ())
        if both:
            self.page.refuse(("outcome", "lost"), "outcome", f"`{min(both)}` cannot be both won and lost")
        return OutcomeMap(
            entry.field, frozenset(entry.won or ()), frozenset(entry.lost or ()), entry.won_flag, entry.closed_flag
        )

    def _write(self, entry: WriteEntry, sources: tuple[SourceMap, ...]) -> WriteMap:
        return WriteMap(
            self._scores(entry.scores),
            self._alerts(entry.alerts),
            self._record(entry.deals, "deals", RecordKind.DEAL, sources),
            self._record(entry.accounts, "accounts", RecordKind.ACCOUNT, sources),
        )

    def _record(
        self, entry: RecordFieldsEntry | None, key: str, kind: RecordKind, sources: tuple[SourceMap, ...]
    ) -> RecordFields | None:
        if entry is None:
            return None
        read = dict.fromkeys(each.object for each in sources if each.kind is kind)
        self.page.known(("write", key, "object"), entry.object, read, "mapped object")
        for name, word in entry.fields.items():
            self._attribute(word, HEALTH_WORDS[key], ("write", key, "fields", name))
        self._policies(entry, entry.fields, ("write", key))
        return RecordFields(entry.object, entry.fields, entry.manners(THEIRS))

    def _scores(self, entry: ScoresEntry | None) -> ScoreRows | ScoreProperties | None:
        if entry is None:
            return None
        trail: Trail = ("write", "scores")
        if (entry.fields is None) == (entry.prefix is None):
            text = "scores go into `fields` of rows, or into properties with a `prefix`"
            self.page.refuse_key(trail, "fields-or-prefix", text)
            return None
        needed, idle = (
            (("key",), ("attributes", "reports")) if entry.prefix is None else (("attributes",), ("key", "label"))
        )
        for key in needed:
            if getattr(entry, key) is None:
                self.page.refuse_key(trail, "missing-key", f"`{key}` is missing")
        for key in idle:
            if getattr(entry, key) is not None:
                self.page.refuse_key((*trail, key), "misplaced-key", f"`{key}` says nothing here")
        for name, word in (entry.fields or {}).items():
            self._attribute(word, SCORE_ATTRIBUTES, (*trail, "fields", name))
        for at, word in enumerate(entry.attributes or ()):
            self._attribute(word, SCORE_ATTRIBUTES, (*trail, "attributes", at))
        if entry.prefix is not None:
            attributes = tuple(entry.attributes or ())
            return ScoreProperties(entry.object, entry.prefix, attributes, entry.manners(THEIRS), entry.reports)
        fields = entry.fields or {}
        self._policies(entry, fields, trail)
        return ScoreRows(entry.object, entry.label or entry.object, entry.key or "", fields, entry.manners(OURS))

    def _policies(self, entry: MannersEntry, fields: dict[str, str], trail: Trail) -> None:
        for name in entry.policies:
            self.page.known((*trail, "policies", name), name, dict.fromkeys(fields), "written field", key=True)

    def _alerts(self, entry: AlertsEntry | None) -> AlertTasks | None:
        if entry is None:
            return None
        for name, word in entry.fields.items():
            if not word.startswith("="):
                self._attribute(word, ALERT_ATTRIBUTES, ("write", "alerts", "fields", name))
        return AlertTasks(entry.object, entry.key, entry.fields)

    def _attribute(self, word: str, known: tuple[str, ...], trail: Trail) -> None:
        self.page.known(trail, word, dict.fromkeys(known), "attribute")
