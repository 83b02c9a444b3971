"""Custom objects of the portal: made once, filled, archived when empty; none without Enterprise."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.hubspot.caller import Caller

BASE = "/crm-object-schemas/2026-03/schemas"
KEY = {"name": "our_key", "label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True}
SCORE = {"name": "score", "label": "Score", "type": "number", "fieldType": "number"}
EGG: dict[str, Any] = {
    "name": "rep_score",
    "labels": {"singular": "Score", "plural": "Scores"},
    "primaryDisplayProperty": "our_key",
    "searchableProperties": ["our_key"],
    "requiredProperties": [],
    "secondaryDisplayProperties": ["score"],
    "properties": [KEY, SCORE],
    "associatedObjects": [],
}


@pytest.fixture
def portal(hubspot: Caller) -> Caller:
    hubspot.sandbox.upgrade(2)
    return hubspot


def test_without_enterprise_the_scopes_are_granted_to_nobody(hubspot: Caller) -> None:
    for method, body, scope in (("GET", None, "read"), ("POST", EGG, "write")):
        response = hubspot.call(method, BASE, body)
        assert (response.status, response.json()["category"]) == (403, "MISSING_SCOPES")
        assert response.json()["context"]["requiredGranularScopes"] == [f"crm.schemas.custom.{scope}"]
    assert hubspot.call("GET", "/crm/limits/2026-03/custom-object-types").status == 403


def test_its_records_are_upserted_by_the_key_under_every_name_of_the_object(portal: Caller) -> None:
    made = portal.post(BASE, EGG, 201)
    assert {each["name"] for each in made["properties"]} >= {"our_key", "score", "hubspot_owner_id", "hs_object_id"}
    assert portal.get(BASE)["results"] == [made]
    inputs = [{"id": "a", "idProperty": "our_key", "properties": {"score": "1"}}]
    for at, name in enumerate((made["objectTypeId"], "rep_score", "p51234567_rep_score")):
        [row] = portal.post(f"/crm/objects/2026-03/{name}/batch/upsert", {"inputs": inputs})["results"]
        assert row["new"] is (at == 0)
    assert portal.search("rep_score", properties=["score"])["total"] == 1
    assert portal.get("/crm/limits/2026-03/custom-object-types") == {"limit": 2, "usage": 1, "percentage": 50.0}


def test_a_name_is_taken_once_in_any_case_and_no_more_objects_are_made_than_there_may_be(portal: Caller) -> None:
    portal.post(BASE, EGG, 201)
    portal.post(BASE, {**EGG, "name": "REP_SCORE"}, 409)
    portal.post(BASE, {**EGG, "name": "another"}, 201)
    assert "limit of 2" in portal.post(BASE, {**EGG, "name": "third"}, 400)["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"primaryDisplayProperty": ""},
        {"searchableProperties": ["nothing"]},
        {"secondaryDisplayProperties": ["our_key", "score", "hs_object_id"]},
        {"name": "1st"},
        {"labels": {"singular": "Score"}},
        {"properties": [{**KEY, "fieldType": "number"}]},
    ],
)
def test_a_definition_that_cannot_be_makes_nothing(portal: Caller, wrong: dict[str, Any]) -> None:
    portal.post(BASE, {**EGG, **wrong}, 400)
    assert portal.get(BASE)["results"] == []
    assert portal.call("GET", "/crm/objects/2026-03/rep_score").status == 400


def test_it_goes_when_it_is_empty_and_its_name_is_free_again(portal: Caller) -> None:
    made = portal.post(BASE, EGG, 201)
    of = f"/crm/objects/2026-03/{made['objectTypeId']}"
    record = portal.post(of, {"properties": {"our_key": "a"}}, 201)["id"]
    refused = portal.call("DELETE", f"{BASE}/rep_score")
    assert (refused.status, refused.json()["subCategory"]) == (400, "EXISTING_OBJECT_RECORDS")
    assert portal.call("DELETE", f"{BASE}/rep_score?archived=true").status == 400
    portal.call("DELETE", f"{of}/{record}")
    assert portal.call("DELETE", f"{BASE}/rep_score").status == 204
    assert portal.call("GET", of).status == 400
    assert portal.get(BASE)["results"] == []
    assert [each["archived"] for each in portal.get(f"{BASE}?archived=true")["results"]] == [True]
    assert portal.post(BASE, EGG, 201)["objectTypeId"] != made["objectTypeId"]
    assert [each["archived"] for each in portal.get(f"{BASE}?archived=true")["results"]] == [False]


def test_a_kind_may_take_no_properties_at_all(portal: Caller) -> None:
    portal.sandbox.close("users")
    made = {"name": "x", "label": "X", "groupName": "userinformation", "type": "string", "fieldType": "text"}
    assert "0-115" in portal.post("/crm/properties/2026-03/users", made, 400)["message"]
    told = portal.get("/crm/limits/2026-03/custom-properties")["byObjectType"]
    assert "0-115" not in {each["objectTypeId"] for each in told}
