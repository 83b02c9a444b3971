"""Templates of the External Client App through which the connector logs in.

They are exported, never deployed by us: the part with the certificate and the keys belongs to no repository, and an
admin who clicks the app together needs none of this. Source: source-deploy-retrieve's registry and the metadata WSDL.
"""

from __future__ import annotations

from collections.abc import Iterator

from connector.crm.salesforce.package.metadata import Part
from connector.crm.salesforce.package.permissions import INTEGRATION

APP = "Attain"


def client_app() -> Iterator[Part]:
    """The app, its scopes, and who may use it."""
    yield Part(
        "ExternalClientApplication",
        APP,
        [
            ("contactEmail", "admin@example.com"),  # the admin puts in their own
            ("description", "Reads deals, activities and accounts; writes attainment, health and alerts."),
            ("distributionState", "Local"),
            ("isProtected", "false"),
            ("label", APP),
        ],
    )
    yield Part(
        "ExtlClntAppOauthSettings",
        f"{APP}_oauth",
        [
            ("commaSeparatedOauthScopes", "Api,RefreshToken"),
            ("externalClientApplication", APP),
            ("label", f"{APP} OAuth"),
        ],
    )
    yield Part(
        "ExtlClntAppOauthConfigurablePolicies",
        f"{APP}_oauth_policy",
        [
            ("commaSeparatedPermissionSet", INTEGRATION),
            ("externalClientApplication", APP),
            ("ipRelaxationPolicyType", "Enforce"),
            ("label", f"{APP} OAuth policy"),
            ("permittedUsersPolicyType", "AdminApprovedPreAuthorized"),
        ],
    )
    yield Part(
        "ExtlClntAppConfigurablePolicies",
        f"{APP}_policy",
        [
            ("externalClientApplication", APP),
            ("isEnabled", "true"),
            ("isOauthPluginEnabled", "true"),
            ("label", f"{APP} policy"),
        ],
    )
