"""What one look at a live account came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it ended."""

    HELD = "held"
    TOLD = "told"  # nothing to hold: a fact for whoever reads
    SKIPPED = "skipped"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Outcome:
    """A line of the report."""

    verdict: Verdict
    text: str

    @classmethod
    def of(cls, held: bool, text: str) -> Outcome:
        return cls(Verdict.HELD if held else Verdict.FAILED, text)
