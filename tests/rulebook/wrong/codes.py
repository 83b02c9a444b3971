"""Every code that a problem may have, read from the source that raises it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import connector
from connector.rulebook.mapped_names import OUR_VALUES

HOME = Path(connector.__file__).parent
SOURCE = [
    HOME / "yamlfile.py",
    *sorted((HOME / "language").glob("*.py")),
    *sorted((HOME / "rulebook").glob("*.py")),
    HOME / "service" / "config.py",
    HOME / "service" / "addresses.py",
    HOME / "service" / "fiscal_year.py",
    HOME / "service" / "plan_rates.py",
]

WARNINGS = frozenset(
    {
        "old-name",
        "empty-left-out",
        "not-translated",
        "not-offered",
        "calculated-field",
        "not-mapped",
        "not-shown",
        "bare-ratio",
    }
)  # obeyed, and told
OF_A_WHOLE_FILE = frozenset({"missing-file", "unreadable-file", "too-large", "unknown-file", "empty"})

# Which argument of a call is the code.
_AT = {"refused": 1, "refusal": 1, "_refusal": 1, "refuse": 1, "refuse_at": 1, "refuse_key": 1, "complaint": 0,
       "Problem": 1, "_problem": 1, "problem": 1, "_refused": 1, "_failed": 2, "has_columns": 2}  # fmt: skip
_CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")


@cache
def declared() -> frozenset[str]:
    """The codes of errors; a warning is none."""
    return frozenset(code for path in SOURCE for code in _codes(path)) - WARNINGS


def _codes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        if isinstance(node, ast.FunctionDef) and node.name == "_code":  # what pydantic says, in one word of ours
            yield "wrong-value"


def _of_call(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    at = _AT.get(name)
    if at is not None and len(call.args) > at:
        yield from _words(call.args[at])
    if name == "known" and len(call.args) == 4:  # page.known(trail, word, known, what): "unknown-what"
        found = list(_texts(call.args[3]))
        yield from (f"unknown-{each.replace(' ', '-')}" for each in found)
        if not found:
            yield from (f"unknown-{each}-of-ours" for each in OUR_VALUES)


def _words(code: ast.expr) -> Iterator[str]:
    """The codes an argument may hold: one, or one of two."""
    parts = (code.body, code.orelse) if isinstance(code, ast.IfExp) else (code,)
    yield from (each for part in parts for each in _texts(part) if _CODE.fullmatch(each))


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
