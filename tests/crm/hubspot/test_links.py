"""Links that are made after a record was read: no stamp moves, so lists tell them, and webhooks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from connector.crm.hubspot import wire
from connector.model.hints import Hint, Knock
from connector.model.records import RecordKind
from connector.ports import Crm, Source, Stamp
from connector.sandbox.serve import serve
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import (
    COMPANIES,
    DEALS,
    MAPPING,
    MEETINGS,
    TASKS,
    Portal,
    a_deal,
    a_record,
    connected,
    definitions,
    pulled,
    records,
    says,
    talking_to,
)

URL, SECRET = "https://attain.example.com/hints/smb", "00000000-app-secret"
HOUR = 3600
PLAIN, PRIMARY, MEETING_TO_DEAL = 341, 5, 212


def _a_meeting(portal: Portal) -> str:
    at = "2026-11-25T10:00:00Z"
    return portal.add("meetings", hs_timestamp=at, hs_meeting_start_time=at)


def _listed(crm: Crm, source: Source) -> list[Stamp]:
    return [each for page in crm.listing(source) or () for each in page]


def test_a_meeting_that_is_put_on_a_deal_later_moves_no_stamp_and_the_list_shows_it() -> None:
    portal = Portal()
    deal, company, meeting = a_deal(portal), portal.add("companies", name="C"), _a_meeting(portal)
    portal.days.sleep(HOUR)
    with portal.connected() as crm:
        meetings, deals = pulled(crm, MEETINGS), pulled(crm, DEALS)
        read = meetings[0].records[0]
        assert (read.fields["associations.deals"], read.fields["associations.companies"]) == (None, None)
        portal.days.sleep(HOUR)
        portal.link("meetings", meeting, "deals", deal, MEETING_TO_DEAL)
        portal.link("deals", deal, "companies", company, PRIMARY)
        portal.days.sleep(3 * HOUR)
        assert records(pulled(crm, MEETINGS, meetings[-1].cursor)) == []
        assert records(pulled(crm, DEALS, deals[-1].cursor)) == []
        assert _listed(crm, MEETINGS) == [Stamp(meeting, read.modified_at, {"deal": deal, "account": None})]
        [row] = _listed(crm, DEALS)
        assert row.points_at == {"account": company}
        assert crm.read(MEETINGS, [meeting])[0].fields["associations.deals"] == deal
        portal.do(
            "POST",
            "/crm/associations/2026-03/deals/companies/batch/archive",
            {"inputs": [{"from": {"id": deal}, "to": [{"id": company}]}]},
        )
        assert [each.points_at for each in _listed(crm, DEALS)] == [{"account": None}]


def test_the_list_costs_as_many_calls_with_links_as_without() -> None:
    """205 deals in pages of 100: three calls; what a mapping does not ask for is not asked for."""
    portal = Portal()
    for number in range(205):
        a_deal(portal, f"Deal {number}")
    with portal.connected() as crm:
        portal.asked.clear()
        assert len(_listed(crm, DEALS)) == 205
        lists = [each for each in portal.asked if each.path.endswith("/deals")]
        assert [each.param("associations") for each in lists if not each.path.startswith("/crm/prop")] == [
            "companies"
        ] * 3
        portal.asked.clear()
        assert all(each.points_at == {} for each in (*_listed(crm, COMPANIES), *_listed(crm, TASKS)))
        assert not [each for each in portal.asked if each.param("associations")]


def test_nothing_is_compared_of_objects_that_the_mapping_does_not_read() -> None:
    """Without companies no account is kept of a deal: none could differ."""
    portal = Portal()
    a_deal(portal)
    lone = replace(MAPPING, sources=tuple(each for each in MAPPING.sources if each.kind is not RecordKind.ACCOUNT))
    with portal.connected(lone) as crm:
        assert [each.points_at for each in _listed(crm, DEALS)] == [{}]


def test_a_list_and_a_batch_choose_the_same_of_several() -> None:
    """The primary one, or else the lowest number: 99 is lower than 100."""
    portal = Portal()
    deal = a_deal(portal)
    companies = [portal.add("companies", name=name) for name in "ABC"]
    for company in (companies[2], companies[0], companies[1]):
        portal.link("deals", deal, "companies", company, PLAIN)
    with portal.connected() as crm:
        assert [each.points_at["account"] for each in _listed(crm, DEALS)] == [companies[0]]
        assert crm.read(DEALS, [deal])[0].fields["associations.companies"] == companies[0]
        portal.link("deals", deal, "companies", companies[1], PRIMARY)
        assert [each.points_at["account"] for each in _listed(crm, DEALS)] == [companies[1]]
        assert crm.read(DEALS, [deal])[0].fields["associations.companies"] == companies[1]
    partners: list[dict[str, Any]] = [{"toObjectId": each, "associationTypes": []} for each in (100, 99)]
    answered = {"status": "COMPLETE", "results": [{"from": {"id": "1"}, "to": partners}]}
    assert wire.links(answered) == {"1": "99"}
    row = a_record("1") | {
        "associations": {"deals": {"results": [{"id": "100", "type": "a"}, {"id": "99", "type": "a"}]}}
    }
    assert wire.found(row).linked == {"deals": "99"}


def _cut(*types: str) -> dict[str, Any]:
    """Companies of a deal, with more of them on a page of their own."""
    rows = [{"id": str(100 + at), "type": each} for at, each in enumerate(types)]
    return {"companies": {"results": rows, "paging": {"next": {"after": "9", "link": "https://api.hubapi.com/x"}}}}


@pytest.mark.parametrize(
    ("types", "told"),
    [
        (("deal_to_company_unlabeled",), {}),
        (("deal_to_company_unlabeled", "deal_to_company_unlabeled", "deal_to_company"), {"account": "102"}),
    ],
)
def test_an_association_list_that_is_cut_off_is_not_compared_unless_it_shows_the_primary_one(
    types: tuple[str, ...], told: dict[str, str]
) -> None:
    rows = [a_record("501") | {"associations": _cut(*types)}]

    def answer(request: Request) -> Response:
        if request.path.startswith("/crm/properties"):
            return says(200, definitions("dealname", "hubspot_owner_id", "dealstage", "amount", "deal_currency_code",
                                         "closedate", "hs_is_closed_won", "hs_is_closed"))  # fmt: skip
        if request.path.endswith("/batch/read"):
            one = {"from": {"id": "501"}, "to": [{"toObjectId": 7, "associationTypes": [{"label": "Primary"}]}]}
            return says(200, {"status": "COMPLETE", "results": [one]})
        return says(200, {"results": rows})

    with talking_to(answer) as (crm, service):
        assert [each.points_at for each in _listed(crm, DEALS)] == [told]
        [page] = pulled(crm, DEALS)
        chosen = page.records[0].fields["associations.companies"]
    # A first read asks for what was cut off, and for nothing else.
    assert chosen == (told.get("account") or "7")
    assert len(service.bodies("/batch/read")) == (0 if told else 1)


def test_webhooks_of_a_link_name_both_of_its_ends() -> None:
    portal = Portal()
    deal, meeting = a_deal(portal), _a_meeting(portal)
    portal.box.subscribe(URL, SECRET)
    portal.link("meetings", meeting, "deals", deal, MEETING_TO_DEAL)
    found: list[Hint] = []
    with serve(portal) as served:
        crm = connected(served.url, portal.days, options={"webhooks": URL, "app_secret": SECRET})
        [request] = portal.box.webhooks()
        sent = json.loads(request.body)
        crm.hear(Knock("POST", "", request.headers, request.body), found.extend)
        crm.close()
    assert sorted(found) == [Hint("deals", deal), Hint("meetings", meeting)]
    assert [(each["fromObjectTypeId"], each["toObjectTypeId"]) for each in sent] == [("0-47", "0-3"), ("0-3", "0-47")]
    assert [(each["associationType"], each["associationTypeId"]) for each in sent] == [
        ("MEETING_TO_DEAL", 212), ("DEAL_TO_MEETING", 211),
    ]  # fmt: skip
    assert not [each for each in sent if "objectId" in each]
