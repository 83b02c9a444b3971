"""What the store holds, row by row, against what the CRMs hold: asked of both past the code that is judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from connector.service.wiring import house
from tests.faults.village import Village


@dataclass(frozen=True)
class Shown:
    """A record as the CRM shows it: what we keep of it, and its stamp."""

    value: object
    stamped: datetime


def differing(village: Village) -> list[str]:
    """Records that differ, in words; none at rest."""
    found: list[str] = []
    for name, held, there in _sides(village):
        shown = {key: each.value for key, each in there.items()}
        found += [_words(name, key, held, shown) for key in sorted({*held, *shown}) if held.get(key) != shown.get(key)]
    return found


def overlooked(village: Village, until: datetime) -> list[str]:
    """Records that a pull of everything stamped before `until` must have seen and did not keep; of deletions it says nothing."""
    found: list[str] = []
    for name, held, there in _sides(village):
        shown = {key: each.value for key, each in there.items() if each.stamped < until}
        found += [_words(name, key, held, shown) for key in sorted(shown) if held.get(key) != shown[key]]
    return found


def _sides(village: Village) -> list[tuple[str, dict[str, Any], dict[str, Shown]]]:
    return [
        ("emea Opportunity", _deals(village, "emea"), _opportunities(village)),
        ("smb deals", _deals(village, "smb"), _hubspot_deals(village)),
        ("emea Task", _activities(village), _tasks(village)),
    ]


def _words(name: str, key: str, held: dict[str, Any], shown: dict[str, Any]) -> str:
    return f"{name} {key}: we hold {held.get(key)}, the CRM shows {shown.get(key)}"


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


def _opportunities(village: Village) -> dict[str, Shown]:
    rows = village.soql("SELECT Id, Amount, CurrencyIsoCode, StageName, CloseDate, SystemModstamp FROM Opportunity")
    return {
        each["Id"]: Shown(
            (_minor(each["Amount"], each.get("CurrencyIsoCode")), each["StageName"], each["CloseDate"]), _stamp(each)
        )
        for each in rows
    }


def _hubspot_deals(village: Village) -> dict[str, Shown]:
    rows = village.objects("deals", "amount,dealstage,closedate,deal_currency_code")
    return {each["id"]: Shown(_deal(each["properties"]), datetime.fromisoformat(each["updatedAt"])) for each in rows}


def _deal(properties: dict[str, Any]) -> tuple[int | None, str | None, str | None]:
    return (
        _minor(properties.get("amount"), properties.get("deal_currency_code")),
        properties.get("dealstage"),
        (properties.get("closedate") or "")[:10] or None,
    )


def _tasks(village: Village) -> dict[str, Shown]:
    query = "SELECT Id, SystemModstamp FROM Task WHERE Attain_Key__c = null AND IsRecurrence = false"
    return {each["Id"]: Shown(True, _stamp(each)) for each in village.soql(query)}


def _stamp(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["SystemModstamp"])


def _minor(amount: Any, currency: str | None) -> int | None:
    """Worked out from the digits as they were sent; yen have no cents."""
    if amount in (None, ""):
        return None
    places = {"JPY": 0, "KRW": 0, "KWD": 3}.get(currency or "", 2)
    return int((Decimal(str(amount)) * 10**places).quantize(Decimal(1)))
