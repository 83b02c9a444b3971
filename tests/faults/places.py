"""Where a trial's store is: a file of its own, or a database of its own on a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.forked import Work
from tests.faults.village import Village
from tests.postgres import Server

Trial = Callable[[Village], Any]
Place = Callable[[Village, Path, Trial], Work]  # a village, a folder that is not there yet, and what to do in it


def on_a_file(village: Village, where: Path, trial: Trial) -> Work:
    """The store is a file in that folder."""
    return lambda: trial(village.apart(where))


def on(server: Server) -> Place:
    """The store is a database that is made for the trial, and dropped after it."""

    def place(village: Village, where: Path, trial: Trial) -> Work:
        def there() -> Any:
            with server.afresh() as mine, mine.database() as url:
                moved = village.apart(where)
                moved.on(url)
                return trial(moved)

        return there

    return place
