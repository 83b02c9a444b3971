"""One country however it is written: `DE`, `deu`, `Germany`, `GERMANY`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

# English names that CRMs offer (Salesforce's list of countries has the ISO 3166 ones) where CLDR has another.
OTHERWISE = {
    "america": "US",
    "bolivia, plurinational state of": "BO",
    "czech republic": "CZ",
    "england": "GB",
    "great britain": "GB",
    "holland": "NL",
    "hong kong": "HK",
    "iran, islamic republic of": "IR",
    "korea, republic of": "KR",
    "macedonia": "MK",
    "moldova, republic of": "MD",
    "republic of ireland": "IE",
    "russian federation": "RU",
    "the netherlands": "NL",
    "turkey": "TR",
    "uae": "AE",
    "united states of america": "US",
    "viet nam": "VN",
}


def country(word: str) -> str:
    """The ISO 3166 code of a country by its code of two or three letters or its English name, in any case.

    What is none of these is given back in small letters: two such words are one where they are written alike.
    """
    plain = _plain(word)
    return _codes().get(plain, plain)


def is_country(word: str) -> bool:
    """Whether a word is a code or an English name of a country."""
    return _plain(word) in _codes()


@cache
def _codes() -> Mapping[str, str]:
    """By CLDR, as babel carries it: its English names of territories, and its aliases, which hold three-letter codes."""
    from babel import Locale
    from babel.core import get_global

    names = {code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
    aliases = {_plain(alias): each[0] for alias, each in get_global("territory_aliases").items() if len(each) == 1}
    found = {alias: code for alias, code in aliases.items() if code in names and not alias.isdigit()}
    return (
        found
        | {_plain(name): code for code, name in names.items()}
        | {_plain(code): code for code in names}
        | OTHERWISE
    )


def _plain(word: str) -> str:
    """Without case, accents, dots and double spaces."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))
    return " ".join(bare.replace("&", " and ").replace(".", "").replace("’", "'").casefold().split())
