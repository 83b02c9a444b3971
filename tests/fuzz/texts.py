"""What is fuzzed with: soups of the language's own words, sentences of its grammar, and both spoilt."""

from __future__ import annotations

from hypothesis import strategies as st

from connector.language.functions import FUNCTIONS
from connector.language.parse import KEYWORDS
from tests.fuzz.sentences import fitting
from tests.language.reading import DEALS

FIELDS = sorted(DEALS.fields)
METRICS = ("bookings", "deals_won", "win_rate", "sales_cycle")
NUMBERS = (
    "0",
    "1",
    "2.50",
    "1_000",
    "80%",
    "5 EUR",
    "3 USD",
    "1e5",
    "0.0000000000001",
    "9" * 18,
    "9" * 19,
    "-1",
    ".5",
    "0x1",
)
TEXTS = (
    "'won'",
    "'wno'",
    "''",
    "'2026-11-25'",
    "'2026-02-30'",
    "'0001-01-01'",
    "'2026-11-25T08:00:00Z'",
    "'O''Brien'",
    "'",
    "'a%_'",
)
SIGNS = (
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "(",
    ")",
    ",",
    "%",
    "==",
    "||",
    ";",
    ".",
    "[",
    "]",
    "::",
    "->",
    "--",
    "/*",
    "$1",
    "?",
    '"',
    "\\",
    "{",
    "}",
)
STRANGERS = (
    "select",
    "from",
    "x",
    "interval",
    "date",
    "cast",
    "as",
    "over",
    "filter",
    "union",
    "lambda",
    "escape",
    "é",
    "名前",
    "\u200b",
    "\x00",
    "_won",
    "EUR",
)

words = st.sampled_from(
    [*FIELDS, *METRICS, *sorted(KEYWORDS), *sorted(FUNCTIONS), *NUMBERS, *TEXTS, *SIGNS, *STRANGERS]
)
soup = st.lists(words, max_size=40).map(" ".join)
packed = st.lists(words, max_size=12).map("".join)
anything = st.text(max_size=80)

_leaf = st.one_of(
    st.sampled_from(FIELDS), st.sampled_from(NUMBERS[:9]), st.sampled_from(TEXTS[:8]), st.sampled_from(METRICS)
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def infix(sign: str) -> st.SearchStrategy[str]:
        return st.tuples(inner, inner).map(lambda pair: f"{pair[0]} {sign} {pair[1]}")

    def called(name: str) -> st.SearchStrategy[str]:
        return st.lists(inner, max_size=3).map(lambda given: f"{name}({', '.join(given)})")

    return st.one_of(
        st.sampled_from(("=", "<>", "<", ">=", "+", "-", "*", "/", "and", "or", "like", "not like")).flatmap(infix),
        st.sampled_from(sorted(FUNCTIONS)).flatmap(called),
        inner.map(lambda each: f"({each})"),
        inner.map(lambda each: f"not {each}"),
        inner.map(lambda each: f"- {each}"),
        inner.map(lambda each: f"{each} is null"),
        inner.map(lambda each: f"{each} is not null"),
        st.tuples(inner, inner, inner).map(lambda three: "{} between {} and {}".format(*three)),
        st.tuples(inner, inner, inner).map(lambda three: "{} in ({}, {})".format(*three)),
        st.tuples(inner, inner, inner).map(lambda three: "case when {} then {} else {} end".format(*three)),
    )


sentences = st.recursive(_leaf, _grown, max_leaves=12)


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A sentence with a word of anything in it."""
    text = draw(st.one_of(sentences, fitting))
    at = draw(st.integers(0, len(text)))
    return f"{text[:at]} {draw(words)} {text[at:]}"


expressions = st.one_of(fitting, fitting, fitting, sentences, spoilt(), soup, packed, anything)

_PIECES = (
    "metrics", "title", "a", "- ", "-", ": ", ":", "\n", "\n  ", "\n    ", "\n      ", " ", "\t", "'", '"', "|", ">", "|-", ">+2", "#", " # x",
    "{", "}", "[", "]", ",", "&a", "*a", "!x", "!!int", "%", "@", "`", "? ", "~", "null", "true", "no", "1", "0x1", "1.5", "-", "---", "...",
    "\\", "\\n", "\\u0041", "\\x", "''", "é", "\u2028", "\x85", "\ufeff", "\x00", "\x07", "\U0001f642", "<<", "=", "\r\n", "\r", "won", "2026-11-25",
)  # fmt: skip
_lines = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["a", "b", "c: 1", "- x", "- a: 1", "a:", "a: 'x", 'b: "y\\', "a: {b, c: d}", "a: |", "  text"])),
    max_size=12,
)  # fmt: skip
files = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=50).map("".join),
    _lines.map(lambda lines: "\n".join("  " * depth + line for depth, line in lines)),
    st.text(max_size=200),
)
