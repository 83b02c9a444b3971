"""How we log in: a signed JWT, or client credentials. Never a password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from connector.crm.hosts import host_of, is_loopback, is_trusted
from connector.crm.salesforce import DEFAULT_API_VERSION, DEFAULT_LOGIN_URL, HOSTS
from connector.errors import CrmDenied, PlaceOf, Problem
from connector.model.settings import ConnectionSettings

_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Source: Salesforce, "OAuth 2.0 Client Credentials Flow", read 2026-11-30: only the org's My Domain serves it.
_SHARED_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
_JWT_LIFETIME = timedelta(minutes=3)  # Salesforce refuses more than five


@dataclass(frozen=True, slots=True)
class Login:
    """The connection's options, checked."""

    connection: str
    login_url: str  # without a trailing slash
    consumer_key: str
    api_version: str  # "66.0"
    username: str = ""
    private_key: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    audience: str = ""
    divert: str | None = None  # http://127.0.0.1:PORT
    hosts: tuple[str, ...] = HOSTS  # that a token may be sent to

    def form(self, now: datetime) -> dict[str, str]:
        """The fields that are posted for a token. Raises CrmDenied when the key cannot sign."""
        if self.client_secret:
            return {
                "grant_type": "client_credentials",
                "client_id": self.consumer_key,
                "client_secret": self.client_secret,
            }
        return {"grant_type": _JWT_GRANT, "assertion": self._assertion(now)}

    def hold(self, instance: str) -> None:
        """Raises CrmDenied for an address that the login names and no key of ours may be sent to."""
        if not is_trusted(instance, self.hosts):
            where = host_of(instance) or "an address that can be read in more than one way"
            cure = "if the org is reached there, say so in the connection: `trusted_hosts:` with this host"
            raise CrmDenied(
                self.connection, f"the login sends us to {where}, which is not Salesforce's", cure, login=True
            )

    def _assertion(self, now: datetime) -> str:
        import jwt

        claims = {
            "iss": self.consumer_key,
            "sub": self.username,
            "aud": self.audience,
            "exp": int((now + _JWT_LIFETIME).timestamp()),
        }
        try:
            return jwt.encode(claims, self.private_key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            cure = "give the whole PEM text of an RSA key, without a passphrase"
            raise CrmDenied(self.connection, f"`private_key` cannot sign ({type(error).__name__})", cure) from None


def login_of(settings: ConnectionSettings) -> Login:
    """The options of one connection, in which there are no `faults`."""
    options = settings.options
    login_url = _login_url(options)
    return Login(
        connection=settings.name,
        login_url=login_url,
        consumer_key=options["consumer_key"],
        api_version=_version(options.get("api_version") or DEFAULT_API_VERSION),
        username=options.get("username", ""),
        private_key=options.get("private_key", ""),
        client_secret=options.get("client_secret", ""),
        audience=options.get("audience") or _audience(login_url),
        divert=options.get("divert") or None,
        hosts=(*HOSTS, *settings.trusted_hosts),
    )


def faults(settings: ConnectionSettings, place_of: PlaceOf) -> list[Problem]:
    """What is wrong with the options of one connection."""
    options, found = settings.options, list[Problem]()

    def wrong(option: str, code: str, text: str, hint: str = "") -> None:
        found.append(Problem(place_of(option), code, text, hint))

    if not options.get("consumer_key"):
        wrong("consumer_key", "missing-option", "`consumer_key` is missing", "copy it from the external client app")
    signs = bool(options.get("username") and options.get("private_key"))
    if signs == bool(options.get("client_secret")):
        hint = "give `username` and `private_key`, or `client_secret`"
        text = "it must be clear how to log in: by one way, not by none or both"
        wrong("client_secret", "login-grant", text, hint)
    where = urlsplit(_login_url(options))
    if where.scheme != "https" or not where.hostname or where.path:
        wrong("login_url", "login-url", "`login_url` must be like https://acme.my.salesforce.com")
    if options.get("client_secret") and not signs and where.hostname in _SHARED_HOSTS:
        hint = "set `login_url` to the org's My Domain (Setup > My Domain), like https://acme.my.salesforce.com"
        text = f"`client_secret` does not log in at {where.hostname}, only at the org itself"
        wrong("login_url", "login-url", text, hint)
    divert = options.get("divert")
    if divert and not _on_loopback(divert):
        wrong("divert", "divert", "`divert` leads to a stand-in on this machine only: http://127.0.0.1:PORT")
    if options.get("bell", "off") not in ("on", "off"):
        wrong("bell", "bell", f"`bell` is on or off, not `{options['bell']}`")
    version = options.get("api_version")
    if version and not re.fullmatch(r"v?\d{2,3}(\.0)?", version):
        wrong("api_version", "api-version", f"`api_version` is like {DEFAULT_API_VERSION}, not `{version}`")
    return found


def _login_url(options: Mapping[str, str]) -> str:
    return (options.get("login_url") or DEFAULT_LOGIN_URL).rstrip("/")


def _on_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


def _version(text: str) -> str:
    return text.removeprefix("v").removesuffix(".0") + ".0"


def _audience(login_url: str) -> str:
    """Sandboxes and scratch orgs want the test audience, also behind their My Domain."""
    host = urlsplit(login_url).hostname or ""
    tests = host == "test.salesforce.com" or ".sandbox." in host or ".scratch." in host
    return "https://test.salesforce.com" if tests else "https://login.salesforce.com"
