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


def digests(tx: Connection, handles: Iterable[str]) -> Sequence[str]:
    """Salted with this store's own number: the digest of a login says nothing elsewhere."""
    salt = counter(tx, "store")
    return [salted(salt, each) for each in handles]


def salted(salt: int, handle: str) -> str:
    """One digest, for whoever makes many."""
    return hashlib.sha256(f"{salt}:{handle}".encode("utf-8", "surrogatepass")).hexdigest()
