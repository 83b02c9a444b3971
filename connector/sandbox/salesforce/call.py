"""A request on its way to a resource, with all that a resource may need."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.sandbox.salesforce.batches import Batches
from connector.sandbox.salesforce.bulk_jobs import Jobs
from connector.sandbox.salesforce.deployments import Deployments
from connector.sandbox.salesforce.faults import Faults
from connector.sandbox.salesforce.fields import SObject
from connector.sandbox.salesforce.organisation import Organisation
from connector.sandbox.salesforce.query import Queries
from connector.sandbox.salesforce.records import Records
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.salesforce.schema import Sight, Viewer
from connector.sandbox.salesforce.soql_compile import World
from connector.sandbox.wire import Request, Response

JSON = {"Content-Type": "application/json;charset=UTF-8"}


def reply(status: int, body: object, **headers: str) -> Response:
    """A JSON response; a string is JSON already."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(status, {**JSON, **headers}, text.encode())


@dataclass(slots=True)
class Desk:
    """What all requests share."""

    org: Organisation
    faults: Faults
    queries: Queries
    deployments: Deployments
    jobs: Jobs
    shape_changed_at: datetime  # for If-Modified-Since
    usage: Callable[[], tuple[int, int]]  # requests made today, and allowed


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one resource; everything here raises Refused for what the client did wrong."""

    desk: Desk
    request: Request
    viewer: Viewer
    base: str  # "/services/data/v66.0"
    names: tuple[str, ...] = ()  # what the path named

    @property
    def org(self) -> Organisation:
        return self.desk.org

    @property
    def sight(self) -> Sight:
        return self.org.schema.seen_by(self.viewer)

    @property
    def records(self) -> Records:
        return Records(self.org, self.viewer)

    @property
    def batches(self) -> Batches:
        return Batches(self.records, self.desk.faults.next_row_is_locked)

    @property
    def thing(self) -> SObject:
        """The object that the path names first."""
        return self.records.object(self.names[0])

    def asks_for(self, name: str) -> bool:
        """Whether a query parameter says true."""
        return self.request.param(name).lower() == "true"

    def listed(self, name: str) -> list[str]:
        """A query parameter with commas, as a list."""
        return [each for each in self.request.param(name).split(",") if each]

    def json(self) -> Any:  # noqa: ANN401 - whatever the client sent
        try:
            return self.request.json()
        except ValueError:
            raise Refused("JSON_PARSER_ERROR", "Unexpected character or end of input") from None

    def record(self) -> dict[str, Any]:
        body = self.json()
        if not isinstance(body, dict):
            raise Refused("JSON_PARSER_ERROR", "The request body is not a record")
        return body

    def world(self, *, late: bool = True) -> World:
        """What a query reads; without `late` also what queries do not see yet."""
        now = self.org.stamp

        def table(name: str) -> str:
            return self.org.database.seen(name, now) if late else f'"{name}"'

        return World(self.sight, table, self.org.today, self.org.fiscal_starts, f"{self.base}/sobjects")
