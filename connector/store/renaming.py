"""A name taken out of texts: as whole words, and one that may be any word only where it is theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, or_, select, update

# Scripts that set no spaces between words: there, a name ends anywhere.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_LETTER = rf"[^\W{_UNSPACED}]"
_IN_JSON = r"(?<=\\[nrtbf])"  # the letter of an escape is no letter of the text


@dataclass(frozen=True, slots=True)
class Word:
    """A word that goes, and what takes its place."""

    text: str
    instead: str
    everywhere: bool  # False: others' texts may hold it and mean something else

    def gone_from(self, text: str) -> str:
        """The text with the other word in its place."""
        return self._pattern().sub(lambda _: self.instead, text)

    def _pattern(self) -> re.Pattern[str]:
        if "@" in self.text:
            before, after, flags = r"(?<![\w.+-])", r"(?![\w-]|\.\w)", re.IGNORECASE
        else:
            before = rf"(?<!{_LETTER})(?<!{_LETTER}-)" if re.match(_LETTER, self.text) else ""
            after = rf"(?!{_LETTER}|-{_LETTER})" if re.match(_LETTER, self.text[-1]) else ""
            flags = re.IGNORECASE if self.everywhere else re.NOFLAG
        begins = f"(?:{before}|{_IN_JSON})" if before else ""
        return re.compile(f"{begins}{re.escape(self.text)}{after}", flags)


def words(named: Sequence[str], pseudonym: str, ids: tuple[str, str] | None) -> list[Word]:
    """What leads to a person. A name of one word may be any word; a full name, an address or an id is theirs alone.

    `ids`: the one that they had, and the one that they have from now on. The longest goes first: it may hold another.
    """
    names = [Word(each, pseudonym, is_whole(each)) for each in sorted(named, key=len, reverse=True)]
    return [*names, *([Word(*ids, everywhere=True)] if ids else [])]


def is_whole(name: str) -> bool:
    """Whether it is a full name or an address, which is theirs alone; a name of one word may be any word."""
    return "@" in name or len(name.split()) > 1 or re.search(f"[{_UNSPACED}]", name) is not None


def rename(
    tx: Connection, table: Table, columns: Sequence[str], these: Sequence[Word], theirs: ColumnElement[bool]
) -> int:
    """Put other words in the columns of a table; returns how many rows were touched. `theirs`: rows about the person."""
    key = list(table.primary_key)
    touched: set[tuple[object, ...]] = set()
    for word in these:
        named = or_(*(table.c[each].icontains(word.text, autoescape=True) for each in columns))
        chosen = select(*key, *(table.c[each].label(f"text_{each}") for each in columns))
        for row in tx.execute(chosen.where(named) if word.everywhere else chosen.where(named, theirs)).all():
            said = {each: text for each in columns if (text := row._mapping[f"text_{each}"]) is not None}  # noqa: SLF001 - SQLAlchemy's public way to columns by name
            new = {each: word.gone_from(text) for each, text in said.items()}
            if new != said:
                tx.execute(update(table).where(*(it == row[at] for at, it in enumerate(key))).values(**new))
                touched.add(tuple(row[: len(key)]))
    return len(touched)
