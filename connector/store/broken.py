"""What a database means when it refuses: busy, forbidden, gone; or nothing that we know."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from connector.errors import ConnectorError, StoreBusy, StoreDenied, StoreUnavailable

BUSY = ("database is locked", "database table is locked", "lock timeout", "deadlock detected")
DENIED = ("readonly database", "read-only", "permission denied", "password authentication failed", "access permission")
GONE = (
    "disk is full",
    "no space left",
    "disk i/o error",
    "unable to open database file",
    "connection refused",
    "connection failed",
    "connection to server",
    "connection is lost",
    "the connection is closed",
    "server closed the connection",
    "terminating connection",
    "could not connect",
    "consuming input failed",
    "the database system is",
    "too many clients",
)


def meant(error: DBAPIError, place: str) -> ConnectorError | None:
    """What to tell whoever runs us; None: this is no trouble of the database, but ours.

    The words are those of SQLite, and of PostgreSQL's server and client library.
    """
    lines = str(error.orig).strip().splitlines() or [type(error).__name__]
    words, said = " ".join(lines).lower(), lines[0].rstrip(".")
    if any(each in words for each in BUSY):
        return StoreBusy(f"another process has been writing to {place} for 30 seconds")
    if any(each in words for each in DENIED):
        return StoreDenied(f"{place}: we may not: {said}\n  nothing was kept; grant it to the user that runs attain")
    if error.connection_invalidated or any(each in words for each in GONE):
        return StoreUnavailable(f"{place}: the store does not answer: {said}\n  nothing was lost; run again later")
    return None
