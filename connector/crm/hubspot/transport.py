"""One HTTP exchange with HubSpot: the SDK's client, watched; nothing of it or of urllib3 gets out.

The client's own methods cover the numbered API versions only, so its `call_api` is used on dated
paths. Source: hubspot-api-client 12.0.0, read and measured in November 2026.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any, TypeVar

import urllib3
from hubspot import HubSpot
from hubspot.crm.deals.exceptions import ApiException, OpenApiException

from connector.crm.hubspot.bearer import Bearer, Renewed
from connector.crm.hubspot.errors import DayIsUsedUp, Unanswered, error_for, said
from connector.errors import CrmDenied, CrmUnavailable, NobodyServed
from connector.transport import Patience, Rate

T = TypeVar("T")

TIMEOUT = (5, 60)  # seconds: to connect, and between two bytes
READABLE = dict.fromkeys((200, 201, 202, 207), "object")  # a status that is not listed loses its body silently


class Effect(Enum):
    """What may have happened when no proper answer came."""

    NONE = "none"  # it only reads
    REPEATABLE = "repeatable"  # it sets values: doing it twice is doing it once
    CREATES = "creates"  # it may make a record, so it must be looked up, not repeated


class Garbled(ValueError):
    """A 2xx whose body is not what it should be."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever the status."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: Any = None  # parsed JSON; text or None when it was none


class Transport:
    """Sends requests with the token, waits and retries through `Patience`, judges every status."""

    def __init__(
        self,
        connection: str,
        bearer: Bearer,
        base_url: str,
        version: str,
        patience: Patience,
        *,
        write_version: str = "",  # the same as of reads
    ) -> None:
        self.connection, self.version, self.patience = connection, version, patience
        self.write_version = write_version or version
        self.server_time: datetime | None = None  # HubSpot's clock at its latest reply
        self._bearer = bearer
        if isinstance(bearer, Renewed):
            bearer.ask = self._asked_for_a_token
        client = HubSpot(access_token="", host=base_url, retry=urllib3.Retry(0))
        # Each access to an API builds a new client with a pool of its own: keep this one.
        self._api = client.crm.deals.basic_api.api_client

    def get(self, path: str, read: Callable[[Any], T], query: Sequence[tuple[str, str]] = ()) -> T:
        """GET; `{V}` in the path is the version. `read` raises Garbled for a body of the wrong shape."""
        return self._patiently("GET", path, read, query=query)

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        read: Callable[[Any], T],
        *,
        effect: Effect = Effect.NONE,
        kind: str = "call",
    ) -> T:
        """POST, as `get`. When an effect is possible the error that is raised says so."""
        return self._patiently("POST", path, read, body=body, effect=effect, kind=kind)

    def delete(self, path: str) -> None:
        """DELETE; doing it again changes nothing, or is refused."""
        self._patiently("DELETE", path, lambda _: None, effect=Effect.REPEATABLE)

    def close(self) -> None:
        """Close the pooled connections."""
        self._api.rest_client.pool_manager.clear()

    def _patiently(
        self,
        method: str,
        path: str,
        read: Callable[[Any], T],
        *,
        query: Sequence[tuple[str, str]] = (),
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.NONE,
        kind: str = "call",
    ) -> T:
        attempts = _Attempts(effect)
        version = self.version if effect is Effect.NONE else self.write_version

        def attempt() -> T | DayIsUsedUp:
            try:
                reply = self._carried(method, path.replace("{V}", version), query, body)
                return self._judged(reply, read)
            except DayIsUsedUp as spent:
                return spent  # handed out as a value: patience would try it again
            except CrmUnavailable as error:
                raise attempts.noted(error) from error.__cause__

        try:
            found = self.patience.call(attempt, kind)
        except CrmUnavailable as error:
            error.unknown_effect = attempts.unsure
            raise
        if isinstance(found, DayIsUsedUp):
            found.unknown_effect = attempts.unsure
            raise found
        return found

    def _judged(self, reply: Reply, read: Callable[[Any], T]) -> T:
        if not 200 <= reply.status <= 299:
            raise error_for(self.connection, reply.status, reply.headers, reply.body)
        try:
            return read(reply.body)
        except Garbled as problem:
            raise Unanswered(self.connection, f"HubSpot's answer cannot be read: {problem}") from None

    def _carried(
        self, method: str, path: str, query: Sequence[tuple[str, str]], body: Mapping[str, Any] | None
    ) -> Reply:
        """The reply to a request with a token; with another one where the first is not accepted any more."""
        self._api.configuration.access_token = self._bearer.token()
        reply = self._exchange(method, path, query, body)
        if reply.status == 401 and self._bearer.refused():
            self._api.configuration.access_token = self._bearer.token()
            reply = self._exchange(method, path, query, body)
        return reply

    def _asked_for_a_token(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """The token endpoint's answer. Raises CrmDenied when the app or its refresh token is not known there."""
        reply = self._exchange("POST", f"/oauth/{self.version}/token", (), None, form)
        if reply.status in (400, 401, 403):
            problem = f"HubSpot gives this app no token: {said(reply.body).text}"
            raise CrmDenied(self.connection, problem, "Install the app again and store its refresh token.", login=True)
        return self._judged(reply, _token)

    def _exchange(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        body: Mapping[str, Any] | None,
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request and its reply; a form goes without a token. Raises CrmUnavailable when none came."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        try:
            data, status, headers = self._api.call_api(
                path,
                method,
                query_params=list(query),
                body=body,
                post_params=list(form.items()) if form else [],
                header_params={"Accept": "application/json", **kind},
                auth_settings=[] if form else ["oauth2"],
                response_types_map=READABLE,
                _request_timeout=TIMEOUT,
            )
            reply = Reply(status, _lower(headers), data)
        except ApiException as error:
            reply = self._refusal(error)
        except urllib3.exceptions.HTTPError as error:
            raise self._silence(error) from error
        except (OpenApiException, UnicodeError, LookupError, AttributeError, RecursionError) as error:
            # An error page in another encoding: what the service really said is one step back.
            if not isinstance(error.__context__, ApiException):
                raise Unanswered(
                    self.connection, f"HubSpot's answer cannot be read ({type(error).__name__})"
                ) from error
            reply = self._refusal(error.__context__)
        self._note_time(reply.headers)
        self._note_calls(reply.headers)
        return reply

    def _refusal(self, error: ApiException) -> Reply:
        if not error.status:  # TLS failed, and the SDK does not tell when
            raise Unanswered(self.connection, "no secure connection to HubSpot") from error
        return Reply(error.status, _lower(error.headers), _parsed(error.body))

    def _silence(self, error: Exception) -> CrmUnavailable:
        reason = getattr(error, "reason", None) or error
        # `NewConnectionError` is a `ConnectTimeoutError`: both mean that nothing was sent.
        if isinstance(reason, urllib3.exceptions.ConnectTimeoutError):
            return NobodyServed(self.connection, "HubSpot cannot be reached")
        return Unanswered(self.connection, f"HubSpot did not answer ({type(reason).__name__})")

    def _note_calls(self, headers: Mapping[str, str]) -> None:
        """The limits of the day and of ten seconds, and what is left of them, where HubSpot says so.

        Of the day to private apps and service keys, of ten seconds with all but searches. Source: recorded replies.
        """
        names = ("daily", "daily-remaining", "max", "remaining", "interval-milliseconds")
        found = {
            each: int(text) for each in names if (text := headers.get(f"x-hubspot-ratelimit-{each}", "")).isdigit()
        }
        if "daily" in found and "daily-remaining" in found:
            self.patience.told(found["daily"] - found["daily-remaining"], found["daily"])
        most, interval = found.get("max", 0), found.get("interval-milliseconds", 0)
        if most and interval:
            self.patience.allowed(Rate(most, interval / 1000), found.get("remaining", most))

    def _note_time(self, headers: Mapping[str, str]) -> None:
        try:
            self.server_time = parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
        except ValueError:
            return


def _token(body: object) -> Mapping[str, Any]:
    given = body if isinstance(body, dict) else {}
    if not isinstance(given.get("access_token"), str) or not isinstance(given.get("expires_in"), int):
        raise Garbled("a token without a life")
    return given


class _Attempts:
    """Remembers over the attempts of one request whether any may have had an effect."""

    def __init__(self, effect: Effect) -> None:
        self._effect = effect
        self.unsure = False

    def noted(self, error: CrmUnavailable) -> CrmUnavailable:
        """The same error; marked as one not to repeat only where repeating could make a second record."""
        may_have_worked = isinstance(error, Unanswered)
        self.unsure = self.unsure or (may_have_worked and self._effect is not Effect.NONE)
        error.unknown_effect = may_have_worked and self._effect is Effect.CREATES
        return error


def _lower(headers: Mapping[str, str] | Sequence[tuple[str, str]] | None) -> dict[str, str]:
    """Names in lower case; a recorder puts pairs in the place of urllib3's mapping."""
    return {str(name).lower(): str(value) for name, value in dict(headers or {}).items()}


def _parsed(body: object) -> object:
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    try:
        return json.loads(body) if isinstance(body, str) else body
    except (ValueError, RecursionError):
        return body
