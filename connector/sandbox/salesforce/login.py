"""Who may come in: OAuth tokens by JWT bearer, by client credentials and by refresh token."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import jwt

from connector.sandbox.salesforce.organisation import INTEGRATION_USERNAME, Organisation
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.salesforce.schema import Viewer
from connector.sandbox.wire import Request

AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Whoever has no org of their own. Source: Salesforce, "OAuth 2.0 Client Credentials Flow": it wants the My Domain.
SHARED_HOSTS = ("login.salesforce.com", "test.salesforce.com")
FARTHEST = timedelta(minutes=5)  # how far ahead an assertion may expire


@dataclass(frozen=True, slots=True)
class _App:
    public_key: str
    username: str


class TokenRefused(Exception):
    """The token endpoint says no in a shape of its own: `{"error", "error_description"}`."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        self.error, self.description, self.status = error, description, status
        super().__init__(f"{error}: {description}")


class Logins:
    """The apps that are registered, and the tokens that were given out."""

    def __init__(self, org: Organisation) -> None:
        self.org = org
        self.life = timedelta(hours=2)
        self._apps: dict[str, _App] = {}
        self._clients: dict[str, str] = {}
        self._refreshes: dict[str, str] = {}  # refresh token → the client it was given to
        self._tokens: dict[str, tuple[str, datetime]] = {}  # token → user, end
        self._given = 0

    def register(self, consumer_key: str, public_key: str, username: str) -> None:
        self._apps[consumer_key] = _App(public_key, username)

    def register_client(self, client_id: str, secret: str, refresh: str = "") -> None:
        self._clients[client_id] = secret
        if refresh:
            self._refreshes[refresh] = client_id

    def token(self, request: Request) -> dict[str, Any]:
        """A new token. Raises TokenRefused."""
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)) | dict(request.query)
        host = request.headers.get("host", "localhost")
        grant = form.get("grant_type", "")
        if grant == BEARER:
            return self._reply(self._bearer(form.get("assertion", ""), f"https://{host}"), host)
        if grant == "client_credentials":
            if host in SHARED_HOSTS:
                raise TokenRefused("invalid_grant", "request not supported on this domain")
            return self._reply(self._client(form, request.headers.get("authorization", "")), host)
        if grant == "refresh_token":
            return self._reply(self._refreshed(form, request.headers.get("authorization", "")), host)
        raise TokenRefused("unsupported_grant_type", "grant type not supported")

    def viewer(self, request: Request) -> Viewer:
        """Whose request it is. Raises Refused, 401."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        user, end = self._tokens.get(token if scheme in {"Bearer", "OAuth"} else "", ("", None))
        if end is None or end <= self.org.now():
            raise Refused("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        return Viewer(user, admin=user != self.org.integration_user)

    def forget(self, request: Request) -> None:
        """End the session that a request came with."""
        self._tokens.pop(request.headers.get("authorization", "").partition(" ")[2], None)

    def _bearer(self, assertion: str, own: str) -> str:
        """The user an assertion speaks for. Descriptions as in section 1.1's reports of real ones."""
        try:
            claims = jwt.decode(assertion, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            raise TokenRefused("invalid_grant", "invalid assertion") from None
        app = self._apps.get(str(claims.get("iss")))
        if app is None:
            raise TokenRefused("invalid_client_id", "client identifier invalid")
        options: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
        try:
            jwt.decode(assertion, app.public_key, algorithms=["RS256"], options=options)
        except jwt.InvalidTokenError:
            raise TokenRefused("invalid_grant", "invalid assertion") from None
        if str(claims.get("aud", "")).rstrip("/") not in (*AUDIENCES, own):
            raise TokenRefused("invalid_grant", "audience is invalid")
        self._check_expiry(claims)
        return self._user(str(claims.get("sub", "")), app)

    def _check_expiry(self, claims: Mapping[str, Any]) -> None:
        try:
            left = float(claims["exp"]) - self.org.now().timestamp()
        except (KeyError, TypeError, ValueError):
            raise TokenRefused("invalid_grant", "expired authorization code") from None
        if not 0 < left <= FARTHEST.total_seconds():
            raise TokenRefused("invalid_grant", "expired authorization code")

    def _user(self, username: str, app: _App) -> str:
        if username.lower() != app.username.lower():
            raise TokenRefused("invalid_grant", "user hasn't approved this consumer")
        sql = 'SELECT "Id", "IsActive" FROM "User" WHERE lower("Username") = ?'
        found = self.org.database.run(sql, (username.lower(),)).fetchone()
        if found is None or username.lower() == INTEGRATION_USERNAME:
            return self.org.integration_user  # a name of nobody's: the one that integrations come with
        if not found[1]:
            raise TokenRefused("invalid_grant", "inactive user")
        return str(found[0])

    def _client(self, form: Mapping[str, str], authorization: str) -> str:
        client, secret = _client_of(form, authorization)
        if client not in self._clients:
            raise TokenRefused("invalid_client_id", "client identifier invalid")
        if self._clients[client] != secret:
            raise TokenRefused("invalid_client", "invalid client credentials")
        return self.org.integration_user

    def _refreshed(self, form: Mapping[str, str], authorization: str) -> str:
        """Source: Salesforce, "OAuth 2.0 Refresh Token Flow for Renewed Sessions"; the token is not rotated."""
        user = self._client(form, authorization)
        if self._refreshes.get(form.get("refresh_token", "")) != _client_of(form, authorization)[0]:
            raise TokenRefused("invalid_grant", "expired access/refresh token")
        return user

    def _reply(self, user: str, host: str) -> dict[str, Any]:
        self._given += 1
        secret = "".join(
            self.org.switches.random(f"token:{self._given}").choices("abcdefghjkmnpqrstuvwxyz23456789", k=64)
        )
        token = f"{self.org.organization[:15]}!AQ{secret}"
        self._tokens[token] = (user, self.org.now() + self.life)
        return {
            "access_token": token,
            "signature": "c2FuZGJveA==",
            "scope": "api",
            "instance_url": f"https://{host}",
            "id": f"https://login.salesforce.com/id/{self.org.organization}/{user}",
            "token_type": "Bearer",
            "issued_at": str(int(self.org.now().timestamp() * 1000)),
        }


def _client_of(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    """A client's id and secret, from wherever it put them."""
    if authorization.startswith("Basic "):
        return _basic(authorization)
    return form.get("client_id", ""), form.get("client_secret", "")


def _basic(authorization: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    client, _, secret = text.partition(":")
    return client, secret
