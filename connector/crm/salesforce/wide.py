"""Field lists that are too long for one address: the first part is paged through, the others are asked for by id.

Salesforce takes 16,384 bytes of address and headers; from some three hundred fields on a query no longer fits. A job has
no such limit, since its query travels in a body.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from connector.crm.salesforce import soql
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.streams import Stream

LONGEST = 8_000  # bytes of a query once it is percent-encoded; two hundred ids beside it take 5,400, headers the rest

Names = tuple[str, ...]


def parts(stream: Stream, where: Sequence[str]) -> list[Names]:
    """The stream's fields in lists that fit one query each; one list nearly always."""
    found: list[list[str]] = [[]]
    for name in stream.names:
        wider = (*found[-1], name)
        if found[-1] and len(quote_plus(stream.select(where, names=wider))) > LONGEST:
            found.append([name])
        else:
            found[-1].append(name)
    return [tuple(each) for each in found]


def completed(
    org: Org, stream: Stream, rows: Sequence[Mapping[str, Any]], rest: Sequence[Names]
) -> Sequence[Mapping[str, Any]]:
    """Rows with the fields that did not fit their query. One that has gone meanwhile stays as it is, and comes again deleted."""
    if not rest:
        return rows
    whole = {str(row["Id"]): dict(row) for row in rows}
    for names in rest:
        for ids in soql.chunks(list(whole)):
            query = stream.select([soql.one_of("Id", ids)], names=names, plain=True)
            for more in org.query(query, deleted=stream.deletable).rows:
                _merge(whole[str(more["Id"])], more)
    return list(whole.values())


def _merge(row: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        known = row.get(name)
        row[name] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
