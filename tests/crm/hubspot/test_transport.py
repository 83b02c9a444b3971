"""One exchange with HubSpot: limits, silence, garbage and refusals, over real sockets."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from connector.errors import ConfigError, CrmDenied, CrmUnavailable
from connector.model.changes import Settled
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import Days, a_record, a_task, an_update, connected, says, talking_to

TEN_SECONDS = {
    "status": "error",
    "message": "You have reached your ten_secondly_rolling limit.",
    "errorType": "RATE_LIMIT",
    "policyName": "TEN_SECONDLY_ROLLING",
}
PER_SECOND = {"status": "error", "message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}
DAILY = {"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY"}
DONE = says(200, {"status": "COMPLETE", "results": [a_record("7")]})
LOST = Response(0)


def settled(answers: list[Response], days: Days) -> tuple[Settled, int]:
    """How one update ended, and how often it was sent."""
    with talking_to(answers, days) as (crm, service):
        return crm.write([an_update("7", attain_actual="1")])[0].settled, len(service.asked)


@pytest.mark.parametrize(("body", "wait"), [(TEN_SECONDS, 10.0), (PER_SECOND, 1.0)])
def test_waits_as_long_as_the_limit_lasts_when_no_header_says_so(body: dict[str, str], wait: float) -> None:
    days = Days()
    assert settled([says(429, body), DONE], days) == (Settled.WRITTEN, 2)
    assert days.naps == [wait]


def test_waits_as_long_as_retry_after_says() -> None:
    days = Days()
    assert settled([says(429, TEN_SECONDS, {"Retry-After": "7"}), DONE], days) == (Settled.WRITTEN, 2)
    assert days.naps == [7.0]


def test_does_not_knock_again_when_the_day_is_used_up() -> None:
    days = Days()
    assert settled([says(429, DAILY)], days) == (Settled.BUSY, 1)
    assert days.naps == []


@pytest.mark.parametrize(
    ("refusal", "untried", "waits"),
    [
        (says(429, DAILY), True, 3600.0),  # no reply names the account's midnight: once an hour is soon enough
        (says(429, DAILY, {"Retry-After": "7200"}), True, 7200.0),
        (says(503, {}), True, None),
        (says(477, {}, {"Retry-After": "30"}), True, 30.0),
        (says(423, {}), False, None),  # the record is locked: that is its own trouble
    ],
)
def test_tells_a_service_that_serves_nobody_from_a_record_in_trouble(
    refusal: Response, untried: bool, waits: float | None
) -> None:
    with talking_to([refusal] * 5) as (crm, _):
        receipt = crm.write([an_update("7", attain_actual="1")])[0]
    assert (receipt.settled, receipt.untried, receipt.retry_after) == (Settled.BUSY, untried, waits)


def test_sends_an_update_again_when_the_answer_was_lost() -> None:
    assert settled([LOST, DONE], Days()) == (Settled.WRITTEN, 2)


def test_remembers_a_lost_answer_when_later_attempts_are_only_refused_for_the_rate() -> None:
    assert settled([LOST, *[says(429, TEN_SECONDS)] * 4], Days()) == (Settled.UNKNOWN, 5)


def test_never_repeats_an_upsert_whose_answer_was_lost() -> None:
    with talking_to([LOST]) as (crm, service):
        receipt = crm.write([a_task("ab", hs_task_subject="x")])[0]
        assert (receipt.settled, len(service.asked)) == (Settled.UNKNOWN, 1)


@pytest.mark.parametrize(
    "garbled",
    [
        Response(200, {"Content-Type": "application/json"}, b"null"),
        Response(200, {"Content-Type": "application/json"}, b'{"status":"COMPLETE","results":[{"id":"7","prop'),
        Response(200, {"Content-Type": "application/json"}, b'{"status":"COMPLETE"}'),
        Response(200, {"Content-Type": "application/json"}, b'{"results":null}'),
        Response(200, {"Content-Type": "application/json"}, b'{"results":[null]}'),
        Response(200, {"Content-Type": "application/json"}, b'{"results":[{"properties":{}}]}'),
        Response(200, {"Content-Type": "text/html; charset=utf-8"}, "<p>Grüße".encode("latin-1")),
        Response(200, {"Content-Type": "text/html; charset=no-such"}, b"<p>"),
        Response(204),
    ],
)
def test_takes_a_success_without_the_right_shape_for_no_answer(garbled: Response) -> None:
    with talking_to([garbled]) as (crm, service):
        receipt = crm.write([a_task("ab", hs_task_subject="x")])[0]
        assert (receipt.settled, len(service.asked)) == (Settled.UNKNOWN, 1)
    assert settled([garbled, DONE], Days()) == (Settled.WRITTEN, 2)


def test_reads_the_status_of_an_error_page_that_is_not_utf_8() -> None:
    page = Response(404, {"Content-Type": "text/html;charset=iso-8859-1"}, "<h2>Fehler für …".encode("cp1252"))
    with talking_to([page]) as (crm, service):
        receipt = crm.write([an_update("7", attain_actual="1")])[0]
        assert (receipt.settled, len(service.asked)) == (Settled.REFUSED, 1)


@pytest.mark.parametrize("status", [500, 502, 503, 477])
def test_tries_again_when_hubspot_is_not_itself(status: int) -> None:
    assert settled([Response(status, {"Content-Type": "text/html"}, b"<h1>"), DONE], Days()) == (Settled.WRITTEN, 2)


def test_knows_that_503_means_not_begun_and_502_may_mean_done() -> None:
    for status, expected, sent in ((503, Settled.BUSY, 5), (502, Settled.UNKNOWN, 1)):
        with talking_to([says(status, {})] * 5) as (crm, service):
            receipt = crm.write([a_task("ab", hs_task_subject="x")])[0]
            assert (receipt.settled, len(service.asked)) == (expected, sent)


def test_stops_at_a_token_that_is_not_accepted() -> None:
    body = {"status": "error", "message": "Authentication credentials not found.", "category": "INVALID_AUTHENTICATION"}
    with talking_to([says(401, body)]) as (crm, service):
        with pytest.raises(CrmDenied, match="does not accept the token"):
            crm.schema()
        assert len(service.asked) == 1


def test_sends_the_token_to_the_dated_path_and_nowhere_into_an_error() -> None:
    def refuse(_: Request) -> Response:
        return says(400, {"status": "error", "message": "Unable to infer object type from: companies"})

    with talking_to(refuse) as (crm, service):
        with pytest.raises(CrmUnavailable) as refused:
            crm.schema()
        assert service.asked[0].headers["authorization"] == "Bearer pat-eu1-secret"
        assert service.asked[0].path == "/crm/properties/2026-03/companies"
        assert "secret" not in str(refused.value)


def test_gives_up_on_a_service_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        crm = connected(f"http://127.0.0.1:{taken.getsockname()[1]}", days := Days())
        with pytest.raises(CrmUnavailable, match="cannot be reached"):
            crm.schema()
        assert len(days.naps) == 4


def test_follows_no_redirect() -> None:
    elsewhere = Response(302, {"Location": "http://127.0.0.1:9/steal"})
    with talking_to([elsewhere] * 5) as (crm, service), pytest.raises(CrmUnavailable):
        crm.schema()
    assert len(service.asked) == 5


def test_sends_no_more_than_the_calls_it_may_in_ten_seconds() -> None:
    days = Days()
    start = days.time
    with talking_to(lambda _: DONE, days) as (crm, service):
        for _ in range(111):  # 110 are allowed
            crm.write([an_update("7", attain_actual="1")])
    assert len(service.asked) == 111
    assert days.time - start >= timedelta(seconds=10)


def told(most: int, left: int) -> dict[str, str]:
    """As recorded of a Free portal."""
    name = "X-HubSpot-RateLimit"
    return {f"{name}-Interval-Milliseconds": "10000", f"{name}-Max": str(most), f"{name}-Remaining": str(left)}


@pytest.mark.parametrize(
    ("headers", "calls", "seconds"),
    [
        (told(100, 50), 100, 0),
        (told(100, 50), 101, 10),
        (told(190, 50), 110, 0),  # ours is lower
        (told(190, 50), 111, 10),
        (told(190, 0), 2, 10),  # others have taken the rest
        ({}, 110, 0),
        ({"X-HubSpot-RateLimit-Max": "many", "X-HubSpot-RateLimit-Remaining": "0"}, 110, 0),
    ],
)
def test_keeps_to_the_limit_of_ten_seconds_that_hubspot_tells(
    headers: dict[str, str], calls: int, seconds: float
) -> None:
    days = Days()
    start = days.time
    answer = says(200, {"status": "COMPLETE", "results": [a_record("7")]}, headers)
    with talking_to(lambda _: answer, days) as (crm, service):
        for _ in range(calls):
            crm.write([an_update("7", attain_actual="1")])
    assert len(service.asked) == calls
    assert (days.time - start).total_seconds() == pytest.approx(seconds, abs=0.01)


@pytest.mark.parametrize(
    ("options", "says_"),
    [
        ({"token": " "}, "token is missing"),
        ({"base_url": "http://api.hubapi.com"}, "unencrypted"),
        ({"base_url": "ftp://x"}, "no web address"),
        ({"version": "v3"}, "`v3` is no version"),
        ({"searches_per_second": "0"}, "searches_per_second"),
    ],
)
def test_refuses_options_that_cannot_be_obeyed(options: dict[str, str], says_: str) -> None:
    with pytest.raises(ConfigError, match=says_):
        connected("http://127.0.0.1:1", Days(), options=options)
