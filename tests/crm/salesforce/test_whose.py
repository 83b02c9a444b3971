"""Which organisation a login leads to: the login tells it by the way."""

from __future__ import annotations

import pytest

from connector.crm.salesforce.whose import organisation_of
from connector.errors import CrmUnavailable
from connector.sandbox.wire import Request, Response
from tests.crm.salesforce.conftest import Time
from tests.crm.salesforce.wire import EMPTY, Scripted, reply, talking_to


def test_the_login_tells_it(time: Time, private_key: str) -> None:
    service = Scripted(EMPTY)
    with talking_to(service, time, private_key) as org:
        assert organisation_of(org) == "00D000000000001"  # eighteen characters were told, of which three only check
    assert service.asked == []


def _silent(_request: Request) -> Response:
    return reply({"access_token": "token", "instance_url": "https://acme.my.salesforce.com"})


def test_where_the_login_is_silent_one_query_does(time: Time, private_key: str) -> None:
    row = {"Id": "00D000000000002EAA"}
    service = Scripted(reply({"totalSize": 1, "done": True, "records": [row]}), login=_silent)
    with talking_to(service, time, private_key) as org:
        assert organisation_of(org) == "00D000000000002"
        assert org.user_id == ""
    assert [each.query for each in service.asked] == [(("q", "SELECT Id FROM Organization"),)]


def test_without_an_answer_it_is_nobodys(time: Time, private_key: str) -> None:
    mute = talking_to(Scripted(EMPTY, login=_silent), time, private_key)
    with mute as org, pytest.raises(CrmUnavailable, match="which organisation"):
        organisation_of(org)
