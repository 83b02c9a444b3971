"""HubSpot's calls, one method each: paths, parameters and sizes live here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from connector.crm.hubspot import described, wire
from connector.crm.hubspot.address import TYPE_IDS
from connector.crm.hubspot.described import Definition, PipelineStage, Schema
from connector.crm.hubspot.errors import Refused, Said
from connector.crm.hubspot.fields import OURS
from connector.crm.hubspot.transport import Effect, Transport
from connector.crm.optional import optional
from connector.errors import CrmUnavailable

LIST_PAGE = 100
LIST_PAGE_WITH_HISTORY = 50
SEARCH_PAGE = 200
OWNERS_PAGE = 500
BATCH = 100
BATCH_WITH_HISTORY = 50
LINKS_BATCH = 1000
SCHEMAS = "/crm-object-schemas/{V}/schemas"
SEARCH_REACH = 9_800  # HubSpot answers 400 to whatever lies beyond 10,000


class Portal:
    """What one HubSpot account answers. Raises CrmUnavailable, CrmDenied and Refused."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._own: dict[str, str] = {}  # custom objects: name → type id
        self._account: dict[str, Any] | None = None

    # --- records

    def listed(
        self,
        obj: str,
        properties: Sequence[str],
        *,
        after: str = "",
        archived: bool = False,
        links: Sequence[str] = (),
        history: Sequence[str] = (),
        limit: int = LIST_PAGE,
    ) -> wire.Leaf:
        """A page of all records, by id; `after` comes from the page before."""
        query = [("limit", str(limit)), ("archived", "true" if archived else "false")]
        query += [(name, ",".join(values)) for name, values in _lists(properties, links, history) if values]
        query += [("after", after)] if after else []
        return self.transport.get(f"/crm/objects/{{V}}/{self.at(obj)}", wire.leaf, query)

    def searched(
        self, obj: str, filters: Sequence[Mapping[str, str]], properties: Sequence[str], *, limit: int, after: str = ""
    ) -> wire.Leaf:
        """A page of a search, by id. The index trails the records by seconds, at times by more."""
        body: dict[str, Any] = {
            "filterGroups": [{"filters": [dict(each) for each in filters]}],
            # Documented as text, taken as objects by the service; only the first one counts.
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": limit,
        }
        if after:
            body["after"] = after
        return self.transport.post(f"/crm/objects/{{V}}/{self.at(obj)}/search", body, wire.leaf, kind="search")

    def read(
        self,
        obj: str,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        history: Sequence[str] = (),
        id_property: str = "",
    ) -> wire.Batch:
        """Up to 100 records (50 with history) by id or by a unique property; missing ones are errors in the batch.

        Where HubSpot says anything else of one, or nothing at all, it is asked again, and then CrmUnavailable.
        """
        body: dict[str, Any] = {"properties": list(properties), "propertiesWithHistory": list(history)}
        if id_property:
            body["idProperty"] = id_property

        def once(some: Sequence[str]) -> wire.Batch:
            asked = {"inputs": [{"id": each} for each in some], **body}
            return self.transport.post(f"/crm/objects/{{V}}/{self.at(obj)}/batch/read", asked, wire.read)

        found = once(ids)
        for each in () if id_property else found.unsaid(ids):
            alone = once([each])  # merged into another one of the batch: alone it is answered by it
            if alone.unsaid([each]):
                raise CrmUnavailable(self.transport.connection, f"HubSpot says nothing of {obj} {each}")
            found = wire.Batch((*found.records, *alone.records), (*found.errors, *alone.errors))
        return found

    def linked(self, obj: str, to: str, ids: Sequence[str]) -> dict[str, str]:
        """Of up to 1,000 records: id → id of the primary or first associated one."""
        body = {"inputs": [{"id": each} for each in ids]}
        return self.transport.post(f"/crm/associations/{{V}}/{obj}/{to}/batch/read", body, wire.links)

    def shares(self, deals: Sequence[str]) -> dict[str, tuple[wire.Found, ...]]:
        """Of up to 100 deals: id → its splits; a deal without any has none, and one that is gone is absent."""
        body = {"inputs": [{"id": each} for each in deals]}
        return self.transport.post("/deal-splits/{V}/batch/read", body, wire.shares)

    # --- writing

    def updated(self, obj: str, inputs: Sequence[Mapping[str, Any]]) -> wire.Batch:
        """Set properties of up to 100 records by id."""
        path = f"/crm/objects/{{V}}/{self.at(obj)}/batch/update"
        return self.transport.post(path, {"inputs": list(inputs)}, wire.batch, effect=Effect.REPEATABLE)

    def upserted(self, obj: str, inputs: Sequence[Mapping[str, Any]]) -> wire.Batch:
        """Create or set up to 100 records by a unique property."""
        path = f"/crm/objects/{{V}}/{self.at(obj)}/batch/upsert"
        return self.transport.post(path, {"inputs": list(inputs)}, wire.batch, effect=Effect.CREATES)

    def archive(self, obj: str, ids: Sequence[str]) -> None:
        """Archive up to 100 records; doing it again changes nothing."""
        body = {"inputs": [{"id": each} for each in ids]}
        path = f"/crm/objects/{{V}}/{self.at(obj)}/batch/archive"
        self.transport.post(path, body, wire.anything, effect=Effect.REPEATABLE)

    def link(self, obj: str, to: str, pairs: Sequence[tuple[str, str]], type_id: int) -> tuple[Said, ...]:
        """Associate up to 100 pairs of records; doing it again changes nothing. What went wrong comes back."""
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        inputs = [{"from": {"id": one}, "to": {"id": other}, "types": types} for one, other in pairs]
        path = f"/crm/associations/{{V}}/{obj}/{to}/batch/create"
        return self.transport.post(path, {"inputs": inputs}, wire.errors, effect=Effect.REPEATABLE)

    # --- objects of our own

    def at(self, obj: str) -> str:
        """What an object is called in paths: one of our own by the type id that this account gave it, if it is there."""
        if obj.startswith(OURS) and obj not in self._own:
            self._own = {each.name: each.type_id for each in self.transport.get(SCHEMAS, described.schemas)}
        return self._own.get(obj, obj)

    def has(self, obj: str) -> bool:
        """Whether the object is there; HubSpot's own always are."""
        return not obj.startswith(OURS) or self.at(obj) != obj

    def make_object(self, wanted: Mapping[str, Any]) -> None:
        made: Schema = self.transport.post(SCHEMAS, wanted, described.schema, effect=Effect.REPEATABLE)
        self._own[made.name] = made.type_id

    def drop_object(self, obj: str) -> None:
        """Archive a custom object; HubSpot refuses while it has records."""
        self.transport.delete(f"{SCHEMAS}/{self.at(obj)}")
        self._own.pop(obj, None)

    def object_limits(self) -> tuple[int, int]:
        """Custom objects in use, and how many there may be."""
        return self.transport.get("/crm/limits/{V}/custom-object-types", described.usage)

    # --- what the account is made of

    def definitions(self, obj: str) -> dict[str, Definition]:
        """Every property of an object, by name."""
        path = f"/crm/properties/{{V}}/{self.at(obj)}"
        return self.transport.get(path, described.definitions, [("archived", "false")])

    def group_names(self, obj: str) -> set[str]:
        """Names of an object's property groups."""
        return {
            str(each.get("name"))
            for each in self.transport.get(f"/crm/properties/{{V}}/{self.at(obj)}/groups", wire.rows)
        }

    def add_group(self, obj: str, group: Mapping[str, Any]) -> None:
        self.transport.post(
            f"/crm/properties/{{V}}/{self.at(obj)}/groups", group, wire.document, effect=Effect.REPEATABLE
        )

    def add_property(self, obj: str, wanted: Mapping[str, Any]) -> None:
        self.transport.post(f"/crm/properties/{{V}}/{self.at(obj)}", wanted, wire.document, effect=Effect.REPEATABLE)

    def drop_properties(self, obj: str, names: Sequence[str]) -> None:
        """Archive up to 100 properties; doing it again changes nothing."""
        body = {"inputs": [{"name": each} for each in names]}
        path = f"/crm/properties/{{V}}/{self.at(obj)}/batch/archive"
        self.transport.post(path, body, wire.anything, effect=Effect.REPEATABLE)

    def validations(self, obj: str) -> dict[str, tuple[str, ...]]:
        """Types of the rules that values of a property must meet, by property: MAX_LENGTH, ALPHANUMERIC …"""
        return self.transport.get(
            f"/crm/property-validations/{{V}}/{TYPE_IDS.get(obj) or self.at(obj)}", described.validations
        )

    def stages(self, obj: str) -> list[PipelineStage]:
        """Stages of every pipeline, in the order of the screen."""
        return self.transport.get(f"/crm/pipelines/{{V}}/{obj}", described.stages)

    def owners(self) -> Iterator[tuple[dict[str, Any], ...]]:
        """Pages of all owners, the archived ones last."""
        for archived in ("false", "true"):
            query = (("limit", str(OWNERS_PAGE)), ("archived", archived))
            yield from self._pages("/crm/owners/{V}", query)

    def owner(self, owner_id: str) -> dict[str, Any] | None:
        """One owner, active or archived; None where HubSpot knows neither of that id."""
        for archived in ("false", "true"):
            try:
                return self.transport.get(f"/crm/owners/{{V}}/{owner_id}", wire.document, [("archived", archived)])
            except Refused as refused:
                if refused.status != 404:
                    raise
        return None

    def exchange_rates(self) -> Iterator[tuple[dict[str, Any], ...]]:
        """Pages of all exchange rates, old ones too."""
        yield from self._pages("/settings/currencies/{V}/exchange-rates", (("limit", str(LIST_PAGE)),))

    def company_currency(self) -> str:
        """The account's home currency."""
        return str(self.transport.get("/settings/currencies/{V}/company-currency", wire.document).get("id") or "")

    def account(self) -> dict[str, Any]:
        """portalId, uiDomain, timeZone, companyCurrency, additionalCurrencies."""
        self._account = self.transport.get("/account-info/{V}/details", wire.document)
        return self._account

    def remembered(self) -> dict[str, Any]:
        """The account's details as they were last told; asked for once."""
        return self.account() if self._account is None else self._account

    def calls_today(self) -> list[dict[str, Any]] | None:
        """What the day has cost so far, `currentUsage` of `usageLimit`, per kind of limit; None: not told to this app.

        Nothing hangs on it, so that no refusal of it may stop anybody: the address names private apps only.
        """
        with suppress(Refused), optional():
            return self.transport.get("/account-info/{V}/api-usage/daily/private-apps", wire.rows)
        return None

    def property_limits(self) -> dict[str, tuple[int, int]]:
        """Custom properties in use and how many there may be, by the object's type id; by `` over all objects."""
        return self.transport.get("/crm/limits/{V}/custom-properties", described.limits)

    def _pages(self, path: str, query: Sequence[tuple[str, str]]) -> Iterator[tuple[dict[str, Any], ...]]:
        after: str | None = ""
        while after is not None:
            asked = [*query, ("after", after)] if after else query
            rows, after = self.transport.get(path, described.identified, asked)
            yield rows


def _lists(
    properties: Sequence[str], links: Sequence[str], history: Sequence[str]
) -> tuple[tuple[str, Sequence[str]], ...]:
    return ("properties", properties), ("associations", links), ("propertiesWithHistory", history)


def stamp(moment: datetime) -> str:
    """A moment as search filters take it: epoch milliseconds."""
    return str(int(moment.timestamp() * 1000))
