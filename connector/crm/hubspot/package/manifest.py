"""The JSON files that tell HubSpot what a project holds.

Source: HubSpot, "App configuration", "Create an app card", "Create app pages", "Create a settings page" and "Configure
webhooks", and the templates of HubSpot/hubspot-project-components for 2026.03, read November 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PLATFORM = "2026.03"
# The guide to app pages says `pages`, templates have said `page` and `home`: `hs project validate` decides.
PAGES_TYPE = "pages"
UI_EXTENSIONS, REACT = "0.17.0", "18.3.1"
AT_ONCE = 5  # webhook requests under way, at most
LONGEST_UID = 64

Json = dict[str, Any]


def project() -> Json:
    """hsproject.json"""
    return {"name": "attain", "srcDir": "src", "platformVersion": PLATFORM}


def app(scopes: Sequence[str], asked: Sequence[str] = ()) -> Json:
    """src/app/app-hsmeta.json: a static token for one account. `asked`: addresses of ours that pages may send to, and no other."""
    return _component(
        "attain_app",
        "app",
        {
            "name": "Attain",
            "description": "Where everybody stands against their targets, and why.",
            "distribution": "private",
            "auth": {
                "type": "static",
                "requiredScopes": list(scopes),
                "optionalScopes": [],
                "conditionallyRequiredScopes": [],
            },
            "permittedUrls": {"fetch": list(asked), "iframe": [], "img": []},
        },
    )


def card(uid: str, name: str, says: str, entry: str, obj: str) -> Json:
    """A card in the middle column of a record, where HubSpot's own CRM components may stand."""
    return _component(
        uid,
        "card",
        {
            "name": name,
            "description": says,
            "location": "crm.record.tab",
            "entrypoint": f"/app/cards/{entry}",
            "objectTypes": [obj],
        },
    )


def pages() -> Json:
    """The app's own pages."""
    return _component("attain_pages", PAGES_TYPE, {"entrypoint": "/app/pages/Pages.tsx"})


def settings() -> Json:
    """The page behind the app's settings; an app has one at most."""
    return _component("attain_settings", "settings", {"entrypoint": "/app/settings/SettingsPage.tsx"})


def webhooks(url: str, watched: Sequence[tuple[str, Sequence[str]]]) -> Json:
    """Hints of changes: creation, deletion, restoring, merging, associating, and each property that is read. `watched`: object, names.

    What is associated with a deal or a company, such as a call, is told of as theirs: such events are sent for both ends.
    Source: HubSpot's changelog, "Public Beta: Generic Webhook Subscriptions", August 2024.
    """
    found: list[Json] = []
    for obj, names in watched:
        found += [
            {"subscriptionType": f"object.{deed}", "objectType": obj, "active": True}
            for deed in ("creation", "deletion", "restore", "merge", "associationChange")
        ]
        found += [
            {"subscriptionType": "object.propertyChange", "objectType": obj, "propertyName": name, "active": True}
            for name in names
        ]
    return _component(
        "attain_webhooks",
        "webhooks",
        {
            "settings": {"targetUrl": url, "maxConcurrentRequests": AT_ONCE},
            "subscriptions": {"crmObjects": found, "legacyCrmObjects": [], "hubEvents": []},
        },
    )


def package(name: str) -> Json:
    """A folder's package.json: HubSpot builds with exactly these."""
    return {
        "name": f"attain-{name}",
        "version": "1.0.0",
        "private": True,
        "type": "module",
        "dependencies": {"@hubspot/ui-extensions": UI_EXTENSIONS, "react": REACT},
        "devDependencies": {"@types/react": "^18.3.0", "typescript": "^5.0.0"},
    }


def typescript() -> Json:
    """A folder's tsconfig.json, for editors and `tsc`."""
    return {
        "compilerOptions": {
            "target": "es2022",
            "lib": ["es2023"],
            "module": "esnext",
            "moduleResolution": "bundler",
            "jsx": "react-jsx",
            "strict": True,
            "noEmit": True,
            "isolatedModules": True,
            "skipLibCheck": True,
            "noUncheckedIndexedAccess": True,
            "exactOptionalPropertyTypes": True,
            "noUnusedLocals": True,
            "noUnusedParameters": True,
        },
        "include": ["**/*.ts", "**/*.tsx"],
        "exclude": ["node_modules"],
    }


def _component(uid: str, kind: str, config: Json) -> Json:
    assert len(uid) <= LONGEST_UID
    return {"uid": uid, "type": kind, "config": config}
