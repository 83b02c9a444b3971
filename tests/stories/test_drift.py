"""Fields that are not what they were: the source pauses alone, says why, and goes on once somebody has looked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connector.flow.cycle import run_cycle
from connector.sandbox.town import HUBSPOT_TOKEN
from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from tests.cli.attain import Attain
from tests.faults.rows import differing
from tests.faults.village import Village
from tests.stories.describing import (
    CALLS,
    DEALS,
    OPPORTUNITY,
    described,
    is_now,
    later,
    of,
    offering,
    retired,
    without,
)


def edited(village: Village, amount: float) -> None:
    """A deal of each CRM."""
    [one] = village.soql("SELECT Id FROM Opportunity ORDER BY Id LIMIT 1")
    village.edit(f"Opportunity/{one['Id']}", {"Amount": amount})
    village.edit(f"deals/{village.objects('deals', 'amount')[0]['id']}", {"amount": str(amount)})


CASES = {
    "retyped in Salesforce": (
        OPPORTUNITY, "Amount", is_now(type="percent"),
        ["emea: Opportunity.Amount was currency, and is percent now"], "emea", "deal",
    ),
    "a stage is no more": (
        OPPORTUNITY, "StageName", without("Closed Won"),
        ["emea: Opportunity.StageName no longer knows `Closed Won`"], "emea", "deal",
    ),
    "retyped in HubSpot": (
        DEALS, "amount", is_now(type="string"), ["smb: deals.amount was number, and is string now",
                                                 "smb: deals.history.amount was number, and is string now"], "smb", "deal",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_became_something_else_pauses_its_source_until_it_is_accepted(
    village: Village, attain: Attain, case: str
) -> None:
    path, field, change, told, connection, kind = CASES[case]
    village.cycle()
    with described(village, path, field, change):
        edited(village, 4711)
        report = later(village)
        assert [str(each).splitlines()[0] for each in report.troubles] == told
        assert report.exit_code == 4
        assert not of(report, connection).stored[kind]
        assert sum(each.stored["deal"] for each in report.pulled) == 1, "the others went on"
        with village.wired():
            shown, swept, doctor = attain("drift"), attain("sweep"), attain("doctor")
        assert (shown.code, swept.code, doctor.code) == (4, 4, 3)
        for line in told:
            assert line in shown.err
            assert line in swept.err
            assert line.partition(": ")[2] in doctor.out
        assert differing(village) != [], "nothing of it was read in the meantime, by nobody"
        with village.wired():
            accepted = attain("drift", connection, "--accept")
            assert accepted.code == 0
            assert f"{connection}: {len(told)} source" in accepted.out
            assert "read once more" in attain("drift").out
        report = later(village)
        assert report.troubles == []
        assert of(report, connection).read[kind] >= village.records()[f"{connection} {kind}"]
        assert not later(village).troubles
        with village.wired():
            assert f"{connection}: every field is what it was" in attain("drift").out


def test_what_becomes_again_what_it_was_goes_on_by_itself(village: Village) -> None:
    village.cycle()
    with described(village, OPPORTUNITY, "Amount", is_now(type="percent")):
        edited(village, 4711)
        assert later(village).exit_code == 4
    assert later(village).troubles == []
    assert differing(village) == []


def test_within_one_process_too(village: Village) -> None:
    """`attain run` keeps its connections from cycle to cycle."""
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:

        def cycle() -> list[str]:
            village.time.sleep(3 * 3600)
            return [str(each).splitlines()[0] for each in run_cycle(house).troubles]

        assert cycle() == []
        retyped = [
            "smb: deals.amount was number, and is string now",
            "smb: deals.history.amount was number, and is string now",
        ]
        renamed = ["smb: deals has no property `amount` (did you mean `amount_old`?)"]
        for change, told in ((is_now(type="string"), retyped), (is_now(name="amount_old"), renamed)):
            with described(village, DEALS, "amount", change):
                assert cycle() == told
                assert cycle() == told
            assert cycle() == []
            assert cycle() == []


HARMLESS = {
    "a stage that is used no longer": (OPPORTUNITY, "StageName", retired("Prospecting")),
    "a value where each stands for itself": (OPPORTUNITY, "Type", offering("Renewal of a renewal")),
    "a value where the mapping leaves others to themselves": (CALLS, "hs_call_status", offering("REACHED")),
    "a list that is left out": (CALLS, "hs_call_status", is_now(options=[])),
    "a roomier text": (OPPORTUNITY, "Name", is_now(type="textarea")),
    "a label": (OPPORTUNITY, "Amount", is_now(label="Betrag")),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_means_the_same_pauses_nothing_and_nor_does_its_end(village: Village, case: str) -> None:
    village.cycle()
    with described(village, *HARMLESS[case]):
        edited(village, 4711)
        report = later(village)
    assert (report.troubles, sum(each.stored["deal"] for each in report.pulled)) == ([], 2)
    if "value" not in case and "text" not in case:
        assert later(village).troubles == []


def test_a_value_that_came_and_went_is_missed(village: Village) -> None:
    village.cycle()
    with described(village, OPPORTUNITY, "Type", offering("For a week")):
        assert later(village).troubles == []
    assert ["no longer knows `For a week`" in str(each) for each in later(village).troubles] == [True]


def test_a_list_that_was_left_out_is_remembered(village: Village) -> None:
    village.cycle()
    with described(village, CALLS, "hs_call_status", is_now(options=[])):
        assert later(village).troubles == []
    with described(village, CALLS, "hs_call_status", lambda field: field["options"].pop()):
        assert ["calls.hs_call_status no longer knows" in str(each) for each in later(village).troubles] == [True]


def stages_of(village: Village) -> list[dict[str, Any]]:
    """HubSpot's pipelines, as an admin sees them."""
    asked = Request("GET", "/crm/pipelines/2026-03/deals", [], {"authorization": f"Bearer {HUBSPOT_TOKEN}"}, b"")
    return list(json.loads(village.hubspot.answer(asked).body)["results"])


def by_stage(attain: Attain, village: Village, *lost: str) -> None:
    """HubSpot's deals are won or lost by their stages, as the mapping names them."""
    stages = [each for one in stages_of(village) for each in one["stages"]]
    won = [each["id"] for each in stages if each["metadata"].get("probability") == "1.0"]
    closed = [each["id"] for each in stages if each["metadata"].get("isClosed") == "true" and each["id"] not in won]
    text = (attain.folder / "mappings/hubspot.yaml").read_text(encoding="utf-8")
    start = text.index("\noutcome:") + 1
    end = text.index("\n\n", start)
    said = f"outcome: {{field: dealstage, won: {won}, lost: {[*closed, *lost]}}}"
    attain.write("mappings/hubspot.yaml", text[:start] + said + text[end:])


@contextmanager
def another_stage(village: Village, name: str) -> Iterator[None]:
    before = village.exchange

    def exchange(host: str, service: Service, request: Request) -> Response:
        found = before(host, service, request)
        if not request.path.endswith("/pipelines/2026-03/deals"):
            return found
        body = json.loads(found.body)
        stages = body["results"][0]["stages"]
        stages.append({**stages[0], "id": name, "label": name})
        return Response(found.status, found.headers, json.dumps(body).encode())

    village.exchange = exchange
    yield
    village.exchange = before


def test_a_new_stage_asks_whether_it_is_won_where_the_mapping_says_so_by_stage(
    village: Village, attain: Attain
) -> None:
    by_stage(attain, village)
    village.cycle()
    with another_stage(village, "lost_to_nobody"):
        edited(village, 4711)
        report = later(village)
        assert ["deals.dealstage offers `lost_to_nobody` now" in str(each) for each in report.troubles] == [True]
        with village.wired():
            accepted = attain("drift", "smb", "--accept")
        assert (accepted.code, "read once more" in accepted.out) == (0, False), "no record can be in it yet"
        report = later(village)
        assert (report.troubles, of(report, "smb").read["deal"]) == ([], 1)


def test_a_mapping_that_names_the_new_value_is_an_answer_too(village: Village, attain: Attain) -> None:
    by_stage(attain, village)
    village.cycle()
    with another_stage(village, "lost_to_nobody"):
        assert later(village).exit_code == 4
        by_stage(attain, village, "lost_to_nobody")
        report = later(village)
    assert (report.troubles, of(report, "smb").read["deal"]) == ([], village.records()["smb deal"])


def test_behind_a_source_that_is_denied_others_are_seen_and_accepted(village: Village, attain: Attain) -> None:
    village.cycle()

    def exchange(host: str, service: Service, request: Request) -> Response:
        if request.path.endswith("/properties/2026-03/companies"):
            return Response(
                403, {"Content-Type": "application/json"}, b'{"category": "MISSING_SCOPES", "message": "no"}'
            )
        return service.answer(request)

    village.exchange = exchange
    with described(village, CALLS, "hs_call_status", lambda field: field["options"].pop()):
        assert later(village).exit_code == 3
        with village.wired():
            assert attain("drift", "smb", "--accept").code == 3
        [denied] = later(village).troubles
        assert "calls" not in str(denied)
