"""Tokens for an app with OAuth: given for half an hour against a refresh token.

Source: HubSpot, "Manage OAuth tokens", read November 2026; what a spent token hears is an error of category
EXPIRED_AUTHENTICATION by the guide, and of INVALID_AUTHENTICATION in recordings: the guide's is given here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from connector.sandbox.hubspot.replies import Refused, error, said
from connector.sandbox.wire import Request, Response

LIFE = 1_800  # seconds


@dataclass(slots=True)
class App:
    """One app, the refresh token of its one installation, and the tokens it was given."""

    client_id: str
    secret: str
    refresh: str
    ends: dict[str, int] = field(default_factory=dict)  # token → epoch milliseconds

    def token(self, request: Request, now: int) -> Response:
        """The reply to a form. Raises Refused for whatever is not this app's."""
        form = _form(request)
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.secret):
            raise Refused(400, error("missing or invalid client id or secret", "BAD_CLIENT_ID"))
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.refresh:
            raise Refused(400, error("missing or invalid refresh token", "BAD_REFRESH_TOKEN"))
        token = f"CLeF-{len(self.ends) + 1:04}-{now}"
        self.ends[token] = now + LIFE * 1000
        return said(
            200,
            {
                "token_type": "bearer",
                "token_use": "access_token",
                "access_token": token,
                "refresh_token": self.refresh,
                "expires_in": LIFE,
            },
        )

    def knows(self, token: str, now: int) -> bool:
        """Whether it gave this token. Raises Refused (401) for one whose time is over."""
        if token in self.ends and self.ends[token] <= now:
            raise Refused(401, error("The OAuth token used to make this call expired", "EXPIRED_AUTHENTICATION"))
        return token in self.ends


def _form(request: Request) -> Mapping[str, str]:
    """A form, by the guide; HubSpot's own new SDK sends the same as JSON."""
    if "json" in request.headers.get("content-type", ""):
        given = request.json()
        return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))
