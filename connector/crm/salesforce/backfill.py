"""A first pull in bulk: the same pages of the same records as by queries, for fewer calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from connector.crm.salesforce import bulk
from connector.crm.salesforce.bulk import Lost, Unsuited
from connector.crm.salesforce.describe import DECIMALS
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.streams import Stream
from connector.errors import ConnectorError, CrmDenied, CrmUnavailable
from connector.ports import World

_MARK = "bulk:"


def place(job: str, locator: str) -> str:
    """Where a job stands, as a cursor keeps it."""
    return f"{_MARK}{job}:{locator}"


def placed(after: str) -> tuple[str, str] | None:
    """Job and locator of a cursor; None for one of another kind."""
    if not after.startswith(_MARK):
        return None
    job, _, locator = after.removeprefix(_MARK).partition(":")
    return job, locator


def begun(org: Org, stream: Stream, soql: str) -> tuple[str, str]:
    """A new job that reads a stream, and its place before the first row. Raises Unsuited where the org will not run it."""
    return bulk.start_query(org, soql, deleted=stream.deletable), ""


def rows(org: Org, world: World, stream: Stream, at: tuple[str, str]) -> Iterator[tuple[list[Mapping[str, Any]], str]]:
    """Rows as a query would answer them, and where the rest begins; empty: there is none.

    `at`: where an earlier read ended; without a locator nothing was read, and the job may be under way. Raises Lost for a
    job that is gone, Unsuited for one that failed or was aborted, CrmUnavailable for one that takes too long and stands:
    whatever came before is true, and may come again.
    """
    job, locator = at
    path = f"jobs/query/{job}"
    try:
        if not locator:
            bulk.finished(org, world, path)
        while True:
            found = bulk.part(org, job, locator)
            yield [as_answered(stream, each) for each in found.rows], place(job, found.next) if found.next else ""
            if not found.next:
                break
            locator = found.next
    except Unsuited:
        bulk.forget(org, path)
        raise
    except CrmUnavailable:
        raise  # the job stands; where a part of it was kept, the cursor leads back to it
    except ConnectorError as error:
        bulk.forget(org, path)
        is_lost = isinstance(error, CrmDenied) and error.problem.startswith("HTTP 404")
        raise (Lost if is_lost else Unsuited)(str(error)) from error
    bulk.forget(org, path)


def as_answered(stream: Stream, cells: Mapping[str, str]) -> dict[str, Any]:
    """A row of CSV as the same row of JSON: an empty cell is null, and a parent is an object."""
    found: dict[str, Any] = {}
    for name, text in cells.items():
        head, _, rest = name.partition(".")
        value = _value(text, stream.types.get(name, "string"))
        if not rest:
            found[head] = value
        elif value is not None:
            found[head] = {**(found.get(head) or {}), rest: value}
        else:
            found.setdefault(head, None)
    return found


def _value(text: str, kind: str) -> Any:  # noqa: ANN401 - as JSON has it
    if text == "":
        return None
    try:
        if kind in DECIMALS:
            number = Decimal(text)
            # JSON has 50000.00 and 7: whole numbers without a point are integers there.
            return number if "." in text or "E" in text.upper() else int(number)
        if kind in ("int", "long"):
            return int(text)
    except (InvalidOperation, ValueError):
        return text
    if kind == "boolean":
        return text.lower() == "true"
    if kind == "datetime" and text.endswith("Z"):
        return f"{text[:-1]}+0000"
    return text
