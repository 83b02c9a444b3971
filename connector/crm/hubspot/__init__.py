"""HubSpot: session, read, write, install, package/ (project app: cards and pages)."""

from __future__ import annotations

from collections.abc import Sequence

from connector.crm.hubspot.address import VERSION
from connector.errors import PlaceOf, Problem
from connector.model.settings import Company, ConnectionSettings
from connector.normalise.mapping import CrmMapping
from connector.ports import Crm, CrmType, Option, World


def _connect(settings: ConnectionSettings, mapping: CrmMapping, company: Company, world: World) -> Crm:
    """A connected account; nothing is sent yet."""
    from connector.crm.hubspot.session import open_session  # the SDK takes a while to import

    return open_session(settings, mapping, company, world)


def _faults(settings: ConnectionSettings, mapping: CrmMapping, place_of: PlaceOf) -> Sequence[Problem]:
    from connector.crm.hubspot.options import faults

    return faults(settings, mapping, place_of)


CRM = CrmType(
    name="hubspot",
    title="HubSpot",
    options=(
        Option(
            "token",
            "the token of a service key, or of a project app with static auth",
            required=True,
            secret=True,
            instead="refresh_token",
        ),
        Option("refresh_token", "of an app with OAuth, in place of a token", secret=True),
        Option("client_id", "of an app with OAuth"),
        Option(
            "base_url",
            "where the API is; plain http on this machine only",
            default="https://api.hubapi.com",
            address=True,
        ),
        Option("version", "the API version, named by its month", default=VERSION),
        Option(
            "write_version", "the API version that we write with, where it is another than the one that we read with"
        ),
        Option(
            "calls_per_10_seconds",
            "calls a process makes at most in ten seconds, searches apart; fewer where HubSpot's replies say so",
            default="110",
        ),
        Option(
            "searches_per_second",
            "searches a process makes at most in a second; HubSpot allows five in all",
            default="4",
        ),
        Option(
            "webhooks", "the address that HubSpot was given for changes; they come to /hints/<connection> of `door:`"
        ),
        Option("app_secret", "the client secret of the app: it signs them, and gets tokens with OAuth", secret=True),
    ),
    faults=_faults,
    connect=_connect,
    hosts=("*.hubapi.com", "*.hubspot.com"),  # api.hubapi.com; of accounts in Europe api-eu1.hubapi.com
)
