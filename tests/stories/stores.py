"""Which kind of store the story being told keeps its memory in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.postgres import Server

KINDS = ("sqlite", "postgresql")
_server: list[Server] = []  # the one in use; none: a file


@contextmanager
def told_on(server: Server | None) -> Iterator[None]:
    """Installations made inside keep their store on this server, or in a file."""
    before, _server[:] = list(_server), [server] if server else []
    try:
        yield
    finally:
        _server[:] = before


@contextmanager
def made() -> Iterator[str]:
    """What a config says under `store:`."""
    if not _server:
        yield "attain.db"
        return
    with _server[0].database() as url:
        yield url
