"""When deals entered their stages, from the versions that the stand-in portal keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connector.model.records import RecordKind
from connector.normalise.mapping import SourceMap
from tests.crm.hubspot.given import DEALS, HISTORY, MAPPING, NOW, Portal, a_deal, pulled

MINUTE = 60.0


def test_tells_every_stage_a_deal_entered_with_its_moment() -> None:
    portal = Portal()
    deal = a_deal(portal)
    portal.days.sleep(60 * MINUTE)
    portal.change("deals", deal, dealstage="offered")
    portal.days.sleep(60 * MINUTE)
    with portal.connected() as crm:
        first = pulled(crm, HISTORY)
        portal.days.sleep(120 * MINUTE)
        portal.change("deals", deal, dealstage="signed")
        portal.days.sleep(5 * MINUTE)
        second = pulled(crm, HISTORY, first[-1].cursor)
    noon, one = int(NOW.timestamp() * 1000), int((NOW + timedelta(hours=1)).timestamp() * 1000)
    assert [(each.ref.id, each.fields["dealstage"], each.fields["deal"]) for each in first[0].records] == [
        (f"{deal}-{one}", "offered", deal),
        (f"{deal}-{noon}", "talking", deal),
    ]
    assert [(each.modified_at, each.fields["dealstage"]) for each in second[0].records] == [
        (NOW + timedelta(minutes=240), "signed")
    ]


def test_reads_histories_of_the_deals_that_were_just_found_without_searching_again() -> None:
    portal = Portal()
    with portal.connected() as crm:
        deals, history = pulled(crm, DEALS)[-1].cursor, pulled(crm, HISTORY)[-1].cursor
        ids = [a_deal(portal) for _ in range(60)]
        portal.days.sleep(10 * MINUTE)
        found = pulled(crm, DEALS, deals)
        portal.asked.clear()
        told = pulled(crm, HISTORY, history)
        assert [each.path.rsplit("/", 2)[-2:] for each in portal.asked] == [
            ["batch", "read"],  # 50 deals, by the definitions that came with them
            ["batch", "read"],  # 10 deals
        ]
        assert [each.fields["deal"] for page in told for each in page.records] == ids
        assert told[-1].cursor.covered == found[-1].cursor.covered
        portal.asked.clear()
        pulled(crm, HISTORY, told[-1].cursor)  # nothing was walked in between: it searches for itself
        assert portal.asked[1].path.endswith("/search")


def test_searches_for_itself_when_the_histories_are_behind_the_deals() -> None:
    portal = Portal()
    with portal.connected() as crm:
        history = pulled(crm, HISTORY)[-1].cursor
        deal = a_deal(portal)
        portal.days.sleep(120 * MINUTE)
        deals = pulled(crm, DEALS)[-1].cursor
        portal.days.sleep(10 * MINUTE)
        pulled(crm, DEALS, deals)  # a window that does not reach back to the deal
        assert [each.fields["deal"] for page in pulled(crm, HISTORY, history) for each in page.records] == [deal]


def test_tells_how_a_deal_stood_at_each_moment_that_anything_changed() -> None:
    followed = {
        "deal": "deal",
        "stage": "dealstage",
        "amount": "amount",
        "closed_on": "closedate",
        "owner": "hubspot_owner_id",
        "changed_at": "timestamp",
    }
    sources = [each for each in MAPPING.sources if each.kind is not RecordKind.STAGE_CHANGE]
    mapping = replace(MAPPING, sources=(*sources, SourceMap(RecordKind.STAGE_CHANGE, "deals.history", followed)))
    portal = Portal()
    deal = a_deal(portal, amount="100", closedate="2026-12-01")
    portal.days.sleep(60 * MINUTE)
    portal.change("deals", deal, dealstage="offered", amount="150")
    portal.days.sleep(60 * MINUTE)
    with portal.connected(mapping) as crm:
        first = pulled(crm, HISTORY)
        portal.days.sleep(120 * MINUTE)
        portal.change("deals", deal, closedate="2027-01-15")
        portal.days.sleep(5 * MINUTE)
        second = pulled(crm, HISTORY, first[-1].cursor)
    told = [
        (each.modified_at - NOW, each.fields["dealstage"], each.fields["amount"], str(each.fields["closedate"])[:10])
        for each in [*first[0].records, *second[0].records]
    ]
    assert told == [
        (timedelta(minutes=60), "offered", "150", "2026-12-01"),
        (timedelta(0), "talking", "100", "2026-12-01"),
        (timedelta(minutes=240), "offered", "150", "2027-01-15"),
    ]


def test_stages_before_the_versions_that_are_kept_come_from_the_stage_timing() -> None:
    """A deal came into its first two stages once, and went to and fro between two others since: 26 changes, 20 kept."""
    portal = Portal()
    busy, quiet = a_deal(portal), a_deal(portal)
    portal.days.sleep(60 * MINUTE)
    portal.change("deals", busy, dealstage="offered")
    for _ in range(12):
        for stage in ("signed", "dropped"):
            portal.days.sleep(60 * MINUTE)
            portal.change("deals", busy, dealstage=stage)
    with portal.connected() as crm:
        portal.asked.clear()
        told = [each for page in pulled(crm, HISTORY) for each in page.records]
        stages = [(each.modified_at - NOW, each.fields["dealstage"]) for each in told if each.fields["deal"] == busy]
        assert len(stages) == 22
        assert stages[-2:] == [(timedelta(hours=1), "offered"), (timedelta(0), "talking")]
        assert stages[-3][1] == "signed", "the oldest of those that are kept"
        assert [each.fields["dealstage"] for each in told if each.fields["deal"] == quiet] == ["talking"]
        reads = [each for each in portal.asked if each.path.endswith("/batch/read")]
        assert [len(each.json()["inputs"]) for each in reads] == [1], "only of what was cut off"


def test_nobody_asks_for_stage_timing_where_no_history_was_cut_off() -> None:
    portal = Portal()
    a_deal(portal)
    with portal.connected() as crm:
        portal.asked.clear()
        pulled(crm, HISTORY)
        assert [each.path.rsplit("/", 1)[-1] for each in portal.asked] == ["deals", "deals"]


def test_the_whole_past_of_a_deal_made_of_two_is_told_by_the_read_that_finds_it_and_by_no_later_one() -> None:
    """12:00 both talk; 13:00 one is offered; 14:00 the other is dropped; merged on the day after, the first being primary."""
    portal = Portal()
    one, other = a_deal(portal, "One"), a_deal(portal, "Other")
    portal.days.sleep(60 * MINUTE)
    portal.change("deals", one, dealstage="offered")
    portal.days.sleep(60 * MINUTE)
    portal.change("deals", other, dealstage="dropped")
    portal.days.sleep(60 * MINUTE)
    with portal.connected() as crm:
        deals, first = pulled(crm, DEALS), pulled(crm, HISTORY)
        portal.days.sleep(24 * 60 * MINUTE)
        left = portal.merge("deals", one, other)
        portal.days.sleep(60 * MINUTE)
        deals = pulled(crm, DEALS, deals[-1].cursor)
        second = pulled(crm, HISTORY, first[-1].cursor)
        told = [(each.modified_at - NOW, each.fields["dealstage"]) for each in second[0].records]
        # What the other one came to is older than the merge, which sets what the primary one showed.
        assert told == [
            (timedelta(hours=27), "offered"),
            (timedelta(hours=2), "dropped"),
            (timedelta(hours=1), "offered"),
            (timedelta(0), "talking"),
        ]
        assert {each.fields["deal"] for each in second[0].records} == {left}
        assert len({each.ref for each in second[0].records}) == 4
        portal.days.sleep(60 * MINUTE)
        portal.change("deals", left, dealstage="signed")
        portal.days.sleep(60 * MINUTE)
        third = pulled(crm, HISTORY, second[-1].cursor)
    assert [(each.modified_at - NOW, each.fields["dealstage"]) for each in third[0].records] == [
        (timedelta(hours=29), "signed")
    ]
