"""Answers for machines: numbers as text that loses nothing, and CSV."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal

from connector.cli.sheets import harmless
from connector.cli.terminal import reader_left
from connector.model.money import Money


def plain(value: Decimal | None) -> str | None:
    """Digits without an exponent, and without zeros that say nothing; None stays None."""
    if value is None:
        return None
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") or "0" if "." in digits else digits


def plain_amount(value: Decimal | None, unit: str, currency: str) -> str | None:
    """The same; money, held in minor units, is told in major ones."""
    if value is None or unit != "money":
        return plain(value)
    return str(Money(int(value), currency).amount)


def print_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A head and rows, none of which a spreadsheet takes for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    try:
        sys.stdout.write(text.getvalue())
        sys.stdout.flush()
    except BrokenPipeError:
        reader_left()
