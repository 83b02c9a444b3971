"""The options of a connection: what they say, and what of them cannot be obeyed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from connector.crm.hosts import is_loopback
from connector.crm.hubspot.address import VERSION
from connector.crm.hubspot.fields import NOTED, OURS
from connector.errors import PlaceOf, Problem
from connector.model.settings import ConnectionSettings
from connector.normalise.mapping import CrmMapping, ScoreRows

APP = {"client_id": "client_id", "app_secret": "client_secret", "refresh_token": "refresh_token"}  # ours → HubSpot's
DATED = re.compile(r"20\d\d-\d\d(-beta)?")


class Options:
    """The connection's block, read."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.token = given.get("token", "").strip()  # one that lasts; else new ones are had with `app`
        self.app = {theirs: given.get(ours, "").strip() for ours, theirs in APP.items()}
        self.base_url = (given.get("base_url") or "https://api.hubapi.com").rstrip("/")
        self.version = given.get("version") or VERSION
        self.write_version = given.get("write_version") or self.version
        self.calls_text = given.get("calls_per_10_seconds") or "110"
        self.searches_text = given.get("searches_per_second") or "4"
        self.webhooks, self.secret = given.get("webhooks", ""), given.get("app_secret", "")

    @property
    def calls(self) -> int:
        """At most in ten seconds."""
        return int(self.calls_text)

    @property
    def searches(self) -> int:
        """At most in a second."""
        return int(self.searches_text)

    @property
    def door(self) -> tuple[str, str] | None:
        """Address and secret; None where HubSpot tells nothing by itself."""
        return (self.webhooks, self.secret) if self.webhooks and self.secret else None


def faults(settings: ConnectionSettings, mapping: CrmMapping, place_of: PlaceOf) -> list[Problem]:
    """What is wrong with the options of one connection, and with what only HubSpot asks of its mapping."""
    found = _Faults(place_of)
    options = Options(settings.options)
    found.keys(options)
    found.address("base_url", options.base_url, "would send the token unencrypted")
    found.version("version", options.version)
    found.version("write_version", options.write_version)
    found.count("calls_per_10_seconds", options.calls_text)
    found.count("searches_per_second", options.searches_text)
    found.door(options)
    found.mapping(mapping)
    return found.problems


class _Faults:
    """Gathered option by option."""

    def __init__(self, place_of: PlaceOf) -> None:
        self._place_of = place_of
        self.problems: list[Problem] = []

    def keys(self, options: Options) -> None:
        oauth = bool(options.app["refresh_token"])
        if not options.token and not oauth:
            self._wrong("token", "is missing", "make a service key in HubSpot and put its token here")
        for ours, theirs in APP.items() if oauth and not options.token else ():
            if not options.app[theirs]:
                self._wrong(ours, "is missing", f"an app with OAuth needs {', '.join(APP)}")

    def door(self, options: Options) -> None:
        if options.webhooks:
            self.address("webhooks", options.webhooks, "is an address that HubSpot does not send to")
        if bool(options.webhooks) != bool(options.secret) and not options.app["refresh_token"]:
            absent = "webhooks" if options.secret else "app_secret"
            self._wrong(absent, "is missing", "`webhooks` and `app_secret` go together")

    def address(self, name: str, url: str, plain: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname or parts.scheme not in ("https", "http"):
            self._wrong(name, f"`{url}` is no web address")
        elif parts.scheme == "http" and not is_loopback(parts.hostname):
            self._wrong(name, plain, "use https; plain http is for this machine only")

    def version(self, name: str, version: str) -> None:
        if not DATED.fullmatch(version):
            self._wrong(name, f"`{version}` is no version", f"write {VERSION}")

    def count(self, name: str, given: str) -> None:
        if not (given.isdigit() and int(given) > 0):
            self._wrong(name, f"`{given}` is no number above zero")

    def mapping(self, mapping: CrmMapping) -> None:
        """A note is known by when its text was typed, an object of ours by its name."""
        for source in mapping.sources:
            if source.object.endswith(NOTED) and "text" not in source.fields:
                self._wrong("mapping", f"has notes from {source.object} without `text:`", "map `text:` to a property")
        scores = mapping.write.scores
        if isinstance(scores, ScoreRows) and not scores.object.startswith(OURS):
            text = f"keeps rows of scores in `{scores.object}`, which is no object of ours"
            self._wrong("mapping", text, f"call it {OURS}rep_period")

    def _wrong(self, name: str, text: str, hint: str = "") -> None:
        self.problems.append(Problem(self._place_of(name), "bad-option", f"{name} {text}", hint))
