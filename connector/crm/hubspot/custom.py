"""An object of our own, which an Enterprise account may have: made whole, and taken away with its records.

Source: https://developers.hubspot.com/docs/api-reference/latest/crm/objects/schemas/guide, read November 2026. That the
name of an archived object may be given again, and that one with records cannot be archived, was seen in live accounts
by github.com/scopiousdigital/kalup (October 2026). It is associated with nothing: owners take no associations, and the
record's owner says whose it is, and by HubSpot's own permissions who may see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.crm.hubspot.portal import BATCH, Portal
from connector.crm.hubspot.window import walk_list
from connector.model.changes import WantedField

SECONDARY = 2  # more HubSpot does not show below a record's name


def schema(
    name: str, label: str, fields: Sequence[WantedField], properties: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The object as HubSpot is asked to make it, named on the screen by its first texts."""
    key = next((each.name for each in fields if each.unique), "hs_object_id")
    texts = [each.name for each in fields if each.type == "text" and not each.unique] or [key]
    return {
        "name": name,
        "labels": {"singular": label, "plural": f"{label}s"},
        "description": "Kept up to date by Attain; edits are overwritten.",
        "primaryDisplayProperty": texts[0],
        "secondaryDisplayProperties": texts[1 : 1 + SECONDARY],
        "searchableProperties": [key],
        "requiredProperties": [],  # an upsert names its key beside the properties
        "properties": [{name: value for name, value in each.items() if name != "groupName"} for each in properties],
        "associatedObjects": [],
        "allowsSensitiveProperties": False,
    }


def records(portal: Portal, obj: str) -> list[str]:
    """Ids of all that it holds."""
    return [each.id for leaf, _ in walk_list(lambda at: portal.listed(obj, (), after=at), "") for each in leaf.records]


def take_away(portal: Portal, obj: str, ids: Sequence[str]) -> None:
    """Archive its records, and then itself; HubSpot's recycle bin keeps them for 90 days."""
    for start in range(0, len(ids), BATCH):
        portal.archive(obj, ids[start : start + BATCH])
    portal.drop_object(obj)
