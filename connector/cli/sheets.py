"""CSV that a spreadsheet shows and never runs."""

from __future__ import annotations

import re

# What a formula begins with, wide ones as well; white space, quotes and signs of no width may stand before it.
# Source: https://owasp.org/www-community/attacks/CSV_Injection
_STRANGE = "\\s\\x00\"'\\u200b\\ufeff"
_FORMULA = re.compile(f"(^|[;,|\t\r\n])(?=[{_STRANGE}]*[=+\\-@＝＋－＠])")
_LEADING = re.compile("[\t\r\n]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def harmless(value: object) -> object:
    """A value as it may stand in a cell: texts get an apostrophe before whatever a spreadsheet would take for a formula.

    Also inside of a text, after each sign by which some spreadsheet may cut it into cells (`;` and tab by country). Numbers
    are left alone, negative ones as well.
    """
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    marked = _FORMULA.sub(r"\1'", value)
    return f"'{marked}" if _LEADING.match(marked) else marked


def is_harmless(text: str) -> bool:
    """Whether a text may stand in a cell as it is."""
    return harmless(text) == text
