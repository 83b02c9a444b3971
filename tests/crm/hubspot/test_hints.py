"""What HubSpot tells by itself: whose signature it is, and which records it names."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hubspot.utils.signature import Signature

from connector.crm.hubspot.hints import Ear
from connector.crm.hubspot.whose import Whose
from connector.errors import ConfigError, CrmUnavailable, NotTrusted
from connector.model.hints import Hint, Knock
from connector.sandbox.serve import serve
from tests.crm.hubspot.given import NOW, Days, Portal, a_deal, connected, signed

SECRET = "00000000-app-secret"
URL = "https://attain.example.com/hints/smb"
OURS = "51234567"
EVENT = {
    "eventId": 1,
    "subscriptionId": 7,
    "portalId": 51234567,
    "appId": 1160452,
    "occurredAt": 1795608000000,
    "subscriptionType": "object.propertyChange",
    "attemptNumber": 0,
    "objectId": 10101,
    "objectTypeId": "0-3",
    "propertyName": "amount",
    "propertyValue": "5000",
    "changeSource": "CRM_UI",
}


def _at(days: Days) -> str:
    return str(int(days.time.timestamp() * 1000))


def _knock(days: Days, body: object = (EVENT,), *, url: str = URL, query: str = "", secret: str = SECRET) -> Knock:
    text = body if isinstance(body, str) else json.dumps(body)
    headers = signed(secret, text, url + (f"?{query}" if query else ""), days.time)
    return Knock("POST", query, headers, text.encode())


def _heard(ear: Ear, knock: Knock) -> list[Hint]:
    found: list[Hint] = []
    ear.hear(knock, found.extend)
    return sorted(found)


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def ear(days: Days) -> Ear:
    return Ear(URL, SECRET, days.now, lambda: OURS)


def test_what_hubspots_own_sdk_signs_is_heard(ear: Ear, days: Days) -> None:
    assert _heard(ear, _knock(days)) == [Hint("deals", "10101")]
    assert _heard(ear, _knock(days, query="from=hubspot")) == [Hint("deals", "10101")]


def test_the_same_request_is_heard_once_and_another_of_the_same_moment_too(ear: Ear, days: Days) -> None:
    assert _heard(ear, _knock(days)) == [Hint("deals", "10101")]
    assert _heard(ear, _knock(days)) == []
    assert _heard(ear, _knock(days, ({**EVENT, "objectId": 10151},))) == [Hint("deals", "10151")]


def test_what_could_not_be_kept_may_be_said_again(ear: Ear, days: Days) -> None:
    def broken(_found: frozenset[Hint]) -> None:
        raise RuntimeError("the store is busy")

    with pytest.raises(RuntimeError):
        ear.hear(_knock(days), broken)
    assert _heard(ear, _knock(days)) == [Hint("deals", "10101")]


def test_memory_of_what_was_said_does_not_grow(ear: Ear, days: Days) -> None:
    for at in range(300):
        _heard(ear, _knock(days, ({**EVENT, "objectId": at},)))
        days.sleep(60)
    assert len(ear._said) <= 11


@pytest.mark.parametrize(
    "changed",
    [
        {"body": b"[]"},
        {"method": "PUT"},
        {"query": "a=b"},
        {"headers": {}},
        {"headers": {"x-hubspot-signature-v3": "", "x-hubspot-request-timestamp": "1795608000000"}},
        {"headers": {"x-hubspot-signature-v3": "AAAA", "x-hubspot-request-timestamp": "soon"}},
        {"headers": {"x-hubspot-signature-v3": "é", "x-hubspot-request-timestamp": "1795608000000"}},
    ],
)
def test_whatever_was_changed_on_the_way_is_not_trusted(ear: Ear, days: Days, changed: dict[str, Any]) -> None:
    with pytest.raises(NotTrusted):
        ear.hear(replace(_knock(days), **changed), lambda _found: pytest.fail("heard"))


def test_another_secret_is_nobody(ear: Ear, days: Days) -> None:
    with pytest.raises(NotTrusted):
        ear.hear(_knock(days, secret="another"), lambda _found: pytest.fail("heard"))


@pytest.mark.parametrize(("seconds", "heard"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_five_minutes_either_way(days: Days, seconds: int, heard: bool) -> None:
    """The SDK's own check takes any moment of the future."""
    knock = _knock(days)
    ear = Ear(URL, SECRET, lambda: NOW + timedelta(seconds=seconds), lambda: OURS)
    if heard:
        assert _heard(ear, knock) == [Hint("deals", "10101")]
    else:
        with pytest.raises(NotTrusted, match="minutes"):
            ear.hear(knock, lambda _found: None)


def test_an_escaped_address_is_signed_without_its_escapes(days: Days) -> None:
    """HubSpot signs what the escapes stand for; whoever signs the address as it is written is not HubSpot."""
    ear = Ear("https://attain.example.com/hints/smb%3Aeu", SECRET, days.now, lambda: OURS)
    assert _heard(ear, _knock(days, url="https://attain.example.com/hints/smb:eu")) == [Hint("deals", "10101")]
    with pytest.raises(NotTrusted):
        _heard(ear, _knock(days, url="https://attain.example.com/hints/smb%3Aeu"))


def test_every_way_to_name_a_record(ear: Ear, days: Days) -> None:
    events = [
        {"subscriptionType": "deal.propertyChange", "objectId": 1},
        {"subscriptionType": "company.deletion", "objectId": "2"},
        {"subscriptionType": "object.merge", "objectTypeId": "0-3", "primaryObjectId": 3, "mergedObjectIds": [4, 5]},
        {"subscriptionType": "deal.associationChange", "fromObjectId": 6, "toObjectId": 99},
        {
            "subscriptionType": "object.associationChange",
            "fromObjectTypeId": "0-48",
            "fromObjectId": 10,
            "toObjectTypeId": "0-3",
            "toObjectId": 11,
        },
        {"subscriptionType": "object.merge", "objectTypeId": "0-2", "newObjectId": 12, "mergedObjectIds": [13]},
        {"subscriptionType": "object.creation", "objectTypeId": "2-77", "objectId": 7},
        {"subscriptionType": "contact.privacyDeletion", "objectId": 8},
        {"subscriptionType": "conversation.creation", "objectId": 9},
        {"subscriptionType": "object.creation", "objectTypeId": "0-3", "objectId": "../../x"},
    ]
    assert _heard(ear, _knock(days, events)) == [
        Hint("2-77", "7"),
        Hint("calls", "10"),
        *(Hint("companies", each) for each in ("12", "13", "2")),
        Hint("contacts", "8"),
        *(Hint("deals", each) for each in ("1", "11", "3", "4", "5", "6")),
    ]


@pytest.mark.parametrize("body", ["{}", "[1]", "not json", ""])
def test_signed_nonsense_is_told_from_forgery(ear: Ear, days: Days, body: str) -> None:
    with pytest.raises(ValueError, match=r"expected|Expecting"):
        ear.hear(_knock(days, body), lambda _found: pytest.fail("heard"))


def test_events_of_another_account_are_passed_over(ear: Ear, days: Days) -> None:
    """One app may be installed in several accounts: they share the address and the secret."""
    other = {**EVENT, "portalId": 999, "objectId": 10151}
    assert _heard(ear, _knock(days, (other, EVENT))) == [Hint("deals", "10101")]
    assert _heard(ear, _knock(days, (other,))) == []


def test_while_nobody_knows_the_account_hints_are_kept_and_hubspot_is_asked_once_a_minute(days: Days) -> None:
    asked: list[int] = []

    def told() -> int:
        asked.append(1)
        if len(asked) < 3:
            raise CrmUnavailable("smb", "HubSpot does not answer")
        return int(OURS)

    ear = Ear(URL, SECRET, days.now, Whose("smb", told, days.now).number)
    others = [{**EVENT, "portalId": 999, "objectId": each} for each in range(1, 7)]
    heard = []
    for each in others:  # at 0, 25, 50, 75, 100 and 125 s: asked at 0, 75 and, past 135, never
        heard.append([hint.id for hint in _heard(ear, _knock(days, (each,)))])
        days.sleep(25)
    assert (heard, len(asked)) == ([["1"], ["2"], ["3"], ["4"], ["5"], ["6"]], 2)
    assert _heard(ear, _knock(days, (EVENT, others[0]))) == [Hint("deals", "10101")]  # at 150 s it answers
    days.sleep(3600)
    assert _heard(ear, _knock(days, (others[1],))) == []
    assert len(asked) == 3


def test_the_account_is_asked_for_its_number_once() -> None:
    portal = Portal()
    portal.box.subscribe(URL, SECRET)
    options = {"webhooks": URL, "app_secret": SECRET}
    with serve(portal) as served:
        crm = connected(served.url, portal.days, options=options)
        found: list[Hint] = []
        for _ in range(3):
            deal = a_deal(portal)
            [request] = portal.box.webhooks()
            crm.hear(Knock("POST", "", request.headers, request.body), found.extend)
            assert found.pop() == Hint("deals", deal)
            theirs = json.dumps([{**EVENT, "portalId": 999}])
            crm.hear(Knock("POST", "", signed(SECRET, theirs, URL, portal.days.now()), theirs.encode()), found.extend)
            assert found == []
            portal.days.sleep(1)
        crm.close()
    assert [each.path for each in portal.asked] == ["/account-info/2026-03/details"]


def test_the_stand_in_signs_as_the_sdk_does() -> None:
    portal = Portal()
    portal.box.subscribe(URL, SECRET)
    deal = a_deal(portal)
    portal.change("deals", deal, amount="5000")
    portal.archive("deals", deal)
    [request] = portal.box.webhooks()
    assert portal.box.webhooks() == []
    at = request.headers["x-hubspot-request-timestamp"]
    expected = Signature.get_signature(SECRET, request.body.decode(), "v3", URL, "POST", at)
    assert request.headers["x-hubspot-signature-v3"] == expected
    assert [each["subscriptionType"] for each in request.json()] == [
        "object.creation", "object.propertyChange", "object.deletion",
    ]  # fmt: skip


def test_half_an_option_is_told() -> None:
    with pytest.raises(ConfigError, match="app_secret is missing"):
        connected("http://127.0.0.1:1", Days(), options={"webhooks": URL})
    with pytest.raises(ConfigError, match="webhooks is missing"):
        connected("http://127.0.0.1:1", Days(), options={"app_secret": SECRET})
    options = {"webhooks": "http://attain.example.com/hints/smb", "app_secret": SECRET}
    with pytest.raises(ConfigError, match="does not send to"):
        connected("http://127.0.0.1:1", Days(), options=options)
