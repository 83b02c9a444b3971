"""Who shares a deal, from the stand-in portal: read with their deals, replaced without a trace, all or nothing by deal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connector.crm.hubspot.fields import SPLITS as OBJECT
from connector.model.changes import Wanted
from connector.model.records import RecordKind, Ref
from connector.normalise.mapping import SourceMap
from connector.ports import Crm, Page, Severity, Source
from tests.crm.hubspot.given import DEALS, MAPPING, Portal, a_deal, pulled

SPLITS = Source(RecordKind.SPLIT, OBJECT)
FIELDS = {"deal": "deal", "user": "hubspot_owner_id", "percent": "hs_deal_split_percentage"}
SHARED = replace(MAPPING, sources=(*MAPPING.sources, SourceMap(RecordKind.SPLIT, OBJECT, FIELDS)))
ANA, BO = "70100001", "70100008"  # the stand-in's owners
HOUR = 3600.0


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def crm(portal: Portal) -> Iterator[Crm]:
    with portal.connected(SHARED) as found:
        yield found


def _share(portal: Portal, deal: str, **shares: float) -> None:
    owners = {"ana": ANA, "bo": BO}
    splits = [{"ownerId": int(owners[who]), "percentage": share} for who, share in shares.items()]
    portal.do("POST", "/deal-splits/2026-03/batch/upsert", {"inputs": [{"id": int(deal), "splits": splits}]})


def _shares(pages: Sequence[Page]) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for each in (record for page in pages for record in page.records):
        fields: Any = each.fields
        found[fields["deal"], fields["hubspot_owner_id"]] = Decimal(fields["hs_deal_split_percentage"])
    return found


def test_every_share_of_every_deal_comes_with_what_it_is_complete_for(portal: Portal, crm: Crm) -> None:
    shared, alone = (a_deal(portal, hubspot_owner_id=ANA) for _ in range(2))
    _share(portal, shared, ana=0.6, bo=0.4)
    portal.days.sleep(HOUR)
    pages = pulled(crm, SPLITS)
    assert _shares(pages) == {(shared, ANA): Decimal("0.6"), (shared, BO): Decimal("0.4")}
    assert [each.id for page in pages for each in page.parts_of] == [shared, alone]
    assert pages[0].parts_of[0] == Ref("smb", "deals", shared)


def test_a_later_read_asks_for_the_deals_that_were_just_found(portal: Portal, crm: Crm) -> None:
    deals = [a_deal(portal, hubspot_owner_id=ANA) for _ in range(130)]
    portal.days.sleep(HOUR)
    found, shares = pulled(crm, DEALS)[-1].cursor, pulled(crm, SPLITS)[-1].cursor
    portal.days.sleep(HOUR)
    for each in deals:
        _share(portal, each, ana=0.5, bo=0.5)
    portal.days.sleep(HOUR)
    pulled(crm, DEALS, found)
    portal.asked.clear()
    pages = pulled(crm, SPLITS, shares)
    assert [each.path for each in portal.asked] == ["/deal-splits/2026-03/batch/read"] * 2
    assert [len(each.json()["inputs"]) for each in portal.asked] == [100, 30]
    assert len(_shares(pages)) == 260


def test_behind_its_deals_it_searches_for_itself(portal: Portal, crm: Crm) -> None:
    start = pulled(crm, SPLITS)[-1].cursor
    deal = a_deal(portal, hubspot_owner_id=ANA)
    _share(portal, deal, ana=1.0)
    portal.days.sleep(HOUR)
    portal.asked.clear()
    assert _shares(pulled(crm, SPLITS, start)) == {(deal, ANA): Decimal(1)}
    assert any(each.path.endswith("/search") for each in portal.asked)


def test_doctor_names_the_scope_that_is_missing(portal: Portal, crm: Crm) -> None:
    portal.box.allow("pat-eu1-secret", ["crm.objects.deals.read", "crm.schemas.deals.read"])
    found = {each.subject: each for each in crm.doctor(Wanted())}
    assert found[OBJECT].severity is Severity.ERROR
    assert "crm.dealsplits.read_write" in f"{found[OBJECT].text} {found[OBJECT].cure}"
    portal.box.allow("pat-eu1-secret")
    assert {each.subject: each for each in crm.doctor(Wanted())}[OBJECT].severity is Severity.OK
