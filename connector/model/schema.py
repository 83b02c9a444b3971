"""What a CRM lets us see of itself: objects with their fields, and the stages of deals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CrmField:
    """A field as the CRM describes it."""

    name: str
    label: str
    type: str  # the CRM's own word
    choices: tuple[str, ...] = ()
    writable: bool = True
    unique: bool = False
    calculated: bool = False
    retired: tuple[str, ...] = ()  # choices that are offered no longer, and that records may still carry


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline, as the CRM describes it."""

    name: str  # the value that deals carry
    label: str
    pipeline: str | None
    outcome: str  # open | won | lost
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class CrmSchema:
    """What the CRM lets us see: objects with their fields, and the stages of deals."""

    objects: Mapping[str, Mapping[str, CrmField]]
    stages: tuple[Stage, ...] = ()
    currencies: tuple[str, ...] = ()  # the first is the CRM's own
