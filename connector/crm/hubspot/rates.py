"""Reading exchange rates: what one unit of a currency is worth in the account's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from connector.crm.hubspot.portal import Portal
from connector.crm.hubspot.wire import moment, text
from connector.errors import CrmDenied
from connector.model.records import RawRecord, RecordKind, Ref
from connector.normalise.mapping import CrmMapping


def rate_records(connection: str, portal: Portal, _mapping: CrmMapping) -> Iterator[tuple[RawRecord, ...]]:
    """All rates into the account's home currency, which stands beside each.

    One into another currency is of a time when that was the account's own, and says nothing now.
    """
    with dispensable():
        home = portal.company_currency()
        for page in portal.exchange_rates():
            yield tuple(_rate(connection, each, home) for each in page if (each.get("toCurrencyCode") or home) == home)


@contextmanager
def dispensable() -> Iterator[None]:
    """A denial inside names the other way out too: who sells in one currency needs no rates."""
    try:
        yield
    except CrmDenied as denied:
        if denied.login:
            raise
        cure = "remove `rates:` from the mapping, if all amounts are in one currency."
        cure = f"{denied.cure.removesuffix('.')}, or {cure}" if denied.cure else cure.capitalize()
        raise CrmDenied(denied.connection, denied.problem, cure) from denied


def _rate(connection: str, rate: Mapping[str, Any], home: str) -> RawRecord:
    fields: dict[str, str | None] = {name: None if value is None else text(value) for name, value in rate.items()}
    fields["companyCurrencyCode"] = home
    at = moment(rate.get("updatedAt")) or moment(rate.get("effectiveAt")) or datetime.fromtimestamp(0, UTC)
    return RawRecord(RecordKind.RATE, Ref(connection, "exchange-rates", str(rate["id"])), at, fields)
