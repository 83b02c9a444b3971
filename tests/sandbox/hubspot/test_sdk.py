"""HubSpot's own new SDK, reading and writing our stand-in in its strict mode: it raises where a reply does not fit."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from hubspot_sdk import APIResponseValidationError, BadRequestError, ConflictError, HubSpot, NotFoundError

from connector.sandbox.wire import Request
from tests.sandbox.hubspot.caller import TOKEN, Caller, where


class Wire(httpx.BaseTransport):
    """Hands requests to the stand-in without a socket."""

    def __init__(self, hubspot: Caller) -> None:
        self._sandbox = hubspot.sandbox

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        answered = self._sandbox.answer(Request.of(request.method, target, dict(request.headers), request.read()))
        return httpx.Response(answered.status, headers=dict(answered.headers), content=answered.body)


@pytest.fixture
def sdk(hubspot: Caller) -> Iterator[HubSpot]:
    with httpx.Client(transport=Wire(hubspot)) as client:
        yield HubSpot(access_token=TOKEN, http_client=client, max_retries=0, _strict_response_validation=True)


def test_lists_deals_page_after_page(sdk: HubSpot) -> None:
    page = sdk.crm.objects.deals.list(
        limit=1, properties=["dealname", "dealstage", "amount"], associations=["companies"]
    )
    names = [deal.properties["dealname"] for deal in page.results]
    assert page.results[0].associations is not None
    assert page.results[0].associations["companies"].results[0].type == "deal_to_company"
    assert page.paging is not None
    assert page.paging.next is not None
    second = sdk.crm.objects.deals.list(limit=1, after=str(page.paging.next.after), properties=["dealname"])
    assert [*names, *(deal.properties["dealname"] for deal in second.results)] == ["Turbines", "Blades"]


def test_gets_a_deal_with_its_history(sdk: HubSpot, hubspot: Caller) -> None:
    name = hubspot.id_of("deal", "d1")
    deal = sdk.crm.objects.deals.get(name, properties=["amount"], properties_with_history=["dealstage"])
    assert (deal.id, deal.properties["amount"], deal.archived) == (name, "5000.00", False)
    assert deal.properties_with_history is not None
    assert [version.value for version in deal.properties_with_history["dealstage"]] == [
        "closedwon",
        "proposal",
        "qualified",
    ]
    with pytest.raises(NotFoundError):
        sdk.crm.objects.deals.get("7")


def test_searches_deals(sdk: HubSpot) -> None:
    found = sdk.crm.objects.deals.search(
        after="",
        filter_groups=[{"filters": [{"property_name": "amount", "operator": "GTE", "value": "3000"}]}],
        limit=1,
        properties=["dealname"],
        sorts=["hs_object_id"],
    )
    assert (found.total, found.results[0].properties["dealname"]) == (2, "Turbines")
    assert found.paging is not None
    assert found.paging.next is not None
    assert found.paging.next.after == "1"


def test_reads_changes_and_makes_deals_by_the_batch(sdk: HubSpot, hubspot: Caller) -> None:
    batch = sdk.crm.objects.deals.batch
    name = hubspot.id_of("deal", "d1")
    changed = batch.update(inputs=[{"id": name, "properties": {"amount": "7"}}])
    assert (changed.status, changed.results[0].properties["amount"]) == ("COMPLETE", "7")
    read = batch.get(inputs=[{"id": name}], properties=["amount"], properties_with_history=["amount"])
    assert read.results[0].properties["amount"] == "7"
    made = batch.create(inputs=[{"properties": {"dealname": "New", "dealstage": "qualified"}, "associations": []}])
    assert made.results[0].properties["dealname"] == "New"
    with pytest.raises(BadRequestError) as refused:
        batch.update(inputs=[{"id": name, "properties": {"dealstage": "nowhere"}}])
    assert "INVALID_OPTION" in refused.value.response.text


def test_upserts_by_a_property_that_it_made_itself(sdk: HubSpot) -> None:
    made = sdk.crm.properties.create(
        "tasks",
        name="attain_alert_key",
        label="Key",
        group_name="task",
        type="string",
        field_type="text",
        has_unique_value=True,
    )
    assert (made.name, made.has_unique_value) == ("attain_alert_key", True)
    with pytest.raises(ConflictError):
        sdk.crm.properties.create(
            "tasks", name="attain_alert_key", label="Key", group_name="task", type="string", field_type="text"
        )
    inputs = [{"id": "k", "id_property": "attain_alert_key", "properties": {"hs_timestamp": "2026-11-26T09:00:00Z"}}]
    first = sdk.crm.objects.tasks.batch.upsert(inputs=inputs)  # type: ignore[arg-type]
    second = sdk.crm.objects.tasks.batch.upsert(inputs=inputs)  # type: ignore[arg-type]
    assert (first.results[0].new, second.results[0].new) == (True, False)
    assert first.results[0].id == second.results[0].id


def test_reads_properties_owners_pipelines_currencies_and_the_account(sdk: HubSpot) -> None:
    by_name = {each.name: each for each in sdk.crm.properties.list("deals").results}
    assert (by_name["amount"].type, by_name["hs_is_closed"].calculated) == ("number", True)
    assert sdk.crm.properties.get("dealstage", object_type="deals").external_options is True
    owners = sdk.crm.owners.list()
    assert [(each.first_name, each.type) for each in owners.results] == [("Ada", "PERSON"), ("Dina", "PERSON")]
    (pipeline,) = sdk.crm.pipelines.list("deals").results
    assert [stage.metadata["isClosed"] for stage in pipeline.stages] == ["false", "false", "true", "true"]
    assert sdk.settings.currencies.get_company_currency().id == "EUR"
    rates = sdk.settings.currencies.exchange_rates.list_exchange_rates().results
    assert [(rate.from_currency_code, rate.conversion_rate) for rate in rates] == [
        ("USD", 0.8),
        ("USD", 0.625),
        ("GBP", 1.25),
    ]
    details = sdk.account.get()
    assert (details.portal_id, details.time_zone, details.utc_offset_milliseconds) == (
        51234567,
        "Europe/Berlin",
        3_600_000,
    )
    (usage,) = sdk.account.get_daily_private_apps_usage().results
    assert usage.usage_limit == 625_000


def test_merging_two_deals_makes_a_third_that_answers_to_both_ids(sdk: HubSpot, hubspot: Caller) -> None:
    """With a new id, the primary one's values, and the versions and associations of both."""
    primary, other = hubspot.id_of("deal", "d1"), hubspot.id_of("deal", "d3")
    before = {each: sdk.crm.objects.deals.get(each, properties=["dealname", "amount"]) for each in (primary, other)}
    merged = sdk.crm.objects.deals.merge(primary_object_id=primary, object_id_to_merge=other)
    assert merged.id not in (primary, other)
    for each in (primary, other, merged.id):
        assert sdk.crm.objects.deals.get(each, properties=["dealname"]).id == merged.id
    named = sdk.crm.objects.deals.get(
        merged.id, properties=["hs_merged_object_ids", "dealname"], properties_with_history=["dealname"]
    )
    assert named.properties["hs_merged_object_ids"] == f"{primary};{other}"
    assert named.properties["dealname"] == before[primary].properties["dealname"]
    assert named.created_at == min(each.created_at for each in before.values())
    told = {each.value for each in (named.properties_with_history or {})["dealname"]}
    assert told == {each.properties["dealname"] for each in before.values()}
    with pytest.raises(BadRequestError):
        sdk.crm.objects.deals.merge(primary_object_id=merged.id, object_id_to_merge=merged.id)


def test_shares_a_deal_and_reads_its_splits(sdk: HubSpot, hubspot: Caller) -> None:
    deal = hubspot.id_of("deal", "d1")
    owner = sdk.crm.objects.deals.get(deal, properties=["hubspot_owner_id"]).properties["hubspot_owner_id"]
    other = next(each.id for each in sdk.crm.owners.list().results if each.id != owner)
    shares = [{"owner_id": int(owner), "percentage": 0.6}, {"owner_id": int(other), "percentage": 0.4}]
    inputs = [{"id": int(deal), "splits": shares}]
    made = sdk.crm.deal_splits.batch.upsert(inputs=inputs)  # type: ignore[arg-type]
    read = sdk.crm.deal_splits.batch.read(inputs=[{"id": deal}])
    for found in (made, read):
        [result] = found.results
        told = [each.properties["hs_deal_split_percentage"] for each in result.splits]
        assert (result.id, told) == (deal, ["0.6", "0.4"])


def test_reads_how_many_properties_there_may_be(sdk: HubSpot) -> None:
    before = sdk.crm.limits.get_custom_property_limits()
    sdk.crm.properties.create(
        "deals", name="ours", label="Ours", group_name="dealinformation", type="string", field_type="text"
    )
    after = sdk.crm.limits.get_custom_property_limits()
    assert after.overall_usage == before.overall_usage + 1
    was, now = (next(each for each in told.by_object_type if each.object_type_id == "0-3") for told in (before, after))
    assert (now.usage, now.limit) == (was.usage + 1, 1000)


def test_reads_and_sets_what_values_must_look_like(sdk: HubSpot) -> None:
    rules = sdk.crm.properties_validations
    assert rules.get_by_object_type_id("0-27").results == []
    rules.update_by_object_type_id_property_name_and_rule_type(
        "MAX_LENGTH", object_type_id="0-27", property_name="hs_task_subject", rule_arguments=["40"]
    )
    [told] = rules.get_by_object_type_id("0-27").results
    assert (told.property_name, told.property_validation_rules[0].rule_type) == ("hs_task_subject", "MAX_LENGTH")
    [rule] = rules.get_by_object_type_id_and_property_name("hs_task_subject", object_type_id="0-27").results
    assert rule.rule_arguments == ["40"]


def test_is_refused_what_an_admin_requires_of_2026_09(sdk: HubSpot, hubspot: Caller) -> None:
    hubspot.sandbox.require("deals", "hs_next_step", on="dealstage", values=["closedwon"])
    deal, change = hubspot.id_of("deal", "d1"), {"properties": {"amount": "7"}}
    with pytest.raises(BadRequestError) as refused:
        sdk.patch(f"/crm/objects/2026-09/0-3/{deal}", cast_to=object, body=change)
    assert "MISSING_CONDITIONAL_REQUIRED_PROPERTY" in refused.value.response.text
    assert sdk.crm.objects.deals.update(deal, properties={"amount": "7"}).properties["amount"] == "7"


def test_makes_fills_and_takes_away_a_custom_object(sdk: HubSpot, hubspot: Caller) -> None:
    hubspot.sandbox.upgrade()
    schemas, records = sdk.crm.object_schemas, sdk.crm.objects.custom
    made = schemas.create(
        name="rep_score",
        labels={"singular": "Score", "plural": "Scores"},
        primary_display_property="our_key",
        searchable_properties=["our_key"],
        secondary_display_properties=[],
        required_properties=[],
        associated_objects=[],
        allows_sensitive_properties=False,
        properties=[
            {"name": "our_key", "label": "Key", "type": "string", "field_type": "text", "has_unique_value": True}
        ],
    )
    assert [each.name for each in schemas.list().results] == ["rep_score"]
    assert schemas.get(made.fully_qualified_name).object_type_id == made.object_type_id
    of = made.object_type_id
    upsert = [{"id": "a", "id_property": "our_key", "properties": {}}]
    first = records.batch.upsert(of, inputs=upsert)  # type: ignore[arg-type]
    assert (first.results[0].new, first.results[0].properties["our_key"]) == (True, "a")
    read = records.batch.get(
        of, inputs=[{"id": "a"}], id_property="our_key", properties=["our_key"], properties_with_history=[]
    )
    assert read.results[0].id == first.results[0].id
    assert [each.id for each in records.list(of, properties=["our_key"]).results] == [first.results[0].id]
    assert sdk.crm.limits.get_custom_object_type_limits().usage == 1
    with pytest.raises(BadRequestError):
        schemas.delete(of)
    records.batch.delete(of, inputs=[{"id": first.results[0].id}])
    schemas.delete(of)
    assert schemas.list().results == []


def test_gets_a_token_for_an_app(sdk: HubSpot, hubspot: Caller) -> None:
    hubspot.sandbox.register("the-app", "its-secret", "its-refresh-token")
    app = {"client_id": "the-app", "client_secret": "its-secret", "refresh_token": "its-refresh-token"}
    given = sdk.auth.oauth.create_token(grant_type="refresh_token", **app)  # type: ignore[arg-type]
    assert (given.token_type, given.expires_in) == ("bearer", 1800)
    with pytest.raises(BadRequestError):
        sdk.auth.oauth.create_token(grant_type="refresh_token", **{**app, "client_secret": "another"})  # type: ignore[arg-type]


def test_trips_over_null_as_it_would_over_the_real_one(sdk: HubSpot) -> None:
    """Its models allow no null in properties though HubSpot sends it: the strictness is real, and this is its edge."""
    with pytest.raises(APIResponseValidationError):
        sdk.crm.objects.deals.list(properties=["dealtype", "amount"])


def test_says_the_same_to_a_client_of_the_numbered_paths(hubspot: Caller) -> None:
    body = {"filterGroups": [{"filters": [where("amount", "EQ", "700")]}]}
    dated = hubspot.post("/crm/objects/2026-03/deals/search", body)
    assert hubspot.post("/crm/v3/objects/deals/search", body) == dated
    assert hubspot.get("/crm/v3/owners/") == hubspot.get("/crm/owners/2026-03")
