"""Cells that no spreadsheet runs, however it cuts a line, and numbers that stay numbers."""

from __future__ import annotations

import pytest

from connector.cli.sheets import harmless, is_harmless


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("＝1", "'＝1"),
        ("\t=1", "'\t'=1"),
        ("\tK", "'\tK"),
        ("K;=HYPERLINK(A1)", "K;'=HYPERLINK(A1)"),
        ('K;"=HYPERLINK(A1)"', 'K;\'"=HYPERLINK(A1)"'),
        ("K\t@SUM(A1)", "K\t'@SUM(A1)"),
        ("K\n=1", "K\n'=1"),
        ("K\r\n=1", "K\r'\n'=1"),
        ("K| -2", "K|' -2"),
        ("K, =2", "K,' =2"),
    ],
)
def test_what_a_spreadsheet_would_run_is_a_text(text: str, cell: str) -> None:
    assert harmless(text) == cell
    assert not is_harmless(text)


@pytest.mark.parametrize(
    "value", ["-5", "-5.25", "12", "0.5", "Jean-Luc", "a=b", "x@example.com", "K; then", "2026-Q4", "", None, -5]
)
def test_numbers_and_plain_texts_are_left_alone(value: object) -> None:
    assert harmless(value) == value
