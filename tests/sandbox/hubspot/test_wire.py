"""Who may ask, how often, and what goes wrong on purpose."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from connector.sandbox.hubspot import HubSpotSandbox
from connector.sandbox.wire import Request, Switches
from tests.sandbox.hubspot.caller import TOKEN, Caller, Clock, V
from tests.sandbox.hubspot.company import written


def portal(folder: Path, clock: Clock, switches: Switches) -> Caller:
    sandbox = HubSpotSandbox(now=clock, switches=switches)
    sandbox.load(written(folder))
    sandbox.allow(TOKEN)
    return Caller(sandbox)


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"bearer {TOKEN}"}, {"Authorization": TOKEN}]
)
def test_lets_nobody_in_without_the_token(hubspot: Caller, header: dict[str, str]) -> None:
    response = hubspot.sandbox.answer(Request.of("GET", f"{V}/deals", header))
    assert (response.status, response.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    assert response.json()["correlationId"] == response.headers["X-HubSpot-Correlation-Id"]


@pytest.mark.parametrize(
    ("scope", "method", "target", "body"),
    [
        ("crm.objects.deals.read", "GET", f"{V}/deals", None),
        ("crm.objects.deals.read", "POST", f"{V}/deals/search", {}),
        ("crm.objects.deals.read", "POST", f"{V}/deals/batch/read", {"inputs": []}),
        ("crm.objects.deals.write", "POST", f"{V}/deals/batch/update", {"inputs": []}),
        ("crm.objects.users.write", "POST", f"{V}/users/batch/update", {"inputs": []}),
        ("crm.objects.contacts.read", "GET", f"{V}/tasks", None),
        ("crm.objects.contacts.write", "POST", f"{V}/tasks/batch/create", {"inputs": []}),
        ("crm.objects.owners.read", "GET", "/crm/owners/2026-03", None),
        ("crm.schemas.deals.read", "GET", "/crm/pipelines/2026-03/deals", None),
        ("settings.currencies.read", "GET", "/settings/currencies/2026-03/company-currency", None),
        ("crm.objects.users.write", "POST", "/crm/properties/2026-03/users/groups", {"name": "a", "label": "A"}),
        ("crm.schemas.companies.read", "GET", "/crm/properties/2026-03/companies", None),
    ],
)
def test_names_the_scope_that_is_missing(hubspot: Caller, scope: str, method: str, target: str, body: object) -> None:
    hubspot.sandbox.allow("few", ["oauth"])
    hubspot.sandbox.allow("enough", ["oauth", scope])
    refused = Caller(hubspot.sandbox, "few").call(method, target, body)
    assert (refused.status, refused.json()["category"]) == (403, "MISSING_SCOPES")
    assert scope in refused.json()["context"]["requiredGranularScopes"]
    assert scope in refused.json()["errors"][0]["context"]["requiredGranularScopes"]
    assert Caller(hubspot.sandbox, "enough").call(method, target, body).status in (200, 201)


@pytest.mark.parametrize("target", ["emails", "emails/search"])
def test_e_mails_ask_for_a_scope_of_their_own_beside_that_of_contacts(hubspot: Caller, target: str) -> None:
    body: dict[str, object] | None = {} if target.endswith("search") else None
    method = "GET" if body is None else "POST"
    hubspot.sandbox.allow("contacts", ["oauth", "crm.objects.contacts.read"])
    refused = Caller(hubspot.sandbox, "contacts").call(method, f"{V}/{target}", body)
    assert refused.status == 403
    assert refused.json()["context"]["requiredGranularScopes"] == ["sales-email-read"]
    hubspot.sandbox.allow("both", ["oauth", "crm.objects.contacts.read", "sales-email-read"])
    assert Caller(hubspot.sandbox, "both").call(method, f"{V}/{target}", body).status == 200


@pytest.mark.parametrize("target", ["/crm/v3/properties/line_items", f"{V}/leads", f"{V}/postal_mail"])
def test_grants_nobody_what_it_does_not_keep(hubspot: Caller, target: str) -> None:
    refused = hubspot.call("GET", target)
    assert (refused.status, refused.json()["category"]) == (403, "MISSING_SCOPES")
    assert refused.json()["context"]["requiredGranularScopes"] == [f"crm.objects.{target.rpartition('/')[2]}.read"]


def test_lets_190_calls_through_in_ten_seconds(tmp_path: Path, clock: Clock) -> None:
    hubspot = portal(tmp_path, clock, Switches())
    assert [hubspot.call("GET", f"{V}/deals").status for _ in range(190)] == [200] * 190
    refused = hubspot.call("GET", f"{V}/deals")
    assert (refused.status, refused.json()["policyName"], refused.json()["errorType"]) == (
        429,
        "TEN_SECONDLY_ROLLING",
        "RATE_LIMIT",
    )
    assert refused.headers["X-HubSpot-RateLimit-Remaining"] == "0"
    clock.pass_(timedelta(seconds=10))
    assert hubspot.call("GET", f"{V}/deals").status == 200


def test_lets_five_searches_through_in_a_second(tmp_path: Path, clock: Clock) -> None:
    hubspot = portal(tmp_path, clock, Switches())
    assert [hubspot.call("POST", f"{V}/deals/search", {}).status for _ in range(5)] == [200] * 5
    refused = hubspot.call("POST", f"{V}/companies/search", {})
    assert refused.status == 429
    assert refused.json().keys() == {"status", "message", "correlationId", "category"}
    assert (refused.json()["category"], refused.json()["message"]) == (
        "RATE_LIMITS",
        "You have reached your secondly limit.",
    )
    assert "X-HubSpot-RateLimit-Interval-Milliseconds" not in refused.headers
    assert hubspot.call("GET", f"{V}/deals").status == 200
    clock.pass_(timedelta(seconds=1))
    assert hubspot.call("POST", f"{V}/companies/search", {}).status == 200


def test_a_day_ends_at_midnight_of_the_portal(tmp_path: Path, clock: Clock) -> None:
    hubspot = portal(tmp_path, clock, Switches())
    hubspot.sandbox._meter.per_day = 3
    assert [hubspot.call("GET", f"{V}/deals").status for _ in range(3)] == [200] * 3
    refused = hubspot.call("GET", f"{V}/deals")
    assert (refused.status, refused.json()["policyName"]) == (429, "DAILY")
    clock.pass_(timedelta(hours=13, minutes=59))  # 23:59 in Berlin
    assert hubspot.call("GET", f"{V}/deals").status == 429
    clock.pass_(timedelta(minutes=1))
    assert hubspot.call("GET", f"{V}/deals").status == 200


def test_counts_down_where_nothing_is_refused(hubspot: Caller) -> None:
    left = [hubspot.call("GET", f"{V}/deals").headers["X-HubSpot-RateLimit-Remaining"] for _ in range(192)]
    assert left[:3] == ["189", "188", "187"]
    assert left[-3:] == ["0", "0", "0"]
    (usage,) = hubspot.get("/account-info/2026-03/api-usage/daily/private-apps")["results"]
    assert (usage["currentUsage"], usage["usageLimit"], usage["resetsAt"]) == (193, 625_000, "2026-11-25T23:00:00.000Z")


@pytest.mark.parametrize("what", ["429", "503", "401"])
def test_fails_with_a_status_and_without_effect(tmp_path: Path, clock: Clock, what: str) -> None:
    hubspot = portal(tmp_path, clock, Switches(limits=False, fail={what: 1.0}))
    assert hubspot.call("POST", f"{V}/deals", {"properties": {"dealname": "x"}}).status == int(what)
    assert _count(hubspot) == 4


def test_a_lost_request_took_effect_every_other_time(tmp_path: Path, clock: Clock) -> None:
    hubspot = portal(tmp_path, clock, Switches(limits=False, fail={"lost": 1.0}))
    grown = []
    for _ in range(4):
        before = _count(hubspot)
        response = hubspot.call("POST", f"{V}/deals", {"properties": {"dealname": "x"}})
        assert (response.status, response.body) == (0, b"")
        grown.append(_count(hubspot) - before)
    assert sorted(grown[:2]) == [0, 1]
    assert grown[:2] == grown[2:]


def test_cuts_a_reply_in_half_after_the_effect(tmp_path: Path, clock: Clock) -> None:
    hubspot = portal(tmp_path, clock, Switches(limits=False, fail={"cut": 1.0}))
    cut = hubspot.call("POST", f"{V}/deals", {"properties": {"dealname": "x"}})
    assert cut.status == 201
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        cut.json()
    assert _count(hubspot) == 5


def test_says_null_where_an_object_belongs(tmp_path: Path, clock: Clock) -> None:
    hubspot = portal(tmp_path, clock, Switches(limits=False, fail={"null": 1.0}))
    response = hubspot.call("GET", f"{V}/deals")
    assert (response.status, response.json()) == (200, None)


def test_the_same_seed_fails_in_the_same_way(tmp_path: Path, clock: Clock) -> None:
    def statuses(seed: int) -> list[int]:
        hubspot = portal(tmp_path, clock, Switches(seed=seed, limits=False, fail={"429": 0.2, "503": 0.1, "lost": 0.1}))
        return [hubspot.call("GET", f"{V}/deals").status for _ in range(200)]

    first = statuses(7)
    assert first == statuses(7) != statuses(8)
    assert {status: first.count(status) for status in (0, 200, 429, 503)}.keys() == set(first)
    assert 20 <= first.count(429) <= 60  # 40 are expected; 20 and 60 are more than three deviations away


def test_answers_several_threads(hubspot: Caller) -> None:
    def write(number: int) -> None:
        for step in range(20):
            hubspot.post(f"{V}/deals", {"properties": {"dealname": f"{number}-{step}", "dealstage": "qualified"}}, 201)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _count(hubspot) == 4 + 80


def _count(hubspot: Caller) -> int:
    """Deals that the portal holds, past all mischief."""
    row = hubspot.sandbox._portal.store.one("SELECT count(*) FROM record_3 WHERE archived IS NULL")
    assert row is not None
    return int(row[0])
