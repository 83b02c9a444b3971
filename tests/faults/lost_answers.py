"""The matrix of lost answers: every endpoint that writes, with everything that may happen to one of its answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from connector.errors import ConnectorError
from connector.sandbox.wire import Request, Response, Service
from tests.faults.trials import Setting, gone_wrong
from tests.faults.village import Village
from tests.faults.violations import Violations, judge, settle

ALL = "all silent after"  # no attempt of the whole cycle is answered: the transport's own retries mend nothing
KINDS = (
    "lost before",
    "503",
    "429",
    "lost after",
    "silent after",
    "502 after",
    "cut",
    "null",
    "half of it",
    ALL,
)
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
    """One misfortune for the first request of an endpoint, or the same for every one until it is over."""

    endpoint: str
    kind: str
    happened: bool = False
    over: bool = False

    def __call__(self, host: str, service: Service, request: Request) -> Response:
        where = ENDPOINTS[self.endpoint]
        hit = (
            request.path.endswith(where) if where.endswith(("sobjects", "upsert", "update")) else where in request.path
        )
        if self.over or not hit or request.method == "GET":
            return service.answer(request)
        self.happened, self.over = True, self.kind != ALL
        if self.kind == "half of it":
            return _half(service.answer(request))
        return gone_wrong(self.kind.removeprefix("all "), host, service, request)


def _half(found: Response) -> Response:
    """All of it had its effect, and the answer tells of half."""
    body: Any = found.json()
    if isinstance(body, list):
        return Response(200, found.headers, json.dumps(body[: len(body) // 2]).encode())
    body["results"] = body["results"][: len(body["results"]) // 2]
    return Response(207, found.headers, json.dumps(body).encode())


def _completed(village: Village) -> set[str]:
    """Whoever reads an alert does what it asks for, whether we have heard by then that it arrived or not."""
    for each in village.soql("SELECT Id FROM Task WHERE Attain_Key__c != null"):
        village.edit(f"Task/{each['Id']}", {"Status": "Completed"})
    for each in village.objects("tasks", "attain_alert_key"):
        if each["properties"].get("attain_alert_key"):
            village.edit(f"tasks/{each['id']}", {"hs_task_status": "COMPLETED"})
    return _done(village)


def _done(village: Village) -> set[str]:
    """The keys of alerts that are completed."""
    rows = village.soql("SELECT Attain_Key__c FROM Task WHERE Attain_Key__c != null AND Status = 'Completed'")
    theirs = [each["properties"] for each in village.objects("tasks", "attain_alert_key,hs_task_status")]
    return {str(each["Attain_Key__c"]) for each in rows} | {
        str(each["attain_alert_key"])
        for each in theirs
        if each.get("attain_alert_key") and each.get("hs_task_status") == "COMPLETED"
    }


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
        once.over = True
        completed = _completed(village)
        settle(village, violations)
    reopened = completed - _done(village)
    violations.note("reopened", f"tasks that their reader had completed: {sorted(reopened)}", len(reopened))
    if not once.happened:
        violations.note("idle", f"nothing was ever sent to {endpoint}")
    judge(village, violations, setting.wanted)
    return violations.words
