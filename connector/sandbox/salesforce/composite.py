"""Several requests in one: each answered by itself, later ones able to name what earlier ones gave."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from connector.sandbox.salesforce.call import Call, reply
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.wire import Request, Response

MOST = 25
NEEDED = {"method", "url", "referenceId"}
_REFERENCE = re.compile(r"@\{(\w+)\.([\w.]+)\}")
_HALTED = [
    {
        "errorCode": "PROCESSING_HALTED",
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
    }
]
Parts = list[dict[str, Any]]


def composite(call: Call, answer: Callable[[Call], Response]) -> Response:
    """The replies of all parts, in order; `answer` is the way to a resource. Raises Refused."""
    body = call.record()
    parts = body.get("compositeRequest")
    if not isinstance(parts, list) or not all(isinstance(part, dict) and part.keys() >= NEEDED for part in parts):
        raise Refused("JSON_PARSER_ERROR", f"Each subrequest needs {', '.join(sorted(NEEDED))}")
    if len(parts) > MOST:
        raise Refused("LIMIT_EXCEEDED", f"The number of subrequests exceeds the limit of {MOST}")
    try:
        with call.org.database.transaction():
            replies = _replies(parts, call, answer)
            if body.get("allOrNone") is True:
                _Failed.check(replies)
    except _Failed as failed:
        replies = failed.replies
    return reply(200, {"compositeResponse": replies})


class _Failed(Exception):
    """One part failed, and all or none was asked for: what went well is undone."""

    def __init__(self, replies: Parts) -> None:
        self.replies = replies
        super().__init__()

    @classmethod
    def check(cls, replies: Parts) -> None:
        if all(each["httpStatusCode"] < 300 for each in replies):
            return
        halted = {"body": _HALTED, "httpHeaders": {}, "httpStatusCode": 400}
        raise cls([each | halted if each["httpStatusCode"] < 300 else each for each in replies])


def _replies(parts: Parts, call: Call, answer: Callable[[Call], Response]) -> Parts:
    known: dict[str, Any] = {}
    replies = []
    for part in parts:
        one = answer(Call(call.desk, _request(part, known, call.request), call.viewer, call.base))
        body = json.loads(one.body) if one.body else None
        known[part["referenceId"]] = body
        headers = {name: value for name, value in one.headers.items() if name == "Location"}
        replies.append(
            {
                "body": body,
                "httpHeaders": headers,
                "httpStatusCode": one.status,
                "referenceId": part["referenceId"],
            }
        )
    return replies


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
