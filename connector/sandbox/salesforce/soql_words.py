"""SOQL cut into words, and how Salesforce points at the one it dislikes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from connector.sandbox.salesforce.refusal import Refused

_WORD = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)(?!\w))
    | (?P<date>\d{4}-\d\d-\d\d(?![\w-]))
    | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<relative>[A-Za-z_]+:\d+(?!\w))
    | (?P<currency>[A-Za-z]{3}\d+(?:\.\d+)?(?!\w))
    | (?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)
    | (?P<sign><=|>=|!=|<>|[=<>(),])
    """,
    re.VERBOSE,
)
WINDOW = 32  # how much of the text before the place is shown


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its kind and place."""

    kind: str
    text: str
    at: int

    @property
    def upper(self) -> str:
        return self.text.upper()


def words(text: str) -> list[Word]:
    """The query's words, and an empty one that marks the end. Raises Refused."""
    found, at = [], 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None or match.lastgroup is None:
            raise malformed(text, at, f"unexpected token: '{text[at : at + 1]}'")
        if match.lastgroup != "space":
            found.append(Word(match.lastgroup, match.group(), at))
        at = match.end()
    found.append(Word("end", "<EOF>", len(text)))
    return found


def malformed(text: str, at: int, reason: str) -> Refused:
    return pointed("MALFORMED_QUERY", text, at, reason)


def pointed(code: str, text: str, at: int, reason: str) -> Refused:
    """A refusal as Salesforce words it: the text, a caret, row and column, the reason.

    A long query is shown from a word near the place. Source: recorded replies of CumulusCI and Ampersand.
    """
    row = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    line = text.split("\n")[row - 1]
    start = _start(line, column - 1)
    end = min(len(line), column - 1 + WINDOW)
    caret = " " * (column - 1 - start) + "^"
    return Refused(code, f"\n{line[start:end]}\n{caret}\nERROR at Row:{row}:Column:{column}\n{reason}")


def _start(line: str, at: int) -> int:
    if at <= WINDOW:
        return 0
    edges = [match.end() for match in re.finditer(r"[\s,]", line[:at])]
    return next((edge for edge in edges if at - edge <= WINDOW), at - WINDOW)
