"""What is raised when an expression cannot be obeyed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from connector.errors import Place, Problem

Locate: TypeAlias = Callable[[int], Place]  # from an offset into the expression to a place in its file


class Refused(Exception):
    """An expression is wrong; every problem found in it, at least one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def refused(place: Place, code: str, text: str, hint: str = "") -> Refused:
    """The refusal of one problem."""
    return Refused((Problem(place, code, text, hint),))
