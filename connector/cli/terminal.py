"""How answers look: tables on a terminal, plain aligned lines in a pipe; numbers as people write them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from connector.model.money import Money

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")
ENDLESS = 100_000  # signs of a line
NONE = "–"  # a number that is not known; never 0


@cache
def out() -> Console:
    """Where answers go."""
    return _console(stderr=False)


@cache
def err() -> Console:
    """Where progress and complaints go."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            reader_left()

    stream = sys.stderr if stderr else sys.stdout
    # A pipe has no width: lines are never cut there, and carry no colour. `a.yaml:100:5` is a place, and no picture.
    width = None if stream.isatty() else ENDLESS
    return Plain(stderr=stderr, width=width, highlight=False, soft_wrap=True, emoji=False)


def reader_left() -> NoReturn:
    """Whoever read our answer has seen enough: that is no failure. What is still on its way goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def say(text: str = "", style: str | None = None) -> None:
    """A line of the answer; `style` shows on a terminal only."""
    out().print(text, style=style, markup=False)


def complain(text: str, style: str | None = "red") -> None:
    """A line on stderr."""
    err().print(text, style=style, markup=False)


def refuse_unwritable(path: Path | None) -> None:
    """Exit 2 for a file that will not be written, before the work and not after it; None: nobody asked for one."""
    if path is None:
        return
    folder = path.parent
    if path.is_dir():
        reason = "it is a folder"
    elif not folder.is_dir():
        reason = f"there is no folder {folder}"
    elif not os.access(path if path.exists() else folder, os.W_OK):
        reason = "permission denied"
    else:
        return
    raise _not_written(path, reason)


def _not_written(path: Path, reason: str) -> Exception:
    import typer

    complain(f"{path}: it cannot be written: {reason}")
    return typer.Exit(2)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Around what writes a file that somebody asked for: where it cannot be written, the command ends with 2."""
    try:
        yield
    except OSError as error:
        raise _not_written(path, str(error.strerror or error)) from error


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = ()) -> None:
    """A table; the columns named in `right` are aligned to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    numeric = set(right)
    on_terminal = out().is_terminal
    drawn = Table(
        box=box.SIMPLE_HEAD if on_terminal else None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0)
    )
    for name in columns:
        drawn.add_column(name, justify="right" if name in numeric else "left", overflow="fold", no_wrap=not on_terminal)
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    out().print(drawn)


def watch(pages: Iterable[T], doing: str, size: Callable[[T], tuple[int, int | None]]) -> Iterable[T]:
    """Pass pages through, and show on a terminal how far we are; say nothing in a pipe."""
    if not err().is_terminal:
        yield from pages
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err(), transient=True) as progress:
        task = progress.add_task(doing, total=None)
        for page in pages:
            yield page
            records, total = size(page)
            progress.update(task, advance=records, total=total)


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for work that reports (done, total); silence in a pipe."""
    if not err().is_terminal:
        yield lambda _done, _total: None
        return
    from rich.progress import Progress

    with Progress(console=err(), transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def number(value: Decimal | None, unit: str, currency: str) -> str:
    """A value in its unit: `60 000.00 EUR`, `24.0 %`, `12 days`, `3 deals`."""
    if value is None:
        return NONE
    if unit == "money":
        return money(value, currency)
    if unit == "ratio":
        return percent(value)
    return f"{spaced(rounded(value, 0 if value == value.to_integral_value() else 1))} {unit}"


def money(minor: Decimal | int, currency: str) -> str:
    """Minor units as people write them."""
    whole = Money(int(Decimal(minor).to_integral_value(ROUND_HALF_UP)), currency)
    return f"{spaced(whole.amount)} {currency}"


def percent(ratio: Decimal | None, digits: int = 1) -> str:
    """A ratio as a percentage, rounded only here."""
    return NONE if ratio is None else f"{spaced(rounded(ratio * 100, digits))} %"


def rounded(value: Decimal, digits: int) -> Decimal:
    """Half up, away from zero."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def spaced(value: Decimal | int) -> str:
    """Thousands set apart by a space."""
    return f"{value:,}".replace(",", " ")


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """`1 deal`, `2 deals`, `1 214 deals`."""
    return f"{spaced(count)} {singular if count == 1 else plural or singular + 's'}"
