"""The network, in one thread: requests of both SDKs go straight into the stand-in CRMs, or go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from connector.sandbox.wire import Request, Response, Service

Exchange = Callable[[str, Service, Request], Response]  # the host, who answers there, and what is asked


class Lost(Exception):
    """The connection broke, before or after the request had its effect."""


class Silent(Exception):
    """No answer came in time."""


@contextmanager
def diverted(hosts: Mapping[str, Service], exchange: Exchange) -> Iterator[None]:
    """While this lasts nothing leaves the process: `host:port` leads to a stand-in."""

    def asked(method: str, url: str, headers: Mapping[str, str], body: bytes | str | None) -> Response:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        data = body.encode() if isinstance(body, str) else body or b""
        return exchange(parts.netloc, hosts[parts.netloc], Request.of(method, target, headers, data))

    def send(_: HTTPAdapter, request: requests.PreparedRequest, **__: Any) -> requests.Response:
        try:
            found = asked(str(request.method), str(request.url), dict(request.headers.items()), request.body)
        except Lost as error:
            raise requests.ConnectionError(str(error)) from error
        except Silent as error:
            raise requests.ReadTimeout(str(error)) from error
        if not found.status:
            raise requests.ConnectionError("Connection aborted")
        reply = requests.Response()
        reply.status_code, reply.url, reply.request = found.status, str(request.url), request
        reply.headers.update({"Content-Type": "application/json;charset=UTF-8", **found.headers})
        reply.raw = BytesIO(found.body)
        reply._content, reply.encoding = found.body, "utf-8"
        for hook in request.hooks.get("response", ()):
            hook(reply)
        return reply

    def request(_: urllib3.PoolManager, method: str, url: str, **given: Any) -> urllib3.HTTPResponse:
        fields = given.get("fields")
        if fields:
            url += ("&" if "?" in url else "?") + requests.compat.urlencode(fields)
        try:
            found = asked(method, url, dict(given.get("headers") or {}), given.get("body"))
        except Lost as error:
            raise ProtocolError(str(error)) from error
        except Silent as error:
            raise ReadTimeoutError(None, url, str(error)) from error  # type: ignore[arg-type]
        if not found.status:
            raise ProtocolError("Connection aborted")
        return urllib3.HTTPResponse(
            BytesIO(found.body),
            headers={"Content-Type": "application/json;charset=UTF-8", **found.headers},
            status=found.status,
            preload_content=bool(given.get("preload_content", True)),
        )

    with mock.patch.object(HTTPAdapter, "send", send), mock.patch.object(urllib3.PoolManager, "request", request):
        yield
