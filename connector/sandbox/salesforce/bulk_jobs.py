"""Jobs of the Bulk API 2.0: what they are, and what is told of them.

Shapes: recordings of a real org (amp-labs), and Salesforce, "Bulk API 2.0", read 2026-11-29.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.salesforce.ids import canonical, record_id
from connector.sandbox.salesforce.refusal import Refused, no_such_resource
from connector.sandbox.wire import Response

CSV = {"Content-Type": "text/csv;charset=UTF-8"}


@dataclass(slots=True)
class Job:
    """One job; it is done at the second look."""

    id: str
    kind: str  # "query" | "ingest"
    operation: str
    object: str
    user: str
    at: str
    version: str
    state: str
    rows: str = ""  # of a query: the name of what it found
    total: int = 0
    key: str | None = None
    uploaded: bytes = b""
    succeeded: list[tuple[Any, ...]] = field(default_factory=list)
    failed: list[tuple[Any, ...]] = field(default_factory=list)
    header: Sequence[str] = ()
    problem: str = ""
    asked: int = 0

    def told(self) -> dict[str, Any]:
        """As a new job is told."""
        more = {"externalIdFieldName": self.key} if self.key else {}
        content = {} if self.kind == "query" else {"contentUrl": f"{self._base}/batches"}
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user,
            "createdDate": self.at,
            "systemModstamp": self.at,
            "state": self.state,
            **more,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            **(content if self.state == "Open" else {}),
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }

    def whole(self) -> dict[str, Any]:
        """As somebody who looks is told."""
        kind = "V2Query" if self.kind == "query" else "V2Ingest"
        done = len(self.succeeded) + len(self.failed) if self.kind == "ingest" else self.total
        times = {"retries": 0, "totalProcessingTime": 0}
        ingest = {"numberRecordsFailed": len(self.failed), "apiActiveProcessingTime": 0, "apexProcessingTime": 0}
        problem = {"errorMessage": self.problem} if self.problem else {}
        counted = {"numberRecordsProcessed": done if self.state in {"JobComplete", "InProgress"} else 0}
        return self.told() | {"jobType": kind} | counted | times | (ingest if self.kind == "ingest" else {}) | problem

    @property
    def _base(self) -> str:
        return f"services/data/v{self.version}/jobs/ingest/{self.id}"


class Jobs:
    """Every job that nobody deleted."""

    def __init__(self) -> None:
        self._known: dict[str, Job] = {}
        self._made = 0

    def next_id(self) -> str:
        self._made += 1
        return record_id("750", self._made)

    def add(self, job: Job) -> Job:
        self._known[job.id] = job
        return job

    def find(self, id: str, kind: str) -> Job:
        """Raises Refused."""
        found = self._known.get(canonical(id) or "")
        if found is None or found.kind != kind:
            raise no_such_resource()
        return found

    def remove(self, job: Job) -> None:
        del self._known[job.id]


def table(header: Sequence[str], rows: Sequence[Sequence[Any]], **headers: str) -> Response:
    """Rows as CSV, every value in quotes."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return Response(200, {**CSV, **headers}, buffer.getvalue().encode())


def unfinished(job: Job) -> Refused:
    return Refused("INVALIDJOBSTATE", f"The job {job.id} is not in a state that has results: {job.state}", status=400)
