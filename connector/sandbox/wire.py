"""What goes over the wire: a request in, a response out, and the switches that make life hard."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, header names in lower case."""

    method: str
    path: str  # percent-decoded, without the query
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes = b""

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Request:
        """From a request line's target: `/services/data/v66.0/query?q=…`."""
        parts = urlsplit(target)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(method.upper(), unquote(parts.path), query, lowered, body)

    def param(self, name: str, default: str = "") -> str:
        """The first query parameter of that name."""
        return next((value for key, value in self.query if key == name), default)

    def json(self) -> Any:  # noqa: ANN401 - whatever the client sent
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response. Status 0 means: close the connection without an answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:  # noqa: ANN401 - whatever the service said
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


class Service(Protocol):
    """A stand-in CRM: everything it does, it does in `answer`."""

    def answer(self, request: Request) -> Response:
        """The reply; deterministic for a given clock, randomness and history."""
        ...


Clock = Callable[[], datetime]  # aware UTC


def http_date(at: datetime) -> str:
    """`Wed, 25 Nov 2026 08:14:03 GMT`, for headers; `at` in UTC."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def from_http_date(text: str) -> datetime | None:
    """None when a header holds something else."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found.astimezone(UTC)


def dated(response: Response, now: datetime) -> Response:
    """An answer says when it was given, by the clock of whoever answers; one that is lost says nothing."""
    return replace(response, headers={**response.headers, "Date": http_date(now)}) if response.status else response


@dataclass(frozen=True, slots=True)
class Switches:
    """How difficult the sandbox is to live with."""

    seed: int = 0
    fail: Mapping[str, float] = field(default_factory=dict)  # "429", "503", "lost", "cut" … → share of requests
    search_lag: timedelta = timedelta(0)  # HubSpot: the search index trails the records by this much
    traces: bool = False  # HubSpot: rows of a batch that worked carry their objectWriteTraceId, as documented
    late_commits: timedelta = timedelta(0)  # Salesforce: rows become visible this long after their stamp
    limits: bool = True  # False: limit headers are counted down, but nothing is ever refused for them

    def random(self, salt: str) -> random.Random:
        """A generator of its own for each purpose, so that one does not disturb another."""
        return random.Random(f"{self.seed}:{salt}")

    @classmethod
    def parse_fail(cls, text: str) -> dict[str, float]:
        """`429:5%,503:1%` → shares. Raises ValueError that names the part."""
        shares: dict[str, float] = {}
        for part in filter(None, (each.strip() for each in text.split(","))):
            what, _, share = part.partition(":")
            try:
                shares[what.strip()] = float(share.strip().removesuffix("%")) / 100
            except ValueError:
                raise ValueError(f"`{part}` is not like 429:5%") from None
        return shares
