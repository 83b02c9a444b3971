"""What went wrong, in our words: every error of the SDK and the wire becomes one that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from simple_salesforce.exceptions import SalesforceError
from urllib3.exceptions import NewConnectionError

from connector.errors import ConnectorError, CrmDenied, CrmUnavailable, NobodyServed, SchemaDrifted
from connector.model.changes import Settled


class Forgotten(ConnectorError):
    """The server no longer knows where a query stood, or what was deleted that long ago. Never leaves this folder."""

    exit_code = 4


class TooSlow(CrmUnavailable):
    """The query itself takes too long: asked again it will not be faster, asked for less it may."""

    at_once = False


class DayIsUsedUp(NobodyServed):
    """The org's calls of the last 24 hours are spent; the same call would meet the same within this cycle."""

    at_once = False


@dataclass(frozen=True, slots=True)
class Complaint:
    """The first error of a reply, or of a row of one."""

    code: str  # "UNABLE_TO_LOCK_ROW"; empty when the reply is no error of Salesforce's
    message: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = f" [{', '.join(self.fields)}]" if self.fields else ""
        return f"{self.code}: {self.message}{named}" if self.code else self.message

    @classmethod
    def of(cls, body: Any) -> Complaint:  # noqa: ANN401 - whatever the service said
        """From a list of errors, one error, a token error, the result of an action, or text."""
        first = body[0] if isinstance(body, list) and body else body
        if not isinstance(first, Mapping):
            return cls("", _short(first.decode(errors="replace") if isinstance(first, bytes) else str(first)))
        if first.get("errors"):
            return cls.of(first["errors"])
        code = first.get("errorCode") or first.get("statusCode") or first.get("error") or ""
        message = first.get("message") or first.get("error_description") or ""
        fields = first.get("fields") or ()
        return cls(str(code), _short(str(message)), tuple(map(str, fields)))


def _short(text: str) -> str:
    """One line, of a length that fits a log line: a query error repeats the whole query."""
    line = " ".join(text.split())
    return line if len(line) <= 400 else f"{line[:120]} … {line[-270:]}"


# Source: Salesforce status codes, checked against the StatusCode list of the v63 metadata WSDL.
_BUSY = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "UNABLE_TO_LOCK_RECORD",
        "RECORD_IN_USE_BY_WORKFLOW",
        "TERRITORY_REALIGN_IN_PROGRESS",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        "SERVICE_UNAVAILABLE",
        "SERVER_UNAVAILABLE",
        "REQUEST_RUNNING_TOO_LONG",
        "TOO_MANY_APEX_REQUESTS",
        "UNKNOWN_EXCEPTION",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "PROCESSING_HALTED",
        "ENTITY_IS_LOCKED",  # an approval is under way
        "REQUEST_LIMIT_EXCEEDED",
        "STORAGE_LIMIT_EXCEEDED",
    }
)
# Automation of the customer's own that fails for want of a lock or of time may pass the next time.
_BUSY_BY_TEXT = frozenset({"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER", "APEX_FAILED"})
_TOO_HEAVY = ("Apex CPU time limit", "Too many SOQL")
_PASSING = ("UNABLE_TO_LOCK_ROW", *_TOO_HEAVY)

_WAIT_STATUSES = frozenset({408, 500, 502, 504})
# Nothing was begun, whatever was asked. REQUEST_LIMIT_EXCEEDED: of the last 24 hours, or too many slow calls at once.
_NOBODY_STATUSES = frozenset({420, 429, 503})
WAITING = _WAIT_STATUSES | _NOBODY_STATUSES
_OF_THE_DAY = "TotalRequests"  # the other one: ConcurrentRequests
_NOBODY_CODES = frozenset({"REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "SERVICE_UNAVAILABLE"})

_LOGIN_CURES = (
    (
        "approved this consumer",
        "pre-authorise the integration user: give it a permission set named in the app's policies",
    ),
    ("admin approved", "assign the permission set named in the app's policies to the integration user"),
    ("audience", "set `audience` to https://test.salesforce.com for a sandbox, https://login.salesforce.com otherwise"),
    ("assertion", "upload the certificate that belongs to `private_key` to the external client app"),
    ("inactive", "activate the integration user"),
    ("not supported on this domain", "set `login_url` to the org's My Domain, like https://acme.my.salesforce.com"),
    ("ip restricted", "relax the app's IP policy, or add this machine's address to the login ranges"),
)
# "retry your request", with status 400: seen by others in passing (amazon-connect/amazon-connect-salesforce-lambda#43).
_ASK_AGAIN = "unknown_error"
_LOGIN_CURES_BY_CODE = {
    "invalid_client_id": "check `consumer_key`; a new app takes some minutes to become active",
    "invalid_client": "check `consumer_key` and `client_secret`",
    "invalid_app_access": "assign the permission set named in the app's policies to the integration user",
    "unsupported_grant_type": "enable the JWT bearer flow or the client credentials flow in the app",
}


def settled(complaint: Complaint) -> Settled:
    """How a refused row of a batch ended: worth repeating, or not."""
    if complaint.code in _BUSY:
        return Settled.BUSY
    if complaint.code in _BUSY_BY_TEXT and any(text in complaint.message for text in _PASSING):
        return Settled.BUSY
    return Settled.REFUSED


def is_too_heavy(reason: str) -> bool:
    """Whether a row failed only because too many others came with it."""
    return any(text in reason for text in _TOO_HEAVY)


def login_refused(connection: str, complaint: Complaint) -> ConnectorError:
    """What it means that the token endpoint gave none: CrmUnavailable where it asks to be asked again, else CrmDenied."""
    if complaint.code == _ASK_AGAIN:
        return CrmUnavailable(connection, f"the login did not work this time: {complaint}")
    said = complaint.message.lower()
    cure = next((cure for words, cure in _LOGIN_CURES if words in said), "")
    cure = cure or _LOGIN_CURES_BY_CODE.get(complaint.code, "check the connection's login options")
    return CrmDenied(connection, f"login refused: {complaint}", cure, login=True)


def translated(connection: str, error: Exception, retry_after: timedelta | None = None) -> ConnectorError:
    """Our error for one that came out of the SDK or from the wire."""
    if isinstance(error, SalesforceError):
        return of_status(connection, error.status, error.content, retry_after)
    if isinstance(error, requests.ConnectTimeout):
        return NobodyServed(connection, "could not be reached in time", retry_after=retry_after)
    if isinstance(error, requests.Timeout):
        return CrmUnavailable(connection, "did not answer in time", retry_after=retry_after)
    if isinstance(error, requests.exceptions.JSONDecodeError) or not isinstance(error, requests.RequestException):
        return CrmUnavailable(connection, "answered with something that is no JSON", retry_after=retry_after)
    kind = NobodyServed if _was_not_reached(error) else CrmUnavailable
    return kind(connection, f"could not be reached ({type(error).__name__})", retry_after=retry_after)


def _was_not_reached(error: requests.RequestException) -> bool:
    """Whether nothing was sent; a connection that broke later is an error of the same kind."""
    return isinstance(getattr(next(iter(error.args), None), "reason", None), NewConnectionError)


def of_status(
    connection: str,
    status: int,
    body: Any,  # noqa: ANN401 - whatever the service said
    retry_after: timedelta | None = None,
) -> ConnectorError:
    """Our error for an HTTP status and the body that came with it."""
    complaint = Complaint.of(body)
    if complaint.code == "QUERY_TIMEOUT":
        return TooSlow(connection, str(complaint))
    if complaint.code == "REQUEST_LIMIT_EXCEEDED" and complaint.message.startswith(_OF_THE_DAY):
        return DayIsUsedUp(connection, f"HTTP {status}, {complaint}", retry_after=retry_after)
    if status in _NOBODY_STATUSES or complaint.code in _NOBODY_CODES:
        return NobodyServed(connection, f"HTTP {status}, {complaint}", retry_after=retry_after)
    if status in _WAIT_STATUSES or (status == 406 and not body):
        return CrmUnavailable(connection, f"HTTP {status}, {complaint}", retry_after=retry_after)
    if complaint.code in ("INVALID_QUERY_LOCATOR", "INVALID_REPLICATION_DATE"):
        return Forgotten(f"{connection}: {complaint}")
    if complaint.code in ("INVALID_FIELD", "INVALID_TYPE"):
        cure = "compare the mapping with Setup > Object Manager, and the field-level security of the permission set"
        return SchemaDrifted(f"{connection}: {complaint}\n  {cure}")
    return CrmDenied(connection, f"HTTP {status}, {complaint}", _cure(status, complaint), login=status == 401)


def _cure(status: int, complaint: Complaint) -> str:
    if status == 401:
        return "log in again: check that the app is active and the integration user may use the REST API"
    if complaint.code == "API_DISABLED_FOR_ORG":
        return "grant `API Enabled` to the integration user"
    if complaint.code == "OPERATION_TOO_LARGE":
        # Without it each row's records (who, what) are looked up for whether they are shared with us, and above 100,000
        # of them the query is refused. Source: singer-io/tap-salesforce#98; Salesforce, object reference of Event.
        return "grant View All Data in a permission set of your own, or take the object out of the mapping"
    if status == 410:
        return "set `api_version` to one that `attain doctor` lists"
    if status == 403:
        return "grant the integration user what the message names, in a permission set of your own: `attain install` replaces ours"
    if 300 <= status < 400:
        return "set `login_url` to the org's My Domain; redirects are not followed"
    if status == 404:
        return "check that the object exists and the integration user may see it"
    return "Salesforce does not take this request; please report it as a fault of Attain"
