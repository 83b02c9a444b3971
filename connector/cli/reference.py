"""The rule language's reference, printed from the tables that define it."""

from __future__ import annotations

from collections.abc import Iterator

from connector.language.functions import FUNCTIONS
from connector.model.catalogue import RELATIONS


def functions() -> Iterator[tuple[str, str, str]]:
    """(how it is called, over many records or one value, what it says)."""
    for each in FUNCTIONS.values():
        yield each.signature, "many records" if each.gathers else "one value", each.says


def fields() -> Iterator[tuple[str, str, str, str]]:
    """(relation, field, type, what it says)."""
    for relation in RELATIONS.values():
        for each in relation.fields.values():
            yield relation.name, each.name, str(each.type), each.says


def markdown() -> str:
    """Both tables as the README shows them."""
    lines = ["| function | over | gives |", "|---|---|---|"]
    lines += [f"| `{signature}` | {over} | {says} |" for signature, over, says in functions()]
    lines += ["", "| relation | field | type | what it is |", "|---|---|---|---|"]
    lines += [f"| {relation} | `{name}` | {kind} | {says} |" for relation, name, kind, says in fields()]
    return "\n".join(lines)
