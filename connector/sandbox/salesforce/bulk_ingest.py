"""`/jobs/ingest`: rows uploaded as CSV, and what became of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from connector.sandbox.salesforce.batches import MOST
from connector.sandbox.salesforce.bulk_jobs import Job, table, unfinished
from connector.sandbox.salesforce.call import Call, reply
from connector.sandbox.salesforce.fields import Field, SObject
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.wire import Response

_OPERATIONS = frozenset({"insert", "update", "upsert"})
_LARGEST = 100 * 1024 * 1024  # bytes of one upload, before it is encoded
NOTHING = "#N/A"  # empties a field; an empty cell leaves it as it is


def create(call: Call) -> Response:
    body = call.record()
    operation, name = str(body.get("operation") or ""), str(body.get("object") or "")
    if operation not in _OPERATIONS:
        raise Refused("INVALIDJOB", f"Unsupported operation: {operation}")
    if call.sight.find(name) is None:
        raise Refused("INVALIDENTITY", f"Unsupported object: {name}")
    key = str(body.get("externalIdFieldName") or "") or None
    if operation == "upsert" and key is None:
        raise Refused("INVALIDJOB", "externalIdFieldName is required for upsert")
    version = call.base.rpartition("/v")[2]
    job = Job(
        call.desk.jobs.next_id(), "ingest", operation, name, call.viewer.user, call.org.stamp, version, "Open", key=key
    )
    return reply(200, call.desk.jobs.add(job).told())


def upload(call: Call) -> Response:
    job = call.desk.jobs.find(call.names[0], "ingest")
    if job.state != "Open" or job.uploaded:
        raise Refused("INVALIDJOBSTATE", "Job is not open, or has its data already")
    if len(call.request.body) > _LARGEST:
        raise Refused("INVALIDBATCH", "The upload is larger than 100 MB", status=413)
    job.uploaded = call.request.body
    return Response(201)


def close(call: Call) -> Response:
    job = call.desk.jobs.find(call.names[0], "ingest")
    state = str(call.record().get("state") or "")
    if state not in {"UploadComplete", "Aborted"} or job.state != "Open":
        raise Refused("INVALIDJOBSTATE", f"Cannot go from {job.state} to {state}")
    job.state = state
    if state == "UploadComplete":
        _work(call, job)
    return reply(
        200, {name: value for name, value in job.told().items() if name not in {"lineEnding", "columnDelimiter"}}
    )


def look(call: Call) -> Response:
    job = call.desk.jobs.find(call.names[0], "ingest")
    job.asked += 1
    if job.state in {"UploadComplete", "InProgress"}:
        done = "Failed" if job.problem else "JobComplete"
        job.state = "InProgress" if job.asked < 2 else done
    return reply(200, job.whole())


def results(call: Call) -> Response:
    job = call.desk.jobs.find(call.names[0], "ingest")
    if job.state not in {"JobComplete", "Failed"}:
        raise unfinished(job)
    match call.names[1]:
        case "successfulResults":
            return table(("sf__Id", "sf__Created", *job.header), job.succeeded)
        case "failedResults":
            return table(("sf__Id", "sf__Error", *job.header), job.failed)
    return table(job.header, ())


def delete(call: Call) -> Response:
    call.desk.jobs.remove(call.desk.jobs.find(call.names[0], "ingest"))
    return Response(204)


def _work(call: Call, job: Job) -> None:
    """All rows at once; a column that is no field fails the job as a whole, a row that is wrong fails alone."""
    reader = csv.reader(io.StringIO(job.uploaded.decode("utf-8")))
    job.header = next(reader, [])
    thing = call.sight.find(job.object)
    assert thing is not None
    unknown = [each for each in job.header if each not in thing.fields]
    if unknown:
        job.problem = f"InvalidBatch : Field name not found : {unknown[0]}"
        return
    rows = [row for row in reader if row]
    for start in range(0, len(rows), MOST):
        some = rows[start : start + MOST]
        records = [_record(thing, job.header, row) for row in some]
        for row, result in zip(some, _told(call, job, records), strict=True):
            _note(job, row, result)


def _told(call: Call, job: Job, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    body = {"allOrNone": False, "records": records}
    match job.operation:
        case "insert":
            return call.batches.create(body)
        case "update":
            return call.batches.update(body)
    return call.batches.upsert(body, job.object, job.key or "")


def _note(job: Job, row: Sequence[str], result: Mapping[str, Any]) -> None:
    if result["success"]:
        created = "true" if result.get("created", job.operation == "insert") else "false"
        job.succeeded.append((result["id"], created, *row))
        return
    (error, *_) = result["errors"]
    named = ",".join(error["fields"])
    job.failed.append(("", f"{error['statusCode']}:{error['message']}:{named} --", *row))


def _record(thing: SObject, header: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"attributes": {"type": thing.name}}
    for name, text in zip(header, row, strict=False):
        if text == NOTHING:
            found[name] = None
        elif text:
            found[name] = _value(thing.fields[name], text)
    return found


def _value(field: Field, text: str) -> object:
    if field.type == "boolean":
        return text.lower() == "true"
    if field.type in {"double", "currency", "percent", "int"}:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        return int(number) if number == number.to_integral_value() else float(number)
    return text
