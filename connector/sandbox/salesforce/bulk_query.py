"""`/jobs/query`: a query whose rows are fetched as CSV, part by part."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from connector.sandbox.salesforce.bulk_jobs import Job, table, unfinished
from connector.sandbox.salesforce.call import Call, reply
from connector.sandbox.salesforce.moments import moment
from connector.sandbox.salesforce.refusal import Refused, no_such_resource
from connector.sandbox.wire import Response

_MOST = 50_000  # rows of one part, unless fewer are asked for
_KEPT = timedelta(days=7)
_COLUMNS = re.compile(r"^\s*SELECT\s+(.+?)\s+FROM\s+(\w+)", re.IGNORECASE | re.DOTALL)
_REFUSED = re.compile(r"\b(TYPEOF|GROUP\s+BY|OFFSET)\b|\(\s*SELECT\b", re.IGNORECASE)
_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\+0000$")


def create(call: Call) -> Response:
    body = call.record()
    text, operation = str(body.get("query") or ""), str(body.get("operation") or "")
    if operation not in {"query", "queryAll"}:
        raise Refused("INVALIDJOB", f"Unsupported operation: {operation}")
    match = _COLUMNS.match(text)
    if match is None or _REFUSED.search(text):
        raise Refused("API_ERROR", "The query is not supported by the Bulk API 2.0")
    rows, total = call.desk.queries.keep(text, call.world(), deleted=operation == "queryAll")
    job = Job(
        call.desk.jobs.next_id(),
        "query",
        operation,
        match[2],
        call.viewer.user,
        call.org.stamp,
        _version(call),
        "UploadComplete",
    )
    job.rows, job.total = rows, total
    job.header = [each.strip() for each in match[1].split(",")]
    return reply(200, call.desk.jobs.add(job).told())


def _job(call: Call) -> Job:
    """The job that is asked about. Raises Refused, also for one that is older than a week."""
    job = call.desk.jobs.find(call.names[0], "query")
    if call.org.now() - moment(job.at) > _KEPT:
        call.desk.queries.drop(job.rows)
        call.desk.jobs.remove(job)
        raise no_such_resource()
    return job


def look(call: Call) -> Response:
    job = _job(call)
    if call.org.now() < moment(job.at) + call.org.bulk_takes:
        job.state = "InProgress" if job.state == "UploadComplete" else job.state
        return reply(200, job.whole())
    job.asked += 1
    if job.state in {"UploadComplete", "InProgress"}:
        job.state = "InProgress" if job.asked < 2 else "JobComplete"
    return reply(200, job.whole())


def abort(call: Call) -> Response:
    job = _job(call)
    if call.record().get("state") != "Aborted" or job.state not in {"UploadComplete", "InProgress"}:
        raise Refused("INVALIDJOBSTATE", f"The job {job.id} cannot be aborted: {job.state}")
    job.state = "Aborted"
    return reply(200, job.told())


def results(call: Call) -> Response:
    job = _job(call)
    if job.state != "JobComplete":
        raise unfinished(job)
    if job.version != _version(call):
        raise Refused(
            "INVALIDVERSION", "The results are read with the version of the API that made the job", status=409
        )
    offset = _place(call.request.param("locator"))
    asked = call.request.param("maxRecords")
    many = min(_MOST, int(asked)) if asked.isdigit() and int(asked) > 0 else _MOST
    found = [json.loads(each) for each in call.desk.queries.kept(job.rows, offset, many)]
    after = offset + many
    locator = base64.b64encode(str(after).encode()).decode() if after < job.total else "null"
    headers = {"Sforce-NumberOfRecords": str(len(found)), "Sforce-Locator": locator}
    return table(job.header, [list(_cells(row, job)) for row in found], **headers)


def delete(call: Call) -> Response:
    job = _job(call)
    if job.state not in {"JobComplete", "Aborted", "Failed"}:
        raise Refused("API_ERROR", "Error encountered when deleting the job because the job is not terminated")
    call.desk.queries.drop(job.rows)
    call.desk.jobs.remove(job)
    return Response(204)


def _cells(row: Mapping[str, Any], job: Job) -> Iterator[str]:
    lowered = _lowered(row)
    for column in job.header:
        value: Any = lowered
        for part in column.lower().split("."):
            value = _lowered(value).get(part) if isinstance(value, Mapping) else None
        yield _cell(value)


def _lowered(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in row.items()}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # Here moments end with a Z, unlike in every other reply.
        return _MOMENT.sub(r"\1Z", value)
    return str(value)


def _place(locator: str) -> int:
    if not locator:
        return 0
    try:
        return int(base64.b64decode(locator, validate=True))
    except (binascii.Error, ValueError):
        raise Refused("INVALIDLOCATOR", f"invalid locator: {locator}") from None


def _version(call: Call) -> str:
    return call.base.rpartition("/v")[2]
