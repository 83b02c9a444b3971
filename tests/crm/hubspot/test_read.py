"""Pulling from the stand-in portal, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connector.errors import CrmUnavailable, SchemaDrifted
from connector.model.catalogue import Type
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, CustomField, SourceMap
from connector.ports import Cursor
from connector.sandbox.wire import Request, Response, Switches
from tests.crm.hubspot.given import (
    COMPANIES,
    DEALS,
    MAPPING,
    MEETINGS,
    NOW,
    TASKS,
    Portal,
    a_deal,
    a_record,
    definitions,
    pulled,
    records,
    says,
    talking_to,
)

MINUTE = 60.0
SETTLE = timedelta(minutes=2)


def test_first_reads_everything_and_then_only_what_changed() -> None:
    portal = Portal()
    kept, changed = a_deal(portal, "kept"), a_deal(portal, "changed")
    with portal.connected() as crm:
        portal.days.sleep(60 * MINUTE)
        first = pulled(crm, DEALS)
        assert records(first) == [kept, changed]
        assert first[-1].cursor == Cursor(NOW + timedelta(minutes=58))  # an hour later, less two minutes to settle
        portal.days.sleep(60 * MINUTE)
        portal.change("deals", changed, amount="1200.50")
        portal.days.sleep(5 * MINUTE)
        second = pulled(crm, DEALS, first[-1].cursor)
        assert [each.fields["amount"] for page in second for each in page.records] == ["1200.50"]
        assert records(second) == [changed]


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_window_ends_by_hubspots_clock_however_wrong_ours_is(ahead: timedelta) -> None:
    portal = Portal(ahead=ahead)
    deal = a_deal(portal)
    portal.days.sleep(600)
    with portal.connected() as crm:
        covered = pulled(crm, DEALS)[-1].cursor
        portal.change("deals", deal, amount="5")
        portal.days.sleep(600)
        later = pulled(crm, DEALS, covered)
    assert covered.covered == portal.days.time + ahead - timedelta(seconds=600) - SETTLE
    assert records(later) == [deal]


def test_keeps_values_as_text_and_what_is_missing_as_none() -> None:
    portal = Portal()
    deal = a_deal(portal, "Größe 1", amount="3000", closedate="2026-12-31")
    portal.days.sleep(5 * MINUTE)
    with portal.connected() as crm:
        found = pulled(crm, DEALS)[0].records[0]
    assert found.kind is RecordKind.DEAL
    assert str(found.ref) == f"smb:deals/{deal}"
    assert found.modified_at == NOW
    assert found.fields == {
        "dealname": "Größe 1",
        "associations.companies": None,
        "hubspot_owner_id": None,
        "dealstage": "talking",
        "amount": "3000",
        "deal_currency_code": found.fields["deal_currency_code"],
        "closedate": "2026-12-31T00:00:00Z",
        "hs_is_closed_won": "false",
        "hs_is_closed": "false",
    }


def test_gives_a_deal_its_primary_company_in_both_kinds_of_read() -> None:
    portal = Portal()
    deal = a_deal(portal)
    other, primary = portal.add("companies", name="Other"), portal.add("companies", name="Primary")
    portal.link("deals", deal, "companies", other, 341)
    portal.link("deals", deal, "companies", primary, 5)
    portal.days.sleep(5 * MINUTE)
    with portal.connected() as crm:
        first = pulled(crm, DEALS)
        again = pulled(crm, DEALS, first[-1].cursor)  # within the overlap
    assert [each.fields["associations.companies"] for each in first[0].records] == [primary]
    assert [each.fields["associations.companies"] for each in again[0].records] == [primary]


def test_takes_no_company_with_a_label_of_the_admins_for_the_primary_one() -> None:
    partners = [
        {"id": "1", "type": "deal_to_company_unlabeled"},
        {"id": "1", "type": "reseller"},
        {"id": "2", "type": "deal_to_company"},
        {"id": "2", "type": "deal_to_company_unlabeled"},
    ]
    deal = {**a_record("51"), "associations": {"companies": {"results": partners}}}
    names = [*definitions_of(MAPPING, "deals"), "hs_is_closed_won", "hs_is_closed"]
    answers = [says(200, definitions(*names)), says(200, {"results": [deal]}), says(200, {"results": []})]
    with talking_to(answers) as (crm, _):
        assert pulled(crm, DEALS)[0].records[0].fields["associations.companies"] == "2"


def definitions_of(mapping: CrmMapping, obj: str) -> tuple[str, ...]:
    return next(each.names() for each in mapping.sources if each.object == obj)


def test_tells_of_deals_that_were_archived_since_and_of_none_before_the_first_read() -> None:
    portal = Portal()
    long_gone, gone, alive = a_deal(portal), a_deal(portal), a_deal(portal)
    portal.archive("deals", long_gone)
    portal.days.sleep(120 * MINUTE)
    with portal.connected() as crm:
        first = pulled(crm, DEALS)
        assert records(first) == [gone, alive]
        portal.days.sleep(60 * MINUTE)
        portal.archive("deals", gone)
        portal.days.sleep(5 * MINUTE)
        assert records(pulled(crm, DEALS, first[-1].cursor)) == [f"-{gone}"]


def _archive_looked_at(portal: Portal) -> int:
    looked = sum(each.param("archived") == "true" for each in portal.asked)
    portal.asked.clear()
    return looked


def test_a_long_archive_is_looked_at_a_few_times_a_day_and_a_short_one_each_time() -> None:
    portal = Portal()
    keep = a_deal(portal)
    for _ in range(230):  # three pages
        portal.archive("deals", a_deal(portal))
    portal.days.sleep(120 * MINUTE)
    with portal.connected() as crm:
        cursor = pulled(crm, DEALS)[-1].cursor
        assert _archive_looked_at(portal) == 0
        cursor = pulled(crm, DEALS, cursor)[-1].cursor
        assert (_archive_looked_at(portal), cursor.memo.endswith(" 3")) == (3, True)
        portal.archive("deals", keep)
        for _ in range(3):
            portal.days.sleep(119 * MINUTE)
            cursor = pulled(crm, DEALS, cursor)[-1].cursor
        assert _archive_looked_at(portal) == 0
        portal.days.sleep(5 * MINUTE)
        assert records(pulled(crm, DEALS, cursor)) == [f"-{keep}"]  # since the last look, six hours ago
        assert _archive_looked_at(portal) == 3


def test_of_two_deals_that_are_merged_a_third_is_left_and_both_are_gone_though_no_list_tells_of_it() -> None:
    portal = Portal()
    one, two, other = (a_deal(portal, amount=amount) for amount in ("100", "200", "300"))
    portal.days.sleep(60 * MINUTE)
    with portal.connected() as crm:
        first = pulled(crm, DEALS)
        portal.days.sleep(60 * MINUTE)
        left = portal.merge("deals", one, two)
        portal.days.sleep(60 * MINUTE)
        second = pulled(crm, DEALS, first[-1].cursor)
        assert records(second) == [left, f"-{one}", f"-{two}"]
        assert [each.into and each.into.id for each in second[0].records] == [None, left, left]
        last = portal.merge("deals", other, left)
        portal.days.sleep(60 * MINUTE)
        third = pulled(crm, DEALS, second[-1].cursor)
        assert records(third) == [last, f"-{one}", f"-{two}", f"-{other}", f"-{left}"]
        asked = crm.read(DEALS, [two, last])
    assert len({one, two, other, left, last}) == 5
    assert [(each.ref.id, each.deleted) for each in asked if not each.deleted] == [(last, False)]
    assert sorted(each.ref.id for each in asked if each.deleted) == sorted([one, two, other, left])
    assert {each.into and each.into.id for each in asked if each.deleted} == {last}
    assert "hs_merged_object_ids" not in second[0].records[0].fields


def test_a_record_that_was_merged_when_ids_were_kept_is_gone_and_the_primary_one_stays() -> None:
    portal = Portal()
    portal.box.merge_as_before()
    primary, other = portal.add("companies", name="One"), portal.add("companies", name="Other")
    portal.days.sleep(60 * MINUTE)
    with portal.connected() as crm:
        first = pulled(crm, COMPANIES)
        portal.days.sleep(60 * MINUTE)
        assert portal.merge("companies", primary, other) == primary
        portal.days.sleep(60 * MINUTE)
        assert records(pulled(crm, COMPANIES, first[-1].cursor)) == [primary, f"-{other}"]
        asked = {each.ref.id: each.deleted for each in crm.read(COMPANIES, [other])}
    assert asked == {primary: False, other: True}


def test_a_deal_made_of_two_that_is_deleted_before_we_look_is_gone_with_both() -> None:
    portal = Portal()
    one, two, other = (a_deal(portal, name) for name in ("one", "two", "other"))
    with portal.connected() as crm:
        portal.days.sleep(60 * MINUTE)
        first = pulled(crm, DEALS)
        left = portal.merge("deals", one, two)
        portal.days.sleep(5 * MINUTE)
        portal.archive("deals", left)
        portal.days.sleep(60 * MINUTE)
        second = pulled(crm, DEALS, first[-1].cursor)
        gone = [each.ref.id for page in second for each in page.records if each.deleted]
        assert sorted(gone) == sorted([one, two, left])
        assert other not in gone


def test_a_first_read_tells_of_merged_deals_once_and_they_are_nobodys() -> None:
    portal = Portal()
    one, two = a_deal(portal), a_deal(portal)
    left = portal.merge("deals", one, two)
    portal.days.sleep(60 * MINUTE)
    with portal.connected() as crm:
        assert records(pulled(crm, DEALS)) == [left, f"-{one}", f"-{two}"]
        assert [each.id for page in crm.listing(DEALS) or () for each in page] == [left]


def test_never_asks_for_archived_meetings_which_hubspot_does_not_list() -> None:
    portal = Portal()
    with portal.connected() as crm:
        pulled(crm, MEETINGS)
    assert not [each for each in portal.asked if each.param("archived") == "true"]


def _unlisted(portal: Portal, said: str) -> list[str]:
    """HubSpot does not list archived companies: how often it was asked is kept."""
    answered, asked = portal.answer, list[str]()

    def answer(request: Request) -> Response:
        if request.param("archived") == "true" and request.path.endswith("/companies"):
            asked.append(request.path)
            return says(400, {"status": "error", "message": said, "correlationId": "1"})
        return answered(request)

    portal.answer = answer  # type: ignore[method-assign]
    return asked


def test_learns_from_hubspot_of_which_types_it_does_not_list_what_was_archived() -> None:
    portal = Portal()
    asked = _unlisted(
        portal, "Paging through deleted objects is not yet supported for object type 0-2 (COMPANY)"
    )  # the recorded words, of another type
    kept = portal.add("companies", name="Kept")
    portal.days.sleep(10 * MINUTE)
    with portal.connected() as crm:
        cursor = pulled(crm, COMPANIES)[-1].cursor
        assert crm.tells_of_deletions(COMPANIES)  # nobody has asked yet
        for round_ in (1, 2):
            portal.days.sleep(60 * MINUTE)
            portal.change("companies", kept, name=f"Kept {round_}")
            portal.days.sleep(5 * MINUTE)
            pages = pulled(crm, COMPANIES, cursor)
            cursor = pages[-1].cursor
            assert records(pages) == [kept]
            assert (crm.tells_of_deletions(COMPANIES), crm.tells_of_deletions(DEALS)) == (False, True)
    assert len(asked) == 1


def test_another_refusal_of_an_archive_is_not_taken_for_a_type_that_has_none() -> None:
    portal = Portal()
    asked = _unlisted(portal, "Invalid input")
    with portal.connected() as crm:
        cursor = pulled(crm, COMPANIES)[-1].cursor
        portal.days.sleep(60 * MINUTE)
        with pytest.raises(CrmUnavailable, match="Invalid input"):
            pulled(crm, COMPANIES, cursor)
        assert crm.tells_of_deletions(COMPANIES)
    assert asked


def test_goes_on_where_a_first_read_was_broken_off() -> None:
    portal = Portal()
    ids = [portal.add("companies", name=f"C{each}") for each in range(230)]
    portal.days.sleep(10 * MINUTE)
    with portal.connected() as crm:
        reading = crm.changed(COMPANIES, None)
        first = next(reading)
        reading.close()  # type: ignore[attr-defined]
        assert records([first]) == ids[:100]
        assert (first.last, first.cursor.covered) == (False, None)
        portal.days.sleep(60 * MINUTE)
        rest = pulled(crm, COMPANIES, first.cursor)
        assert records(rest) == ids[100:]
        assert rest[-1].cursor.covered == NOW + timedelta(minutes=8)  # the horizon of the read that was broken off


def test_goes_on_where_a_window_was_broken_off() -> None:
    portal = Portal()
    with portal.connected() as crm:
        start = pulled(crm, COMPANIES)[-1].cursor
        ids = [portal.add("companies", name=f"C{each}") for each in range(430)]
        portal.days.sleep(10 * MINUTE)
        reading = crm.changed(COMPANIES, start)
        first = next(reading)
        assert (records([first]), first.total) == (ids[:200], 430)
        portal.change("companies", ids[0], name="changed while we read")
        portal.change("companies", ids[300], name="changed while we read")
        portal.days.sleep(60 * MINUTE)
        rest = pulled(crm, COMPANIES, first.cursor)
        # What changed has left the window; nobody else is skipped for it.
        assert records(rest) == [each for each in ids[200:] if each != ids[300]]
        last = pulled(crm, COMPANIES, rest[-1].cursor)
        assert {ids[0], ids[300]} <= set(records(last))


def test_reads_more_than_ten_thousand_records_of_one_stamp() -> None:
    portal = Portal()
    with portal.connected() as crm:
        start = pulled(crm, COMPANIES)[-1].cursor
        for batch in range(101):
            inputs = [{"properties": {"name": f"C{batch}-{each}"}} for each in range(100)]
            portal.do("POST", "/crm/objects/2026-03/companies/batch/create", {"inputs": inputs})
        portal.days.sleep(10 * MINUTE)
        found = records(pulled(crm, COMPANIES, start))
    assert len(found) == len(set(found)) == 10_100


def test_finds_what_the_search_index_was_late_for() -> None:
    portal = Portal(switches=Switches(search_lag=timedelta(minutes=10), limits=False))
    with portal.connected() as crm:
        cursor = pulled(crm, COMPANIES)[-1].cursor
        portal.days.sleep(5 * MINUTE)
        late = portal.add("companies", name="late")
        portal.days.sleep(5 * MINUTE)
        missed = pulled(crm, COMPANIES, cursor)
        assert records(missed) == []
        portal.days.sleep(15 * MINUTE)
        assert records(pulled(crm, COMPANIES, missed[-1].cursor)) == [late]


def test_pulls_our_own_key_of_a_task_once_it_exists() -> None:
    portal = Portal()
    task = portal.add("tasks", hs_timestamp="2026-11-26T09:00:00Z")
    with portal.connected() as crm:
        assert "attain_alert_key" not in pulled(crm, TASKS)[0].records[0].fields
        body = {
            "name": "attain_alert_key",
            "label": "Key",
            "type": "string",
            "fieldType": "text",
            "hasUniqueValue": True,
        }
        portal.do("POST", "/crm/properties/2026-03/tasks", {**body, "groupName": group_of(portal, "tasks")})
        portal.change("tasks", task, attain_alert_key="ab12")
        assert pulled(crm, TASKS)[0].records[0].fields["attain_alert_key"] == "ab12"


def group_of(portal: Portal, obj: str) -> str:
    return str(portal.do("GET", f"/crm/properties/2026-03/{obj}/groups")["results"][0]["name"])


def test_stops_at_a_configured_property_that_hubspot_does_not_have() -> None:
    wrong = CrmMapping("hubspot", (SourceMap(RecordKind.DEAL, "deals", {"name": "dealnme", "amount": "amount"}),))
    portal = Portal()
    with (
        portal.connected(wrong) as crm,
        pytest.raises(SchemaDrifted, match=r"deals has no property `dealnme` .*`dealname`"),
    ):
        pulled(crm, DEALS)


def test_reads_properties_apart_when_they_would_not_fit_an_address() -> None:
    names = [f"a_property_with_a_rather_long_name_{at:03}" for at in range(150)]
    custom = {each: CustomField(each, Type.TEXT) for each in names}
    mapping = CrmMapping("hubspot", (SourceMap(RecordKind.ACCOUNT, "companies", {"name": "name"}, custom),))

    def answer(request: Request) -> Response:
        if request.path.startswith("/crm/properties"):
            return says(200, definitions("name", *names))
        if request.param("archived") == "true":
            return says(200, {"results": []})
        if request.path.endswith("/batch/read"):  # 52 was archived in the meantime
            gone = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"id": ["52"]}}
            return says(207, {"status": "COMPLETE", "results": [a_record("51", **{names[149]: "z"})], "errors": [gone]})
        return says(200, {"results": [a_record("51"), a_record("52")]})

    with talking_to(answer, mapping=mapping) as (crm, service):
        found = pulled(crm, COMPANIES)
        assert [each.param("properties") for each in service.asked if each.path.endswith("/companies")] == [""] * 2
    assert records(found) == ["51"]
    assert (found[0].records[0].fields[names[149]], found[0].records[0].fields["name"]) == ("z", None)


def test_costs_one_call_per_page_and_batch_and_no_more() -> None:
    portal = Portal()
    for _ in range(3):
        a_deal(portal)
    portal.days.sleep(10 * MINUTE)
    with portal.connected() as crm:
        cursor = pulled(crm, DEALS)[-1].cursor
        assert [each.path.rsplit("/", 1)[1] for each in portal.asked] == [
            "deals",
            "deals",
        ]  # definitions, living
        portal.asked.clear()
        pulled(crm, DEALS, cursor)
    paths = [each.path.removeprefix("/crm/").replace("/2026-03", "") for each in portal.asked]
    assert paths == [
        "properties/deals",
        "objects/deals/search",
        "associations/deals/companies/batch/read",
        "objects/deals",
    ]


def searched(pages: list[dict[str, object]]) -> tuple[list[str], list[tuple[str, str]]]:
    """Ids that a search of these pages brings, and where each request stood: (after, id to go on after)."""
    names = [*definitions_of(MAPPING, "companies")]
    rest = list(pages)

    def answer(request: Request) -> Response:
        if request.path.startswith("/crm/properties"):
            return says(200, definitions(*names))
        return says(200, rest.pop(0) if request.path.endswith("/search") else {"results": []})

    with talking_to(answer) as (crm, service):
        found = records(pulled(crm, COMPANIES, Cursor(NOW)))
        asked = [(each.get("after", ""), filters_of(each).get("GT", "")) for each in service.bodies("/search")]
    return found, asked


def filters_of(body: dict[str, Any]) -> dict[str, str]:
    return {each["operator"]: each["value"] for each in body["filterGroups"][0]["filters"]}


def a_page(*ids: str, after: str | int | None = None) -> dict[str, object]:
    page: dict[str, object] = {"total": 9, "results": [a_record(each) for each in ids]}
    return page if after is None else {**page, "paging": {"next": {"after": after}}}


def test_goes_on_past_an_empty_page_that_names_a_next_one() -> None:
    found, asked = searched([a_page("1", after="200"), a_page(after=200), a_page("7", after="201"), a_page()])
    assert found == ["1", "7"]
    assert asked == [("", ""), ("", "1"), ("200", "1"), ("", "7")]


def test_goes_by_offset_once_ids_do_not_come_in_order() -> None:
    found, asked = searched([a_page("1", "10", "9", after="3"), a_page("11", "12", after="5"), a_page("2")])
    assert found == ["1", "10", "9", "11", "12", "2"]
    assert asked == [("", ""), ("3", ""), ("5", "")]


def test_stops_rather_than_miss_what_lies_beyond_the_reach_of_a_search() -> None:
    with pytest.raises(CrmUnavailable, match="beyond HubSpot's 10,000 rows"):
        searched([a_page("2", "1", after="9801")])
