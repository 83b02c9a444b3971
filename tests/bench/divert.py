"""Runs somebody else's program with its fixed hosts led to the loopback, and nowhere else.

`python -I divert.py '{"api.hubapi.com": "http://127.0.0.1:8080"}' PROGRAM ARGUMENTS…`, with the Python of the program's own environment.

What it alters of the program: requests to a named host go to the given address instead, without TLS and without a proxy, with
the header `Host` as it was. Any other host, any address that is not this machine's, and any other process are refused.
"""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
OTHERS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"})


class NotNamed(RuntimeError):
    """The program wants to go where nobody sent it."""


def divert(hosts: Mapping[str, str]) -> None:
    """From now on, in this process, requests to these hosts go to these addresses."""
    send = HTTPAdapter.send

    def diverted(self: HTTPAdapter, request: PreparedRequest, *args: Any, **more: Any) -> Response:
        assert request.url
        asked = urlsplit(request.url)
        if asked.netloc not in hosts:
            raise NotNamed(f"{asked.netloc} is not among {', '.join(hosts)}")
        request.headers["Host"] = asked.netloc
        request.url = hosts[asked.netloc] + request.url.removeprefix(f"{asked.scheme}://{asked.netloc}")
        return send(self, request, *args, **{**more, "proxies": None})

    HTTPAdapter.send = diverted  # type: ignore[method-assign]


def stay_here(event: str, told: tuple[Any, ...]) -> None:
    """An audit hook, which nobody can take away again: no name is looked up, and no address reached, but this machine's."""
    if event in OTHERS:
        raise NotNamed(f"another process: {event}")
    if event in LOOKUPS:
        host = told[0]
    elif event in SENDING and isinstance(told[1], tuple):
        host = told[1][0]
    else:
        return
    if host not in LOOPBACK:
        raise NotNamed(f"{host} is not this machine")


if __name__ == "__main__":
    divert(json.loads(sys.argv[1]))
    sys.addaudithook(stay_here)
    sys.argv = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")
