"""What the portal says about itself: owners, pipelines, currencies, the account."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from connector.sandbox.hubspot.definitions import built_in
from connector.sandbox.hubspot.kinds import KINDS
from connector.sandbox.hubspot.limits import Meter
from connector.sandbox.hubspot.moments import milliseconds, moment_at, stamp_text
from connector.sandbox.hubspot.objects import wants_archived
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import numbered
from connector.sandbox.hubspot.replies import Json, Refused, error, invalid, no_page, said
from connector.sandbox.hubspot.store import Row
from connector.sandbox.wire import Request, Response

_ALWAYS = "1970-01-01T00:00:00Z"  # pipelines that came with the portal
_OWNER = "SELECT id, user_id, email, first, last, created, updated, active, teams FROM owners"


def owners(portal: Portal, path: Sequence[str], request: Request) -> Response:
    """List of owners, or one of them by id or userId; archived ones only when asked for."""
    active = not wants_archived(request)
    if path:
        return said(200, _owner(_owner_row(portal, path[0], request.param("idProperty") or "id", active=active)))
    limit = numbered(request.param("limit") or "100")
    after = numbered(request.param("after") or "0")
    if limit is None or after is None or not 1 <= limit <= 500:
        raise invalid("limit must be from 1 to 500, and after a paging cursor")
    email = request.param("email")
    rows = portal.store.rows(
        f"{_OWNER} WHERE active = ? AND id >= ? AND (? = '' OR email = ?) ORDER BY id LIMIT ?",
        (active, after, email, email, limit + 1),
    )
    body: Json = {"results": [_owner(row) for row in rows[:limit]]}
    if len(rows) > limit:
        cursor = str(rows[limit][0])
        body["paging"] = {
            "next": {"after": cursor, "link": f"https://api.hubapi.com{request.path}?limit={limit}&after={cursor}"}
        }
    return said(200, body)


def _owner_row(portal: Portal, name: str, id_property: str, *, active: bool) -> Row:
    column = {"id": "id", "userId": "user_id"}.get(id_property)
    number = numbered(name)
    row = (
        None
        if column is None or number is None
        else portal.store.one(f"{_OWNER} WHERE {column} = ? AND active = ?", (number, active))
    )
    if row is None:
        raise Refused(404, error(f"Owner {name} does not exist", "OBJECT_NOT_FOUND", context={"id": [name]}))
    return row


def _owner(row: Row) -> Json:
    """An archived owner keeps its id and loses its userId."""
    owner_id, user_id, email, first, last, created, updated, active, teams = row
    body: Json = {
        "id": str(owner_id),
        "email": email,
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": user_id,
        "userIdIncludingInactive": user_id,
        "createdAt": stamp_text(created),
        "updatedAt": stamp_text(updated),
        "archived": not active,
        "teams": json.loads(teams),
    }
    return {key: value for key, value in body.items() if (active or key != "userId") and (value or key != "teams")}


def pipelines(portal: Portal, path: Sequence[str]) -> Response:
    """The one pipeline of deals, its stages, or one of these."""
    pipeline = _pipeline(portal)
    match path:
        case []:
            return said(200, {"results": [pipeline]})
        case ["default"]:
            return said(200, pipeline)
        case ["default", "stages"]:
            return said(200, {"results": pipeline["stages"]})
        case ["default", "stages", name]:
            for stage in pipeline["stages"]:
                if stage["id"] == name:
                    return said(200, stage)
    raise no_page()


def _pipeline(portal: Portal) -> Json:
    rows = portal.store.rows("SELECT id, label, position, probability, closed FROM stages ORDER BY position")
    stamps = {"createdAt": _ALWAYS, "updatedAt": _ALWAYS, "archived": False}
    stages = [
        {
            "id": name,
            "label": label,
            "displayOrder": position,
            "metadata": {"isClosed": closed, "probability": probability},
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            **stamps,
        }
        for name, label, position, probability, closed in rows
    ]
    return {"id": "default", "label": "Sales Pipeline", "displayOrder": 0, "stages": stages, **stamps}


def currencies(portal: Portal, path: Sequence[str], request: Request) -> Response:
    """The company's currency and what one unit of each other is worth in it."""
    match path:
        case ["company-currency"]:
            return said(200, {"id": portal.currency, "createdAt": _ALWAYS})  # the id is the currency's code
        case ["exchange-rates"]:
            return _rates(portal, request)
        case ["exchange-rates", "current"]:
            today = portal.clock().date().isoformat()
            newest = portal.store.rows(
                "SELECT id, currency, max(starts_on), conversion FROM rates WHERE starts_on <= ? GROUP BY currency",
                (today,),
            )
            return said(200, {"results": [_rate(portal, row) for row in newest]})
        case ["exchange-rates", name]:
            row = portal.store.one(
                "SELECT id, currency, starts_on, conversion FROM rates WHERE id = ?", (numbered(name),)
            )
            if row is not None:
                return said(200, _rate(portal, row))
    raise no_page()


def _rates(portal: Portal, request: Request) -> Response:
    limit, after = numbered(request.param("limit") or "100"), numbered(request.param("after") or "0")
    if limit is None or after is None or not 1 <= limit <= 100:
        raise invalid("limit must be from 1 to 100, and after a paging cursor")
    given, wanted = request.param("fromCurrencyCode"), request.param("toCurrencyCode")
    rows = portal.store.rows(
        "SELECT id, currency, starts_on, conversion FROM rates WHERE id >= ? AND (? = '' OR currency = ?) AND (? IN ('', ?)) "
        "ORDER BY id LIMIT ?",
        (after, given, given, wanted, portal.currency, limit + 1),
    )
    body: Json = {"results": [_rate(portal, row) for row in rows[:limit]]}
    if len(rows) > limit:
        body["paging"] = {"next": {"after": str(rows[limit][0])}}
    return said(200, body)


def _rate(portal: Portal, row: Row) -> Json:
    number, currency, starts_on, conversion = row
    return {
        "id": str(number),
        "fromCurrencyCode": currency,
        "toCurrencyCode": portal.currency,
        "conversionRate": conversion,
        "effectiveAt": f"{starts_on}T00:00:00Z",
        "createdAt": f"{starts_on}T00:00:00Z",
        "updatedAt": f"{starts_on}T00:00:00Z",
        "visibleInUI": True,
    }


def account(portal: Portal, path: Sequence[str], meter: Meter) -> Response:
    """The account's details, or how much of the day's calls is used."""
    match path:
        case ["details"]:
            return said(200, _details(portal))
        case ["api-usage", "daily", "private-apps"]:
            usage = {
                "name": "private-apps-api-calls-daily",
                "usageLimit": meter.per_day,
                "currentUsage": meter.used_today,
                "collectedAt": portal.stamp(),
                "fetchStatus": "SUCCESS",
                "resetsAt": stamp_text(milliseconds(meter.resets_at(portal.clock()))),
            }
            return said(200, {"results": [usage]})
    raise no_page()


def property_limits(portal: Portal) -> Response:
    """How many custom properties there are and may be, of each kind and of all."""
    open_ = [kind for kind in portal.kinds if kind.number not in portal.closed]
    used = {kind: len(portal.definitions(kind)) - len(built_in(kind)) for kind in open_}
    most = portal.properties_allowed
    by_kind = [
        {
            "objectTypeId": kind.type_id,
            "singularLabel": kind.singular.capitalize(),
            "pluralLabel": kind.plural.capitalize(),
            "usage": count,
            "limit": most,
            "percentage": round(100 * count / most, 2),
        }
        for kind, count in used.items()
    ]
    total, allowed = sum(used.values()), most * len(open_)
    body = {"overallUsage": total, "overallLimit": allowed, "overallPercentage": round(100 * total / allowed, 2)}
    return said(200, {**body, "byObjectType": by_kind})


def object_limits(portal: Portal) -> Response:
    """How many custom objects there are and may be."""
    used, most = len(portal.kinds) - len(KINDS), portal.objects_allowed
    return said(200, {"limit": most, "usage": used, "percentage": round(100 * used / most, 2) if most else 0.0})


def zone_of(portal: Portal) -> tzinfo:
    """The portal's time zone: the company's, or UTC."""
    return ZoneInfo(portal.store.setting("zone", "UTC"))


def _details(portal: Portal) -> Json:
    others = [row[0] for row in portal.store.rows("SELECT DISTINCT currency FROM rates ORDER BY currency")]
    offset = moment_at(portal.now()).astimezone(zone_of(portal)).utcoffset()
    seconds = 0 if offset is None else round(offset.total_seconds())
    sign, minutes = "-" if seconds < 0 else "+", abs(seconds) // 60
    return {
        "portalId": portal.number,
        "accountType": "STANDARD",
        "timeZone": portal.store.setting("zone", "UTC"),
        "companyCurrency": portal.currency,
        "additionalCurrencies": others,
        "utcOffset": f"{sign}{minutes // 60:02d}:{minutes % 60:02d}",
        "utcOffsetMilliseconds": seconds * 1000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }
