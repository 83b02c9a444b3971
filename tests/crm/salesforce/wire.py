"""A service that says what a test tells it to say, over real HTTP; no stand-in for Salesforce, only for a wire."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connector.crm.salesforce.grants import login_of
from connector.crm.salesforce.org import Org
from connector.sandbox.serve import serve
from connector.sandbox.wire import Request, Response
from connector.transport import Patience
from tests.crm.salesforce.conftest import Time, settings

Answer = Callable[[Request], Response]


class Scripted:
    """Hands out tokens, and answers everything else with the next line of the script; the last line stays."""

    def __init__(self, *script: Response, login: Answer | None = None) -> None:
        self.script = list(script)
        self.requests: list[Request] = []
        self.logins = 0
        self._login = login or self._token
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        with self._lock:
            self.requests.append(request)
            if request.path == "/services/oauth2/token":
                self.logins += 1
                return self._login(request)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def _token(self, request: Request) -> Response:
        instance = "https://acme.my.salesforce.com"
        who = "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA"
        return reply({"access_token": f"token-{self.logins}", "instance_url": instance, "id": who})

    @property
    def asked(self) -> list[Request]:
        """Requests other than logins."""
        return [each for each in self.requests if each.path != "/services/oauth2/token"]


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(body).encode())


def refusal(code: str, message: str = "no", status: int = 400, headers: Mapping[str, str] | None = None) -> Response:
    return reply([{"errorCode": code, "message": message}], status, headers)


EMPTY = reply({"totalSize": 0, "done": True, "records": []})
EXPIRED = refusal("INVALID_SESSION_ID", "Session expired or invalid", 401)


@contextmanager
def talking_to(service: Scripted, time: Time, private_key: str, **options: str) -> Iterator[Org]:
    """An org whose every request ends at the service."""
    with serve(service) as served:
        login = login_of(settings(private_key, divert=served.url, **options))
        org = Org(login, time.world, Patience("emea", time.world))
        try:
            yield org
        finally:
            org.close()
