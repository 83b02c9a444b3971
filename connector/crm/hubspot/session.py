"""Opening a connection: options checked, transport and limits put together."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from connector.crm.hosts import is_loopback
from connector.crm.hubspot.address import VERSION
from connector.crm.hubspot.bearer import Bearer, Lasting, Renewed
from connector.crm.hubspot.crm import HubSpotCrm
from connector.crm.hubspot.fields import NOTED, OURS
from connector.crm.hubspot.hints import Ear
from connector.crm.hubspot.portal import Portal
from connector.crm.hubspot.read import OVERLAP, SETTLE, Reader
from connector.crm.hubspot.transport import Transport
from connector.crm.hubspot.whose import Whose
from connector.errors import ConfigError, Place, Problem
from connector.model.settings import Company, ConnectionSettings
from connector.normalise.mapping import CrmMapping, ScoreRows
from connector.ports import World
from connector.transport import Patience, Rate

APP = {"client_id": "client_id", "app_secret": "client_secret", "refresh_token": "refresh_token"}  # ours → HubSpot's
DATED = re.compile(r"20\d\d-\d\d(-beta)?")


def open_session(settings: ConnectionSettings, mapping: CrmMapping, company: Company, world: World) -> HubSpotCrm:
    """The connected account. Raises ConfigError with every option that is wrong."""
    options = _Options(settings)
    base_url, bearer = options.base_url(), options.bearer(world)
    version = options.version("version", VERSION)
    write_version = options.version("write_version", version)
    limits = {
        "call": Rate(options.count("calls_per_10_seconds", "110"), 10),
        "search": Rate(options.count("searches_per_second", "4"), 1),
    }
    door = options.door()
    options.check(mapping)
    options.raise_if_wrong()
    patience = Patience(settings.name, world, limits=limits)
    portal = Portal(Transport(settings.name, bearer, base_url, version, patience, write_version=write_version))
    whose = Whose(settings.name, lambda: portal.remembered().get("portalId"), world.now)
    ear = Ear(*door, world.now, whose.number) if door else None
    overlap = OVERLAP if settings.overlap is None else settings.overlap
    settle = SETTLE if settings.settle is None else settings.settle
    assumed = mapping.assumed(company.currency)
    reader = Reader(settings.name, portal, mapping, world, assumed=assumed, overlap=overlap, settle=settle)
    return HubSpotCrm(settings.name, portal, reader, mapping=mapping, company=company, world=world, ear=ear)


class _Options:
    """The connection's block, read option by option; problems are gathered."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._given = settings.options
        self._place = Place(f"connections.{settings.name}")
        self._problems: list[Problem] = []

    def bearer(self, world: World) -> Bearer:
        """A token that lasts, or what new ones are had with."""
        token = self._given.get("token", "").strip()
        if token:
            return Lasting(token)
        app = {theirs: self._given.get(ours, "").strip() for ours, theirs in APP.items()}
        if not app["refresh_token"]:
            self._wrong("token", "is missing", "make a service key in HubSpot and put its token here")
        for ours, theirs in APP.items() if app["refresh_token"] else ():
            if not app[theirs]:
                self._wrong(ours, "is missing", f"an app with OAuth needs {', '.join(APP)}")
        return Renewed(app, world.now)

    def base_url(self) -> str:
        url = self._given.get("base_url") or "https://api.hubapi.com"
        self._address("base_url", url, "would send the token unencrypted")
        return url.rstrip("/")

    def door(self) -> tuple[str, str] | None:
        """Address and secret; None where HubSpot tells nothing by itself."""
        url, secret = self._given.get("webhooks", ""), self._given.get("app_secret", "")
        if url:
            self._address("webhooks", url, "is an address that HubSpot does not send to")
        oauth = bool(self._given.get("refresh_token"))
        if bool(url) != bool(secret) and not oauth:
            absent = "webhooks" if secret else "app_secret"
            self._wrong(absent, "is missing", "`webhooks` and `app_secret` go together")
        return (url, secret) if url and secret else None

    def _address(self, name: str, url: str, plain: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname or parts.scheme not in ("https", "http"):
            self._wrong(name, f"`{url}` is no web address")
        elif parts.scheme == "http" and not is_loopback(parts.hostname):
            self._wrong(name, plain, "use https; plain http is for this machine only")

    def version(self, name: str, default: str) -> str:
        version = self._given.get(name) or default
        if not DATED.fullmatch(version):
            self._wrong(name, f"`{version}` is no version", f"write {VERSION}")
        return version

    def count(self, name: str, default: str) -> int:
        given = self._given.get(name) or default
        if not (given.isdigit() and int(given) > 0):
            self._wrong(name, f"`{given}` is no number above zero")
            return 1
        return int(given)

    def check(self, mapping: CrmMapping) -> None:
        """What only HubSpot asks of a mapping: a note is known by when its text was typed, an object of ours by its name."""
        for source in mapping.sources:
            if source.object.endswith(NOTED) and "text" not in source.fields:
                self._wrong("mapping", f"has notes from {source.object} without `text:`", "map `text:` to a property")
        scores = mapping.write.scores
        if isinstance(scores, ScoreRows) and not scores.object.startswith(OURS):
            text = f"keeps rows of scores in `{scores.object}`, which is no object of ours"
            self._wrong("mapping", text, f"call it {OURS}rep_period")

    def raise_if_wrong(self) -> None:
        if self._problems:
            raise ConfigError(self._problems)

    def _wrong(self, name: str, text: str, hint: str = "") -> None:
        self._problems.append(Problem(self._place, "bad-option", f"{name} {text}", hint))
