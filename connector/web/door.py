"""The door: a CRM knocks, is recognised by its signature, and is heard; whatever it says is only kept, and read later.

It answers within moments: HubSpot waits five seconds, and asks again for a day where it hears anything but "well".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.errors import ConnectorError, NotTrusted
from connector.model.hints import Hint, Knock
from connector.ports import Crm, World
from connector.store import hints
from connector.store.database import Store

log = structlog.get_logger()

LONGEST = 1_048_576  # bytes; a hundred events are some forty thousand


def door(crms: Mapping[str, Crm], store: Store, world: World, wake: Callable[[], None]) -> Starlette:
    """The application. `wake` is called after something was kept, from a thread of the server's."""

    async def knocked(request: Request) -> Response:
        crm = crms.get(request.path_params["connection"])
        if crm is None:
            return _said(404, "there is no such connection")
        body = await _body(request)
        if body is None:
            return _said(413, "that is more than a hundred events")
        headers = {name.lower(): value for name, value in request.headers.items()}
        knock = Knock(request.method, request.url.query, headers, body)
        return await run_in_threadpool(_heard, crm, knock, store, world, wake)

    return Starlette(routes=[Route("/hints/{connection}", knocked, methods=["POST"])])


async def _body(request: Request) -> bytes | None:
    """All of it; None where it is too long, before all of it came."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > LONGEST:
            return None
    return bytes(found)


def _heard(crm: Crm, knock: Knock, store: Store, world: World, wake: Callable[[], None]) -> Response:
    kept = 0

    def keep(found: frozenset[Hint]) -> None:
        nonlocal kept
        with store.writing() as tx:
            hints.note(tx, crm.name, found, world.now())
        kept = len(found)

    try:
        crm.hear(knock, keep)
    except NotTrusted as problem:
        log.warning("hint_not_trusted", crm=crm.name, problem=str(problem))
        return _said(401, "this is not signed as it should be")
    except ValueError:
        return _said(400, "this is no list of events")
    except ConnectorError as problem:
        log.warning("hint_not_kept", crm=crm.name, problem=str(problem))
        return _said(503, "not now")
    if kept:
        wake()
    return _said(200, "heard")


def _said(status: int, text: str) -> JSONResponse:
    return JSONResponse({"message": text}, status)
