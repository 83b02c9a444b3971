"""A plain client for the tests: it says what it wants and shows what came back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connector.sandbox.hubspot import HubSpotSandbox
from connector.sandbox.wire import Request, Response

V = "/crm/objects/2026-03"
TOKEN = "pat-eu1-test"


class Clock:
    """Time that stands still until a test moves it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, span: timedelta) -> None:
        self.moment += span


class Caller:
    """Speaks to a sandbox; every reply goes past `judge` first."""

    def __init__(self, sandbox: HubSpotSandbox, token: str = TOKEN) -> None:
        self.sandbox, self.token = sandbox, token
        self.judge: Callable[[str, str, Response], None] = lambda method, target, response: None

    def call(self, method: str, target: str, body: Any = None) -> Response:
        text = b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        response = self.sandbox.answer(Request.of(method, target, headers, text))
        self.judge(method, target, response)
        return response

    def get(self, target: str) -> Any:
        response = self.call("GET", target)
        assert response.status == 200, response
        return response.json()

    def post(self, target: str, body: Any, status: int = 200) -> Any:
        response = self.call("POST", target, body)
        assert response.status == status, response
        return response.json()

    def patch(self, target: str, body: Any, status: int = 200) -> Any:
        response = self.call("PATCH", target, body)
        assert response.status == status, response
        return response.json()

    def search(self, kind: str, *filters: dict[str, Any], **more: Any) -> Any:
        return self.post(f"{V}/{kind}/search", {"filterGroups": [{"filters": list(filters)}], **more})

    def names(self, found: Any, name: str = "dealname") -> list[Any]:
        return [each["properties"][name] for each in found["results"]]

    def id_of(self, kind: str, company_id: str) -> str:
        return self.sandbox.id_of(kind, company_id)


def where(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """One filter."""
    return {"propertyName": name, "operator": operator, **({} if value is None else {"value": value}), **more}
