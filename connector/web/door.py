"""The door: a CRM knocks, is recognised by its signature, and is heard; whatever it says is only kept, and done later.

It answers within moments: HubSpot waits five seconds, and asks again for a day where it hears anything but "well".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.errors import ConnectorError, NotTrusted
from connector.flow.taking import Taken
from connector.model.hints import Hint, Knock
from connector.model.notes import Typed
from connector.ports import Crm, World
from connector.store import hints
from connector.store.database import Store

log = structlog.get_logger()

LONGEST = 1_048_576  # bytes; a hundred events are some forty thousand
ANSWERS = {Taken.QUEUED: 200, Taken.WAIT: 409, Taken.NOBODY: 403, Taken.NOWHERE: 404}

Take = Callable[[Crm, Typed], Taken]
Work = Callable[[Crm, Knock], Response]


def door(crms: Mapping[str, Crm], take: Take, store: Store, world: World, wake: Callable[[], None]) -> Starlette:
    """The application. `wake` is called after something was kept, from a thread of the server's; `take` queues notes."""

    def hints_kept(crm: Crm, knock: Knock) -> Response:
        return _heard(crm, knock, store, world, wake)

    def note_taken(crm: Crm, knock: Knock) -> Response:
        return _taken(crm, knock, take, wake)

    return Starlette(
        routes=[
            Route("/hints/{connection}", _knocked(crms, hints_kept), methods=["POST"]),
            Route("/hints/{connection}/notes", _knocked(crms, note_taken), methods=["POST"]),
        ]
    )


def _knocked(crms: Mapping[str, Crm], work: Work) -> Callable[[Request], Awaitable[Response]]:
    async def knocked(request: Request) -> Response:
        crm = crms.get(request.path_params["connection"])
        if crm is None:
            return _said(404, "there is no such connection")
        body = await _body(request)
        if body is None:
            return _said(413, "that is too long")
        headers = {name.lower(): value for name, value in request.headers.items()}
        knock = Knock(request.method, request.url.query, headers, body)
        return await run_in_threadpool(_unless_refused, work, crm, knock)

    return knocked


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

    crm.hear(knock, keep)
    if kept:
        wake()
    return _said(200, "heard")


def _taken(crm: Crm, knock: Knock, take: Take, wake: Callable[[], None]) -> Response:
    """Where the request was heard before, and answered well, the same answer is given again."""
    found = Taken.QUEUED

    def keep(typed: Typed) -> None:
        nonlocal found
        found = take(crm, typed)
        if found is not Taken.QUEUED:
            raise _Refused
        wake()

    try:
        crm.typed(knock, keep)
    except _Refused:
        log.info("note_not_taken", crm=crm.name, why=found.value)
    return _said(ANSWERS[found], found.value)


class _Refused(Exception):
    """A note is not taken: the same request may come again, and is not taken for one that was."""


def _unless_refused(work: Work, crm: Crm, knock: Knock) -> Response:
    try:
        return work(crm, knock)
    except NotTrusted as problem:
        log.warning("knock_not_trusted", crm=crm.name, problem=str(problem))
        return _said(401, "this is not signed as it should be")
    except ValueError:
        return _said(400, "this is nothing that is sent here")
    except ConnectorError as problem:
        log.warning("knock_not_kept", crm=crm.name, problem=str(problem))
        return _said(503, "not now")


def _said(status: int, text: str) -> JSONResponse:
    return JSONResponse({"message": text}, status)
