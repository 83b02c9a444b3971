"""SQL that writes JSON: SQLite turns a row into its wire form faster than Python could."""

from __future__ import annotations

from connector.sandbox.salesforce.fields import Field

_PLAIN = frozenset({"id", "reference", "date", "datetime"})  # never hold a character that JSON escapes


def value_json(sql: str, field: Field) -> str:
    """The value as JSON text; money with its decimals, as Salesforce sends it (`50000.00`)."""
    if field.type in _PLAIN:
        return f"coalesce('\"' || {sql} || '\"', 'null')"
    if field.type == "boolean":
        return f"iif({sql}, 'true', 'false')"
    if field.type == "currency":
        return f"iif({sql} IS NULL, 'null', printf('%.{field.scale}f', {sql}))"
    return f"json_quote({sql})"


def object_json(kind: str, url: str, table_sql: str, id_sql: str, members: list[tuple[str, str]]) -> str:
    """`{"attributes": {…}, …}`; `url` is the path up to the object's name, which is SQL like the id."""
    head = quoted(f'{{"attributes":{{"type":"{kind}","url":"{url}/')
    return f"{head} || {table_sql} || '/' || {id_sql} || '\"}}'{_body(members)} || '}}'"


def aggregate_json(members: list[tuple[str, str]]) -> str:
    """A row of an aggregate: it has no url."""
    head = quoted('{"attributes":{"type":"AggregateResult"}')
    return f"{head}{_body(members)} || '}}'"


def _body(members: list[tuple[str, str]]) -> str:
    parts = []
    for name, sql in members:
        key = quoted(f',"{name}":')
        parts.append(f" || {key} || {sql}")
    return "".join(parts)


def quoted(text: str) -> str:
    """An SQL string."""
    return "'" + text.replace("'", "''") + "'"
