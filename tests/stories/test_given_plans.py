"""A plan that lies in a file for a while: made of everything, still asked for, and carried out wherever it may be."""

from __future__ import annotations

import json

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


def alerts_of(village: Village, plan: str) -> list[str]:
    """Keys of the alerts in a plan's file."""
    connections = json.loads((village.folder / plan).read_text())["connections"]
    return sorted(row["key"] for rows in connections.values() for row in rows if row["once"])


def test_an_alert_that_nobody_would_raise_today_is_not_told_out_of_a_file(village: Village, attain: Attain) -> None:
    on = village.config.read_text()
    village.config.write_text(on.replace("write: on", "write: off"))
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
