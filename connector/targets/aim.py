"""What a target needs to know about its metric."""

from __future__ import annotations

from typing import Protocol


class Aim(Protocol):
    """A metric, as far as targets are concerned."""

    @property
    def unit(self) -> str:
        """`money`, `ratio`, `days`, or the word for what is counted."""
        ...

    @property
    def better(self) -> str:
        """`higher` or `lower`."""
        ...

    @property
    def was(self) -> tuple[str, ...]:
        """The names it had before."""
        ...

    @property
    def accumulates(self) -> bool:
        """Whether it grows as a period goes on; only then is a number spread, added up and prorated."""
        ...
