"""Failures on purpose: which request goes wrong, and how, drawn from a seed."""

from __future__ import annotations

from connector.sandbox.hubspot.replies import Refused, error
from connector.sandbox.wire import Response, Switches


class Mischief:
    """Draws once per request, so that the same seed and requests fail in the same way."""

    def __init__(self, switches: Switches) -> None:
        self._shares = sorted(switches.fail.items())
        self._random = switches.random("hubspot:fail")
        self._took_effect = switches.random("hubspot:lost").random() < 0.5

    def draw(self) -> str | None:
        """What goes wrong with the next request: "503", "lost", "cut" …; None: nothing."""
        if not self._shares:
            return None
        drawn = self._random.random()
        for what, share in self._shares:
            if drawn < share:
                return what
            drawn -= share
        return None

    def lost_before_effect(self) -> bool:
        """Whether this lost request never arrived; every other one did, and only its reply was lost."""
        self._took_effect = not self._took_effect
        return not self._took_effect


def refusal(what: str) -> Refused | None:
    """The refusal for a status drawn; None for failures that are not a status."""
    if not what.isdigit():
        return None
    status = int(what)
    if status == 429:
        body = error("You have reached your ten_secondly_rolling limit.")
        return Refused(
            429,
            body
            | {
                "errorType": "RATE_LIMIT",
                "policyName": "TEN_SECONDLY_ROLLING",
                "groupName": "publicapi:private-apps:api-calls",
            },
        )
    if status == 401:
        return unauthenticated()
    return Refused(
        status, error("Service temporarily unavailable" if status == 503 else "There was a problem with the request.")
    )


def unauthenticated() -> Refused:
    return Refused(
        401,
        error(
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
            "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            "INVALID_AUTHENTICATION",
        ),
    )


def spoiled(what: str, response: Response) -> Response:
    """The reply as it arrives: cut in the middle, or saying `null` where an object belongs."""
    if what == "cut":
        return Response(response.status, response.headers, response.body[: len(response.body) // 2])
    if what == "null":
        return Response(response.status, response.headers, b"null" if response.body else b"")
    return response
