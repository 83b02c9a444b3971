"""How far a CRM's clock is from ours, in words, for its doctor."""

from __future__ import annotations

from datetime import timedelta

from connector.ports import Severity


def apart(whose: str, ahead: timedelta, bearable: timedelta) -> tuple[Severity, str]:
    """`ahead`: of ours; from `bearable` on it is a warning, and the reader is told what to do by whoever asks."""
    seconds = round(ahead.total_seconds())
    if abs(ahead) < bearable:
        return Severity.OK, f"within {abs(seconds)} s of {whose}'s"
    return Severity.WARNING, f"{whose}'s clock is {seconds:+} s from ours"
