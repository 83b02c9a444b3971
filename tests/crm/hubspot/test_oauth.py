"""An app with OAuth: its token is renewed before it ends, and when HubSpot says that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from connector.crm.hubspot import CRM
from connector.errors import CrmDenied, Place
from connector.model.settings import ConnectionSettings
from connector.ports import Crm
from connector.sandbox.serve import serve
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import COMPANY, DEALS, MAPPING, Portal, a_deal, pulled

APP = {"client_id": "the-app", "app_secret": "its-secret", "refresh_token": "its-refresh-token"}


@contextmanager
def _connected(portal: Portal, given: Mapping[str, str] = APP) -> Iterator[Crm]:
    with serve(portal) as served:
        settings = ConnectionSettings("smb", "hubspot", {**given, "base_url": served.url}, None)
        crm = CRM.connect(settings, MAPPING, COMPANY, portal.days.world())
        yield crm
        crm.close()


@pytest.fixture
def portal() -> Portal:
    found = Portal()
    found.box.register("the-app", "its-secret", "its-refresh-token")
    return found


def _asked_for(portal: Portal) -> list[Request]:
    return [each for each in portal.asked if each.path == "/oauth/2026-03/token"]


def test_a_token_is_asked_for_once_and_renewed_before_it_ends(portal: Portal) -> None:
    deal = a_deal(portal)
    portal.days.sleep(600)
    with _connected(portal) as crm:
        assert [each.ref.id for page in pulled(crm, DEALS) for each in page.records] == [deal]
        pulled(crm, DEALS)
        [first] = _asked_for(portal)
        assert "authorization" not in first.headers
        assert dict(parse_qsl(first.body.decode())) == {
            "grant_type": "refresh_token",
            "client_id": "the-app",
            "client_secret": "its-secret",
            "refresh_token": "its-refresh-token",
        }
        portal.days.sleep(1_700)  # less than two of its thirty minutes are left
        pulled(crm, DEALS)
    assert len(_asked_for(portal)) == 2


def test_a_token_that_hubspot_ends_early_is_renewed_once_and_the_request_goes_on(portal: Portal) -> None:
    with _connected(portal) as crm:
        pulled(crm, DEALS)
        app = portal.box._app
        assert app is not None
        app.ends = dict.fromkeys(app.ends, 0)  # taken back, whatever was promised
        portal.days.sleep(120)
        pulled(crm, DEALS)
    assert len(_asked_for(portal)) == 2


def test_a_new_token_that_is_not_accepted_either_is_a_refused_login() -> None:
    def refuse(request: Request) -> Response:
        if request.path.startswith("/oauth/"):
            return Response(200, {"Content-Type": "application/json"}, b'{"access_token": "t", "expires_in": 1800}')
        return Response(
            401, {"Content-Type": "application/json"}, b'{"category": "EXPIRED_AUTHENTICATION", "message": "no"}'
        )

    portal = Portal()
    portal.answer = lambda request: portal.asked.append(request) or refuse(request)  # type: ignore[method-assign,func-returns-value]
    with _connected(portal) as crm, pytest.raises(CrmDenied) as denied:
        crm.schema()
    assert denied.value.login
    assert len(_asked_for(portal)) == 1


def test_an_app_that_was_taken_out_is_told_apart_from_a_bad_moment(portal: Portal) -> None:
    with _connected(portal, {**APP, "refresh_token": "of-yesterday"}) as crm, pytest.raises(CrmDenied) as denied:
        crm.schema()
    assert "missing or invalid refresh token" in denied.value.problem
    assert "of-yesterday" not in str(denied.value)


def test_half_an_app_is_told_before_anything_is_sent() -> None:
    settings = ConnectionSettings("smb", "hubspot", {"refresh_token": "r"}, None, overlap=timedelta(minutes=1))
    told = CRM.faults(settings, MAPPING, Place)
    assert {each.text.split()[0] for each in told} == {"client_id", "app_secret"}
