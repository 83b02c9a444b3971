"""The wire to Salesforce: deadlines, no redirects, no retries, and what the reply headers told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

TIMEOUT = (5.0, 60.0)  # seconds to connect, seconds of silence
_USAGE = re.compile(r"([A-Za-z][\w-]*)=(\d+)/(\d+)")


class TimedAdapter(HTTPAdapter):
    """Gives every request a deadline, repeats none, and leads all of them to a stand-in when told to.

    The SDK forces https and names no timeout; this is the one place that knows better.
    """

    def __init__(self, divert: str | None = None) -> None:
        self.divert = divert
        super().__init__(max_retries=Retry(0, read=False, redirect=0))

    def send(self, request: requests.PreparedRequest, *args: Any, **settings: Any) -> requests.Response:  # noqa: ANN401
        settings["timeout"] = settings.get("timeout") or TIMEOUT
        if self.divert and request.url:
            there, here = urlsplit(request.url), urlsplit(self.divert)
            request.headers["Host"] = there.netloc
            request.url = there._replace(scheme=here.scheme, netloc=here.netloc).geturl()
            settings["proxies"] = {}
        return super().send(request, *args, **settings)


class OneHost(requests.Session):
    """A session that stays where it was sent: a token must not follow a redirect elsewhere."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, always."""
        del resp


@dataclass(slots=True)
class Heard:
    """What the last reply's headers said; the SDK's exceptions drop them."""

    now: Callable[[], datetime]
    retry_after: timedelta | None = None
    ahead: timedelta | None = None  # the server's clock minus ours; None: no reply yet
    usage: dict[str, tuple[int, int]] = field(default_factory=dict)  # "api-usage" → (used, of)

    def listen(self, reply: requests.Response, *_: object, **__: object) -> None:
        """A response hook: sees error replies too."""
        self.retry_after = _seconds(reply.headers.get("Retry-After"), self.now)
        self.usage |= usage(reply.headers.get("Sforce-Limit-Info", ""))
        date = _moment(reply.headers.get("Date"))
        if date is not None:
            self.ahead = date - self.now()


def usage(header: str) -> dict[str, tuple[int, int]]:
    """`api-usage=18/5000; api-bursts=1/750` → each name with what is used and what there is."""
    return {name: (int(used), int(most)) for name, used, most in _USAGE.findall(header)}


def _moment(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _seconds(text: str | None, now: Callable[[], datetime]) -> timedelta | None:
    """Retry-After comes as seconds or as a moment."""
    if not text:
        return None
    if text.strip().isdigit():
        return timedelta(seconds=int(text))
    moment = _moment(text)
    return max(moment - now(), timedelta(0)) if moment is not None else None


def make_session(heard: Heard, divert: str | None = None) -> requests.Session:
    """A session for one thread. Lasting headers live here: the SDK replaces its own."""
    session = OneHost()
    session.headers["Sforce-Call-Options"] = "client=attain"
    session.headers["Sforce-Mru"] = "updateMru=false"
    # A .netrc entry for the host would overwrite the bearer token.
    session.auth = _as_it_is
    session.mount("https://", TimedAdapter(divert))
    session.mount("http://", _Nowhere())
    session.hooks["response"].append(heard.listen)
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class _Nowhere(HTTPAdapter):
    """Plain http is for stand-ins, and those are reached by diversion only."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:  # noqa: ANN401
        raise requests.exceptions.InvalidSchema(f"plain http is refused: {urlsplit(request.url or '').netloc}")
