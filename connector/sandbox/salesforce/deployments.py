"""The deployRequest resource: packages handed in, and asked after until they are done."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from connector.sandbox.salesforce.deploy import Outcome, deploy
from connector.sandbox.salesforce.ids import canonical, record_id
from connector.sandbox.salesforce.organisation import Organisation
from connector.sandbox.salesforce.refusal import Refused, no_such_resource
from connector.sandbox.wire import Request


@dataclass(slots=True)
class _Deployment:
    id: str
    options: dict[str, Any]
    outcomes: list[Outcome]
    user: str
    at: str
    asked: int = 0  # how often somebody has looked; it is done at the second look

    @property
    def status(self) -> str:
        if self.asked < 2:
            return ("Pending", "InProgress")[self.asked]
        return "Failed" if any(each.problem for each in self.outcomes) else "Succeeded"


class Deployments:
    """What was deployed. Source: Salesforce, "Deploy Metadata with Apex Testing Using REST"."""

    def __init__(self, org: Organisation) -> None:
        self.org = org
        self._known: dict[str, _Deployment] = {}
        org.database.run('CREATE TABLE IF NOT EXISTS "deployed" (archive BLOB)')

    def restore(self) -> None:
        """Deploy again what a reopened organisation once received."""
        for (archive,) in self.org.database.run('SELECT archive FROM "deployed" ORDER BY rowid').fetchall():
            deploy(self.org, archive, check_only=False, again=True)

    def start(self, request: Request, user: str) -> dict[str, Any]:
        """Take a package in. Raises Refused."""
        parts = _parts(request)
        # The documentation calls it `json`; the client under `sf` calls it otherwise, and is understood too.
        parts.setdefault("json", parts.pop("entity_content", b""))
        if not parts["json"] or "file" not in parts:
            raise Refused("INVALID_MULTIPART_REQUEST", "The request needs the parts `json` and `file`")
        options = _options(parts["json"])
        check_only = options.get("checkOnly") in {True, "true"}
        outcomes = deploy(self.org, parts["file"], check_only=check_only)
        if not check_only and not any(each.problem for each in outcomes):
            self.org.database.run('INSERT INTO "deployed" VALUES (?)', (parts["file"],))
        id = record_id("0Af", len(self._known) + 1)
        self._known[id] = _Deployment(id, {**options, "checkOnly": check_only}, outcomes, user, self.org.stamp)
        return self._reply(self._known[id], details=False)

    def look(self, id: str, *, details: bool) -> dict[str, Any]:
        """How far it is. Raises Refused for an id we never gave out."""
        found = self._known.get(canonical(id) or "")
        if found is None:
            raise no_such_resource()
        found.asked += 1
        return self._reply(found, details=details)

    def _reply(self, one: _Deployment, *, details: bool) -> dict[str, Any]:
        done = one.asked >= 2
        failed = [each for each in one.outcomes if each.problem]
        result = {
            "checkOnly": one.options["checkOnly"],
            "completedDate": self.org.stamp if done else None,
            "createdBy": one.user,
            "createdDate": one.at,
            "done": done,
            "id": one.id,
            "ignoreWarnings": bool(one.options.get("ignoreWarnings", False)),
            "numberComponentErrors": len(failed) if done else 0,
            "numberComponentsDeployed": len(one.outcomes) - len(failed) if done else 0,
            "numberComponentsTotal": len(one.outcomes),
            "numberTestErrors": 0,
            "numberTestsCompleted": 0,
            "numberTestsTotal": 0,
            "rollbackOnError": bool(one.options.get("rollbackOnError", True)),
            "runTestsEnabled": False,
            "status": one.status,
            "success": done and not failed,
        }
        if details:
            result["details"] = self._details(one.outcomes if done else [])
        return {"id": one.id, "validatedDeployRequestId": None, "deployResult": result, "deployOptions": one.options}

    def _details(self, outcomes: list[Outcome]) -> dict[str, Any]:
        return {
            "componentFailures": [self._message(each) for each in outcomes if each.problem],
            "componentSuccesses": [self._message(each) for each in outcomes if not each.problem],
            "retrieveResult": None,
            "runTestResult": {"numTestsRun": 0, "numFailures": 0, "successes": [], "failures": []},
        }

    def _message(self, one: Outcome) -> dict[str, Any]:
        return {
            "changed": one.changed and not one.problem,
            "columnNumber": None,
            "componentType": one.kind,
            "created": one.created and not one.problem,
            "createdDate": self.org.stamp,
            "deleted": one.deleted,
            "fileName": one.file,
            "fullName": one.name,
            "lineNumber": None,
            "problem": one.problem or None,
            "problemType": "Error" if one.problem else None,
            "success": not one.problem,
            "warning": False,
        }


def _options(text: bytes) -> dict[str, Any]:
    try:
        options = json.loads(text)["deployOptions"]
    except (ValueError, KeyError, TypeError):
        options = None
    if not isinstance(options, dict):
        raise Refused("JSON_PARSER_ERROR", "The part `json` must be an object with `deployOptions`")
    return options


def _parts(request: Request) -> dict[str, bytes]:
    """A multipart body by the names of its parts, bytes untouched. Raises Refused."""
    kind = request.headers.get("content-type", "")
    _, _, boundary = kind.partition("boundary=")
    if not kind.startswith("multipart/form-data") or not boundary:
        raise Refused("UNSUPPORTED_MEDIA_TYPE", "Content-Type must be multipart/form-data", status=415)
    mark = b"--" + boundary.split(";")[0].strip().strip('"').encode()
    found = {}
    for piece in request.body.split(mark)[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = head.decode("utf-8", "replace").lower()
        name = headers.partition('name="')[2].partition('"')[0]
        found[name] = _decoded(content.removesuffix(b"\r\n"), headers)
    return found


def _decoded(content: bytes, headers: str) -> bytes:
    if "content-transfer-encoding: base64" not in headers:
        return content
    try:
        return base64.b64decode(content)
    except binascii.Error:
        raise Refused("INVALID_MULTIPART_REQUEST", "The part is not base64") from None
