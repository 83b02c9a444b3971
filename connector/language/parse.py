"""From text to sqlglot's tree, or to the place where it goes wrong; nothing is evaluated.

The words and signs of the language are few, so they are judged before the parser sees them: what a
rule may not say is refused on its token, with the exact place. Names reach the parser with a `_` in
front, so that none of them is a keyword or a function that sqlglot treats in a way of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from connector.language.functions import FUNCTIONS
from connector.language.refused import Locate, Refused, refused
from connector.yamlfile import did_you_mean

KEYWORDS = frozenset(
    {"and", "or", "not", "in", "is", "null", "between", "like", "case", "when", "then", "else", "end", "true", "false"}
)

# sqlglot takes these for a command when they come first, and swallows the rest unread.
_COMMANDS = frozenset({"call", "execute", "explain", "fetch", "optimize", "prepare", "rename", "reset", "vacuum"})

RESERVED = KEYWORDS | _COMMANDS  # no field may have one of these names

_LONGEST, _MOST_TOKENS, _DEEPEST = 2_000, 300, 25
_SIGNS = {
    TokenType.L_PAREN, TokenType.R_PAREN, TokenType.COMMA,
    TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.LTE, TokenType.GT, TokenType.GTE,
    TokenType.PLUS, TokenType.DASH, TokenType.STAR, TokenType.SLASH,
}  # fmt: skip
_VALUES = (TokenType.NUMBER, TokenType.STRING)
CONSTANTS = {"true": True, "false": False, "null": None}
_DEEPER = {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1, TokenType.CASE: 1, TokenType.END: -1}
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"\d{1,18}(\.\d{1,12})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_SPACE = str.maketrans("\n\r\t", "   ")
_INSTEAD = {
    "==": "equality is one sign: `=`",
    ";": "a rule is one expression",
    ".": "a field is one word; a number begins with a digit: 0.5",
    "[": "lists are written `in ('a', 'b')`",
    "||": "texts cannot be joined",
    "//": "division is one sign: `/`",
    "&&": "write `and`",
    "!": "write `not`",
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree that holds nothing but our words and signs; positions are in `meta`."""

    text: str
    tree: exp.Expression
    units: Mapping[int, str] = field(default_factory=dict)  # offset of a number → "%" or a currency


def parse(text: str, locate: Locate) -> Parsed:
    """Read an expression. Raises Refused."""
    plain = text.translate(_SPACE)
    if not plain.strip():
        raise refused(locate(0), "empty-expression", "an expression is expected here")
    if len(plain) > _LONGEST:
        raise refused(locate(0), "too-long", f"longer than {_LONGEST} characters")
    strange = next((at for at, sign in enumerate(plain) if not sign.isprintable()), None)
    if strange is not None:
        raise refused(locate(strange), "control-character", "a character that cannot be printed")
    try:
        tokens = sqlglot.tokenize(plain, dialect="duckdb")
    except TokenError:
        raise _unclosed(plain, locate) from None
    if not tokens:
        raise refused(locate(0), "empty-expression", "an expression is expected here, and this is a comment")
    units: dict[int, str] = {}
    kept = list(_gated(list(_with_units(tokens, units)), plain, locate))
    return Parsed(text, _tree(kept, plain, locate), units)


def _unclosed(text: str, locate: Locate) -> Refused:
    """Why the text cannot be cut into words: a quote, nearly always."""
    rest = re.sub(r"'(?:[^']|'')*'", lambda found: " " * len(found[0]), text)
    hint = "a text that holds ` #` needs the whole expression between double quotes, else YAML cuts it off there"
    return refused(locate(max(rest.find("'"), 0)), "unclosed-quote", "a quote is opened here and never closed", hint)


def _with_units(tokens: Sequence[Token], units: dict[int, str]) -> Iterator[Token]:
    """Take `%` and currencies off their numbers, and note them by the number's offset."""
    before: Token | None = None
    for token in tokens:
        is_unit = token.token_type is TokenType.MOD or _CURRENCY.fullmatch(token.text)
        if is_unit and before and before.token_type is TokenType.NUMBER and before.start not in units:
            units[before.start] = token.text
            continue
        before = token
        yield token


def _gated(tokens: Sequence[Token], text: str, locate: Locate) -> Iterator[Token]:
    """Let pass what the language knows, names marked as names. Raises Refused."""
    depth, run = 0, 0
    if len(tokens) > _MOST_TOKENS:
        raise refused(locate(tokens[_MOST_TOKENS].start), "too-long", f"more than {_MOST_TOKENS} words and signs")
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        depth += _DEEPER.get(token.token_type, 0)
        run = run + 1 if token.token_type in (TokenType.NOT, TokenType.DASH) else 0
        if depth + run > _DEEPEST:
            # Judged on tokens: the parser is recursive, and a thousand `(` would exhaust the stack first.
            raise refused(locate(token.start), "too-deep", f"nested deeper than {_DEEPEST} levels")
        if token.comments:
            raise refused(locate(token.end + 1), "not-in-language", "comments stand outside of expressions, after ` #`")
        is_call = after is not None and after.token_type is TokenType.L_PAREN
        yield _judged(token, text[token.start : token.end + 1], is_call=is_call, locate=locate)
        if after and _ends_a_value(token) and _begins_a_value(after):
            # The parser would take the second for an alias, or for the upper end of a `between`.
            near, hint = text[after.start : after.end + 1], "is an `and` or a sign missing?"
            raise refused(locate(after.start), "syntax", f"`{near}` is not expected here", hint)


def _ends_a_value(token: Token) -> bool:
    word = token.text.lower()
    return token.token_type in _VALUES or word in CONSTANTS or word in (")", "end") or _is_name(token)


def _begins_a_value(token: Token) -> bool:
    return token.token_type in _VALUES or token.text.lower() in (*CONSTANTS, "case") or _is_name(token)


def _is_name(token: Token) -> bool:
    return _WORD.fullmatch(token.text) is not None and token.text.lower() not in KEYWORDS


def _judged(token: Token, written: str, *, is_call: bool, locate: Locate) -> Token:
    """The token as the parser may see it; `written` is how it stands in the text. Raises Refused."""
    if token.token_type is TokenType.STRING or (token.token_type in _SIGNS and written != "=="):
        return token
    if token.token_type is TokenType.NUMBER:
        if _NUMBER.fullmatch(token.text):
            return token
        raise refused(locate(token.start), "no-number", f"`{written}` is no number that a rule can hold")
    if token.token_type is TokenType.IDENTIFIER:
        hint = f"a text stands between single quotes: '{token.text}'"
        raise refused(locate(token.start), "not-in-language", "double quotes mean nothing in an expression", hint)
    if _WORD.fullmatch(written):
        return _word(token, is_call=is_call, locate=locate)
    hint = _INSTEAD.get(written, "")
    raise refused(locate(token.start), "not-in-language", f"`{written}` is not part of the rule language", hint)


def _word(token: Token, *, is_call: bool, locate: Locate) -> Token:
    """A keyword as it is; a function, a field or a constant with the mark of a name, so that it keeps its place."""
    word = token.text.lower()
    if word in CONSTANTS:
        return Token(TokenType.VAR, f"_{word}", token.line, token.col, token.start, token.end)
    if word in KEYWORDS:
        return token
    if is_call and word not in FUNCTIONS:
        hint = did_you_mean(word, FUNCTIONS) or f"known are {', '.join(sorted(FUNCTIONS))}"
        raise refused(locate(token.start), "unknown-function", f"there is no function `{token.text}`", hint)
    name = word if is_call else token.text
    return Token(TokenType.VAR, f"_{name}", token.line, token.col, token.start, token.end)


def _tree(tokens: list[Token], text: str, locate: Locate) -> exp.Expression:
    try:
        trees = DuckDB().parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)  # it keeps its place: one each
    except ParseError as error:
        raise _misread(error, locate) from None
    except RecursionError:
        raise refused(locate(0), "too-deep", "nested too deeply") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Expression):
        raise refused(locate(0), "empty-expression", "an expression is expected here")
    return trees[0]


def _misread(error: ParseError, locate: Locate) -> Refused:
    """The parser's complaint in our words: its own name classes, and colour the terminal."""
    first = error.errors[0]
    near, says = str(first["highlight"] or ""), str(first["description"])
    at = max(int(first["col"] or 0) - len(near), 0)
    if "Expecting )" in says:
        return refused(locate(at + len(near)), "syntax", "a closing `)` is missing here")
    if "END after CASE" in says:
        return refused(locate(at + len(near)), "syntax", "`case` needs an `end`")
    if says.startswith("Required"):
        return refused(locate(at), "syntax", f"something is missing beside `{near}`")
    return refused(locate(at), "syntax", f"`{near}` is not expected here")


def offset(tree: exp.Expression) -> int:
    """The offset where a node begins: that of the first word under it that knows its own."""
    return min((int(each.meta["start"]) for each in tree.walk() if "start" in each.meta), default=0)


def mentions(parsed: Parsed) -> Iterator[tuple[str, int]]:
    """Every name in an expression with its offset, constants included, in no order."""
    for each in parsed.tree.find_all(exp.Column):
        yield each.name.removeprefix("_"), offset(each)


def chain(tree: exp.Expression, kind: type[exp.Expression]) -> list[exp.Expression]:
    """The members of a chain of `and`, or of `or`, in order; however long, it is one level deep."""
    found: list[exp.Expression] = []
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if type(each) is kind:
            waiting += [each.expression, each.this]
        else:
            found.append(each)
    return found
