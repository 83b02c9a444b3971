"""Salesforce: session, read, write, install, doctor."""

from __future__ import annotations

from collections.abc import Sequence

from connector.errors import PlaceOf, Problem
from connector.model.settings import Company, ConnectionSettings
from connector.normalise.mapping import CrmMapping
from connector.ports import Crm, CrmType, Option, World

DEFAULT_LOGIN_URL = "https://login.salesforce.com"
DEFAULT_API_VERSION = "66.0"
# Source: Salesforce, "Allow the Required Domains" and "My Domain URL Formats"; for government and Alibaba Cloud, the
# domains that Salesforce's own command line takes for Salesforce's (sfdx-core, `isSalesforceDomain`). Read November 2026.
HOSTS = (
    "*.salesforce.com",
    "*.force.com",
    "*.cloudforce.com",
    "*.salesforce.mil",
    "*.crmforce.mil",
    "*.sfcrmproducts.cn",
)


def _connect(settings: ConnectionSettings, mapping: CrmMapping, company: Company, world: World) -> Crm:
    # The SDK and what it drags along stay out of `attain --help`.
    from connector.crm.salesforce.adapter import connect

    return connect(settings, mapping, company, world)


def _faults(settings: ConnectionSettings, _mapping: CrmMapping, place_of: PlaceOf) -> Sequence[Problem]:
    from connector.crm.salesforce.grants import faults

    return faults(settings, place_of)


CRM = CrmType(
    name="salesforce",
    title="Salesforce",
    options=(
        Option("consumer_key", "the consumer key of the external client app", required=True),
        Option(
            "login_url",
            "where to log in: My Domain, or login/test.salesforce.com",
            default=DEFAULT_LOGIN_URL,
            address=True,
        ),
        Option("username", "the integration user, for the JWT bearer grant"),
        Option("private_key", "the PEM key whose certificate the app carries, for the JWT bearer grant", secret=True),
        Option("client_secret", "instead of username and key: the client credentials grant", secret=True),
        Option("audience", "the JWT's audience, where login_url does not tell production from sandbox"),
        Option("api_version", "the version of the REST API", default=DEFAULT_API_VERSION),
        Option("bell", "`on`: an alert that was just created also rings the bell and the phone", default="off"),
        Option("divert", "send all traffic to a stand-in at http://127.0.0.1:PORT"),
    ),
    faults=_faults,
    connect=_connect,
    hosts=HOSTS,
)
