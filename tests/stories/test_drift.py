"""Fields that are not what they were: the source pauses alone, says why, and goes on once somebody has looked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from connector.flow.cycle import CycleReport
from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from connector.store import streams
from connector.store.tables import deals
from tests.cli.attain import Attain
from tests.faults.rows import differing
from tests.faults.village import Village

FieldOf = Callable[[dict[str, Any]], None]
OPPORTUNITY, DEALS, CALLS = "/sobjects/Opportunity/describe", "/properties/2026-03/deals", "/properties/2026-03/calls"


@contextmanager
def described(village: Village, path: str, field: str, change: FieldOf) -> Iterator[None]:
    """While this lasts, a CRM describes one field of an object otherwise."""
    before, seen = village.exchange, [0]

    def exchange(host: str, service: Service, request: Request) -> Response:
        found = before(host, service, request)
        if request.method != "GET" or not request.path.endswith(path) or found.status != 200:
            return found
        body = json.loads(found.body)
        [mine] = [each for each in body.get("fields") or body["results"] if each["name"] == field]
        change(mine)
        seen[0] += 1
        return Response(found.status, found.headers, json.dumps(body).encode())

    village.exchange = exchange
    try:
        yield
    finally:
        village.exchange = before
        assert seen[0], f"nobody asked for {path}"


def is_now(**said: object) -> FieldOf:
    return lambda field: field.update(said)


def without(value: str) -> FieldOf:
    def change(field: dict[str, Any]) -> None:
        field["picklistValues"] = [each for each in field["picklistValues"] if each["value"] != value]

    return change


def retired(value: str) -> FieldOf:
    def change(field: dict[str, Any]) -> None:
        for each in field["picklistValues"]:
            each["active"] = each["active"] and each["value"] != value

    return change


def offering(value: str) -> FieldOf:
    def change(field: dict[str, Any]) -> None:
        told = "options" if "options" in field else "picklistValues"
        field[told] = [*field[told], {"value": value, "label": value, "active": True, "hidden": False}]

    return change


def later(village: Village) -> CycleReport:
    village.time.sleep(3 * 3600)
    return village.cycle()


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
    "a value that the mapping does not name": (
        CALLS, "hs_call_status", offering("REACHED"),
        ["smb: calls.hs_call_status offers `REACHED` now, and the mapping says of each value what it means"], "smb", "activity",
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
        mine = next(each for each in report.pulled if each.connection == connection)
        assert kind == "activity" or not mine.stored[kind]
        assert sum(each.stored["deal"] for each in report.pulled) == (2 if kind == "activity" else 1), (
            "the others went on"
        )
        with village.wired():
            shown = attain("drift")
            swept = attain("sweep")
            doctor = attain("doctor")
        assert (shown.code, swept.code, doctor.code) == (4, 4, 3)
        for line in told:
            assert line in shown.err
            assert line in swept.err
            assert line.partition(": ")[2] in doctor.out
        if kind == "deal":
            assert differing(village) != [], "nothing of it was read in the meantime, by nobody"
        with village.wired():
            accepted = attain("drift", connection, "--accept")
        assert accepted.code == 0
        assert f"{len(told)} source" in accepted.out
        report = later(village)
        assert report.troubles == []
        mine = next(each for each in report.pulled if each.connection == connection)
        assert mine.read[kind] >= sum(n for name, n in village.records().items() if name == f"{connection} {kind}")
        assert not later(village).troubles
        with village.wired():
            assert "Every field is what it was" in attain("drift").out


def test_what_becomes_again_what_it_was_goes_on_by_itself(village: Village) -> None:
    village.cycle()
    with described(village, OPPORTUNITY, "Amount", is_now(type="percent")):
        edited(village, 4711)
        assert later(village).exit_code == 4
    assert later(village).troubles == []
    assert differing(village) == []


HARMLESS = {
    "a stage that is used no longer": (OPPORTUNITY, "StageName", retired("Prospecting")),
    "a value where each stands for itself": (OPPORTUNITY, "Type", offering("Renewal of a renewal")),
    "a roomier text": (OPPORTUNITY, "Name", is_now(type="textarea")),
    "a label": (OPPORTUNITY, "Amount", is_now(label="Betrag")),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_means_the_same_pauses_nothing(village: Village, case: str) -> None:
    village.cycle()
    with described(village, *HARMLESS[case]):
        edited(village, 4711)
        report = later(village)
    assert (report.troubles, sum(each.stored["deal"] for each in report.pulled)) == ([], 2)


def test_a_value_that_came_and_went_is_missed(village: Village) -> None:
    village.cycle()
    with described(village, OPPORTUNITY, "Type", offering("For a week")):
        assert later(village).troubles == []
    assert ["no longer knows `For a week`" in str(each) for each in later(village).troubles] == [True]


def test_a_mapping_that_names_the_new_value_is_the_answer(village: Village, attain: Attain) -> None:
    village.cycle()
    with described(village, CALLS, "hs_call_status", offering("REACHED")):
        assert later(village).exit_code == 4
        named = "status: hs_call_status\n    constants: {type: call}\n    values:\n      status: {COMPLETED: completed"
        attain.edit("mappings/hubspot.yaml", named, f"{named}, REACHED: completed")
        report = later(village)
    calls = village.objects("calls", "hs_call_status")
    smb = next(each for each in report.pulled if each.connection == "smb")
    assert report.troubles == []
    assert calls
    assert smb.read["activity"] >= len(calls)


def test_what_a_new_mapping_says_holds_for_every_record_and_nothing_is_decided_on_half_of_them(
    village: Village, attain: Attain
) -> None:
    """The next step of a deal is mapped to another field: no deal moves, and all of them mean something else."""
    village.cycle()
    attain.edit("mappings/salesforce.yaml", "next_step: NextStep", "next_step: StageName")
    down = True

    def exchange(host: str, service: Service, request: Request) -> Response:
        asked = dict(request.query).get("q", "")
        if down and "FROM Opportunity " in asked and "SystemModstamp >=" not in asked:
            return Response(503)
        return service.answer(request)

    village.exchange = exchange
    report = later(village)
    assert report.exit_code == 4
    assert report.appraised is not None
    assert report.appraised.unread == ("emea",)
    down = False
    report = later(village)
    assert report.troubles == []
    assert report.appraised is not None
    assert report.appraised.unread == ()
    read = next(each.read["deal"] for each in report.pulled if each.connection == "emea")
    assert read == village.records()["emea deal"]
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        differ = tx.execute(
            select(deals.c.ref).where(deals.c.ref.startswith("emea:"), deals.c.next_step != deals.c.stage)
        )
        assert (differ.all(), streams.is_whole(tx, "emea")) == ([], True)
    assert later(village).pulled[0].read["deal"] == 0
