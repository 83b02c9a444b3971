"""Record ids: a three-letter prefix, a number in base 62, and a checksum of the capitals."""

from __future__ import annotations

import re
from functools import lru_cache

# In the order of their codes, so that ids sort as they were given out.
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
INSTANCE = "Qy0"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")


def record_id(prefix: str, number: int) -> str:
    """The 18 characters of the number-th record with this prefix."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = DIGITS[digit] + digits
    return full(prefix + INSTANCE + digits.rjust(9, "0"))


def full(fifteen: str) -> str:
    """Fifteen characters with the three that make them safe where case is lost.

    Each of the three tells which characters of five are capitals, the first being the lowest bit.
    Source: Salesforce, "ID Field Type", read 2026-11-23.
    """
    return fifteen + _check(fifteen[0:5]) + _check(fifteen[5:10]) + _check(fifteen[10:15])


@lru_cache(maxsize=4096)  # the first ten characters of neighbours are alike
def _check(five: str) -> str:
    bits = 0
    for place, letter in enumerate(five):
        if "A" <= letter <= "Z":
            bits |= 1 << place
    return CHECK[bits]


def canonical(text: str) -> str | None:
    """An id as we keep it, from 15 or 18 characters; None when it has not the shape of one."""
    if not _SHAPE.fullmatch(text):
        return None
    return full(text[:15]) if len(text) == 15 or full(text[:15]) == text else None
