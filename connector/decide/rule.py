"""An alert rule: one entry of `rules/alerts.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from connector.errors import Place
from connector.language.expression import Expression
from connector.model.calendar import Grain


@dataclass(frozen=True, slots=True)
class Message:
    """What an alert says in one language; words in braces are filled in."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When to speak up, to whom, and when to stop."""

    name: str
    place: Place
    metric: str
    period: Grain
    when: Expression | None  # over one person's score; None with milestones
    after: int  # working days in a row, today included; 1: at once
    until: Expression | None  # clears when true; None: when `when` is no longer true
    tell: tuple[str, ...]  # rep | manager | the e-mail address of somebody
    title: str  # templates of rules/messages/en.yaml, resolved
    text: str
    band: str = "behind"
    for_: Expression | None = None  # over people
    other_languages: Mapping[str, Message] = field(default_factory=dict)  # "zh-CN" → the same in that language
    milestones: tuple[Decimal, ...] = ()  # attainment to be told of, lowest first, instead of `when`
    cool_down: int = 0  # working days after it cleared on which it is not raised again
    rearm: bool = False  # whether a milestone is told again when it is reached with another target
