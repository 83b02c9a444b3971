"""SOQL from checked names and quoted values, and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote_plus

from simple_salesforce.format import format_soql

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_LONGEST_URL = 12_000  # bytes; Salesforce takes 16,384 for the address and the headers together
MOST_KEYS = 200


def name(text: str) -> str:
    """The identifier, dotted or plain, once it is known to be one. Raises ValueError."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"`{text}` is no name of a Salesforce object or field")
    return text


def moment(at: datetime) -> str:
    """A datetime literal; to the millisecond where the stamp has them. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a moment without a zone names no moment")
    utc = at.astimezone(UTC)
    millis = f".{utc.microsecond // 1000:03}" if utc.microsecond >= 1000 else ""
    return f"{utc:%Y-%m-%dT%H:%M:%S}{millis}Z"


def select(
    fields: Sequence[str],
    obj: str,
    *,
    where: Sequence[str] = (),
    order_by: Sequence[str] = (),
    group_by: Sequence[str] = (),
) -> str:
    """A query; the conditions are already SOQL, and all of them must hold."""
    parts = [f"SELECT {', '.join(map(name, fields))} FROM {name(obj)}"]
    if where:
        parts.append(f"WHERE {' AND '.join(where)}")
    if group_by:
        parts.append(f"GROUP BY {', '.join(map(name, group_by))}")
    if order_by:
        parts.append(f"ORDER BY {', '.join(map(name, order_by))}")
    return " ".join(parts)


def count(obj: str, where: Sequence[str] = ()) -> str:
    """A query that is answered by its totalSize alone."""
    return f"SELECT COUNT() FROM {name(obj)}" + (f" WHERE {' AND '.join(where)}" if where else "")


def count_filled(fields: Sequence[str], obj: str) -> str:
    """A query whose one row says how many records have a value: expr0 for the first field, and so on."""
    return f"SELECT {', '.join(f'COUNT({name(each)})' for each in fields)} FROM {name(obj)}"


def truth(field: str, *, is_set: bool) -> str:
    """A condition on a checkbox."""
    return f"{name(field)} = {'true' if is_set else 'false'}"


def equals(field: str, value: str) -> str:
    """A condition on one text."""
    return f"{name(field)} = " + format_soql("{}", value)


def other_than(field: str, value: str) -> str:
    """A condition that leaves one text out."""
    return f"{name(field)} != " + format_soql("{}", value)


def empty(field: str) -> str:
    """A condition on a field without a value."""
    return f"{name(field)} = null"


def one_of(field: str, values: Sequence[str]) -> str:
    """A condition on a list of values. Raises ValueError for an empty one, which SOQL does not know."""
    if not values:
        raise ValueError("an empty list matches nothing; do not ask")
    return f"{name(field)} IN " + format_soql("{}", list(values))


def either(alternatives: Sequence[Sequence[str]]) -> str:
    """A condition that holds when all parts of one alternative do."""
    return "(" + " OR ".join(f"({' AND '.join(parts)})" for parts in alternatives) + ")"


def after(stamp: str, at: datetime, record_id: str) -> str:
    """What lies behind a record when ordered by stamp and id."""
    last = format_soql("{}", record_id)
    return f"({name(stamp)} > {moment(at)} OR ({stamp} = {moment(at)} AND Id > {last}))"


def chunks(values: Sequence[str], budget: int = _LONGEST_URL) -> Iterator[list[str]]:
    """Values in lists that fit one request: at most 200, and short enough once percent-encoded."""
    chunk: list[str] = []
    size = 0
    for value in values:
        cost = len(quote_plus(f"'{value}',"))
        if chunk and (len(chunk) == MOST_KEYS or size + cost > budget):
            yield chunk
            chunk, size = [], 0
        chunk.append(value)
        size += cost
    if chunk:
        yield chunk
