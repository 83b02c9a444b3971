"""Creates what is missing in the org and grants it to the integration user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connector.crm.salesforce import soql
from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.package import PERMISSION_SET, package
from connector.errors import CrmDenied, CrmUnavailable
from connector.model.changes import Wanted, WantedField
from connector.ports import InstallReport, World

_POLL = 2.0  # seconds between two looks at a deployment
_PATIENCE = 300  # looks: ten minutes
_UNDONE = frozenset({"Pending", "InProgress", "Canceling", "FinalizingDeploy"})


def install(org: Org, describer: Describer, world: World, wanted: Wanted, *, check: bool) -> InstallReport:
    """Deploy missing objects and fields, and see that the running user holds the permission set.

    With `check` nothing is changed. Repeating it changes nothing. Raises CrmDenied with the
    org's reasons when it refuses the deployment; then nothing of it was kept.
    """
    describer.forget()
    objects = tuple(each for each in wanted.objects if each[0] not in describer.listing().names)
    fields = tuple(each for each in wanted.fields if not _shown(describer, each))
    missing = tuple([name for name, _ in objects] + [_named(each) for each in fields])
    names = [name for name, _ in wanted.objects] + [_named(each) for each in wanted.fields]
    present = tuple(each for each in names if each not in missing)
    if check:
        return InstallReport(org.connection, (), present, missing)
    if missing:
        _deploy(org, world, package(org.version, wanted, fields, objects))
    _assign(org)
    describer.forget()
    return InstallReport(org.connection, missing, present, ())


def _named(field: WantedField) -> str:
    return f"{field.object}.{field.name}"


def _shown(describer: Describer, field: WantedField) -> bool:
    return field.object in describer.listing().names and field.name in describer.shape(field.object).fields


def _deploy(org: Org, world: World, archive: bytes) -> None:
    # Source: Salesforce, "Deploying Metadata with REST", read 2026-11-23.
    options = {"deployOptions": {"singlePackage": True, "rollbackOnError": True, "checkOnly": False}}
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
            return _finish(org, result)
        world.sleep(_POLL)
    raise CrmUnavailable(org.connection, f"deployment {deploy_id} is still not done; look under Deployment Status")


def _result(org: Org, path: str) -> Mapping[str, Any]:
    body = org.get(path, {"includeDetails": "true"})
    result = body.get("deployResult") if isinstance(body, Mapping) else None
    if not isinstance(result, Mapping):
        raise CrmUnavailable(org.connection, "told nothing about the deployment")
    return result


def _finish(org: Org, result: Mapping[str, Any]) -> None:
    if result.get("status") == "Succeeded":
        return
    details = result.get("details") or {}
    failures = details.get("componentFailures") or []
    reasons = [f"{each.get('fullName')}: {each.get('problem')}" for each in failures if isinstance(each, Mapping)]
    said = "; ".join(reasons) or str(result.get("errorMessage") or result.get("status"))
    cure = "grant `Customize Application` and `Modify Metadata Through Metadata API Functions`, or mend what is named"
    raise CrmDenied(org.connection, f"the deployment failed: {said}", cure)


def _assign(org: Org) -> None:
    """Give the running user the permission set, once."""
    found = org.all_rows(soql.select(("Id",), "PermissionSet", where=[soql.equals("Name", PERMISSION_SET)]))
    if not found:
        raise CrmDenied(
            org.connection,
            f"the permission set {PERMISSION_SET} is not there",
            "run `attain install` with a user who may deploy, or install the package",
        )
    permission_set = str(found[0]["Id"])
    where = [soql.equals("PermissionSetId", permission_set), soql.equals("AssigneeId", org.user_id)]
    if not org.all_rows(soql.select(("Id",), "PermissionSetAssignment", where=where)):
        body = {"AssigneeId": org.user_id, "PermissionSetId": permission_set}
        try:
            org.send("POST", "sobjects/PermissionSetAssignment", body)
        except CrmDenied as error:
            # A first answer that was lost on the way: the repetition finds it done.
            if "DUPLICATE_VALUE" not in error.problem:
                raise
