"""Which account a token leads to: asked once."""

from __future__ import annotations

import pytest

from connector.errors import CrmUnavailable
from tests.crm.hubspot.given import says, talking_to


def test_the_account_is_asked_once() -> None:
    with talking_to(lambda _: says(200, {"portalId": 4711})) as (crm, service):
        assert [crm.organisation(), crm.organisation()] == ["4711", "4711"]
        assert [each.path for each in service.asked] == ["/account-info/2026-03/details"]


def test_an_answer_without_a_number_is_nobodys() -> None:
    mute = talking_to(lambda _: says(200, {"uiDomain": "app.hubspot.com"}))
    with mute as (crm, _), pytest.raises(CrmUnavailable, match="which account"):
        crm.organisation()


def test_a_token_that_may_not_ask_is_of_nobody_known_and_asks_once() -> None:
    with talking_to(lambda _: says(403, {"status": "error", "category": "MISSING_SCOPES"})) as (crm, service):
        assert [crm.organisation(), crm.organisation()] == ["", ""]
        assert len(service.asked) == 1
