"""A campaign of hours says where it is, and gives its figures to whoever has had enough of it."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

from tests.faults.forked import Work
from tests.faults.ground import Budget, Outcome
from tests.faults.progress import RARELY, Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_a_line_now_and_then() -> None:
    moments = iter((0.0, RARELY - 1, RARELY, RARELY))
    pipe = StringIO()
    progress = Progress(pipe, lambda: next(moments))
    for runs in (1, 2, 3):
        progress.tell(Outcome("C1", runs, ["lost: one"], "points"))
    assert pipe.getvalue() == "C1: 1 points, 1 violations\nC1: 3 points, 1 violations\n"


def test_a_terminal_has_one_line_that_makes_room_for_the_figures() -> None:
    terminal = Terminal()
    progress = Progress(terminal, lambda: 0.0)
    progress.tell(Outcome("C1", 1, unit="points"))
    progress.tell(Outcome("C1", 2, unit="points"))
    progress.clear()
    assert terminal.getvalue() == (
        "\r\x1b[KC1: 1 points, 0 violations\r\x1b[KC1: 2 points, 0 violations\r\x1b[K"  # nothing of it is left
    )


def test_who_has_had_enough_gets_what_was_begun_and_where_to_go_on() -> None:
    seen: list[int] = []

    def works() -> Iterator[tuple[str, Work]]:
        yield from ((f"seed {seed}", list) for seed in range(9))

    budget = Budget(60, at_once=2, enough=lambda: len(seen) >= 2, tell=lambda so_far: seen.append(so_far.runs))
    outcome = budget.in_time(Outcome("C2"), works())
    assert seen == [1, 2, 3]  # two at once: the third was under way when the second was told
    assert (outcome.runs, outcome.says) == (3, "stopped before seed 3")
