"""The Bulk API 2.0: a first pull of many rows as CSV, and many rows written at once.

The SDK's own client polls by its own clock, drops per-row errors and never deletes a job, so this speaks to the resources
itself. Source: Salesforce, "Bulk API 2.0", read 2026-11-29; recordings of job states by amp-labs.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from connector.crm.salesforce.errors import Complaint
from connector.crm.salesforce.org import Fetched, Org
from connector.errors import ConnectorError, CrmUnavailable
from connector.ports import World

FEWEST_READ = 10_000  # rows from which a job costs no more calls than pages of 2,000, and spares the org the cursor
FEWEST_WRITTEN = 2_000
ROWS_AT_ONCE = 25_000
NOTHING = "#N/A"  # empties a field; an empty cell would leave it as it is
_DONE = frozenset({"JobComplete", "Failed", "Aborted"})
_FIRST_PAUSE, _LONGEST_PAUSE, _PATIENCE = 1.0, 30.0, 1800.0  # seconds; each pause twice the one before


class Unsuited(Exception):
    """Not to be had in bulk; the ordinary way will do it, or tell why not. Never leaves this folder."""


class Lost(Unsuited):
    """The job is there no more: it may be begun anew."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a job: column → text, an empty text standing for none."""

    rows: tuple[Mapping[str, str], ...]
    next: str  # the locator of what follows; empty: that was all


def start_query(org: Org, soql: str, *, deleted: bool) -> str:
    """The id of a job that runs a query. Raises Unsuited where the org will not."""
    body = {"operation": "queryAll" if deleted else "query", "query": soql}
    return _started(org, "jobs/query", body)


def finished(org: Org, world: World, path: str) -> None:
    """Wait until a job is complete. Raises Unsuited for one that failed, CrmUnavailable for one that takes too long."""
    pause, waited = _FIRST_PAUSE, 0.0
    while True:
        job = org.get(path)
        state = job.get("state") if isinstance(job, Mapping) else None
        if state == "JobComplete":
            return
        if state in _DONE:
            raise Unsuited(str(job.get("errorMessage") or state))
        if waited >= _PATIENCE:
            raise CrmUnavailable(org.connection, f"bulk job {path.rpartition('/')[2]} is not done after {waited:.0f} s")
        world.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, _LONGEST_PAUSE)


def part(org: Org, job: str, locator: str, rows: int = ROWS_AT_ONCE) -> Part:
    """Rows of a finished query from a locator on; empty: from the beginning."""
    params = {"maxRecords": str(rows)} | ({"locator": locator} if locator else {})

    def read(reply: Fetched) -> Part:
        found = tuple(_rows(org, reply))
        said, following = reply.headers.get("Sforce-NumberOfRecords"), reply.headers.get("Sforce-Locator", "null")
        # Text that ends early is no error to anybody but whoever counts.
        if said is not None and str(len(found)) != said:
            raise CrmUnavailable(org.connection, f"answered {len(found)} of {said} rows of job {job}")
        return Part(found, "" if following == "null" else following)

    return org.fetch("GET", f"jobs/query/{job}/results", params=params, read=read)


def forget(org: Org, path: str) -> None:
    """Delete a job. Whether that works or not: Salesforce lets go of it after seven days by itself."""
    with suppress(ConnectorError):
        org.fetch("DELETE", path)


@dataclass(frozen=True, slots=True)
class Upload:
    """Rows for one object, each named by a key: an external id, or `Id` for an update."""

    object: str
    key_field: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]  # texts; an empty one leaves a field as it is


def ingest(org: Org, world: World, upload: Upload) -> Iterator[Mapping[str, str]]:
    """What is told of each row: with `sf__Error` where it was refused, with `sf__Id` where it was written.

    Rows of which nothing is told may or may not be written. Raises Unsuited where nothing can have been, and
    CrmUnavailable where something may.
    """
    by_id = upload.key_field == "Id"
    named = {} if by_id else {"externalIdFieldName": upload.key_field}
    shape = {"contentType": "CSV", "lineEnding": "LF", "operation": "update" if by_id else "upsert"}
    job = f"jobs/ingest/{_started(org, 'jobs/ingest', {'object': upload.object, **shape, **named})}"
    org.fetch("PUT", f"{job}/batches", text=_csv(upload.header, upload.rows))
    try:
        org.send("PATCH", job, {"state": "UploadComplete"})
        with suppress(Unsuited):  # a job that failed may have written some rows first: whatever is told is true
            finished(org, world, job)
        for path in ("successfulResults", "failedResults"):
            yield from org.fetch("GET", f"{job}/{path}", read=lambda reply: _rows(org, reply))
    except CrmUnavailable as error:
        raise CrmUnavailable(
            org.connection, error.problem, retry_after=error.retry_after, unknown_effect=True
        ) from error
    forget(org, job)


def complaint_of(text: str) -> Complaint:
    """`CODE:message:fields --`, as a row that was refused is told."""
    code, _, rest = text.partition(":")
    message, _, named = rest.removesuffix("--").rstrip().rpartition(":")
    return Complaint(code, message or named, tuple(each for each in named.split(",") if each and message))


def _started(org: Org, path: str, body: Mapping[str, object]) -> str:
    try:
        job = org.send("POST", path, body)
    except CrmUnavailable:
        raise
    except ConnectorError as error:
        raise Unsuited(str(error)) from error
    if not isinstance(job, Mapping) or not job.get("id"):
        raise CrmUnavailable(org.connection, "took a bulk job without naming it")
    return str(job["id"])


def _rows(org: Org, reply: Fetched) -> list[dict[str, str]]:
    """Rows as column → text. Raises CrmUnavailable for an answer that ends within a row.

    Half a key may be another row's whole one, so half a row is none.
    """
    # A NUL inside a text is not CSV, and nobody's value.
    text = io.StringIO(reply.text.replace("\0", ""), newline="")
    try:
        found = list(csv.DictReader(text, strict=True))
    except csv.Error as error:
        raise CrmUnavailable(org.connection, f"answered CSV that is none: {error}") from None
    if any(None in each or None in each.values() for each in found):
        raise CrmUnavailable(org.connection, "answered a row that was cut short")
    return found


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()
