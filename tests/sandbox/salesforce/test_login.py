"""Who gets in, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connector.sandbox.wire import Response
from tests.sandbox.salesforce.org import START, Org, a_company, an_org

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def knock(org: Org, *, key: Any = KEY, **claims: Any) -> Response:
    """Log in by JWT bearer, with these claims instead of the right ones."""
    right = {
        "iss": "consumer",
        "sub": "attain@acme.example",
        "aud": "https://login.salesforce.com",
        "exp": int((org.now + timedelta(minutes=3)).timestamp()),
    }
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": jwt.encode(right | claims, key, "RS256"),
    }
    return org.ask("POST", "/services/oauth2/token", raw=urlencode(form).encode())


@pytest.fixture
def org() -> Org:
    org = Org()
    org.sandbox.register("consumer", PUBLIC.decode(), "attain@acme.example")
    return org


def test_a_signed_assertion_opens_the_door(org: Org) -> None:
    answer = knock(org)
    assert answer.status == 200
    given = answer.json()
    assert given["instance_url"] == "https://acme.my.salesforce.com"
    assert given["token_type"] == "Bearer"
    assert "refresh_token" not in given
    assert "expires_in" not in given
    org.token = given["access_token"]
    assert org.query("SELECT COUNT() FROM User")["totalSize"] == 1


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"aud": "https://elsewhere.example"}, "invalid_grant", "audience is invalid"),
        ({"iss": "somebody"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "else@acme.example"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"exp": int(START.timestamp()) + 301}, "invalid_grant", "expired authorization code"),
        ({"exp": int(START.timestamp()) - 1}, "invalid_grant", "expired authorization code"),
    ],
)
def test_a_wrong_claim_is_named(org: Org, claims: dict[str, Any], error: str, description: str) -> None:
    answer = knock(org, **claims)
    assert (answer.status, answer.json()) == (400, {"error": error, "error_description": description})


def test_a_stranger_s_signature_is_refused(org: Org) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert knock(org, key=other).json()["error_description"] == "invalid assertion"


@pytest.mark.parametrize("audience", ["https://test.salesforce.com", "https://acme.my.salesforce.com"])
def test_other_audiences_of_the_same_house_are_welcome(org: Org, audience: str) -> None:
    assert knock(org, aud=audience).status == 200


def test_a_human_logs_in_as_herself(tmp_path: Any) -> None:
    org = Org(folder=a_company(tmp_path / "company"))
    org.sandbox.register("consumer", PUBLIC.decode(), "ana@acme.example")
    org.token = knock(org, sub="ana@acme.example").json()["access_token"]
    deal = org.sandbox.id_of("deal", "d2")
    assert org.api("PATCH", f"sobjects/Opportunity/{deal}", {"NextStep": "call"}).status == 204
    (row,) = org.rows(f"SELECT LastModifiedById FROM Opportunity WHERE Id = '{deal}'")
    assert row["LastModifiedById"] == org.sandbox.id_of("person", "ana")


def test_a_token_ends_after_its_time() -> None:
    org = an_org()
    org.sandbox.token_life = timedelta(minutes=30)
    org.log_in()
    org.wait(minutes=29, seconds=59)
    assert org.api("GET", "limits").status == 200
    org.wait(seconds=1)
    answer = org.api("GET", "limits")
    assert answer.status == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_client_credentials_need_the_right_secret() -> None:
    org = Org()
    form = {"grant_type": "client_credentials", "client_id": "client", "client_secret": "guess"}
    answer = org.ask("POST", "/services/oauth2/token", raw=urlencode(form).encode())
    assert (answer.status, answer.json()["error"]) == (400, "invalid_client")


@pytest.mark.parametrize("host", ["login.salesforce.com", "test.salesforce.com"])
def test_client_credentials_are_for_the_org_s_own_host(host: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": "client", "client_secret": "secret"}
    answer = Org().ask("POST", "/services/oauth2/token", raw=urlencode(form).encode(), headers={"Host": host})
    assert answer.status == 400
    assert answer.json() == {"error": "invalid_grant", "error_description": "request not supported on this domain"}


def test_client_credentials_may_come_as_basic_authorization() -> None:
    basic = {"Authorization": "Basic Y2xpZW50OnNlY3JldA=="}  # client:secret
    answer = Org().ask("POST", "/services/oauth2/token", raw=b"grant_type=client_credentials", headers=basic)
    assert answer.status == 200


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({}, None), ({"refresh_token": "guess"}, "invalid_grant"), ({"client_secret": "guess"}, "invalid_client")],
)
def test_a_refresh_token_opens_for_its_own_client_only(wrong: dict[str, str], error: str | None) -> None:
    org = Org()
    org.sandbox.register_client("web", "hush", "5Aep861")
    form = {"grant_type": "refresh_token", "client_id": "web", "client_secret": "hush", "refresh_token": "5Aep861"}
    answer = org.ask("POST", "/services/oauth2/token", raw=urlencode(form | wrong).encode())
    assert (answer.status, answer.json().get("error")) == (400 if error else 200, error)
    stranger = form | {"client_id": "client", "client_secret": "secret"}
    answer = org.ask("POST", "/services/oauth2/token", raw=urlencode(stranger).encode())
    assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


def test_versions_are_for_everybody_and_cost_nothing() -> None:
    answer = Org().ask("GET", "/services/data/")
    assert answer.json()[-1] == {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}
    assert [each["version"] for each in answer.json()][:2] == ["31.0", "32.0"]
    assert "Sforce-Limit-Info" not in answer.headers


def test_retired_and_unknown_versions_are_refused() -> None:
    org = an_org()
    assert org.ask("GET", "/services/data/v30.0/limits").status == 410
    assert org.ask("GET", "/services/data/v69.0/limits").status == 404
    assert org.ask("GET", "/elsewhere").json()[0]["errorCode"] == "NOT_FOUND"
