"""The matrix of lost answers: every endpoint that writes, with everything that may happen to one of its answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from connector.errors import ConnectorError
from connector.sandbox.wire import Request, Response, Service
from tests.faults.trials import Setting, gone_wrong
from tests.faults.violations import Violations, judge, settle

KINDS = ("lost before", "503", "429", "lost after", "silent after", "502 after", "cut", "null", "half of it")
ENDPOINTS = {
    "Salesforce: upsert of rows": "/composite/sobjects/Attain_Attainment__c/",
    "Salesforce: upsert of tasks": "/composite/sobjects/Task/",
    "Salesforce: update by id": "/composite/sobjects",
    "HubSpot: upsert of tasks": "/tasks/batch/upsert",
    "HubSpot: links of tasks": "/tasks/deals/batch/create",
    "HubSpot: update of users": "/users/batch/update",
    "HubSpot: update of deals": "/deals/batch/update",
}
CELLS = [(endpoint, kind) for endpoint in ENDPOINTS for kind in KINDS]


@dataclass
class _Once:
    """One misfortune for the first request of an endpoint."""

    endpoint: str
    kind: str
    happened: bool = False

    def __call__(self, host: str, service: Service, request: Request) -> Response:
        where = ENDPOINTS[self.endpoint]
        hit = (
            request.path.endswith(where) if where.endswith(("sobjects", "upsert", "update")) else where in request.path
        )
        if self.happened or not hit or request.method == "GET":
            return service.answer(request)
        self.happened = True
        if self.kind == "half of it":
            return _half(service.answer(request))
        return gone_wrong(self.kind, host, service, request)


def _half(found: Response) -> Response:
    """All of it had its effect, and the answer tells of half."""
    body: Any = found.json()
    if isinstance(body, list):
        return Response(200, found.headers, json.dumps(body[: len(body) // 2]).encode())
    body["results"] = body["results"][: len(body["results"]) // 2]
    return Response(207, found.headers, json.dumps(body).encode())


def cell(setting: Setting, endpoint: str, kind: str) -> list[str]:
    """One cell: one effect in the CRM, and nothing left over."""
    violations, village = Violations(), setting.village
    village.approve()
    once = _Once(endpoint, kind)
    with setting.fault():
        village.exchange = once
        try:
            village.cycle()
        except ConnectorError as error:
            violations.note("stuck", f"a lost answer ends the cycle: {error}")
        settle(village, violations)
    if not once.happened:
        violations.note("idle", f"nothing was ever sent to {endpoint}")
    judge(village, violations, setting.wanted)
    return violations.words
