"""What a CRM tells by itself: that a record has changed. How, is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Knock:
    """A request that a CRM sends by itself, as it came."""

    method: str
    query: str  # as it was sent, without the question mark
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True, slots=True, order=True)
class Hint:
    """A record that a CRM says has changed."""

    object: str
    id: str
