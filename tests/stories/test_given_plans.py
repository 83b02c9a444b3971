"""A plan that lies in a file for a while: made of everything, still asked for, and carried out wherever it may be."""

from __future__ import annotations

import json

import pytest

from connector.sandbox.wire import Request, Response, Service
from tests.cli.attain import Attain
from tests.faults.village import HUBSPOT, Village


def deals_are_not_given(village: Village) -> None:
    """HubSpot answers everything but for its deals."""

    def exchange(host: str, service: Service, request: Request) -> Response:
        if host == HUBSPOT and "deals" in request.path:
            return Response(503, {}, b"")
        return service.answer(request)

    village.exchange = exchange


def test_half_a_picture_is_no_plan(village: Village, attain: Attain) -> None:
    whole = village.exchange
    deals_are_not_given(village)
    with village.wired():
        assert attain("sync").code == 4
        village.exchange = whole
        village.time.sleep(3600)
        seen = attain("plan")
        kept = attain("plan", "--out", "half.json")
        offline = attain("plan", "--offline")
    assert (seen.code, "smb was not read to the end yet" in seen.err) == (0, True), seen
    assert (kept.code, "half.json: not made: `attain sync` first" in kept.err) == (4, True), kept
    assert not (village.folder / "half.json").exists()
    assert "smb was not read to the end yet" in offline.err


def switched_off(village: Village) -> str:
    """Nothing may be written any more; returns the config as it was."""
    on = village.config.read_text()
    village.config.write_text(on.replace("write: on", "write: off"))
    return on


def alerts_of(village: Village, plan: str) -> list[str]:
    """Keys of the alerts in a plan's file."""
    connections = json.loads((village.folder / plan).read_text())["connections"]
    return sorted(row["key"] for rows in connections.values() for row in rows if row["once"])


def test_an_alert_that_nobody_would_raise_today_is_not_told_out_of_a_file(village: Village, attain: Attain) -> None:
    on = switched_off(village)
    with village.wired():
        attain("sync")
        attain("plan", "--out", "november.json")
        village.time.sleep(40 * 86_400)  # the quarter is over, and so is what was to be told of it
        attain("sync")
        village.config.write_text(on)
        old = alerts_of(village, "november.json")
        assert old
        done = attain("apply", "november.json")
    assert (done.code, done.err.count("not written: today's plan does not ask for it")) == (1, len(old)), done
    assert not village.told()


def test_where_a_file_may_not_be_written_it_says_so_and_may_be_later(village: Village, attain: Attain) -> None:
    on = switched_off(village)
    with village.wired():
        attain("sync")
        attain("plan", "--out", "plan.json")
        asked = alerts_of(village, "plan.json")
        village.config.write_text(on.replace("write: on", "write: off", 1))  # of emea
        first = attain("apply", "plan.json")
        assert (first.code, "emea may not be written to: say `write: on`" in first.err) == (1, True), first
        assert "records written" in first.out
        assert village.soql("SELECT Id FROM Attain_Attainment__c") == []
        village.config.write_text(on)
        second = attain("apply", "plan.json")
        assert (second.code, "smb: this plan was applied there already" in second.err) == (0, True), second
        assert village.soql("SELECT Id FROM Attain_Attainment__c") != []
        assert sorted(village.told()) == asked != []
        third = attain("apply", "plan.json")
    assert (third.code, "this plan was applied already; nothing was written" in third.err) == (1, True), third


def shut(village: Village, answer: int) -> None:
    """HubSpot answers nobody, or lets nobody in."""

    def exchange(host: str, service: Service, request: Request) -> Response:
        return Response(answer, {}, b"{}") if host == HUBSPOT else service.answer(request)

    village.exchange = exchange


def in_hubspot(village: Village) -> list[str]:
    """Users that show something of ours."""
    people = village.shown()["people"]
    return [key for key, shown in people.items() if any(value not in (None, "") for value in shown.values())]


@pytest.mark.parametrize(("answer", "code"), [(503, 4), (401, 3)])
def test_a_crm_that_is_down_or_shut_keeps_nobody_from_the_other(
    village: Village, attain: Attain, answer: int, code: int
) -> None:
    on, open_to_all = switched_off(village), village.exchange

    with village.wired():
        attain("sync")
        village.config.write_text(on)
        shut(village, answer)
        shown = attain("plan", "--json")
        emea, smb = json.loads(shown.out)
        assert (shown.code, bool(emea["rows"]), smb["rows"], smb["trouble"][:4]) == (code, True, [], "smb:"), shown
        village.time.sleep(3600)  # who is not let in asks again after minutes
        said = attain("plan", "--out", "plan.json")
        assert (said.code, "smb: not planned" in said.out, "without smb" in said.err) == (code, True, True), said
        assert list(json.loads((village.folder / "plan.json").read_text())["connections"]) == ["emea"]
        village.exchange = open_to_all
        village.time.sleep(3600)
        attain("plan", "--out", "both.json")
        shut(village, answer)
        done = attain("apply", "both.json")
        assert (done.code, done.err.count("smb:") >= 1, "records written" in done.out) == (code, True, True), done
        assert village.soql("SELECT Id FROM Attain_Attainment__c") != []
        village.exchange = open_to_all
        village.time.sleep(3600)
        done = attain("apply", "both.json")
        assert (done.code, "emea: this plan was applied there already" in done.err) == (0, True), done


def test_what_a_run_wrote_is_taken_back_where_the_crm_answers(village: Village, attain: Attain) -> None:
    run, open_to_all = village.cycle().run_id, village.exchange
    assert in_hubspot(village)
    with village.wired():
        shut(village, 503)
        undone = attain("undo", run, "--apply")
        assert (undone.code, "smb:" in undone.err) == (4, True), undone
        assert village.soql("SELECT Id FROM Attain_Attainment__c") == []
        village.exchange = open_to_all
        assert in_hubspot(village)
        village.time.sleep(3600)
        later = attain("undo", run, "--apply")
    assert later.code == 1  # what was taken back already is refused
    assert not in_hubspot(village)
