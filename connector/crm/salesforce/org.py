"""One org to talk to: logs in once for all threads, counts and translates each exchange."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession

from connector.crm.salesforce.errors import of_status, translated
from connector.crm.salesforce.grants import Login
from connector.crm.salesforce.session import Heard, make_session
from connector.crm.salesforce.tokens import Token, TokenSource, body_of
from connector.errors import CrmUnavailable, NobodyServed
from connector.ports import World
from connector.transport import Patience

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """One page of a query's answer."""

    rows: tuple[Mapping[str, Any], ...]
    total: int  # of the whole query, also on later pages
    next: str | None  # nextRecordsUrl; None: that was all


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer that is no JSON."""

    text: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a write."""

    body: Any
    again: bool  # an earlier attempt went unanswered: what is refused now may have been done then


class _Attempts:
    """Remembers over the attempts of one write whether any may have had an effect."""

    def __init__(self, work: Callable[[Salesforce], Any]) -> None:
        self._work = work
        self._left = False  # the present attempt, rather than a login before it
        self.unsure = False

    def once(self, exchange: Callable[[Callable[[Salesforce], Any]], Any]) -> Any:  # noqa: ANN401 - a raw reply
        """One attempt; raises what it raises."""
        self._left = False
        try:
            return exchange(self._leaving)
        except CrmUnavailable as error:
            self.unsure = self.unsure or (self._left and not isinstance(error, NobodyServed))
            raise

    def _leaving(self, sf: Salesforce) -> Any:  # noqa: ANN401 - a raw reply
        self._left = True
        try:
            return self._work(sf)
        except SalesforceExpiredSession:
            self._left = False  # a token that is refused has done nothing, whatever becomes of the new one
            raise


class Org:
    """Salesforce as one connection sees it. Every method raises only errors of ours.

    Everything sent is safe to repeat at once: reads, updates by id and upserts by external id. So a call whose answer
    was lost is tried again like any other. Later it is not: meanwhile people work on what it may have left behind.
    """

    def __init__(self, login: Login, world: World, patience: Patience) -> None:
        self.connection, self.version = login.connection, login.api_version
        self.patience = patience
        self._login, self._world = login, world
        self._tokens = TokenSource(login, world)
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._ahead: timedelta | None = None
        self._usage: dict[str, tuple[int, int]] = {}

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - a raw reply
        """GET a path below /services/data/vN/."""
        return self._exchange(lambda sf: sf.restful(path, params=dict(params or {})))

    def send(self, method: str, path: str, body: Any) -> Any:  # noqa: ANN401 - a raw reply
        """Send JSON to a path below /services/data/vN/; decimals go out digit by digit."""
        text = exact_json(body)
        return self._exchange(lambda sf: sf.restful(path, method=method, data=text.encode()), kind="write")

    def write(self, method: str, path: str, body: Any) -> Answered:  # noqa: ANN401 - JSON
        """The same, for records: a CrmUnavailable that it raises says whether any attempt may have had an effect."""
        text = exact_json(body)
        attempts = _Attempts(lambda sf: sf.restful(path, method=method, data=text.encode()))
        try:
            found = self.patience.call(lambda: attempts.once(self._once), "write")
        except CrmUnavailable as error:
            error.unknown_effect = attempts.unsure
            raise
        return Answered(found, again=attempts.unsure)

    def attempt(self, method: str, path: str, body: Any) -> Any:  # noqa: ANN401 - a raw reply
        """Send JSON once, whatever comes of it: for what must not happen twice."""
        text = exact_json(body)
        return self._once(lambda sf: sf.restful(path, method=method, data=text.encode()))

    def upload(self, path: str, parts: Mapping[str, tuple[str | None, bytes, str]]) -> Any:  # noqa: ANN401 - a raw reply
        """POST a multipart form: name → (file name, content, content type)."""
        headers = {"Content-Type": None}  # leaves the boundary to requests
        return self._exchange(lambda sf: sf.restful(path, method="POST", files=dict(parts), headers=headers))

    def fetch(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        text: str | None = None,
        read: Callable[[Fetched], T] = lambda fetched: fetched,  # type: ignore[assignment,return-value]
    ) -> T:
        """A request whose body or answer is CSV; the SDK would take either for JSON.

        `read` makes something of the answer, and raises CrmUnavailable for one that was cut short: then it is asked again.
        """

        def work(sf: Salesforce) -> T:
            headers = {**sf.headers, "Content-Type": "text/csv; charset=UTF-8", "Accept": "text/csv"}
            body = None if text is None else text.encode()
            reply = sf.session.request(
                method, f"{sf.base_url}{path}", params=dict(params or {}), data=body, headers=headers
            )
            if reply.status_code == 401:
                raise SalesforceExpiredSession(reply.url, 401, path, body_of(reply))
            if reply.status_code >= 300:
                raise of_status(self.connection, reply.status_code, body_of(reply))
            reply.encoding = "utf-8"
            return read(Fetched(reply.text, reply.headers))

        return self._exchange(work, kind="bulk")

    def query(self, soql: str, *, deleted: bool = False) -> Reply:
        """The first page of a query; `deleted` includes the recycle bin and archived activities."""
        return self._exchange(lambda sf: self._reply(sf.query(soql, include_deleted=deleted)), kind="query")

    def more(self, url: str) -> Reply:
        """The page behind a nextRecordsUrl."""
        return self._exchange(lambda sf: self._reply(sf.query_more(url, identifier_is_url=True)), kind="query")

    def all_rows(self, soql: str) -> list[Mapping[str, Any]]:
        """Every row of a query that is known to be small."""
        reply = self.query(soql)
        rows = list(reply.rows)
        while reply.next:
            reply = self.more(reply.next)
            rows += reply.rows
        return rows

    def versions(self) -> tuple[str, ...]:
        """The API versions the org speaks; needs no login and costs no call of the allowance."""

        def work(sf: Salesforce) -> Any:  # noqa: ANN401 - a raw reply
            reply = sf.session.get(f"https://{sf.sf_instance}/services/data/", headers={"Accept": "application/json"})
            if reply.status_code != 200:
                raise of_status(self.connection, reply.status_code, body_of(reply))
            return reply.json()

        found = self._exchange(work)
        return tuple(str(each["version"]) for each in found if isinstance(each, Mapping) and "version" in each)

    def now(self) -> datetime:
        """The server's clock, from the Date header of its last reply: a window must never be cut by ours."""
        if self._ahead is None:
            self.versions()
        return self._world.now() + (self._ahead or timedelta(0))

    @property
    def ahead(self) -> timedelta | None:
        """How far the server's clock was ahead of ours at its last reply; None before any reply."""
        return self._ahead

    @property
    def usage(self) -> Mapping[str, tuple[int, int]]:
        """Limits as the last replies told them: "api-usage" → (used, of)."""
        return self._usage

    @property
    def instance(self) -> str:
        """The org's address; logs in when nobody has yet."""
        return self._token().instance

    @property
    def user_id(self) -> str:
        """The running user."""
        return self._token().user_id

    @property
    def organisation(self) -> str:
        """The org's id, as the login told it; empty when it did not."""
        return self._token().organisation

    def close(self) -> None:
        """Close every thread's connections."""
        for session in self._sessions:
            session.close()

    def _exchange(self, work: Callable[[Salesforce], T], kind: str = "call") -> T:
        return self.patience.call(lambda: self._once(work), kind)

    def _once(self, work: Callable[[Salesforce], T]) -> T:
        heard = self._heard()
        heard.retry_after = None
        try:
            try:
                return work(self._client())
            except SalesforceExpiredSession:
                return work(self._client(refused=self._local.token))
        except (SalesforceError, requests.RequestException, ValueError, TypeError, KeyError, AttributeError) as error:
            # The SDK stumbles over garbled bodies with whatever its code happens to raise.
            raise translated(self.connection, error, heard.retry_after) from None
        finally:
            self._ahead = self._ahead if heard.ahead is None else heard.ahead
            self._usage |= heard.usage
            if "api-usage" in heard.usage:
                self.patience.told(*heard.usage["api-usage"])

    def _client(self, refused: Token | None = None) -> Salesforce:
        token = self._tokens.get(self._session(), self._heard(), refused)
        if getattr(self._local, "token", None) != token:
            self._local.token = token
            self._local.client = Salesforce(
                instance_url=token.instance,
                session_id=token.secret,
                session=self._session(),
                version=self.version,
                parse_float=Decimal,
                object_pairs_hook=None,  # plain dicts, as the parser makes them: a hook costs half as much again
            )
        client: Salesforce = self._local.client
        return client

    def _token(self) -> Token:
        self.patience.call(self._client, "login")
        token: Token = self._local.token
        return token

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.heard = Heard(self._world.now)
            self._local.session = make_session(self._local.heard, self._login.divert)
            self._sessions.append(self._local.session)
        session: requests.Session = self._local.session
        return session

    def _heard(self) -> Heard:
        self._session()
        heard: Heard = self._local.heard
        return heard

    def _reply(self, body: Any) -> Reply:  # noqa: ANN401 - a raw reply
        if not isinstance(body, Mapping) or not isinstance(body.get("records"), list):
            raise CrmUnavailable(self.connection, "answered a query without records")
        following = None if body.get("done", True) else body.get("nextRecordsUrl")
        return Reply(tuple(body["records"]), int(body.get("totalSize") or 0), following)


def exact_json(value: Any) -> str:  # noqa: ANN401 - a JSON value
    """JSON with decimals as numbers, digit by digit: through a float they would lose some."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(key))}: {exact_json(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(exact_json, value)) + "]"
    return json.dumps(value)
