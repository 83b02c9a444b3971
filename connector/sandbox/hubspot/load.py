"""Takes in a sandbox company: streams its CSV files into the portal, in bounded memory, with ids by row order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from connector.sandbox.hubspot import links
from connector.sandbox.hubspot.activities import properties_of
from connector.sandbox.hubspot.definitions import stage_entered
from connector.sandbox.hubspot.kinds import ACTIVITIES, COMPANIES, DEALS, KINDS, Kind
from connector.sandbox.hubspot.moments import value_text
from connector.sandbox.hubspot.people import load_people
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import ID_STEP
from connector.sandbox.hubspot.replies import Json
from connector.sandbox.hubspot.rows import Line, chunks, filled, first_day, lines
from connector.sandbox.hubspot.store import Row, Store, precise

# Short ids at first, longer ones later: an order of text instead of number does not go unnoticed.
_FIRST_COMPANY, _FIRST_DEAL, _FIRST_ACTIVITY = 951, 501, 9_001


def load(portal: Portal, folder: Path) -> None:
    """Read the folder's HubSpot rows; the portal takes the company's number, currency and zone."""
    company = json.loads((folder / "company.json").read_text(encoding="utf-8"))
    with portal.store.together():
        today = _settle(portal, company)
        _load_stages(portal, folder)
        _load_rates(portal.store, folder)
        load_people(portal, folder, today)
        _load_companies(portal, folder, today)
        _load_deals(portal, folder, today)
        _load_history(portal.store, folder)
        _load_activities(portal, folder, today)
    portal.store.run("ANALYZE")
    for kind in KINDS:
        portal.store.touched(kind)


def _settle(portal: Portal, company: Json) -> int:
    """Keep the company's settings; gives its today in milliseconds."""
    portal.currency = company.get("currency", portal.currency)
    portal.number = company.get("number", portal.number)
    kept = {"currency": portal.currency, "zone": company.get("zone") or "UTC", "name": company.get("name", "")}
    kept["number"] = str(portal.number)
    portal.store.many("INSERT OR REPLACE INTO settings VALUES (?, ?)", list(kept.items()))
    return first_day(company["today"]) if company.get("today") else portal.now()


def _load_stages(portal: Portal, folder: Path) -> None:
    rows: list[Row] = []
    for position, line in enumerate(lines(folder / "stages.csv")):
        probability = float(line["probability"] or 0)
        truths = ("true" if line[flag].lower() == "true" else "false" for flag in ("is_closed", "is_won"))
        rows.append(
            (line["stage"], line["label"] or line["stage"], position, str(probability), precise(probability), *truths)
        )
        portal.define(DEALS, stage_entered(line["stage"], line["label"] or line["stage"]))
    portal.store.many("INSERT OR REPLACE INTO stages VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _load_rates(store: Store, folder: Path) -> None:
    """HubSpot's rate goes the other way: what one unit of the currency is worth in the company's.

    Source: HubSpot, currencies API guide, read 2026-11. Rates that an admin types in have six decimals there; these
    keep all that a binary float holds, so that a rate survives being turned round twice.
    """
    rows: list[Row] = []
    for number, line in enumerate(lines(folder / "rates.csv"), start=1):
        conversion = float(1 / Decimal(line["rate"]))
        rows.append((number, line["currency"], line["starts_on"] or "1970-01-01", conversion))
    store.many("INSERT OR REPLACE INTO rates VALUES (?, ?, ?, ?)", rows)


def _load_companies(portal: Portal, folder: Path, today: int) -> None:
    own, owner = _ids(portal.store, "account"), _ids(portal.store, "owner")
    parents: list[tuple[int, str]] = []
    wanted = (line for line in lines(folder / "accounts.csv") if line.here())
    for start, chunk in _numbered(wanted, _FIRST_COMPANY):
        owners, rows = owner(line["owner"] for line in chunk), []
        for place, line in enumerate(chunk):
            number, created = start + place * ID_STEP, line.stamp("created_at") or today
            named = {name: line[name] for name in ("name", "industry", "country")}
            rows.append(
                (
                    line["id"],
                    number,
                    created,
                    created,
                    None,
                    filled(named | {"hubspot_owner_id": owners.get(line["owner"], "")}),
                )
            )
            if line["parent"]:
                parents.append((number, line["parent"]))
        _keep(portal.store, COMPANIES, "account", rows)
    for family in chunks(parents):
        known = own(parent for _, parent in family)
        pairs = [(child, int(known[parent])) for child, parent in family if parent in known]
        portal.store.many(
            f"UPDATE {COMPANIES.table} SET properties = json_set(properties, '$.hs_parent_company_id', ?) WHERE id = ?",
            [(str(parent), child) for child, parent in pairs],
        )
        _link(portal.store, ((links.TYPES[14], child, parent) for child, parent in pairs))


def _load_deals(portal: Portal, folder: Path, today: int) -> None:
    owner, account = _ids(portal.store, "owner"), _ids(portal.store, "account")
    forecast = {line["stage"]: line["forecast"].upper().replace(" ", "_") for line in lines(folder / "stages.csv")}
    seen: dict[str, set[str]] = {"dealtype": set(), "hs_manual_forecast_category": set()}
    for start, chunk in _numbered((line for line in lines(folder / "deals.csv") if line.here()), _FIRST_DEAL):
        owners, accounts = owner(line["owner"] for line in chunk), account(line["account"] for line in chunk)
        rows: list[Row] = []
        joined: list[tuple[links.LinkType, int, int]] = []
        for place, line in enumerate(chunk):
            number = start + place * ID_STEP
            created = line.stamp("created_at", "closed_on") or today
            values = _deal(line, owners.get(line["owner"], ""), forecast)
            for name, known in seen.items():
                known.add(values.get(name, ""))
            rows.append(
                (line["id"], number, created, line.stamp("modified_at") or created, line.stamp("deleted_at"), values)
            )
            if line["account"] in accounts and not line["deleted_at"]:
                joined.append((links.TYPES[5], number, int(accounts[line["account"]])))
        _keep(portal.store, DEALS, "deal", rows)
        _link(portal.store, joined)
    for name, options in seen.items():
        _allow(portal, name, options)


def _deal(line: Line, owner: str, forecast: Mapping[str, str]) -> dict[str, str]:
    return filled(
        {
            "dealname": line["name"],
            "pipeline": "default",
            "dealstage": line["stage"],
            "amount": line["amount"],
            "deal_currency_code": line["currency"],
            "closedate": _moment(line["closed_on"]),
            "hubspot_owner_id": owner,
            "dealtype": line["deal_type"],
            "lead_source": line["source"],
            "hs_next_step": line["next_step"],
            "hs_manual_forecast_category": forecast.get(line["stage"], ""),
        }
    )


def _moment(text: str) -> str:
    """A day or moment of the folder as HubSpot shows it."""
    stamp = Line(text=text).stamp("text")
    return "" if stamp is None else value_text(stamp)


def _allow(portal: Portal, name: str, values: set[str]) -> None:
    """A company has deal types of its own: they become options of the property."""
    row = portal.store.one("SELECT body FROM definitions WHERE kind = ? AND name = ?", (DEALS.number, name))
    assert row is not None
    body: Json = json.loads(row[0])
    options = body["options"]
    for value in sorted(values - {""} - {option["value"] for option in options}):
        options.append({"label": value, "value": value, "displayOrder": len(options), "hidden": False})
    portal.define(DEALS, body)


def _load_history(store: Store, folder: Path) -> None:
    deal, owner = _ids(store, "deal"), _ids(store, "owner")
    names = {"stage": "dealstage", "amount": "amount", "closed_on": "closedate", "owner": "hubspot_owner_id"}
    users = {row[0]: row[1] for row in store.rows("SELECT id, user_id FROM owners")}
    for chunk in chunks(line for line in lines(folder / "deal_history.csv") if line["field"] in names):
        deals = deal(line["deal"] for line in chunk)
        owners = owner(
            person for line in chunk for person in (line["by"], line["value"] if line["field"] == "owner" else "")
        )
        rows: list[Row] = []
        for line in chunk:
            at = line.stamp("at")
            if line["deal"] not in deals or at is None:
                continue
            value = line["value"]
            if line["field"] == "owner":
                value = owners.get(value, "")
            elif line["field"] == "closed_on":
                value = _moment(value)
            by = users.get(int(owners[line["by"]])) if line["by"] in owners else None
            source = None if by is None else f"userId:{by}"
            rows.append((DEALS.number, int(deals[line["deal"]]), names[line["field"]], at, value, "CRM_UI", source, by))
        store.many("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _load_activities(portal: Portal, folder: Path, today: int) -> None:
    owner, deal, account = (_ids(portal.store, kind) for kind in ("owner", "deal", "account"))
    wanted = (line for line in lines(folder / "activities.csv") if line.here() and line["type"] in ACTIVITIES)
    for start, chunk in _numbered(wanted, _FIRST_ACTIVITY):
        owners = owner(line["person"] for line in chunk)
        others = (
            (DEALS, "deal", deal(line["deal"] for line in chunk)),
            (COMPANIES, "account", account(line["account"] for line in chunk)),
        )
        rows: dict[Kind, list[Row]] = {}
        joined: list[tuple[links.LinkType, int, int]] = []
        for place, line in enumerate(chunk):
            kind, number = ACTIVITIES[line["type"]], start + place * ID_STEP
            at = line.stamp("at", "modified_at") or today
            modified = line.stamp("modified_at") or at
            values = properties_of(line, at, owners.get(line["person"], ""))
            rows.setdefault(kind, []).append((line["id"], number, min(at, modified), modified, None, values))
            joined += [
                (_LINKED[kind, target], number, int(known[line[column]]))
                for target, column, known in others
                if line[column] in known
            ]
        for kind, of_kind in rows.items():
            _keep(portal.store, kind, "activity", of_kind)
        _link(portal.store, joined)


_LINKED = {
    (kind, target): links.default_types(kind, target)[0]
    for kind in ACTIVITIES.values()
    for target in (DEALS, COMPANIES)
}


def _numbered(wanted: Iterable[Line], first: int) -> Iterator[tuple[int, list[Line]]]:
    """Chunks of rows, each with the id of its first."""
    for chunk in chunks(wanted):
        yield first, chunk
        first += ID_STEP * len(chunk)


def _ids(store: Store, kind: str) -> Callable[[Iterable[str]], dict[str, str]]:
    """Looks up HubSpot's ids for a company's; what is not in HubSpot is absent."""

    def look_up(origins: Iterable[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in chunks({origin for origin in origins if origin}, 30_000):
            marks = ",".join("?" * len(some))
            found.update(
                (origin, str(number))
                for origin, number in store.each(
                    f"SELECT origin, id FROM origins WHERE kind = ? AND origin IN ({marks})", [kind, *some]
                )
            )
        return found

    return look_up


def _keep(store: Store, kind: Kind, called: str, rows: list[Row]) -> None:
    """Rows are (company's id, id, created, modified, archived, properties)."""
    store.many("INSERT OR REPLACE INTO origins VALUES (?, ?, ?)", [(called, row[0], row[1]) for row in rows])
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    store.many(
        f"INSERT OR REPLACE INTO {kind.table} VALUES (?, ?, ?, ?, ?)", [(*row[1:5], encode(row[5])) for row in rows]
    )


def _link(store: Store, pairs: Iterable[tuple[links.LinkType, int, int]]) -> None:
    links.join(store, [row for kind, source, target in pairs for row in links.rows_of(kind, source, target)])
