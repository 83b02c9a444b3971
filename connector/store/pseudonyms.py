"""Whom we were asked to forget, and what they are called since: drawn by lot, so that it follows from nothing they had."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, delete, func, insert, select

from connector.model.records import Ref
from connector.store import tables
from connector.store.upsert import counter, raised

SOMEBODY = "Somebody"
_DRAWN = re.compile(rf"{SOMEBODY} \(([0-9a-f]{{12}})\)")
_COUNTED = "forgettings"
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"\w+")
_LONGEST = 5  # words of a name that is looked for in a text


def pseudonym(drawn: str) -> str:
    """The name for 12 hex digits that were drawn by lot."""
    return f"{SOMEBODY} ({drawn})"


def id_of(pseudonym: str) -> str:
    """The person id that goes with a pseudonym."""
    return pseudonym.replace(f"{SOMEBODY} (", "p_").rstrip(")")


def stands_in(text: str) -> bool:
    """Whether a text speaks of somebody who was forgotten."""
    return _DRAWN.search(text) is not None


def forgettings(tx: Connection) -> int:
    """How often anybody was forgotten: what was made before the last time may still hold the name."""
    return counter(tx, _COUNTED)


def count(tx: Connection) -> None:
    """Somebody is forgotten, in this transaction."""
    raised(tx, _COUNTED)


@dataclass(frozen=True, slots=True)
class Known:
    """Who was forgotten, as far as digests tell it; a handle that somebody living has is that one's."""

    salt: int
    by_digest: Mapping[str, str]  # of a handle → pseudonym
    living: frozenset[str] = frozenset()  # names and addresses of today, in lower case
    _texts: dict[str, str] = field(default_factory=dict, compare=False)

    def __bool__(self) -> bool:
        return bool(self.by_digest)

    def called(self, handle: str) -> str | None:
        """The pseudonym of whoever had this login, id, address or name; case is ignored. None: nobody who was forgotten."""
        plain = handle.strip()
        if not plain or plain.lower() in self.living:
            return None
        return self.login(plain) or self.login(plain.lower())

    def login(self, ref: str) -> str | None:
        """The same of a login, or of anything else that is written as it was kept."""
        return self.by_digest.get(salted(self.salt, ref))

    def gone_from(self, text: str) -> str:
        """The text with their pseudonym where a full name or an address of theirs stands in it.

        A digest tells of whole words only: a name of one word may be any word, and one in a script that sets no
        spaces is not found inside a longer text.
        """
        if text not in self._texts:
            self._texts[text] = self._without_names(_ADDRESS.sub(lambda it: self.called(it[0]) or it[0], text))
        return self._texts[text]

    def _without_names(self, text: str) -> str:
        at = 0
        while spans := [each.span() for each in islice(_WORD.finditer(text, at), _LONGEST)]:
            start, at = spans[0]
            if text[max(start - 1, 0) : start] == "-":
                continue
            for _, end in reversed(spans[1:]):
                found = None if re.match(r"-\w", text[end:]) else self.called(text[start:end])
                if found:
                    text, at = text[:start] + found + text[end:], start + len(found)
                    break
        return text


def known(tx: Connection) -> Known:
    """All of them, and who is not meant."""
    f = tables.forgotten.c
    by_digest = {str(digest): str(name) for digest, name in tx.execute(select(f.digest, f.pseudonym))}
    if not by_digest:
        return Known(0, {})
    return Known(counter(tx, "store"), by_digest, living(tx, by_digest.values()))


def living(tx: Connection, forgotten: Iterable[str]) -> frozenset[str]:
    """Names and addresses of today, in lower case, of everybody but those who go by these pseudonyms."""
    u, gone = tables.users.c, frozenset(forgotten)
    today = tx.execute(select(u.name, u.email).where(u.human, u.deleted_at.is_(None))).all()
    return frozenset(each.lower() for name, email in today if name not in gone for each in (name, email) if each)


def everybody(tx: Connection) -> Mapping[str, str]:
    """Person id → pseudonym of everybody who was forgotten."""
    return {
        id_of(str(each)): str(each) for each in tx.execute(select(tables.forgotten.c.pseudonym).distinct()).scalars()
    }


def logins(tx: Connection, called: Iterable[str]) -> list[Ref]:
    """Those of people who go by these pseudonyms."""
    u = tables.users.c
    return [Ref.parse(each) for each in tx.execute(select(u.ref).where(u.name.in_(called))).scalars()]


def keep(tx: Connection, handles: Iterable[str], pseudonym: str, at: datetime | None = None) -> None:
    """Know them by these from now on, each as it is and in lower case. `at`: None, as of their other handles."""
    f = tables.forgotten.c
    moment = at or tx.execute(select(func.max(f.at)).where(f.pseudonym == pseudonym)).scalar_one()
    found = digests(tx, dict.fromkeys(form for each in handles for form in (each, each.lower())))
    if found:
        tx.execute(delete(tables.forgotten).where(f.digest.in_(found)))
        tx.execute(insert(tables.forgotten), [{"digest": each, "pseudonym": pseudonym, "at": moment} for each in found])


def let_go(tx: Connection, pseudonym: str) -> None:
    """Know them no more."""
    tx.execute(delete(tables.forgotten).where(tables.forgotten.c.pseudonym == pseudonym))


def digests(tx: Connection, handles: Iterable[str]) -> Sequence[str]:
    """Salted with this store's own number: the digest of a login says nothing elsewhere."""
    salt = counter(tx, "store")
    return [salted(salt, each) for each in handles]


def salted(salt: int, handle: str) -> str:
    """One digest, for whoever makes many."""
    return hashlib.sha256(f"{salt}:{handle}".encode("utf-8", "surrogatepass")).hexdigest()
