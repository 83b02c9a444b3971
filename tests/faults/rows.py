"""What the store holds, row by row, against what the CRMs hold: asked of both past the code that is judged."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import text

from connector.service.wiring import house
from tests.faults.village import Village


def differing(village: Village) -> list[str]:
    """Records that differ, in words; none at rest."""
    found: list[str] = []
    for name, (held, there) in {
        "emea Opportunity": (_deals(village, "emea"), _opportunities(village)),
        "smb deals": (_deals(village, "smb"), _hubspot_deals(village)),
        "emea Task": (_activities(village), _tasks(village)),
    }.items():
        found += [
            f"{name} {key}: we hold {held.get(key)}, the CRM shows {there.get(key)}"
            for key in sorted({*held, *there})
            if held.get(key) != there.get(key)
        ]
    return found


def _deals(village: Village, connection: str) -> dict[str, Any]:
    query = "select ref, amount, stage, closed_on from deals where connection = :name and deleted_at is null"
    rows = _rows(village, query, name=connection)
    return {
        ref.rpartition("/")[2]: (amount, stage, None if day is None else str(day)) for ref, amount, stage, day in rows
    }


def _activities(village: Village) -> dict[str, Any]:
    query = "select ref from activities where ref like :start and deleted_at is null"
    return {ref.rpartition("/")[2]: True for (ref,) in _rows(village, query, start="emea:Task/%")}


def _rows(village: Village, query: str, **values: str) -> list[Any]:
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        return list(tx.execute(text(query), values))


def _opportunities(village: Village) -> dict[str, Any]:
    rows = village.soql("SELECT Id, Amount, CurrencyIsoCode, StageName, CloseDate FROM Opportunity")
    return {
        each["Id"]: (_minor(each["Amount"], each.get("CurrencyIsoCode")), each["StageName"], each["CloseDate"])
        for each in rows
    }


def _hubspot_deals(village: Village) -> dict[str, Any]:
    rows = village.objects("deals", "amount,dealstage,closedate,deal_currency_code")
    return {
        each["id"]: (
            _minor(each["properties"].get("amount"), each["properties"].get("deal_currency_code")),
            each["properties"].get("dealstage"),
            (each["properties"].get("closedate") or "")[:10] or None,
        )
        for each in rows
    }


def _tasks(village: Village) -> dict[str, Any]:
    query = "SELECT Id FROM Task WHERE Attain_Key__c = null AND IsRecurrence = false"
    return {each["Id"]: True for each in village.soql(query)}


def _minor(amount: Any, currency: str | None) -> int | None:
    """Worked out from the digits as they were sent; yen have no cents."""
    if amount in (None, ""):
        return None
    places = {"JPY": 0, "KRW": 0, "KWD": 3}.get(currency or "", 2)
    return int((Decimal(str(amount)) * 10**places).quantize(Decimal(1)))
