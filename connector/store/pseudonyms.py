"""Whom we were asked to forget, and what they are called since: drawn by lot, so that it follows from nothing they had."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from connector.store import tables
from connector.store.upsert import counter, raised

SOMEBODY = "Somebody"
_DRAWN = re.compile(rf"{SOMEBODY} \(([0-9a-f]{{12}})\)")
_COUNTED = "forgettings"


def pseudonym(drawn: str) -> str:
    """The name for 12 hex digits that were drawn by lot."""
    return f"{SOMEBODY} ({drawn})"


def id_of(name: str) -> str | None:
    """The person id that goes with a pseudonym; None for those of earlier versions, which had none of their own."""
    found = _DRAWN.fullmatch(name)
    return f"p_{found[1]}" if found else None


def stands_in(text: str) -> bool:
    """Whether a text speaks of somebody who was forgotten."""
    return _DRAWN.search(text) is not None


def forgettings(tx: Connection) -> int:
    """How often anybody was forgotten: what was made before the last time may still hold the name."""
    return counter(tx, _COUNTED)


def count(tx: Connection) -> None:
    """Somebody is forgotten, in this transaction."""
    raised(tx, _COUNTED)


def known(tx: Connection) -> Mapping[str, str]:
    """Digest of a handle → pseudonym."""
    f = tables.forgotten.c
    return {str(digest): str(name) for digest, name in tx.execute(select(f.digest, f.pseudonym))}


def ids(tx: Connection, refs: Iterable[str]) -> Mapping[str, str]:
    """The person ids under which forgotten ones of these logins go on."""
    names = known(tx)
    if not names:
        return {}
    found = {ref: names.get(each) for ref, each in _with_digests(tx, refs)}
    return {ref: id_ for ref, name in found.items() if name is not None and (id_ := id_of(name)) is not None}


def digests(tx: Connection, handles: Iterable[str]) -> Sequence[str]:
    """Salted with this store's own number: the digest of a login says nothing elsewhere."""
    return [digest for _, digest in _with_digests(tx, handles)]


def salted(salt: int, handle: str) -> str:
    """One digest, for whoever makes many."""
    return hashlib.sha256(f"{salt}:{handle}".encode("utf-8", "surrogatepass")).hexdigest()


def _with_digests(tx: Connection, handles: Iterable[str]) -> list[tuple[str, str]]:
    salt = counter(tx, "store")
    return [(each, salted(salt, each)) for each in handles]
