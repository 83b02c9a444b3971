"""What HubSpot documents of a project's files, as JSON Schemas of our own: closed, so that a stray key is seen.

Source: the guides "App configuration", "Create an app card", "Create app pages", "Create a settings page" and
"Configure webhooks", read November 2026.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    properties = {**required, **(optional or {})}
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


_UID = {"type": "string", "pattern": r"^[A-Za-z0-9_.-]{1,64}$"}
_TEXT = {"type": "string", "minLength": 1}
_LINKS = {"type": "array", "items": {"type": "string", "pattern": "^https://"}}
_SCOPES = {
    "type": "array",
    "items": {"type": "string", "pattern": r"^(oauth|sales-email-read|[a-z]+(\.[a-z_]+){2,4})$"},
    "uniqueItems": True,
}


def _component(kind: str, config: Schema) -> Schema:
    return _object({"uid": _UID, "type": {"const": kind}, "config": config})


PROJECT = _object(
    {"name": _TEXT, "srcDir": {"const": "src"}, "platformVersion": {"enum": ["2025.2", "2026.03", "2026.09"]}}
)
APP = _component(
    "app",
    _object(
        {
            "name": {**_TEXT, "maxLength": 200},
            "description": _TEXT,
            "distribution": {"enum": ["private", "marketplace"]},
            "auth": _object(
                {"type": {"enum": ["static", "oauth"]}, "requiredScopes": {**_SCOPES, "minItems": 1}},
                {"optionalScopes": _SCOPES, "conditionallyRequiredScopes": _SCOPES, "redirectUrls": _LINKS},
            ),
            "permittedUrls": _object({"fetch": _LINKS, "iframe": _LINKS, "img": _LINKS}),
        },
        {
            "support": _object(
                {},
                {
                    name: {"type": "string"}
                    for name in ("supportEmail", "documentationUrl", "supportUrl", "supportPhone")
                },
            )
        },
    ),
)
CARD = _component(
    "card",
    _object(
        {
            "name": _TEXT,
            "location": {"enum": ["crm.record.tab", "crm.record.sidebar", "crm.preview", "helpdesk.sidebar"]},
            "entrypoint": {"type": "string", "pattern": r"^/app/cards/\w+\.tsx$"},
            "objectTypes": {
                "type": "array",
                "minItems": 1,
                "items": {"enum": ["DEAL", "COMPANY", "CONTACT", "TICKET"]},
            },
        },
        {"description": _TEXT},
    ),
)
PAGES = _component("pages", _object({"entrypoint": {"type": "string", "pattern": r"^/app/pages/\w+\.tsx$"}}))
SETTINGS = _component("settings", _object({"entrypoint": {"type": "string", "pattern": r"^/app/settings/\w+\.tsx$"}}))
_SUBSCRIPTION = _object(
    {
        "subscriptionType": {
            "enum": [
                f"object.{each}"
                for each in ("creation", "deletion", "restore", "merge", "propertyChange", "associationChange")
            ]
        },
        "objectType": _TEXT,
        "active": {"type": "boolean"},
    },
    {"propertyName": _TEXT},
)
WEBHOOKS = _component(
    "webhooks",
    _object(
        {
            "settings": _object(
                {
                    "targetUrl": {"type": "string", "pattern": "^https://"},
                    "maxConcurrentRequests": {"type": "integer", "minimum": 5, "maximum": 100},
                }
            ),
            "subscriptions": _object(
                {},
                {
                    "crmObjects": {"type": "array", "items": _SUBSCRIPTION},
                    "legacyCrmObjects": {"type": "array"},
                    "hubEvents": {"type": "array"},
                },
            ),
        }
    ),
)
