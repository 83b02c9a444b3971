"""Hands a zip of metadata in and waits for what becomes of it.

Source: Salesforce, "Deploying Metadata with REST", read 2026-11-23.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connector.crm.salesforce.org import Org
from connector.errors import CrmUnavailable
from connector.ports import World

_POLL = 2.0  # seconds between two looks at a deployment
_PATIENCE = 300  # looks: ten minutes
_UNDONE = frozenset({"Pending", "InProgress", "Canceling", "FinalizingDeploy"})


@dataclass(frozen=True, slots=True)
class Deployed:
    """How a deployment ended; with a failure nothing of it was kept."""

    created: tuple[str, ...] = ()  # full names of components that were not there before
    changed: tuple[str, ...] = ()  # those, and the ones that became different
    removed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # "Attain_Home: no component named …"

    @property
    def succeeded(self) -> bool:
        return not self.problems


def deploy(org: Org, world: World, archive: bytes, *, check: bool) -> Deployed:
    """Deploy a zip, or with `check` have the org try it without keeping anything.

    Raises CrmDenied where the user may not deploy, CrmUnavailable where the org does not finish.
    """
    options = {"deployOptions": {"singlePackage": True, "rollbackOnError": True, "checkOnly": check}}
    parts: dict[str, tuple[str | None, bytes, str]] = {
        "json": (None, json.dumps(options).encode(), "application/json"),
        "file": ("attain.zip", archive, "application/zip"),
    }
    started = org.upload("metadata/deployRequest", parts)
    deploy_id = started.get("id") if isinstance(started, Mapping) else None
    if not deploy_id:
        raise CrmUnavailable(org.connection, "took a deployment without naming it")
    path = f"metadata/deployRequest/{quote(str(deploy_id), safe='')}"
    for _ in range(_PATIENCE):
        result = _result(org, path)
        if result.get("status") not in _UNDONE:
            return _ended(result)
        world.sleep(_POLL)
    raise CrmUnavailable(org.connection, f"deployment {deploy_id} is still not done; look under Deployment Status")


def _result(org: Org, path: str) -> Mapping[str, Any]:
    body = org.get(path, {"includeDetails": "true"})
    result = body.get("deployResult") if isinstance(body, Mapping) else None
    if not isinstance(result, Mapping):
        raise CrmUnavailable(org.connection, "told nothing about the deployment")
    return result


def _ended(result: Mapping[str, Any]) -> Deployed:
    details = result.get("details") or {}
    done = [each for each in details.get("componentSuccesses") or [] if isinstance(each, Mapping)]
    failures = [each for each in details.get("componentFailures") or [] if isinstance(each, Mapping)]

    def named(flag: str) -> tuple[str, ...]:
        return tuple(str(each.get("fullName")) for each in done if each.get(flag) is True)

    if result.get("status") == "Succeeded":
        return Deployed(named("created"), named("changed"), named("deleted"))
    problems = tuple(f"{each.get('fullName')}: {each.get('problem')}" for each in failures)
    return Deployed(problems=problems or (str(result.get("errorMessage") or result.get("status") or "no reason"),))
