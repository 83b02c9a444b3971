"""What HubSpot's refusals mean, and what should be done about each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connector.crm.hubspot.scopes import MAIL
from connector.errors import ConnectorError, CrmDenied, CrmUnavailable, NobodyServed

TRY_LATER = frozenset({408, 423, 425})
NOBODY = frozenset({477, 503})  # 477: the account is being moved to another data centre
A_NEW_DAY = timedelta(
    hours=1
)  # so often we look whether it has begun: at the account's midnight, which no refusal names
SCOPES_PAGE = "Development > Keys > Service keys > your key > Scopes"


class Refused(ConnectorError):
    """HubSpot said no to what was asked (400, 404, 409, 413): repeating it changes nothing."""

    def __init__(self, connection: str, status: int, said: Said) -> None:
        self.connection, self.status, self.said = connection, status, said
        super().__init__(f"{connection}: {said.text} (HTTP {status})")


class MissingScope(CrmDenied):
    """The token works, but is not allowed to do this."""


class Unanswered(CrmUnavailable):
    """The request went out, and nothing came back that tells what became of it."""


class DayIsUsedUp(NobodyServed):
    """The account's calls for today are spent; trying again before its midnight is pointless."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One entry of an error's `errors`."""

    text: str
    code: str = ""  # PROPERTY_DOESNT_EXIST, INVALID_OPTION
    names: tuple[str, ...] = ()  # the properties it is about


@dataclass(frozen=True, slots=True)
class Said:
    """An error body, read as far as it can be; every part of it is missing in some recorded reply."""

    text: str
    category: str = ""  # VALIDATION_ERROR, MISSING_SCOPES, RATE_LIMITS …
    subcategory: str = ""
    policy: str = ""  # of a 429: DAILY, TEN_SECONDLY_ROLLING, SECONDLY
    context: Mapping[str, tuple[str, ...]] | None = None
    details: tuple[Detail, ...] = ()

    def named(self, *keys: str) -> tuple[str, ...]:
        """What the context lists under any of these keys."""
        return tuple(value for key in keys for value in (self.context or {}).get(key, ()))

    @property
    def unknown_properties(self) -> tuple[str, ...]:
        """Names that HubSpot says do not exist on the object."""
        return tuple(
            dict.fromkeys(name for each in self.details if each.code == "PROPERTY_DOESNT_EXIST" for name in each.names)
        )

    @property
    def scopes(self) -> tuple[str, ...]:
        """Scopes that were asked for, wherever in the body they stand."""
        return self.named("requiredGranularScopes", "requiredScopes")


def said(body: object) -> Said:
    """Read an error body: a dict, or text where HubSpot answered with a page."""
    if not isinstance(body, dict):
        return Said(text="HubSpot answered without an explanation")
    message = str(body.get("message") or "HubSpot gave no reason")
    inner = _inner(message)
    details = _details(body.get("errors")) or tuple(
        Detail(str(each.get("message", "")), str(each.get("error", "")), (str(each.get("name", "")),)) for each in inner
    )
    return Said(
        text=_sentence(message, inner, details),
        category=str(body.get("category") or body.get("errorType") or ""),
        subcategory=str(body.get("subCategory") or ""),
        policy=str(body.get("policyName") or ""),
        context=_context(body),
        details=details,
    )


def _inner(message: str) -> list[dict[str, Any]]:
    """The list that HubSpot embeds as JSON: `Property values were not valid: [{"isValid":false,…}]`."""
    _, opening, rest = message.partition("[{")
    try:
        found = json.loads(opening + rest) if opening else []
    except ValueError:
        return []
    return [each for each in found if isinstance(each, dict)]


def _sentence(message: str, inner: Sequence[Mapping[str, Any]], details: Sequence[Detail]) -> str:
    """The message; or what it only announces: each wrong value, each property that is missing."""
    missing = [each.text for each in details if each.code.startswith("MISSING_")]
    texts = dict.fromkeys(each for each in (*(str(each.get("message") or "") for each in inner), *missing) if each)
    return "; ".join(texts) if texts else message


def _details(errors: object) -> tuple[Detail, ...]:
    if not isinstance(errors, list):
        return ()
    found = []
    for each in errors:
        if isinstance(each, str):
            found.append(Detail(each))
        elif isinstance(each, dict):
            names = _context(each).get("propertyName", ())
            found.append(Detail(str(each.get("message", "")), str(each.get("code") or ""), names))
    return tuple(found)


def _context(body: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The body's context, joined by those of its errors: scopes are found in either."""
    merged: dict[str, tuple[str, ...]] = {}
    errors = body.get("errors")
    for part in (body, *(errors if isinstance(errors, list) else ())):
        context = part.get("context") if isinstance(part, dict) else None
        for key, values in (context if isinstance(context, dict) else {}).items():
            listed = values if isinstance(values, list) else [values]
            merged[key] = merged.get(key, ()) + tuple(str(each) for each in listed)
    return merged


def error_for(connection: str, status: int, headers: Mapping[str, str], body: object) -> ConnectorError:
    """The error that a reply outside 2xx stands for; status first, then policy, then words."""
    words = said(body)
    if status in (401, 530):  # 530: a token that is no token at all never reaches HubSpot
        return CrmDenied(
            connection,
            f"HubSpot does not accept the token: {words.text}",
            "Put a valid token in the config.",
            login=True,
        )
    if status == 403:
        return _denied(connection, words)
    if status == 429:
        return _too_many(connection, headers, words)
    if status in NOBODY or status in TRY_LATER:  # not begun
        kind = NobodyServed if status in NOBODY else CrmUnavailable
        return kind(connection, f"HubSpot answered {status}", retry_after=asked_wait(headers))
    if status >= 500:
        return Unanswered(connection, f"HubSpot answered {status}", retry_after=asked_wait(headers))
    return Refused(connection, status, words)


def _denied(connection: str, words: Said) -> CrmDenied:
    if not words.scopes:
        return CrmDenied(connection, f"HubSpot forbids it: {words.text}")
    missing = ", ".join(dict.fromkeys(words.scopes))
    # Whoever grants this one lets the token read bodies, which we never ask for: they may rather do without.
    otherwise = ", or take `emails` out of the mapping" if MAIL in words.scopes else ""
    cure = f"Add {missing} under {SCOPES_PAGE}{otherwise}."
    return MissingScope(connection, f"the token lacks a scope: {missing}", cure)


def _too_many(connection: str, headers: Mapping[str, str], words: Said) -> NobodyServed:
    """The three limits: of the day, of ten seconds, of one second (searches name no policy at all)."""
    what = f"{words.policy} {words.text}".lower()
    wait = asked_wait(headers)
    if "daily" in what and "secondly" not in what:
        what = f"the account's calls for today are used up: {words.text}"
        return DayIsUsedUp(connection, what, retry_after=wait or A_NEW_DAY)
    if wait is None:
        wait = timedelta(seconds=10 if "ten_secondly" in what else 1)
    return NobodyServed(connection, f"HubSpot asks for a pause: {words.text}", retry_after=wait, too_soon=True)


def asked_wait(headers: Mapping[str, str]) -> timedelta | None:
    """What `Retry-After` says, in seconds; HubSpot often leaves it out."""
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return timedelta(seconds=max(0.0, float(given)))
    except ValueError:
        return None
