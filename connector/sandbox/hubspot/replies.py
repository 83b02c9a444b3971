"""What comes back: JSON bodies, HTML pages where HubSpot sends those, and refusals that unwind like exceptions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.sandbox.wire import Response

Json = dict[str, Any]

_HTML = b"<html>\n<head><title>Error %d</title></head>\n<body><h2>HTTP ERROR %d</h2><hr/>\xa9</body>\n</html>\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """One property value that HubSpot does not take."""

    name: str
    message: str
    code: str  # "PROPERTY_DOESNT_EXIST", "INVALID_OPTION" …
    value: str | None = None

    def embedded(self) -> Json:
        """As it stands inside the message of the refusal."""
        return {"isValid": False, "message": self.message, "error": self.code, "name": self.name}

    def listed(self) -> Json:
        return {"message": self.message, "code": self.code, "context": {"propertyName": [self.name]}}


class Refused(Exception):
    """The request ends here with this status and body; HTML when there is no body."""

    def __init__(self, status: int, body: Json | None = None, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.body, self.headers = status, body, dict(headers or {})
        super().__init__(f"{status} {body}")


def said(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:  # noqa: ANN401 - JSON
    """A JSON reply."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, {"Content-Type": "application/json;charset=utf-8", **(headers or {})}, text)


def page(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """An HTML error page with a byte that is not UTF-8, as the real one may have."""
    typed = {"Content-Type": "text/html;charset=iso-8859-1", **(headers or {})}
    return Response(status, typed, _HTML % (status, status))


def error(message: str, category: str | None = None, **more: Any) -> Json:  # noqa: ANN401 - context, errors, subCategory
    """The common body of an error, but for the correlation id that every reply gets on its way out."""
    body: Json = {"status": "error", "message": message, **more}
    return body if category is None else {**body, "category": category}


def invalid(message: str, **more: Any) -> Refused:  # noqa: ANN401 - context, errors
    """400 with category VALIDATION_ERROR."""
    return Refused(400, error(message, "VALIDATION_ERROR", **more))


def bad_json() -> Refused:
    return invalid("Invalid input JSON on line 1, column 1: the body is not the JSON that was expected")


def bad_values(faults: Sequence[Fault]) -> Refused:
    """One wrong value refuses the whole request, however many rows it has."""
    embedded = json.dumps([fault.embedded() for fault in faults], ensure_ascii=False, separators=(",", ":"))
    return invalid(f"Property values were not valid: {embedded}", errors=[fault.listed() for fault in faults])


def no_page() -> Refused:
    """A record or path that does not exist: 404 as an HTML page."""
    return Refused(404, None, {"X-HubSpot-NotFound": "true"})


def row_error(category: str, message: str, context: Json, sub_category: str = "") -> Json:
    """One row of a partly failed batch: terse, without `errors` and `links`."""
    body: Json = {"status": "error", "category": category}
    if sub_category:
        body["subCategory"] = sub_category
    return {**body, "message": message, "context": context}


def batch(results: Sequence[Json], errors: Sequence[Json], started: str, ended: str, status: int = 200) -> Response:
    """The reply of a batch: 207 when some rows failed, otherwise the given status."""
    body: Json = {"completedAt": ended, "status": "COMPLETE", "startedAt": started, "results": list(results)}
    if errors:
        body |= {"errors": list(errors), "numErrors": len(errors)}
    return said(207 if errors else status, body)
