"""Logging in, renewing, waiting, giving up: what the client does when the wire is difficult."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization

from connector.crm.salesforce import session
from connector.crm.salesforce.errors import translated
from connector.crm.salesforce.grants import faults, login_of
from connector.crm.salesforce.org import exact_json
from connector.crm.salesforce.session import usage
from connector.errors import CrmDenied, CrmUnavailable, NobodyServed, Place
from connector.sandbox.wire import Request, Response
from tests.crm.salesforce.conftest import Time, settings
from tests.crm.salesforce.wire import EMPTY, EXPIRED, Scripted, refusal, reply, talking_to

QUERY = "SELECT Id FROM Opportunity"


# Logging in


def test_signs_a_short_lived_jwt_for_the_integration_user(time: Time, private_key: str) -> None:
    service = Scripted(EMPTY)
    with talking_to(service, time, private_key) as org:
        org.query(QUERY)
    form = parse_qs(service.requests[0].body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    key = serialization.load_pem_private_key(private_key.encode(), None)
    claims = jwt.decode(
        form["assertion"][0],
        key.public_key(),  # type: ignore[arg-type]
        algorithms=["RS256"],
        audience="https://login.salesforce.com",
        options={"verify_exp": False},
    )
    assert (claims["iss"], claims["sub"]) == ("3MVG9.attain", "attain@example.com")
    assert datetime.fromtimestamp(claims["exp"], UTC) - time.now == timedelta(minutes=3)


def test_logs_in_with_client_credentials_where_there_is_no_key(time: Time) -> None:
    service = Scripted(EMPTY)
    given = {"username": "", "client_secret": "s3cret", "login_url": "https://acme.my.salesforce.com"}
    with talking_to(service, time, "", **given) as org:
        org.query(QUERY)
    form = parse_qs(service.requests[0].body.decode())
    assert form == {"grant_type": ["client_credentials"], "client_id": ["3MVG9.attain"], "client_secret": ["s3cret"]}


@pytest.mark.parametrize(
    ("login_url", "audience"),
    [
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
    ],
)
def test_tells_a_sandbox_from_production_by_its_address(private_key: str, login_url: str, audience: str) -> None:
    assert login_of(settings(private_key, login_url=login_url)).audience == audience


@pytest.mark.parametrize(
    ("error", "text", "cure"),
    [
        ("invalid_grant", "user hasn't approved this consumer", "pre-authorise"),
        ("invalid_grant", "audience is invalid", "audience"),
        ("invalid_grant", "invalid assertion", "certificate"),
        ("invalid_grant", "request not supported on this domain", "My Domain"),
        ("invalid_client_id", "client identifier invalid", "consumer_key"),
        ("invalid_app_access", "user is not admin approved to access this app", "permission set"),
    ],
)
def test_names_the_cure_for_a_refused_login(time: Time, private_key: str, error: str, text: str, cure: str) -> None:
    def refused(_: Request) -> Response:
        return reply({"error": error, "error_description": text}, 400)

    service = Scripted(EMPTY, login=refused)
    with talking_to(service, time, private_key) as org, pytest.raises(CrmDenied, match=error) as raised:
        org.query(QUERY)
    assert cure in raised.value.cure
    assert service.logins == 1


def test_waits_for_a_login_server_that_is_down(time: Time, private_key: str) -> None:
    answers = iter([Response(503, {}, b"<html>down</html>")])
    service = Scripted(EMPTY)
    healthy = service._token
    service._login = lambda request: next(answers, None) or healthy(request)
    with talking_to(service, time, private_key) as org:
        assert org.query(QUERY).total == 0
    assert len(time.naps) == 1


def test_a_login_that_asks_to_be_asked_again_is_asked_again(time: Time, private_key: str) -> None:
    again = reply({"error": "unknown_error", "error_description": "retry your request"}, 400)
    answers = iter([again])
    service = Scripted(EMPTY)
    healthy = service._token
    service._login = lambda request: next(answers, None) or healthy(request)
    with talking_to(service, time, private_key) as org:
        assert org.query(QUERY).total == 0
    assert service.logins == 2


def test_a_key_that_cannot_sign_is_the_admins_to_mend(time: Time) -> None:
    with talking_to(Scripted(EMPTY), time, "-----BEGIN NONSENSE-----") as org, pytest.raises(CrmDenied, match="sign"):
        org.query(QUERY)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"consumer_key": ""}, "missing-option"),
        ({"username": ""}, "login-grant"),
        ({"client_secret": "both"}, "login-grant"),
        ({"login_url": "http://acme.my.salesforce.com"}, "login-url"),
        ({"username": "", "client_secret": "s3cret"}, "login-url"),
        ({"username": "", "client_secret": "s3cret", "login_url": "https://test.salesforce.com/"}, "login-url"),
        ({"divert": "http://10.0.0.1:80"}, "divert"),
        ({"divert": "https://127.0.0.1:80"}, "divert"),
        ({"bell": "loud"}, "bell"),
        ({"api_version": "latest"}, "api-version"),
    ],
)
def test_refuses_options_that_make_no_sense(private_key: str, options: dict[str, str], code: str) -> None:
    assert [each.code for each in faults(settings(private_key, **options), Place)] == [code]


@pytest.mark.parametrize(
    ("instance", "said"),
    [
        ("https://acme.my.salesforce.com.evil.example", "acme.my.salesforce.com.evil.example"),
        ("https://acme.my.salesforce.com@evil.example", "more than one way"),
        ("https://evil.example\\.salesforce.com", "more than one way"),
        ("https://evilsalesforce.com", "evilsalesforce.com"),
    ],
)
def test_a_login_that_sends_us_elsewhere_gets_no_token_there(
    time: Time, private_key: str, instance: str, said: str
) -> None:
    service = Scripted(EMPTY, login=lambda _: reply({"access_token": "t", "instance_url": instance}))
    with talking_to(service, time, private_key) as org, pytest.raises(CrmDenied, match=said):
        org.query(QUERY)
    assert service.asked == []


def test_a_host_that_the_connection_trusts_may_be_the_orgs(time: Time, private_key: str) -> None:
    given = replace(settings(private_key), trusted_hosts=("*.proxy.example",))
    login_of(given).hold("https://acme.proxy.example")
    login_of(settings(private_key)).hold("https://acme.my.sfcrmproducts.cn")
    with pytest.raises(CrmDenied, match="trusted_hosts"):
        login_of(settings(private_key)).hold("https://acme.proxy.example")


def test_a_login_keeps_its_secrets_out_of_its_name(private_key: str) -> None:
    shown = repr(login_of(settings(private_key)))
    assert "PRIVATE KEY" not in shown


# Renewing


def test_renews_a_dead_session_once_and_goes_on(time: Time, private_key: str) -> None:
    service = Scripted(EXPIRED, EMPTY)
    with talking_to(service, time, private_key) as org:
        assert org.query(QUERY).total == 0
    assert service.logins == 2
    assert [each.headers["authorization"] for each in service.asked] == ["Bearer token-1", "Bearer token-2"]
    assert [each.headers["sforce-call-options"] for each in service.asked] == ["client=attain", "client=attain"]


def test_keeps_its_token_whatever_a_netrc_file_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, time: Time, private_key: str
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine acme.my.salesforce.com login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    service = Scripted(EMPTY)
    with talking_to(service, time, private_key) as org:
        org.query(QUERY)
    assert service.asked[0].headers["authorization"] == "Bearer token-1"


def test_gives_up_on_a_session_that_stays_dead(time: Time, private_key: str) -> None:
    service = Scripted(EXPIRED)
    with talking_to(service, time, private_key) as org, pytest.raises(CrmDenied, match="INVALID_SESSION_ID"):
        org.query(QUERY)
    assert (service.logins, len(service.asked)) == (2, 2)


def test_ten_threads_with_a_dead_session_log_in_once_more(time: Time, private_key: str) -> None:
    together = threading.Barrier(10)

    class Expiring(Scripted):
        def answer(self, request: Request) -> Response:
            if request.headers.get("authorization") == "Bearer token-1":
                together.wait(timeout=5)
                return EXPIRED
            return super().answer(request)

    service = Expiring(EMPTY)
    with talking_to(service, time, private_key) as org, ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: org.query(QUERY), range(10)))
    assert len(replies) == 10
    assert service.logins == 2


# Waiting


def test_waits_as_long_as_salesforce_asked(time: Time, private_key: str) -> None:
    service = Scripted(reply([], 503, {"Retry-After": "7"}), EMPTY)
    with talking_to(service, time, private_key) as org:
        org.query(QUERY)
    assert time.naps == [7]


@pytest.mark.parametrize(
    ("trouble", "nobody"),
    [
        (refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403), True),
        (reply([], 503), True),
        (reply([], 429), True),
        (reply([], 500), False),
        (reply([], 504), False),
        (Response(0), False),
    ],
)
def test_tells_an_org_that_serves_nobody_from_one_that_stumbles_over_what_was_asked(
    time: Time, private_key: str, trouble: Response, nobody: bool
) -> None:
    with talking_to(Scripted(*[trouble] * 5), time, private_key) as org, pytest.raises(CrmUnavailable) as raised:
        org.query(QUERY)
    assert isinstance(raised.value, NobodyServed) is nobody


def test_an_org_that_cannot_be_reached_was_sent_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(requests.ConnectionError) as raised:
            requests.get(f"http://127.0.0.1:{taken.getsockname()[1]}", timeout=5)
    assert isinstance(translated("emea", raised.value), NobodyServed)
    assert not isinstance(translated("emea", requests.ReadTimeout()), NobodyServed)


def test_forgets_how_long_it_was_asked_to_wait_before(time: Time, private_key: str) -> None:
    service = Scripted(reply([], 503, {"Retry-After": "70"}), Response(0), EMPTY)
    with talking_to(service, time, private_key) as org:
        org.query(QUERY)
    assert time.naps[0] == 70
    assert time.naps[1] < 70


@pytest.mark.parametrize(
    "trouble",
    [
        Response(0),
        Response(200, {"Content-Type": "application/json"}, b'{"totalSize": 1, "rec'),
        Response(200, {"Content-Type": "application/json"}, b"null"),
        Response(200, {"Content-Type": "text/html"}, b"<html>hello</html>"),
        Response(200, {"Content-Type": "application/json"}, b'{"totalSize": 1, "done": true}'),
        Response(502, {"Content-Type": "text/html"}, b"<html>bad gateway</html>"),
        Response(420, {}, b""),
        refusal("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", 403),
        refusal("UNKNOWN_EXCEPTION", "An unexpected error occurred.", 500),
    ],
)
def test_tries_again_when_the_answer_was_no_answer(time: Time, private_key: str, trouble: Response) -> None:
    service = Scripted(trouble, EMPTY)
    with talking_to(service, time, private_key) as org:
        assert org.query(QUERY).total == 0
    assert len(service.asked) == 2
    assert len(time.naps) == 1


def test_says_unavailable_when_nothing_helps(time: Time, private_key: str) -> None:
    service = Scripted(Response(503, {}, b""))
    with talking_to(service, time, private_key) as org, pytest.raises(CrmUnavailable) as raised:
        org.query(QUERY)
    assert not raised.value.unknown_effect
    assert len(service.asked) == 5


def test_does_not_ask_again_once_the_calls_of_the_day_are_spent(time: Time, private_key: str) -> None:
    service = Scripted(refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403))
    with talking_to(service, time, private_key) as org, pytest.raises(NobodyServed):
        org.query(QUERY)
    assert (len(service.asked), time.naps) == (1, [])


@pytest.mark.parametrize(
    ("trouble", "cure"),
    [
        (refusal("API_DISABLED_FOR_ORG", "API is not enabled", 403), "API Enabled"),
        (refusal("NOT_FOUND", "The requested resource does not exist", 404), "exists"),
        (refusal("UNSUPPORTED_API_VERSION", "retired", 410), "api_version"),
        (refusal("MALFORMED_QUERY", "unexpected token"), "report"),
    ],
)
def test_does_not_repeat_what_an_admin_must_mend(time: Time, private_key: str, trouble: Response, cure: str) -> None:
    service = Scripted(trouble)
    with talking_to(service, time, private_key) as org, pytest.raises(CrmDenied) as raised:
        org.query(QUERY)
    assert cure in raised.value.cure
    assert len(service.asked) == 1


def test_does_not_carry_the_token_where_a_redirect_leads(time: Time, private_key: str) -> None:
    service = Scripted(Response(302, {"Location": "https://elsewhere.example/services/data/v66.0/query/"}, b""))
    with talking_to(service, time, private_key) as org, pytest.raises(CrmDenied, match="302"):
        org.query(QUERY)
    assert len(service.asked) == 1


def test_hangs_up_on_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch, time: Time, private_key: str) -> None:
    monkeypatch.setattr(session, "TIMEOUT", (5.0, 0.05))
    let_go = threading.Event()

    class Silent(Scripted):
        def answer(self, request: Request) -> Response:
            answer = super().answer(request)
            if request.path != "/services/oauth2/token":
                let_go.wait(timeout=5)
            return answer

    service = Silent(EMPTY)
    with talking_to(service, time, private_key) as org:
        with pytest.raises(CrmUnavailable, match="in time"):
            org.query(QUERY)
        let_go.set()
    assert len(service.asked) == 5


def test_waits_a_minute_at_most() -> None:
    assert session.TIMEOUT == (5.0, 60.0)


# Listening


def test_keeps_the_servers_time_and_the_orgs_usage(time: Time, private_key: str) -> None:
    ahead = "Wed, 25 Nov 2026 08:00:40 GMT"
    told = {"Date": ahead, "Sforce-Limit-Info": "api-usage=18/5000; api-bursts=1/750"}
    with talking_to(
        Scripted(reply({"totalSize": 0, "done": True, "records": []}, 200, told)), time, private_key
    ) as org:
        org.query(QUERY)
        assert org.now() == datetime(2026, 11, 25, 8, 0, 40, tzinfo=UTC)
        time.now += timedelta(minutes=1)
        assert org.now() == datetime(2026, 11, 25, 8, 1, 40, tzinfo=UTC)
        assert org.usage == {"api-usage": (18, 5000), "api-bursts": (1, 750)}


def test_reads_usage_headers_in_every_form() -> None:
    assert usage("api-usage=10018/100000") == {"api-usage": (10018, 100000)}
    assert usage("api-usage=1/2; per-app-api-usage=17/250(appName=attain)")["api-usage"] == (1, 2)
    assert usage("") == {}


def test_sends_decimals_digit_by_digit() -> None:
    body = {
        "records": [{"attributes": {"type": "T"}, "Actual__c": Decimal("12345678901234567.89"), "Note__c": 'a "b"'}]
    }
    assert exact_json(body) == (
        '{"records": [{"attributes": {"type": "T"}, "Actual__c": 12345678901234567.89, "Note__c": "a \\"b\\""}]}'
    )
    assert exact_json([None, True, 3, Decimal("1E+3"), Decimal("-0.10")]) == "[null, true, 3, 1000, -0.10]"
