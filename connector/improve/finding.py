"""A finding about targets: what it concerns, how bad it is, and what would cure it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from connector.model.results import Subject


class Severity(IntEnum):
    """How bad it is."""

    NOTE = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at before a target is handed out."""

    check: str  # specific | measurable | achievable | relevant | time-bound | fair
    severity: Severity
    metric: str
    subject: Subject
    period: str
    says: str
    cure: str
    where: str  # the rule or row that it concerns
