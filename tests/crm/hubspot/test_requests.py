"""Every request we send, judged by the contract that HubSpot's own SDK carries.

A whole life of a connection is played against the stand-in portal: read, changed, read again, installed,
written, looked up, examined. Each body must validate against the SDK's request model, each query parameter
must be one of the operation's. `sorts` is left out of the judged body: the SDK says text, the service
takes objects. Currencies and account details are not part of the SDK; they take no body.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from jsonschema import Draft202012Validator

from connector.model.changes import Change, Wanted, WantedField
from connector.sandbox.wire import Request
from tests.crm.hubspot.given import Portal, a_task, an_update, pulled
from tests.crm.hubspot.test_custom import ROWS, WANTED, a_row

UNKNOWN_TO_THE_SDK = (
    "/settings/currencies/2026-03/",
    "/account-info/2026-03/",
    "/crm/limits/2026-03/",
    "/crm/property-validations/2026-03/",
)
FIELDS = (
    WantedField("tasks", "attain_alert_key", "Key", "text", unique=True),
    WantedField("users", "attain_actual", "Actual", "money"),
    WantedField("users", "attain_attainment", "Attainment", "ratio"),
    WantedField("users", "attain_band", "Band", "choice", choices=("green", "red")),
    WantedField("users", "attain_at", "At", "moment"),
    WantedField("users", "attain_owner", "Owner", "person", points_at="owners"),
)


@pytest.fixture(scope="module")
def contract(evidence: Path) -> ModuleType:
    """The tool that reads the SDK's models as JSON Schemas."""
    spec = importlib.util.spec_from_file_location("hubspot_schemas", evidence / "tools" / "hubspot_schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hubspot_schemas"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def life() -> list[Request]:
    """Everything that was asked during a connection's life."""
    portal = Portal()
    deal = portal.add("deals", dealname="D", pipeline="default", dealstage="talking", amount="5000.00")
    company = portal.add("companies", name="C")
    portal.link("deals", deal, "companies", company, 5)
    user = str(portal.do("GET", "/crm/objects/2026-03/users")["results"][0]["id"])
    with portal.connected() as crm:
        portal.days.sleep(600)
        cursors = {source: pulled(crm, source)[-1].cursor for source in crm.sources()}
        portal.change("deals", deal, dealstage="offered")
        portal.days.sleep(600)
        for source, cursor in cursors.items():
            pulled(crm, source, cursor)
        crm.schema()
        crm.install(Wanted(fields=FIELDS), check=False)
        task = a_task("ab12", hs_task_subject="Behind", hs_timestamp="2026-11-26T09:00:00Z", hs_task_body=None)
        crm.write([an_update(user, attain_actual=1), Change(task.row, task.fields, links={"deals": deal})])
        crm.write([a_task(f"k{at}", hs_timestamp="x" if at == 2 else "2026-11-26T09:00:00Z") for at in range(4)])
        crm.look_up([task.row])
        crm.current([an_update(user).row], ["attain_actual"])
        crm.doctor(Wanted(fields=FIELDS))
        crm.volumes()
    _in_an_object_of_ours(portal)
    return portal.asked


def _in_an_object_of_ours(portal: Portal) -> None:
    """The same for people's numbers in rows."""
    portal.box.upgrade()
    with portal.connected(ROWS) as crm:
        crm.install(WANTED, check=False)
        crm.write([a_row("a"), a_row("b")])
        crm.look_up([a_row("a").row])
        crm.doctor(WANTED)
        crm.uninstall(WANTED, check=False)


def test_sends_bodies_that_the_sdk_would_send(contract: ModuleType, life: list[Request]) -> None:
    documents = [contract.derive(module) for module in contract.API_MODULES]
    judged = set()
    for request in life:
        if request.path.startswith(UNKNOWN_TO_THE_SDK):
            assert not request.body
            continue
        schema = contract.request_schema(documents, request.method, request.path)
        if not request.body:
            assert schema is None, f"{request.method} {request.path} needs a body"
            continue
        assert schema is not None, f"{request.method} {request.path} takes no body"
        body = {name: value for name, value in request.json().items() if name != "sorts"}
        Draft202012Validator(schema).validate(body)
        judged.add("/".join(part for part in request.path.split("/")[-2:] if part != "2026-03"))
    assert judged >= {
        "deals/search",
        "batch/read",
        "batch/update",
        "batch/upsert",
        "batch/create",
        "tasks/groups",
        "users",
        "schemas",
    }


def test_sends_only_parameters_that_the_operation_has(contract: ModuleType, life: list[Request]) -> None:
    documents = [contract.derive(module) for module in contract.API_MODULES]
    known = 0
    for request in life:
        if request.path.startswith(UNKNOWN_TO_THE_SDK):
            assert {name for name, _ in request.query} <= {"limit", "after"}
            continue
        found = contract.find_operation(documents, request.method, request.path)
        assert found is not None, f"{request.method} {request.path} is no operation of HubSpot's"
        assert {name for name, _ in request.query} <= set(found[1]["query"]), request.path
        known += 1
    assert known > 40


def test_stays_within_the_sizes_that_hubspot_takes(life: list[Request]) -> None:
    for request in life:
        body = request.json() if request.body else {}
        most = 1000 if "/associations/" in request.path and request.path.endswith("/read") else 100
        most = 50 if body.get("propertiesWithHistory") else most
        assert len(body.get("inputs", ())) <= most
        assert body.get("limit", 1) <= 200
        assert int(request.param("limit") or 1) <= (50 if request.param("propertiesWithHistory") else 500)
