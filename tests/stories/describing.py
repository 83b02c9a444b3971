"""A CRM that describes a field otherwise than it did, and what a cycle after it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from connector.flow.cycle import CycleReport
from connector.flow.pull import Pulled
from connector.sandbox.wire import Request, Response, Service
from tests.faults.village import Village

FieldOf = Callable[[dict[str, Any]], None]
OPPORTUNITY, DEALS, CALLS = "/sobjects/Opportunity/describe", "/properties/2026-03/deals", "/properties/2026-03/calls"


@contextmanager
def described(village: Village, path: str, field: str, change: FieldOf) -> Iterator[None]:
    """While this lasts, a CRM describes one field of an object otherwise."""
    before, seen = village.exchange, [0]

    def exchange(host: str, service: Service, request: Request) -> Response:
        found = before(host, service, request)
        if request.method != "GET" or not request.path.endswith(path) or found.status != 200:
            return found
        body = json.loads(found.body)
        [mine] = [each for each in body.get("fields") or body["results"] if each["name"] == field]
        change(mine)
        seen[0] += 1
        return Response(found.status, found.headers, json.dumps(body).encode())

    village.exchange = exchange
    try:
        yield
    finally:
        village.exchange = before
        assert seen[0], f"nobody asked for {path}"


def is_now(**said: object) -> FieldOf:
    return lambda field: field.update(said)


def without(value: str) -> FieldOf:
    def change(field: dict[str, Any]) -> None:
        field["picklistValues"] = [each for each in field["picklistValues"] if each["value"] != value]

    return change


def retired(value: str) -> FieldOf:
    def change(field: dict[str, Any]) -> None:
        for each in field["picklistValues"]:
            each["active"] = each["active"] and each["value"] != value

    return change


def offering(value: str) -> FieldOf:
    def change(field: dict[str, Any]) -> None:
        told = "options" if "options" in field else "picklistValues"
        field[told] = [*field[told], {"value": value, "label": value, "active": True, "hidden": False}]

    return change


def later(village: Village) -> CycleReport:
    village.time.sleep(3 * 3600)
    return village.cycle()


def of(report: CycleReport, connection: str) -> Pulled:
    return next(each for each in report.pulled if each.connection == connection)
