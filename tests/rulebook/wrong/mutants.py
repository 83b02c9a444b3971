"""Good files, each spoilt in one place by a seeded hand: what happens to a file that people edit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import NamedTuple

_KEY = re.compile(r"^(\s*(?:- )?)([A-Za-z_][\w ]*):", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_VALUE = re.compile(r"^(\s*(?:- )?[\w ]+:)[ ]+(\S.*)$", re.MULTILINE)
_ODD = (
    "[]",
    "{}",
    "12",
    "true",
    "-1",
    "1e9",
    "''",
    "~",
    "[a, b]",
    "{a: b}",
    "99999999999999999999",
    "0.1",
    "*x",
    "!x y",
    "%",
)
_SIGNS = "'\"()[]{}:,#&*!|>%@`\t\\;?-=<+"
_WORDS = (
    "bokings",
    "amuont",
    "closed",
    "sum(",
    ")",
    "and",
    "not",
    "50 USD",
    "80%",
    "'2026-02-30'",
    "null",
    "deal",
    "money",
    "ratio",
)


class Mutant(NamedTuple):
    """A spoilt text, and by what."""

    file: str
    by: str
    text: str


def mutants(files: Mapping[str, str], count: int, seed: int) -> Iterator[Mutant]:
    """So many, the same ones every time. A few of them mean something else, and are right."""
    chance = Random(seed)
    names, spoilers = sorted(files), list(_SPOILERS.items())
    for at in range(count):
        name = names[at % len(names)]
        by, spoil = spoilers[at // len(names) % len(spoilers)]
        spoilt = spoil(files[name], chance)
        if spoilt != files[name]:
            yield Mutant(name, by, spoilt)


def _without_a_line(text: str, chance: Random) -> str:
    lines = text.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return "".join(lines)


def _with_a_line_twice(text: str, chance: Random) -> str:
    lines = text.splitlines(keepends=True)
    at = chance.choice([at for at, line in enumerate(lines) if ":" in line and not line.lstrip().startswith("#")])
    return "".join([*lines[: at + 1], *lines[at:]])


def _with_a_misspelt_key(text: str, chance: Random) -> str:
    key = chance.choice(list(_KEY.finditer(text)))
    word = key[2]
    at = chance.randrange(len(word))
    return text[: key.start(2)] + word[:at] + word[at + 1 :] + word[at : at + 1] * 2 + text[key.end(2) :]


def _with_a_misspelt_word(text: str, chance: Random) -> str:
    value = chance.choice(list(_VALUE.finditer(text)))
    words = list(_WORD.finditer(value[2].partition(" #")[0]))
    if not words:
        return text
    word = chance.choice(words)
    start, at = value.start(2) + word.start(), chance.randrange(len(word[0]) - 1)
    swapped = word[0][:at] + word[0][at + 1] + word[0][at] + word[0][at + 2 :]
    return text[:start] + swapped + text[start + len(swapped) :]


def _with_another_value(text: str, chance: Random) -> str:
    value = chance.choice(list(_VALUE.finditer(text)))
    return text[: value.start(2)] + chance.choice(_ODD) + text[value.end(2) :]


def _with_a_stray_sign(text: str, chance: Random) -> str:
    value = chance.choice(list(_VALUE.finditer(text)))
    at = chance.randrange(value.start(2), value.end(2) + 1)
    return text[:at] + chance.choice(_SIGNS) + text[at:]


def _with_a_stray_word(text: str, chance: Random) -> str:
    value = chance.choice(list(_VALUE.finditer(text)))
    words = list(_WORD.finditer(value[2]))
    if not words:
        return text
    word = chance.choice(words)
    start = value.start(2) + word.start()
    return text[:start] + chance.choice(_WORDS) + text[start + len(word[0]) :]


def _cut_short(text: str, chance: Random) -> str:
    return text[: chance.randrange(len(text))]


def _moved(text: str, chance: Random) -> str:
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    lines[at] = lines[at][1:] if lines[at].startswith(" ") and chance.random() < 0.5 else f" {lines[at]}"
    return "".join(lines)


def _with_an_odd_character(text: str, chance: Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice("\x00\x07\u200b\u2028\u00a0\ufeffé\U0001f642\r") + text[at:]


_SPOILERS: Mapping[str, Callable[[str, Random], str]] = {
    "a line left out": _without_a_line,
    "a line twice": _with_a_line_twice,
    "a misspelt key": _with_a_misspelt_key,
    "a misspelt word": _with_a_misspelt_word,
    "another value": _with_another_value,
    "a stray sign": _with_a_stray_sign,
    "a stray word": _with_a_stray_word,
    "cut short": _cut_short,
    "moved by a column": _moved,
    "an odd character": _with_an_odd_character,
}
