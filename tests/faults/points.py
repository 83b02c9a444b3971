"""Death at a chosen point: every statement, commit, page and request of a cycle is one, and is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import duckdb
from sqlalchemy import event
from sqlalchemy.engine import Engine

from connector.store.mirror import bring_up, copy, file


class Killed(BaseException):
    """The process is gone: nothing above may catch it and carry on."""


@dataclass
class Points:
    """Counts the points that are passed, and dies at the one that was chosen.

    Once dead, whatever is tried dies too: no `finally` of a dead process writes anything.
    """

    die_at: int = 0  # 0: never
    kind: str = ""  # count only points whose name begins so
    passed: int = 0
    dead: bool = False
    names: list[str] = field(default_factory=list)
    noting: bool = False
    judging: bool = False

    @contextmanager
    def passed_by(self) -> Iterator[None]:
        """What a judge reads meanwhile is no point of the cycle."""
        self.judging = True
        try:
            yield
        finally:
            self.judging = False

    def passing(self, name: str) -> None:
        if self.judging:
            return
        counts = name.startswith(self.kind)
        self.passed += counts
        if self.noting:
            self.names.append(name)
        if self.dead or (counts and self.passed == self.die_at):
            self.dead = True
            raise Killed(name)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this lasts, the databases' points are passed too."""

        def statement(_connection: Any, _cursor: Any, words: str, *_: Any) -> None:
            self.passing(f"sql {words[:40]}")

        def commit(_connection: Any) -> None:
            self.passing("commit")

        pages, open_working = copy._pages, file.open_working

        def paged(*given: Any) -> Iterator[Any]:
            for page in pages(*given):
                self.passing("a page into the mirror")
                yield page

        def opened(*given: Any) -> Any:
            return _Watched(open_working(*given), self)

        event.listen(Engine, "before_cursor_execute", statement)
        event.listen(Engine, "commit", commit)
        try:
            with mock.patch.object(copy, "_pages", paged), mock.patch.object(bring_up, "open_working", opened):
                yield
        finally:
            event.remove(Engine, "before_cursor_execute", statement)
            event.remove(Engine, "commit", commit)


READING = ("/search", "/batch/read", "/oauth2/token")  # what is posted there changes no record


def leaving_different(names: Sequence[str]) -> list[int]:
    """Of a cycle's points those whose deaths leave different things behind, by number: one for all that leave the same.

    What outlives a process changes by a commit, by a request that writes, and by everything done to a mirror. Up to the
    next of these it does not matter where it dies; the last point is taken, where the most is begun and not kept.
    """
    return [at for at, name in enumerate(names, 1) if at == len(names) or _changes_what_is_left(name)]


def _changes_what_is_left(name: str) -> bool:
    """Whether the point after this one finds other things in the store, the CRMs or the mirror."""
    if name.startswith("before "):
        _, method, path = name.split(" ", 2)
        return method != "GET" and not path.partition("?")[0].endswith(READING)
    return name == "commit" or name.startswith(("mirror ", "a page into the mirror"))


class _Watched:
    """A mirror whose statements are points too."""

    def __init__(self, mirror: duckdb.DuckDBPyConnection, points: Points) -> None:
        self._mirror, self._points = mirror, points

    def execute(self, words: str, *given: Any) -> Any:
        self._points.passing(f"mirror {words[:40]}")
        return self._mirror.execute(words, *given)

    def close(self) -> None:
        self._mirror.close()  # a dead process lets go of its files too

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mirror, name)
