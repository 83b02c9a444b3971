"""Logging in: one token for all threads, renewed by whoever finds it refused."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from connector.crm.salesforce.errors import WAITING, Complaint, login_refused, of_status, translated
from connector.crm.salesforce.grants import Login
from connector.crm.salesforce.session import Heard
from connector.errors import CrmUnavailable
from connector.ports import World


@dataclass(frozen=True, slots=True)
class Token:
    """Proof that we logged in, and where to use it."""

    secret: str
    instance: str  # https://acme.my.salesforce.com
    user_id: str  # of the running user; empty when the reply did not name it
    organisation: str  # its id; empty as well


class TokenSource:
    """One login for all threads: whoever finds a token refused renews it, the others get the new one."""

    def __init__(self, login: Login, world: World) -> None:
        self._login, self._world = login, world
        self._lock = threading.Lock()
        self._token: Token | None = None

    def get(self, http: requests.Session, heard: Heard, refused: Token | None = None) -> Token:
        """The current token; a new one when the current one was `refused`. Raises CrmDenied, CrmUnavailable."""
        with self._lock:
            if self._token is None or self._token == refused:
                self._token = self._renewed(http, heard)
            return self._token

    def _renewed(self, http: requests.Session, heard: Heard) -> Token:
        name = self._login.connection
        try:
            reply = http.post(
                f"{self._login.login_url}/services/oauth2/token", data=self._login.form(self._world.now())
            )
        except requests.RequestException as error:
            raise translated(name, error) from None
        if reply.status_code in WAITING:
            raise of_status(name, reply.status_code, body_of(reply), heard.retry_after)
        if reply.status_code != 200:
            raise login_refused(name, Complaint.of(body_of(reply)))
        return _token(self._login, body_of(reply))


def body_of(reply: requests.Response) -> Any:  # noqa: ANN401 - whatever the service said
    """Parsed JSON; text where it is none."""
    try:
        return reply.json()
    except ValueError:
        return reply.text


def _token(login: Login, body: Any) -> Token:  # noqa: ANN401 - whatever the service said
    if not isinstance(body, Mapping) or not body.get("access_token") or not body.get("instance_url"):
        raise CrmUnavailable(login.connection, "the login answered without a token")
    login.hold(str(body["instance_url"]))
    # Source: Salesforce, identity URL: https://login.salesforce.com/id/<organisation>/<user>.
    *_, organisation, user = ("", *urlsplit(str(body.get("id") or "")).path.split("/"))
    return Token(str(body["access_token"]), str(body["instance_url"]), user, organisation)
