"""Rules of the portal's own: writes of 2026-09 obey them, earlier versions do not; formats are told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.hubspot.caller import Caller

NEWER, OLDER = "/crm/objects/2026-09", "/crm/objects/2026-03"
# HubSpot's own examples of both refusals, in the changelog that announces them.
CONDITIONAL = {
    "code": "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
    "message": "hs_next_step is required because of a conditional property rule based on [dealstage]",
    "context": {"propertyName": ["hs_next_step"]},
}
ON_CREATE = {
    "code": "MISSING_REQUIRED_PROPERTY",
    "message": "A value for dealtype must be provided",
    "context": {"propertyName": ["dealtype"]},
}


def faults(body: Any) -> Any:
    assert (body["status"], body["category"]) == ("error", "VALIDATION_ERROR")
    return body["errors"]


def test_a_deal_in_a_stage_that_asks_for_more_takes_no_unrelated_update(hubspot: Caller) -> None:
    hubspot.sandbox.require("deals", "hs_next_step", on="dealstage", values=["closedwon"])
    won, open_ = hubspot.id_of("deal", "d1"), hubspot.id_of("deal", "d3")
    change = {"properties": {"amount": "7"}}
    assert faults(hubspot.patch(f"{NEWER}/deals/{won}", change, 400)) == [CONDITIONAL]
    assert hubspot.get(f"{OLDER}/deals/{won}?properties=amount")["properties"]["amount"] == "5000.00"
    hubspot.patch(f"{NEWER}/deals/{open_}", change)
    hubspot.patch(f"{OLDER}/deals/{won}", change)
    hubspot.patch(f"{NEWER}/deals/{won}", {"properties": {"amount": "8", "hs_next_step": "Invoice"}})
    hubspot.patch(f"{NEWER}/deals/{won}", change)  # it has one by now


@pytest.mark.parametrize("verb", ["update", "upsert"])
def test_one_such_deal_refuses_a_whole_batch_and_nothing_of_it_is_written(hubspot: Caller, verb: str) -> None:
    made = {"name": "ours", "label": "Ours", "groupName": "dealinformation", "type": "string", "fieldType": "text"}
    hubspot.post("/crm/properties/2026-03/deals", {**made, "hasUniqueValue": True}, 201)
    won, open_ = hubspot.id_of("deal", "d1"), hubspot.id_of("deal", "d3")
    for deal in (won, open_):
        hubspot.patch(f"{OLDER}/deals/{deal}", {"properties": {"ours": f"key of {deal}"}})
    hubspot.sandbox.require("deals", "hs_next_step", on="dealstage", values=["closedwon"])
    named = (
        (lambda deal: {"id": f"key of {deal}", "idProperty": "ours"}) if verb == "upsert" else lambda deal: {"id": deal}
    )
    inputs = [{**named(deal), "properties": {"amount": "7"}} for deal in (open_, won)]
    assert faults(hubspot.post(f"{NEWER}/deals/batch/{verb}", {"inputs": inputs}, 400)) == [CONDITIONAL]
    assert hubspot.get(f"{OLDER}/deals/{open_}?properties=amount")["properties"]["amount"] == "3000"
    assert len(hubspot.post(f"{OLDER}/deals/batch/{verb}", {"inputs": inputs})["results"]) == 2


def test_the_create_form_is_asked_of_what_is_made_and_of_nothing_else(hubspot: Caller) -> None:
    hubspot.sandbox.require("deals", "dealtype")
    new = {"dealname": "New", "dealstage": "qualified"}
    assert faults(hubspot.post(f"{NEWER}/deals", {"properties": new}, 400)) == [ON_CREATE]
    inputs = {"inputs": [{"properties": new}]}
    assert faults(hubspot.post(f"{NEWER}/deals/batch/create", inputs, 400)) == [ON_CREATE]
    hubspot.post(f"{NEWER}/deals", {"properties": {**new, "dealtype": "newbusiness"}}, 201)
    hubspot.post(f"{OLDER}/deals", {"properties": new}, 201)
    hubspot.patch(f"{NEWER}/deals/{hubspot.id_of('deal', 'd3')}", {"properties": {"amount": "7", "dealtype": ""}})


def test_formats_are_told_by_property(hubspot: Caller) -> None:
    base = "/crm/property-validations/2026-03/0-3"
    assert hubspot.get(base) == {"results": []}
    rule = {"ruleArguments": ["40"]}
    assert hubspot.call("PUT", f"{base}/dealname/rule-type/MAX_LENGTH", rule).status == 204
    assert hubspot.call("PUT", f"{base}/nothing/rule-type/MAX_LENGTH", rule).status == 404
    told = [{"ruleType": "MAX_LENGTH", "ruleArguments": ["40"]}]
    assert hubspot.get(base) == {"results": [{"propertyName": "dealname", "propertyValidationRules": told}]}
    assert hubspot.get(f"{base}/dealname") == {"results": told}
