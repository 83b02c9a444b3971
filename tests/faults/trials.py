"""One trial of each campaign that kills: a village is disturbed, left to recover, and judged."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from connector.errors import ConnectorError
from connector.sandbox.wire import Request, Response, Service
from connector.service.wiring import house
from connector.store import outbox
from tests.faults.points import Killed, Points
from tests.faults.village import HUBSPOT, Village, drawn
from tests.faults.violations import Violations, judge, settle
from tests.faults.wire import Lost, Silent

Fault = Callable[[], AbstractContextManager[None]]  # a planted one; `nullcontext`: the product as it is


@dataclass(frozen=True)
class Setting:
    """What trials are made of."""

    village: Village
    wanted: dict[str, Any] | None  # what an undisturbed run leaves behind; None: nobody knows
    fault: Fault = nullcontext


def undisturbed(village: Village) -> dict[str, Any]:
    """What the CRMs show after cycles that nothing disturbed."""
    violations = Violations()
    if village.approved:
        village.approve()
    village.cycle()
    settle(village, violations)
    judge(village, violations)
    assert not violations, violations.words
    return json.loads(json.dumps(village.shown(), default=str))  # type: ignore[no-any-return]


def points_of_a_cycle(setting: Setting) -> list[str]:
    """The points that a first cycle passes, by name; the first one is number 1."""
    if setting.village.approved:
        setting.village.approve()
    points = Points(noting=True)
    _one(setting, points, random.Random(0), calm)
    return points.names


Weather = Callable[[random.Random, str, Service, Request], Response]


def calm(_chance: random.Random, _host: str, service: Service, request: Request) -> Response:
    """Every request is answered."""
    return service.answer(request)


def stormy(chance: random.Random, host: str, service: Service, request: Request) -> Response:
    """A fifth of the requests go wrong, before or after their effect."""
    draw = chance.random()
    if draw >= 0.2:
        return service.answer(request)
    kind = chance.choice(("lost before", "lost after", "silent after", "503", "429", "502 after", "cut", "null"))
    return gone_wrong(kind, host, service, request)


def gone_wrong(kind: str, host: str, service: Service, request: Request) -> Response:
    """One request, with one misfortune."""
    match kind:
        case "lost before":
            raise Lost(kind)
        case "503":
            return Response(503, {"Content-Type": "text/html"}, b"<html>busy</html>")
        case "429":
            named = b'{"status":"error","policyName":"TEN_SECONDLY_ROLLING","message":"ten_secondly_rolling"}'
            body = named if host == HUBSPOT else b'[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"too many"}]'
            return Response(429, {"Retry-After": "2"}, body)
    found = service.answer(request)
    match kind:
        case "lost after":
            raise Lost(kind)
        case "silent after":
            raise Silent(kind)
        case "502 after":
            return Response(502, {"Content-Type": "text/html"}, b"<html>bad gateway</html>")
        case "cut":
            return Response(found.status, found.headers, found.body[: len(found.body) // 2])
        case "null":
            return Response(found.status, found.headers, b"null" if found.body else b"")
    raise AssertionError(kind)


def crashed(setting: Setting, die_at: list[int], seed: int, weather: Weather = calm) -> list[str]:
    """Cycles that die at these points, one after the other; then recovery. Returns the violations in words."""
    violations = Violations()
    chance = drawn(seed, "weather")
    village = setting.village
    if village.approved:
        village.approve()
    with setting.fault():
        for at in die_at:
            _one(setting, Points(at), chance, weather, violations)
            village.time.sleep(600)
        village.exchange = checked(village, Points(), chance, calm, violations)
        settle(village, violations)
    judge(village, violations, setting.wanted)
    return violations.words


def _one(
    setting: Setting, points: Points, chance: random.Random, weather: Weather, violations: Violations | None = None
) -> None:
    village = setting.village
    village.exchange = checked(village, points, chance, weather, violations)
    try:
        with points.watched():
            village.cycle()
    except Killed:
        village.buried()
    except ConnectorError:
        pass
    finally:
        village.exchange = checked(village, Points(), chance, calm, None)


def checked(
    village: Village, points: Points, chance: random.Random, weather: Weather, violations: Violations | None
) -> Callable[[str, Service, Request], Response]:
    """The network as it is today; it also sees to it that nothing leaves which was not claimed first."""

    def exchange(host: str, service: Service, request: Request) -> Response:
        points.passing(f"before {request.method} {request.path}")
        if violations is not None and is_a_write(request.path):
            with points.passed_by():
                _must_be_claimed(village, request, violations)
        found = weather(chance, host, service, request)
        points.passing(f"after {request.method} {request.path}")
        return found

    return exchange


def is_a_write(path: str) -> bool:
    """Whether a request to that path changes records, and may do so only for rows that are claimed."""
    return "/composite/sobjects" in path or path.endswith(("/batch/upsert", "/batch/update"))


def _must_be_claimed(village: Village, request: Request, violations: Violations) -> None:
    """A row whose bytes leave is under way in the store, for whoever comes after a crash; and a human let it pass."""
    violations.note("unapproved", f"{request.method} {request.path}", int(not village.approved))
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        under_way = {
            each.change.row.key
            for name in ("emea", "smb")
            for each in outbox.open_entries(tx, name)
            if each.state == "sending"
        }
    body = request.json()
    rows = body.get("inputs") or body.get("records") or []
    keys = {str(each.get("Attain_Key__c") or each.get("id") or "") for each in rows}
    unclaimed = keys - under_way - {""}
    violations.note("unclaimed", f"bytes left before their claim was kept: {sorted(unclaimed)[:2]}", len(unclaimed))
