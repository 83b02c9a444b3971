"""The stand-in HubSpot: who may ask, what the path means, and what goes wrong on purpose."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from connector.sandbox.hubspot import (
    associations,
    batch,
    load,
    objects,
    properties,
    records,
    rules,
    schemas,
    scopes,
    settings,
    splits,
)
from connector.sandbox.hubspot.events import Subscription
from connector.sandbox.hubspot.kinds import DEALS
from connector.sandbox.hubspot.limits import Meter
from connector.sandbox.hubspot.mischief import Mischief, refusal, spoiled, unauthenticated
from connector.sandbox.hubspot.oauth import App
from connector.sandbox.hubspot.objects import kind_named
from connector.sandbox.hubspot.portal import Portal, body_of
from connector.sandbox.hubspot.replies import Json, Refused, no_page, page, said
from connector.sandbox.hubspot.search import Totals, search
from connector.sandbox.hubspot.store import Store
from connector.sandbox.wire import Clock, Request, Response, Switches, dated

_V = r"(?:2026-03|2026-09)"
_AREAS = tuple(
    (re.compile(pattern), area)
    for pattern, area in (
        (r"/crm/v3/objects/deals/splits/batch/", "splits"),
        (rf"/crm/objects/{_V}/", "objects"),
        (r"/crm/v[34]/objects/", "objects"),
        (r"/crm/objects/v[34]/", "objects"),
        (rf"/crm/properties/{_V}/", "properties"),
        (r"/crm/v3/properties/", "properties"),
        (rf"/crm/property-validations/{_V}/", "validations"),
        (rf"/crm-object-schemas/{_V}/schemas(?=/|$)/?", "schemas"),
        (rf"/crm/owners/{_V}(?=/|$)/?", "owners"),
        (r"/crm/v3/owners(?=/|$)/?", "owners"),
        (rf"/crm/pipelines/{_V}/", "pipelines"),
        (r"/crm/v3/pipelines/", "pipelines"),
        (rf"/crm/associations/{_V}/", "associations"),
        (r"/crm/v4/associations/", "associations"),
        (r"/crm/v3/associations/", "associations by name"),
        (rf"/deal-splits/{_V}/batch/", "splits"),
        (rf"/settings/currencies/{_V}/", "currencies"),
        (rf"/crm/limits/{_V}/", "limits"),
        (rf"/account-info/{_V}/", "account"),
        (r"/account-info/v3/", "account"),
    )
)
_TOKEN = re.compile(rf"/oauth/{_V}/token")
_Scopes = frozenset[str] | None


class HubSpotSandbox:
    """A portal that behaves like HubSpot, as far as recorded traffic tells; safe for several threads."""

    def __init__(
        self,
        *,
        now: Clock,
        switches: Switches = Switches(),  # noqa: B008 - frozen
        database: str = ":memory:",
        currency: str = "EUR",
        portal: int = 51234567,
    ) -> None:
        self._lock = threading.RLock()
        store = Store(database)
        number = int(store.setting("number", str(portal)))
        self._portal = Portal(store, now, number, store.setting("currency", currency), switches.search_lag)
        self._portal.traces = switches.traces
        self._portal.furnish()
        self._meter = Meter(lambda: settings.zone_of(self._portal), switches.limits)
        self._mischief = Mischief(switches)
        self._totals = Totals({})
        self._tokens: dict[str, _Scopes] = {}
        self._app: App | None = None
        self._answered = 0

    def load(self, folder: Path) -> None:
        """Take in the HubSpot part of a sandbox company."""
        with self._lock:
            load.load(self._portal, folder)

    def allow(self, token: str, scopes: Iterable[str] | None = None) -> None:
        """Let a bearer token in, with these scopes; None: with all there are."""
        with self._lock:
            self._tokens[token] = None if scopes is None else frozenset(scopes)

    def register(self, client_id: str, secret: str, refresh: str) -> None:
        """An app with OAuth, installed here."""
        self._app = App(client_id, secret, refresh)

    def subscribe(self, url: str, secret: str) -> None:
        """Tell an app of everything that happens from now on."""
        self._portal.told = Subscription(url, secret, self._portal.number)

    def webhooks(self) -> list[Request]:
        """What the app has not been told yet, as signed requests for somebody to carry over."""
        with self._lock:
            return list(self._portal.told.requests(self._portal.now())) if self._portal.told else []

    def id_of(self, kind: str, company_id: str) -> str:
        """HubSpot's id of a company's deal, account, owner, user or activity. Raises KeyError."""
        with self._lock:
            row = self._portal.store.one("SELECT id FROM origins WHERE kind = ? AND origin = ?", (kind, company_id))
        if row is None:
            raise KeyError(f"{kind} {company_id}")
        return str(row[0])

    def typed(self, kind: str, record_id: str, values: Mapping[str, str], user: int) -> None:
        """A person's hand, in the browser: properties set at this moment, with the platform user in their history."""
        with self._lock, self._portal.store.together():
            of = kind_named(self._portal, kind)
            record = records.found(self._portal, of, [int(record_id)])[int(record_id)]
            records.change(self._portal, of, record, values, user)

    def merge_as_before(self) -> None:
        """From now on the merged record keeps the primary one's id, as contacts' and companies' did until 2025."""
        self._portal.keeps_primary = True

    def require(self, kind: str, name: str, *, on: str = "", values: Iterable[str] = ()) -> None:
        """An admin requires a property: while another one has one of these values, or on the create form."""
        with self._lock:
            self._portal.rules.append(rules.Rule(kind_named(self._portal, kind), name, on, frozenset(values)))

    def upgrade(self, objects: int = 10) -> None:
        """Enterprise: so many custom objects may be made."""
        self._portal.objects_allowed = objects

    def close(self, kind: str) -> None:
        """Take no custom properties on a kind of record."""
        self._portal.closed.add(kind_named(self._portal, kind).number)

    def touch(self, kind: str, ids: Sequence[str]) -> None:
        """Stamp records at one moment, as automation would, without editing them."""
        with self._lock, self._portal.store.together():
            records.touch(self._portal, kind_named(self._portal, kind), [int(each) for each in ids])

    def answer(self, request: Request) -> Response:
        """The reply to one request; status 0 when it, or its reply, is lost."""
        with self._lock:
            self._answered += 1
            what = self._mischief.draw()
            if what == "lost":
                if not self._mischief.lost_before_effect():
                    self._replied(request, None)
                return Response(0)
            return spoiled(what or "", dated(self._replied(request, what), self._portal.clock()))

    def _replied(self, request: Request, what: str | None) -> Response:
        searching = request.path.rstrip("/").endswith("/search")
        correlation = str(uuid.UUID(int=self._portal.now() << 64 | self._answered))
        try:
            if what is not None and (drawn := refusal(what)) is not None:
                raise drawn
            if self._app is not None and _TOKEN.fullmatch(request.path) and request.method == "POST":
                return self._app.token(request, self._portal.now())
            granted = self._granted(request)
            self._meter.charge(self._portal.clock(), searching=searching)
            with self._portal.store.together():
                response = self._routed(request, granted)
        except Refused as refused:
            response = _refused(refused, correlation)
        headers = {**response.headers, "X-HubSpot-Correlation-Id": correlation}
        if response.status != 401:
            headers |= self._meter.headers(self._portal.clock(), searching=searching)
        return replace(response, headers=headers)

    def _granted(self, request: Request) -> _Scopes:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and self._app is not None and self._app.knows(token, self._portal.now()):
            return None
        if scheme != "Bearer" or token not in self._tokens:
            raise unauthenticated()
        return self._tokens[token]

    def _routed(self, request: Request, granted: _Scopes) -> Response:
        for pattern, area in _AREAS:
            if (found := pattern.match(request.path)) is not None:
                path = [part for part in request.path[found.end() :].split("/") if part]
                return self._area(area, path, request, granted)
        raise no_page()

    def _area(self, area: str, path: Sequence[str], request: Request, granted: _Scopes) -> Response:
        if area == "objects" and path:
            return self._objects(path, request, granted)
        if area == "splits" and request.method == "POST" and path in (["read"], ["upsert"]):
            scopes.demand(granted, scopes.SPLITS)
            handle = splits.read if path == ["read"] else splits.replace
            return handle(self._portal, body_of(request))
        if area == "properties" and path:
            kind = kind_named(self._portal, path[0])
            deed = "write" if request.method != "GET" and path[-1] != "read" else "read"
            scopes.demand(granted, scopes.properties(kind, deed))
            return properties.answer(self._portal, kind, path[1:], request)
        if area == "validations" and path:
            kind = kind_named(self._portal, path[0])
            scopes.demand(granted, scopes.properties(kind, "read" if request.method == "GET" else "write"))
            return rules.validations(self._portal, kind, path[1:], request)
        if area == "schemas":
            return self._schemas(path, request, granted)
        if area.startswith("associations") and len(path) == 4 and path[2] == "batch":
            return self._associations(area, path, request, granted)
        if request.method != "GET":
            raise Refused(405)
        return self._settings(area, path, request, granted)

    def _settings(self, area: str, path: Sequence[str], request: Request, granted: _Scopes) -> Response:
        if area == "owners":
            scopes.demand(granted, scopes.OWNERS)
            return settings.owners(self._portal, path, request)
        if area == "pipelines" and path and kind_named(self._portal, path[0]) is DEALS:
            scopes.demand(granted, scopes.PIPELINES)
            return settings.pipelines(self._portal, path[1:])
        if area == "currencies":
            scopes.demand(granted, scopes.CURRENCIES)
            return settings.currencies(self._portal, path, request)
        if area == "limits" and list(path) == ["custom-properties"]:
            return settings.property_limits(self._portal)
        if area == "limits" and list(path) == ["custom-object-types"]:
            self._demand_schemas("read", granted)
            return settings.object_limits(self._portal)
        if area == "account":
            return settings.account(self._portal, path, self._meter)
        raise no_page()

    def _schemas(self, path: Sequence[str], request: Request, granted: _Scopes) -> Response:
        self._demand_schemas("read" if request.method == "GET" else "write", granted)
        return schemas.answer(self._portal, path, request)

    def _demand_schemas(self, deed: str, granted: _Scopes) -> None:
        """Nobody can be granted these where there is no Enterprise."""
        scopes.demand(granted if self._portal.objects_allowed else frozenset(), scopes.schemas(deed))

    def _objects(self, path: Sequence[str], request: Request, granted: _Scopes) -> Response:
        """Checked in HubSpot's order: kind, body, scope, record."""
        kind = kind_named(self._portal, path[0])
        body: Json = body_of(request) if request.method in ("POST", "PATCH") else {}
        reading = request.method == "GET" or path[1:] == ["search"] or path[1:] == ["batch", "read"]
        scopes.demand(granted, scopes.records(kind, "read" if reading else "write"))
        match (request.method, *path[1:]):
            case ("GET",):
                return objects.list_page(self._portal, kind, request)
            case ("POST",):
                return objects.create(self._portal, kind, body, request)
            case ("POST", "merge"):
                return objects.merge(self._portal, kind, body)
            case ("POST", "search"):
                return said(200, search(self._portal, kind, body, self._totals))
            case ("POST", "batch", verb) if verb in batch.VERBS:
                return batch.answer(self._portal, kind, verb, request, body)
            case ("GET", "search") | ("GET", "batch", _):
                raise Refused(405)
            case ("GET", name):
                return objects.read(self._portal, kind, name, request)
            case ("PATCH", name):
                return objects.change(self._portal, kind, name, request, body)
            case ("DELETE", name):
                return objects.archive(self._portal, kind, name)
            case ("GET", name, "associations", other):
                return associations.of_record(self._portal, kind, name, kind_named(self._portal, other), request)
        raise no_page()

    def _associations(self, area: str, path: Sequence[str], request: Request, granted: _Scopes) -> Response:
        source, target, body = kind_named(self._portal, path[0]), kind_named(self._portal, path[1]), body_of(request)
        deed = "read" if path[3] == "read" else "write"
        scopes.demand(granted, (*scopes.records(source, deed), *scopes.records(target, deed)))
        if path[3] == "read":
            return associations.read_all(self._portal, source, target, body)
        if path[3] == "create" and area == "associations":
            return associations.create_all(self._portal, source, target, body)
        if path[3] == "archive" and area == "associations":
            return associations.archive_all(self._portal, source, target, body)
        if path[3] == "create":
            return associations.create_all_by_name(self._portal, source, target, body)
        raise no_page()


def _refused(refused: Refused, correlation: str) -> Response:
    if refused.body is None:
        return page(refused.status, refused.headers)
    return said(refused.status, {**refused.body, "correlationId": correlation}, refused.headers)
