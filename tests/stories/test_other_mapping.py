"""What a changed mapping says holds for every record: its source is read once more, and nothing is decided on half of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import select

from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from connector.store import streams
from connector.store.tables import activities, deals, stage_changes
from tests.cli.attain import Attain
from tests.faults.village import Village
from tests.stories.describing import later, of


def of_opportunities(request: Request) -> bool:
    return "FROM Opportunity " in dict(request.query).get("q", "")


@contextmanager
def refused(village: Village, which: Callable[[Request], bool]) -> Iterator[list[Request]]:
    """While this lasts, such requests get no answer; the others are noted."""
    asked = list[Request]()

    def exchange(host: str, service: Service, request: Request) -> Response:
        if which(request):
            return Response(503)
        asked.append(request)
        return service.answer(request)

    village.exchange = exchange
    yield asked
    village.exchange = lambda _host, service, request: service.answer(request)


def test_what_a_new_mapping_says_holds_for_every_record_and_nothing_is_decided_on_half_of_them(
    village: Village, attain: Attain
) -> None:
    """The source of a deal is mapped to another field: no deal moves, and all of them mean something else."""
    village.cycle()
    attain.edit("mappings/salesforce.yaml", "source: LeadSource", "source: StageName")
    with refused(village, lambda each: of_opportunities(each) and "SystemModstamp >=" not in dict(each.query)["q"]):
        report = later(village)
        assert report.exit_code == 4
        assert report.appraised is not None
        assert report.appraised.unread == ("emea",)
    report = later(village)
    assert report.troubles == []
    assert report.appraised is not None
    assert report.appraised.unread == ()
    assert of(report, "emea").read["deal"] == village.records()["emea deal"]
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        differ = tx.execute(select(deals.c.ref).where(deals.c.ref.startswith("emea:"), deals.c.source != deals.c.stage))
        assert (differ.all(), streams.is_whole(tx, "emea")) == ([], True)
    assert of(later(village), "emea").read["deal"] == 0


def test_reading_once_more_goes_on_where_it_was_broken_off(village: Village, attain: Attain) -> None:
    village.cycle()
    attain.edit("mappings/hubspot.yaml", "next_step: hs_next_step", "next_step: dealname")
    pages = list[str | None]()

    def listing(request: Request) -> bool:
        is_of_deals = request.method == "GET" and request.path.endswith("/objects/2026-03/deals")
        return is_of_deals and ("archived", "true") not in request.query

    def exchange(host: str, service: Service, request: Request) -> Response:
        if not listing(request):
            return service.answer(request)
        if len(pages) == 2:
            return Response(503)
        pages.append(dict(request.query).get("after"))
        small = replace(request, query=[(name, "5" if name == "limit" else each) for name, each in request.query])
        return service.answer(small)

    village.exchange = exchange
    assert later(village).exit_code == 4
    first, second = pages
    assert (first, second is None) == (None, False)
    with refused(village, lambda _: False) as asked:
        assert later(village).troubles == []
    begun = [dict(each.query).get("after") for each in asked if listing(each)]
    assert begun[0] == second, "behind the page that is kept; the one that was under way is read again"


def test_a_first_read_that_never_ended_is_read_once_by_the_new_mapping(village: Village, attain: Attain) -> None:
    with refused(village, of_opportunities):
        assert village.cycle().exit_code == 4
    attain.edit("mappings/salesforce.yaml", "source: LeadSource", "source: StageName")
    assert of(later(village), "emea").read["deal"] == village.records()["emea deal"]


def test_a_history_of_which_the_crm_keeps_a_part_stays_as_it_was_read(village: Village, attain: Attain) -> None:
    village.cycle()

    def kept() -> set[tuple[object, ...]]:
        with (
            wiring.house(village.config, world=village.time.world, connect=False) as house,
            house.store.reading() as tx,
        ):
            return {tuple(each) for each in tx.execute(select(stage_changes)) if str(each.ref).startswith("smb:")}

    before = kept()
    attain.edit("mappings/hubspot.yaml", "      owner: hubspot_owner_id\n      changed_at", "      changed_at")
    report = later(village)
    assert (report.troubles, of(report, "smb").read["stage_change"]) == ([], 0)
    assert kept() == before
    assert before


def test_what_is_nobodys_business_by_the_new_mapping_leaves(village: Village, attain: Attain) -> None:
    """Tasks that carry a key of another system count no longer, once the mapping says so."""
    village.cycle()
    [one] = village.soql("SELECT Id FROM Task WHERE Subject != null ORDER BY Id LIMIT 1")
    attain.edit("mappings/salesforce.yaml", "key: Attain_Key__c              #", "key: Subject  #")
    assert later(village).troubles == []
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        kept = tx.execute(select(activities.c.deleted_at).where(activities.c.ref == f"emea:Task/{one['Id']}")).scalar()
    assert kept is not None
