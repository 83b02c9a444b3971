"""Writing: one record, a batch of them, what refuses a batch and what fails alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.hubspot.caller import Caller, Clock, V, where

UNIQUE = {
    "name": "attain_alert_key",
    "label": "Key",
    "groupName": "task",
    "type": "string",
    "fieldType": "text",
    "hasUniqueValue": True,
}
DUE = {"hs_timestamp": "2026-11-26T09:00:00Z"}


def test_a_write_moves_the_modified_stamp_and_nothing_else_of_the_system(hubspot: Caller, clock: Clock) -> None:
    path = f"{V}/deals/{hubspot.id_of('deal', 'd1')}"
    before = hubspot.get(path)
    clock.pass_(timedelta(seconds=5))
    after = hubspot.patch(path, {"properties": {"hs_next_step": "Call"}})
    assert after["updatedAt"] == "2026-11-25T09:00:05.250Z" == after["properties"]["hs_lastmodifieddate"]
    assert after["createdAt"] == before["createdAt"]
    assert "amount" not in after["properties"]  # only what was written, and the system's own
    assert hubspot.search("deals", where("hs_lastmodifieddate", "GTE", "2026-11-25T09:00:05Z"))["total"] == 1


def test_writing_what_is_there_already_moves_the_stamp_too(hubspot: Caller) -> None:
    path = f"{V}/deals/{hubspot.id_of('deal', 'd1')}"
    assert hubspot.patch(path, {"properties": {"amount": "5000.00"}})["updatedAt"] == "2026-11-25T09:00:00.250Z"


def test_a_stage_change_enters_history_and_the_computed_properties(hubspot: Caller) -> None:
    path = f"{V}/deals/{hubspot.id_of('deal', 'd3')}"
    hubspot.patch(path, {"properties": {"dealstage": "closedwon"}})
    names = "hs_is_closed_won,hs_deal_stage_probability,hs_v2_date_entered_closedwon"
    deal = hubspot.get(f"{path}?properties={names}&propertiesWithHistory=dealstage")
    assert [deal["properties"][name] for name in names.split(",")] == ["true", "1", "2026-11-25T09:00:00.250Z"]
    (newest,) = deal["propertiesWithHistory"]["dealstage"][:1]
    assert (newest["value"], newest["sourceType"]) == ("closedwon", "INTEGRATION")


def test_an_empty_text_clears_a_value(hubspot: Caller) -> None:
    path = f"{V}/deals/{hubspot.id_of('deal', 'd1')}"
    hubspot.patch(path, {"properties": {"hubspot_owner_id": ""}})
    assert hubspot.get(f"{path}?properties=hubspot_owner_id")["properties"]["hubspot_owner_id"] == ""
    found = hubspot.search("deals", where("hubspot_owner_id", "NOT_HAS_PROPERTY"), properties=["dealname"])
    assert hubspot.names(found) == ["Turbines", "Bare"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"dealstage": "nowhere"}, "INVALID_OPTION"),
        ({"dealtype": "Nothing like it"}, "INVALID_OPTION"),
        ({"deal_currency_code": "JPY"}, "INVALID_OPTION"),
        ({"amount": "1.4e-14"}, "INVALID_INTEGER"),
        ({"amount": " 5"}, "INVALID_INTEGER"),
        ({"closedate": "soon"}, "INVALID_LONG"),
        ({"hubspot_owner_id": "1"}, "INVALID_OWNER_ID"),
        ({"hs_is_closed": "true"}, "READ_ONLY_VALUE"),
        ({"nonsense": "1"}, "PROPERTY_DOESNT_EXIST"),
    ],
)
def test_one_wrong_value_refuses_the_whole_batch(hubspot: Caller, values: dict[str, Any], code: str) -> None:
    inputs = [
        {"id": hubspot.id_of("deal", "d1"), "properties": {"amount": "1"}},
        {"id": hubspot.id_of("deal", "d3"), "properties": values},
    ]
    refused = hubspot.call("POST", f"{V}/deals/batch/update", {"inputs": inputs})
    assert refused.status == 400
    assert [each["code"] for each in refused.json()["errors"]] == [code]
    prefix, _, embedded = refused.json()["message"].partition(": ")
    assert prefix == "Property values were not valid"
    assert f'"error":"{code}","name":"{next(iter(values))}"' in embedded
    untouched = hubspot.get(f"{V}/deals/{hubspot.id_of('deal', 'd1')}")
    assert untouched["properties"]["amount"] == "5000.00"


def test_creates_a_deal_with_its_company(hubspot: Caller) -> None:
    company = hubspot.id_of("account", "a1")
    link = {"to": {"id": company}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]}
    made = hubspot.post(
        f"{V}/deals", {"properties": {"dealname": "New", "dealstage": "qualified"}, "associations": [link]}, 201
    )
    assert made["properties"]["hs_object_source"] == "INTEGRATION"
    linked = hubspot.get(f"{V}/deals/{made['id']}/associations/companies")["results"]
    assert [each["toObjectId"] for each in linked] == [int(company)]
    assert int(made["id"]) > int(hubspot.id_of("deal", "d6"))


def test_refuses_a_task_without_its_moment(hubspot: Caller) -> None:
    refused = hubspot.call("POST", f"{V}/tasks", {"properties": {"hs_task_subject": "Ring"}})
    assert (refused.status, refused.json()["context"]) == (400, {"properties": ["hs_timestamp"]})


def test_a_completed_task_gets_the_moment_of_it(hubspot: Caller) -> None:
    path = f"{V}/tasks/{hubspot.id_of('activity', 't2')}"
    hubspot.patch(path, {"properties": {"hs_task_status": "COMPLETED"}})
    done = hubspot.get(f"{path}?properties=hs_task_completion_date")["properties"]
    assert done["hs_task_completion_date"] == "2026-11-25T09:00:00.250Z"


def test_upserts_tasks_by_a_unique_key(hubspot: Caller) -> None:
    hubspot.post("/crm/properties/2026-03/tasks", UNIQUE, 201)
    target = f"{V}/tasks/batch/upsert"
    row = {"id": "k1", "idProperty": "attain_alert_key", "properties": {**DUE, "hs_task_subject": "Ring"}}
    (made,) = hubspot.post(target, {"inputs": [row]})["results"]
    (kept,) = hubspot.post(target, {"inputs": [row | {"id": "K1", "properties": {"hs_task_subject": "Write"}}]})[
        "results"
    ]
    assert (made["new"], kept["new"], kept["id"]) == (True, False, made["id"])
    found = hubspot.get(f"{V}/tasks/K1?idProperty=attain_alert_key&properties=hs_task_subject")
    assert (found["id"], found["properties"]["hs_task_subject"]) == (made["id"], "Write")
    (read,) = hubspot.post(f"{V}/tasks/batch/read", {"idProperty": "attain_alert_key", "inputs": [{"id": "k1"}]})[
        "results"
    ]
    assert read["id"] == made["id"]


def test_an_archived_task_frees_its_key(hubspot: Caller) -> None:
    hubspot.post("/crm/properties/2026-03/tasks", UNIQUE, 201)
    row = {"id": "k1", "idProperty": "attain_alert_key", "properties": DUE}
    (made,) = hubspot.post(f"{V}/tasks/batch/upsert", {"inputs": [row]})["results"]
    assert hubspot.call("POST", f"{V}/tasks/batch/archive", {"inputs": [{"id": made["id"]}]}).status == 204
    (again,) = hubspot.post(f"{V}/tasks/batch/upsert", {"inputs": [row]})["results"]
    assert again["new"] is True
    assert again["id"] != made["id"]


@pytest.mark.parametrize("name", ["hs_object_id", "dealname", None])
def test_refuses_an_upsert_by_what_is_not_unique(hubspot: Caller, name: str | None) -> None:
    row = {"id": "501", "properties": {"amount": "1"}, **({"idProperty": name} if name else {})}
    refused = hubspot.call("POST", f"{V}/deals/batch/upsert", {"inputs": [row]})
    assert refused.status == 400
    said = f"Unable to perform update/upsert by non-unique 0-3 property {name or 'hs_object_id'}"
    assert refused.json()["message"] == said


def test_without_a_trace_id_a_conflict_refuses_all_and_with_one_its_row_only(hubspot: Caller) -> None:
    hubspot.post("/crm/properties/2026-03/tasks", UNIQUE, 201)
    taken, free = ({**DUE, "attain_alert_key": key} for key in ("k1", "k2"))
    (first,) = hubspot.post(f"{V}/tasks/batch/create", {"inputs": [{"properties": taken}]}, 201)["results"]
    inputs: list[dict[str, Any]] = [{"properties": taken}, {"properties": free}]
    refused = hubspot.call("POST", f"{V}/tasks/batch/create", {"inputs": inputs})
    assert (refused.status, refused.json()["category"]) == (409, "CONFLICT")
    for number, each in enumerate(inputs):
        each["objectWriteTraceId"] = str(number)
    partly = hubspot.post(f"{V}/tasks/batch/create", {"inputs": inputs}, 207)
    assert [each["properties"]["attain_alert_key"] for each in partly["results"]] == ["k2"]
    assert "objectWriteTraceId" not in partly["results"][0]  # as recorded, though the error beside it has one
    assert partly["errors"][0]["context"] == {"objectWriteTraceId": ["0"], "existingId": [first["id"]]}
    single = hubspot.call("POST", f"{V}/tasks", {"properties": taken})
    assert (single.status, single.json()["category"]) == (409, "CONFLICT")


@pytest.mark.parametrize(("verb", "most"), [("read", 100), ("update", 100), ("create", 100), ("archive", 100)])
def test_takes_a_hundred_inputs(hubspot: Caller, verb: str, most: int) -> None:
    inputs = [{"id": str(number), "properties": {}} for number in range(most + 1)]
    refused = hubspot.call("POST", f"{V}/deals/batch/{verb}", {"inputs": inputs})
    assert (refused.status, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    assert hubspot.call("POST", f"{V}/deals/batch/{verb}", {"inputs": inputs[1:]}).status in (200, 201, 204, 207)


def test_takes_fifty_inputs_with_history(hubspot: Caller) -> None:
    body = {"inputs": [{"id": str(number)} for number in range(51)], "propertiesWithHistory": ["amount"]}
    assert hubspot.call("POST", f"{V}/deals/batch/read", body).status == 400


def test_a_record_archived_cannot_be_changed(hubspot: Caller) -> None:
    name = hubspot.id_of("deal", "d1")
    assert hubspot.call("DELETE", f"{V}/deals/{name}").status == 204
    assert hubspot.call("PATCH", f"{V}/deals/{name}", {"properties": {"amount": "1"}}).status == 404
    partly = hubspot.post(f"{V}/deals/batch/update", {"inputs": [{"id": name, "properties": {"amount": "1"}}]}, 207)
    assert (partly["results"], partly["numErrors"]) == ([], 1)
    company = hubspot.id_of("account", "a1")
    linked = hubspot.get(f"{V}/companies/{company}/associations/deals")["results"]
    assert [each["toObjectId"] for each in linked] == [int(hubspot.id_of("deal", "d6"))]


def test_creates_properties_on_users_and_writes_them(hubspot: Caller) -> None:
    group = {"name": "attain", "label": "Attain", "displayOrder": 1}
    hubspot.post("/crm/properties/2026-03/users/groups", group, 201)
    score = {"name": "attain_score", "label": "Score", "groupName": "attain", "type": "number", "fieldType": "number"}
    hubspot.post("/crm/properties/2026-03/users", score, 201)
    again = hubspot.call("POST", "/crm/properties/2026-03/users", score)
    assert (again.status, again.json()["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    user = hubspot.id_of("user", "p1")
    hubspot.post(f"{V}/users/batch/update", {"inputs": [{"id": user, "properties": {"attain_score": "87.5"}}]})
    assert hubspot.get(f"{V}/0-115/{user}?properties=attain_score")["properties"]["attain_score"] == "87.5"
    assert "attain_score" in [each["name"] for each in hubspot.get("/crm/properties/2026-03/users")["results"]]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Has Capitals"},
        {"fieldType": "date"},
        {"groupName": "nowhere"},
        {"type": "enumeration", "fieldType": "select"},
        {"label": ""},
    ],
)
def test_refuses_a_property_that_cannot_be(hubspot: Caller, change: dict[str, str]) -> None:
    refused = hubspot.call("POST", "/crm/properties/2026-03/tasks", UNIQUE | change)
    assert (refused.status, refused.json()["category"]) == (400, "VALIDATION_ERROR")


def test_takes_every_spelling_of_a_path(hubspot: Caller) -> None:
    name = hubspot.id_of("deal", "d1")
    for path in (
        "/crm/objects/2026-03/deals",
        "/crm/objects/2026-09/0-3",
        "/crm/v3/objects/deal",
        "/crm/v3/objects/DEALS",
    ):
        assert hubspot.get(f"{path}/{name}")["id"] == name
    for path in ("/crm/objects/2025-01/deals", "/crm/v2/objects/deals", "/nothing"):
        assert hubspot.call("GET", path).status == 404
    wrong = hubspot.call("GET", f"{V}/2-12345")
    assert (wrong.status, wrong.json()["message"]) == (400, "Invalid object or event type id: 2-12345")


def test_ignores_an_unknown_property_on_reads(hubspot: Caller) -> None:
    deal = hubspot.get(f"{V}/deals/{hubspot.id_of('deal', 'd1')}?properties=amount,amuont")
    assert "amuont" not in deal["properties"]
    assert deal["properties"]["amount"] == "5000.00"


def test_answers_a_missing_record_with_a_page_that_is_not_utf_8(hubspot: Caller) -> None:
    gone = hubspot.call("GET", f"{V}/deals/7")
    assert (gone.status, gone.headers["Content-Type"]) == (404, "text/html;charset=iso-8859-1")
    with pytest.raises(UnicodeDecodeError):
        gone.body.decode()
    odd = hubspot.call("GET", f"{V}/deals/seven")
    assert (odd.status, odd.json()["category"], odd.json()["context"]) == (404, "OBJECT_NOT_FOUND", {"id": ["seven"]})
    assert hubspot.call("GET", f"{V}/deals/search").status == 405


def test_says_so_when_the_body_is_no_json(hubspot: Caller) -> None:
    assert hubspot.call("POST", f"{V}/deals/search", [1]).json()["category"] == "VALIDATION_ERROR"
    assert hubspot.call("POST", f"{V}/deals/batch/read", {"inputs": ["501"]}).status == 400


def test_reads_a_thousand_records_links_at_once(hubspot: Caller) -> None:
    target = "/crm/associations/2026-03/deals/companies/batch/read"
    inputs = [{"id": str(number)} for number in range(1001)]
    assert hubspot.call("POST", target, {"inputs": inputs}).status == 400
    body = hubspot.post(target, {"inputs": inputs[:1000]}, 207)
    assert [each["from"]["id"] for each in body["results"]] == ["501", "551", "701"]
    assert len(body["errors"]) == 997
