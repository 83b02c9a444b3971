"""A raw record, asked by our names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from connector.model.catalogue import Type
from connector.model.money import Money, to_minor
from connector.model.records import RawRecord, RecordKind, Ref, Scalar
from connector.model.settings import Company
from connector.normalise import values
from connector.normalise.mapping import CrmMapping, SourceMap

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """What a connection's records are read with."""

    mapping: CrmMapping
    company: Company


class Refused(ValueError):
    """A record cannot be normalised; the text names the field."""


class Fields:
    """A raw record, asked by our names."""

    def __init__(self, raw: RawRecord, context: Context) -> None:
        self.raw, self.context = raw, context
        self.source: SourceMap = context.mapping.source(raw.kind, raw.ref.object)

    def __contains__(self, name: str) -> bool:
        return name in self.source.fields or name in self.source.constants

    def given(self, name: str) -> object:
        """The CRM's value of one of our names, translated where the mapping lists its values; `""` is an empty field."""
        if name in self.source.constants:
            return self.source.constants[name]
        value: object = self.raw.fields.get(self.source.fields.get(name, ""))
        if name in self.source.values:
            return self.source.values[name].get("" if value is None else str(value))
        return value

    def _read(self, name: str, reader: Callable[[object], T | None]) -> T | None:
        try:
            return reader(self.given(name))
        except values.Unreadable as problem:
            raise Refused(f"{self.source.fields.get(name, name)} {problem}") from None

    def text(self, name: str) -> str | None:
        return self._read(name, values.text)

    def number(self, name: str) -> Decimal | None:
        return self._read(name, values.number)

    def flag(self, name: str) -> bool | None:
        return self._read(name, values.flag)

    def moment(self, name: str) -> datetime | None:
        return self._read(name, values.moment)

    def day(self, name: str) -> date | None:
        return self._read(name, lambda value: values.day(value, self.context.company.zone))

    def money(self, name: str) -> Money | None:
        amount = self.number(name)
        if amount is None:
            return None
        currency = self.text("currency") or self.context.mapping.assumed(self.context.company.currency)
        return Money(to_minor(amount, currency), currency)

    def ref(self, name: str, kind: RecordKind) -> Ref | None:
        record_id = self.text(name)
        obj = self.context.mapping.object_of(kind)
        return Ref(self.raw.ref.connection, obj, record_id) if record_id and obj else None

    def refs(self, name: str, kind: RecordKind) -> tuple[Ref, ...]:
        """Several records, as both CRMs write them in one field: set apart by semicolons."""
        obj = self.context.mapping.object_of(kind)
        ids = [each.strip() for each in (self.text(name) or "").split(";")]
        return tuple(Ref(self.raw.ref.connection, obj, each) for each in dict.fromkeys(ids) if each and obj)

    def required(self, name: str, value: T | None) -> T:
        if value is None:
            raise Refused(f"{self.source.fields.get(name, name)} is empty")
        return value

    def custom(self) -> Mapping[str, Scalar]:
        found: dict[str, Scalar] = {}
        for name, each in self.source.custom.items():
            try:
                found[name] = typed(self.raw.fields.get(each.field), each.type, self.context.company)
            except values.Unreadable as problem:
                raise Refused(f"{each.field} {problem}") from None
        return found


def typed(value: object, kind: Type, company: Company) -> Scalar:
    """A custom field's value, by the type its mapping declares; money in the company's minor units."""
    match kind:
        case Type.BOOLEAN:
            return values.flag(value)
        case Type.NUMBER | Type.DAYS:
            return values.number(value)
        case Type.RATIO:
            return values.ratio(value)
        case Type.MONEY:
            amount = values.number(value)
            return None if amount is None else to_minor(amount, company.currency)
        case Type.DATE:
            return values.day(value, company.zone)
        case Type.MOMENT:
            return values.moment(value)
        case _:
            return values.text(value)
