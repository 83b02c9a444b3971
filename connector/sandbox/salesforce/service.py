"""The stand-in Salesforce: one answer for every request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

from connector.sandbox.salesforce import api, fiscal_years, flows, lands, permissions
from connector.sandbox.salesforce.bulk_jobs import Jobs
from connector.sandbox.salesforce.call import Call, Desk, reply
from connector.sandbox.salesforce.database import Database
from connector.sandbox.salesforce.deployments import Deployments
from connector.sandbox.salesforce.faults import AT_LOGIN, REQUEST_FAULTS, Faults
from connector.sandbox.salesforce.load import load
from connector.sandbox.salesforce.login import Logins, TokenRefused
from connector.sandbox.salesforce.merge import merge
from connector.sandbox.salesforce.organisation import FIRST_STAGES, Organisation
from connector.sandbox.salesforce.query import Queries
from connector.sandbox.salesforce.records import Records
from connector.sandbox.salesforce.refusal import Refused, no_such_resource
from connector.sandbox.salesforce.schema import Viewer
from connector.sandbox.salesforce.versions import NEWEST, OLDEST, spoken
from connector.sandbox.wire import Clock, Request, Response, Switches, dated

LONGEST_URI = 16_384  # bytes; there it includes the headers
_VERSIONED = re.compile(r"(/services/data/v(\d+)\.0)(/.*)?")
_TABLES = {"person": ("User",), "account": ("Account",), "deal": ("Opportunity",), "activity": ("Task", "Event")}
_FAULTS = {
    "429": Refused("REQUEST_LIMIT_EXCEEDED", "Too many requests", status=429),
    "500": Refused("UNKNOWN_EXCEPTION", "An unexpected error occurred", status=500),
    "502": Refused("BAD_GATEWAY", "Bad Gateway", status=502),
    "503": Refused("SERVER_UNAVAILABLE", "Server is busy or in maintenance", status=503),
}


class SalesforceSandbox:
    """A Salesforce organisation that lives in SQLite and answers as the real one would.

    It is silent about time and chance: `now` and `switches` decide. Several threads may ask at
    once; they are served one after the other.
    """

    def __init__(
        self,
        *,
        now: Clock,
        switches: Switches = Switches(),  # noqa: B008 - frozen
        database: str = ":memory:",
        currency: str = "EUR",
    ) -> None:
        self.daily_requests = 100_000
        self._database = Database(database)
        self._org = Organisation(now, switches, self._database, currency)
        self._faults = Faults(switches)
        self._logins = Logins(self._org)
        self._desk = Desk(
            self._org,
            self._faults,
            Queries(self._database),
            Deployments(self._org),
            Jobs(),
            now(),
            lambda: (self._used, self.daily_requests),
        )
        self.refused_parts = self._org.refused_parts
        self.rung = self._org.rung
        self._used, self._day = 0, date.min
        with self._database.lock:
            self._begin()

    @property
    def token_life(self) -> timedelta:
        """How long a token lasts; 2 hours unless it is set."""
        return self._logins.life

    @token_life.setter
    def token_life(self, life: timedelta) -> None:
        self._logins.life = life

    def slow_down(self, takes: timedelta) -> None:
        """Jobs that read are under way for so long."""
        self._org.bulk_takes = takes

    @property
    def integration_user(self) -> str:
        """The id of the user that integrations run as."""
        return self._org.integration_user

    def load(self, folder: Path) -> None:
        """Bring in the part of a company folder that lives in Salesforce."""
        with self._database.lock:
            load(self._org, folder)

    def register(self, consumer_key: str, public_key_pem: str, username: str) -> None:
        """An app that may log in by JWT bearer, as the user with that name, or else the integration user."""
        self._logins.register(consumer_key, public_key_pem, username)

    def register_client(self, client_id: str, secret: str, refresh: str = "") -> None:
        """An app that may log in by client credentials, or by a refresh token, as the integration user."""
        self._logins.register_client(client_id, secret, refresh)

    def id_of(self, kind: str, company_id: str) -> str:
        """The record made of a person, account, deal or activity of the company folder. Raises KeyError."""
        with self._database.lock:
            for table in _TABLES[kind]:
                self._database.index(self._org.schema.objects[table], ("source",))
                found = self._database.run(f'SELECT "Id" FROM "{table}" WHERE source = ?', (company_id,)).fetchone()
                if found:
                    return str(found[0])
        raise KeyError(company_id)

    def switch_on_teams(self) -> None:
        """Let deals have teams."""
        with self._database.lock, self._database.transaction():
            self._org.switch_on_teams()

    def minimum_access(self, *hidden: tuple[str, str]) -> None:
        """Give the integration user the least profile.

        It reads standard objects but for the hidden fields (object, field), and writes none, until a permission set
        that it holds grants more.
        """
        with self._database.lock, self._database.transaction():
            permissions.switch_on(self._org, hidden)

    def be_production(self) -> None:
        """Take flows in without switching them on, as a production organisation does by default."""
        self._org.flows_arrive_inactive = True

    def activate(self, flow: str) -> None:
        """Switch a flow on, as a person does under Setup."""
        with self._database.lock, self._database.transaction():
            flows.activate(self._org, flow)

    def seat(self, territories: Mapping[str, Sequence[str]]) -> None:
        """Switch territories on and say who sits in which, by user id; whoever is not named any more has left theirs."""
        with self._database.lock, self._database.transaction():
            lands.seat(self._org, territories)

    def lie(self, territories: Mapping[str, Sequence[str]]) -> None:
        """Switch territories on and say which accounts lie in which, by id; assigned by rule, and others left as they are."""
        with self._database.lock, self._database.transaction():
            lands.lie(self._org, territories)

    def cut_years(self, years: Mapping[str, tuple[date, Sequence[Sequence[int]]]]) -> None:
        """The custom fiscal years of the organisation, by name: the first day, and per quarter the weeks of its periods.

        Years that are not named any more are gone.
        """
        with self._database.lock, self._database.transaction():
            fiscal_years.cut(self._org, years)

    def touch(self, name: str, ids: Sequence[str]) -> None:
        """Stamp records as automation would, without editing them; a tenth of them shows late, if anything does."""
        thing = self._org.schema.objects[name]
        with self._database.lock, self._database.transaction():
            for id in ids:
                before, at = self._database.get(thing, id), self._org.stamp
                self._database.update(thing, id, {"SystemModstamp": at})
                until = self._org.visible_from(id, at)
                if until is None:
                    self._database.reveal(thing, id)
                else:
                    self._database.hide(thing, id, before, until, at)

    def merge(self, master: str, victims: Sequence[str], *, stamps: bool = False) -> None:
        """Make one account of several, by id; see `merge.py` for what that does."""
        with self._database.lock, self._database.transaction():
            merge(self._org, master, victims, stamps=stamps)

    def archive(self, name: str, ids: Sequence[str]) -> None:
        """Tasks or events leave what `query` shows, as closed ones do after a year, and stay as they are.

        Source: Salesforce, SOAP API Developer Guide, "queryAll()".
        """
        with self._database.lock, self._database.transaction():
            for id in ids:
                self._database.update(self._org.schema.objects[name], id, {"IsArchived": 1})

    def undelete(self, name: str, ids: Sequence[str]) -> None:
        """As a person does in the recycle bin, where REST has no way to."""
        records = Records(self._org, Viewer(self._org.integration_user, admin=True))
        with self._database.lock, self._database.transaction():
            for id in ids:
                records.undelete(self._org.schema.objects[name], id)

    def answer(self, request: Request) -> Response:
        """The reply, whatever was asked."""
        with self._database.lock:
            return dated(self._answered(request), self._org.now())

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _begin(self) -> None:
        if self._org.restore():
            self._desk.deployments.restore()
            return
        self._org.found("Sandbox", "GMT")
        self._org.set_stages(FIRST_STAGES)

    def _answered(self, request: Request) -> Response:
        path = request.path.rstrip("/")
        if len(path) + len(urlencode(request.query)) > LONGEST_URI:
            return Response(414, {"Content-Type": "text/html"}, b"<h1>Request-URI Too Long</h1>")
        try:
            if path == "/services/data":
                return reply(200, spoken())
            if path == "/services/oauth2/token":
                return self._token(request)
            match = _VERSIONED.fullmatch(path)
            if path != "/services/oauth2/userinfo" and match is None:
                raise no_such_resource()
            return self._authorised(request, match)
        except Refused as refused:
            return reply(refused.status, refused.request_error())

    def _token(self, request: Request) -> Response:
        if request.method != "POST":
            return reply(405, {"error": "invalid_request", "error_description": "must use HTTP POST"})
        fault = self._faults.next_request(AT_LOGIN)
        if fault == "lost":
            return Response(0)
        if fault is not None:
            return self._fault(fault)
        try:
            return reply(200, self._logins.token(request))
        except TokenRefused as refused:
            return reply(refused.status, {"error": refused.error, "error_description": refused.description})

    def _authorised(self, request: Request, match: re.Match[str] | None) -> Response:
        viewer = self._logins.viewer(request)
        if match is None:
            return reply(200, self._user_info(viewer.user))
        if not OLDEST <= int(match[2]) <= NEWEST:
            if int(match[2]) < OLDEST:
                raise Refused("UNSUPPORTED_API_VERSION", "API version is no longer supported", status=410)
            raise no_such_resource()
        self._count()
        fault = self._faults.next_request(REQUEST_FAULTS)
        if fault == "401":
            self._logins.forget(request)
            raise Refused("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        if fault not in {None, "lost", "cut"}:
            return self._fault(str(fault))
        if fault == "lost" and not self._faults.next_loss_comes_after():
            return Response(0)
        return _damaged(self._asked(Call(self._desk, request, viewer, match[1])), fault)

    def _asked(self, call: Call) -> Response:
        response = api.answer(call)
        if not (200 <= response.status < 300 and response.body):
            return response
        usage = f"api-usage={self._used}/{self.daily_requests}"
        return Response(response.status, {**response.headers, "Sforce-Limit-Info": usage}, response.body)

    def _count(self) -> None:
        """One more request today. Raises Refused when the day's are used up."""
        if self._org.today != self._day:
            self._used, self._day = 0, self._org.today
        if self._used >= self.daily_requests and self._org.switches.limits:
            raise Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self._used += 1

    def _fault(self, kind: str) -> Response:
        refused = _FAULTS[kind]
        headers = {"Retry-After": "1"} if kind in {"429", "503"} else {}
        return reply(refused.status, refused.request_error(), **headers)

    def _user_info(self, user: str) -> dict[str, object]:
        sql = 'SELECT "Username", "Name", "Email", "IsActive" FROM "User" WHERE "Id" = ?'
        username, name, email, active = self._database.run(sql, (user,)).fetchone()
        return {
            "sub": f"https://login.salesforce.com/id/{self._org.organization}/{user}",
            "user_id": user,
            "organization_id": self._org.organization,
            "preferred_username": username,
            "name": name,
            "email": email,
            "active": bool(active),
            "user_type": "STANDARD",
        }


def _damaged(response: Response, fault: str | None) -> Response:
    """What arrives of a response that was lost, or cut off on its way."""
    if fault == "lost":
        return Response(0)
    if fault == "cut" and len(response.body) > 2:
        return Response(response.status, response.headers, response.body[: len(response.body) // 2])
    return response
