"""Several requests in one: each answered by itself, later ones able to name what earlier ones gave."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.wire import Request, Response

MOST = 25
_REFERENCE = re.compile(r"@\{(\w+)\.([\w.]+)\}")


def composite(request: Request, answer: Callable[[Request], Response]) -> dict[str, Any]:
    """The replies of all parts; `allOrNone` is left to the caller, who holds the transaction."""
    parts = request.json().get("compositeRequest", [])
    if len(parts) > MOST:
        message = f"The request includes {len(parts)} subrequests, which exceeds the limit of {MOST}"
        raise Refused("LIMIT_EXCEEDED", message)
    known: dict[str, Any] = {}
    replies = []
    for part in parts:
        reply = answer(_request(part, known, request))
        body = json.loads(reply.body) if reply.body else None
        known[part["referenceId"]] = body
        location = {"Location": reply.headers["Location"]} if "Location" in reply.headers else {}
        replies.append(
            {
                "body": body,
                "httpHeaders": location,
                "httpStatusCode": reply.status,
                "referenceId": part["referenceId"],
            }
        )
    return {"compositeResponse": replies}


def _request(part: dict[str, Any], known: dict[str, Any], outer: Request) -> Request:
    headers = {name: value for name, value in outer.headers.items() if name in {"authorization", "host"}}
    headers |= {name.lower(): value for name, value in (part.get("httpHeaders") or {}).items()}
    body = part.get("body")
    text = _filled(json.dumps(body), known).encode() if body is not None else b""
    return Request.of(part["method"], _filled(part["url"], known), headers, text)


def _filled(text: str, known: dict[str, Any]) -> str:
    """`@{refAccount.id}` replaced by what that part answered; what is not known stays."""

    def value(match: re.Match[str]) -> str:
        found = known.get(match[1])
        for step in match[2].split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return match[0] if found is None else str(found)

    return _REFERENCE.sub(value, text)
