"""Targets that were changed after they were set: dated rows with an approver and a reason code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from connector.model.calendar import Period
from connector.model.people import Person, Roster
from connector.model.records import Reading
from connector.targets.aim import Aim
from connector.targets.chain import Chain, starting
from connector.targets.handles import by_handle, person_of, rows_of
from connector.targets.presence import Presence
from connector.targets.quotas import amount_of, metric_of
from connector.targets.shares import part

TABLE = "adjustments"
KINDS = ("relief", "raise", "override")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One row: what changes for whom, between two days, both inclusive."""

    kind: str  # relief: less | raise: more | override: this instead
    starts_on: date
    ends_on: date
    share: Decimal | None  # of what the days carry: relief 20% leaves 80%, override 80% too
    amount: Decimal | None  # for all days of the row together, in the metric's unit
    approver: str
    reason: str  # a code; why somebody is away is nobody's business
    source: str

    @property
    def gives(self) -> bool:
        """Whether it is a number of somebody's own, which needs none to change."""
        return self.kind == "override" and self.amount is not None

    def days(self, person: Person, month: Period, presence: Presence) -> int:
        """On how many working days of a month it meets somebody who is there."""
        return presence.between(person, max(self.starts_on, month.starts_on), min(self.ends_on, month.last_day))

    def month(
        self, chain: Chain | None, person: Person, month: Period, presence: Presence, *, unit: str
    ) -> Chain | None:
        """A person's month with this change in it, by the working days that they are there.

        What they are to reach lies on these days alone: joiners and people who were away have less of a month, and all
        of it on fewer days. What is changed mid-way counts from its day on.
        """
        inside, there = self.days(person, month, presence), presence.days(person, month)[0]
        if not inside or (chain is None and not self.gives):
            return chain
        number = chain.value if chain else Decimal(0)
        touched = part(number, inside, there, unit)
        value = max(number + self._change(touched, person, month, presence, unit), Decimal(0))
        return self._then(chain, f"{self._said()}, {inside} of {there} working days of {month.id}", value)

    def level(self, chain: Chain | None, unit: str, kind: str) -> Chain | None:
        """A number that does not build up, with this change; `kind` is that of a target which begins with it."""
        if chain is None and not self.gives:
            return None
        number = chain.value if chain else Decimal(0)
        return self._then(chain, self._said(), max(number + self._whole_change(number, unit), Decimal(0)), kind)

    def _then(self, chain: Chain | None, says: str, value: Decimal, kind: str = "target") -> Chain:
        says = f"{says}; {self.reason}, approved by {self.approver}"
        if chain is None:
            return starting(self.kind, says, value, self.source, kind)
        return chain.then(self.kind, says, value, self.source)

    def _change(self, touched: Decimal, person: Person, month: Period, presence: Presence, unit: str) -> Decimal:
        """What is added to a month whose touched days carry so much."""
        if self.amount is None:
            return self._whole_change(touched, unit)
        days = presence.between(person, self.starts_on, self.ends_on)
        before = presence.between(person, self.starts_on, month.starts_on - timedelta(days=1))
        upto = presence.between(person, self.starts_on, min(self.ends_on, month.last_day))
        mine = part(self.amount, upto, days, unit) - part(self.amount, before, days, unit)  # so that months re-add
        return {"relief": -mine, "raise": mine}.get(self.kind, mine - touched)

    def _whole_change(self, value: Decimal, unit: str) -> Decimal:
        size = self.amount if self.share is None else part(value * self.share, 1, 1, unit)
        assert size is not None  # one of the two is given
        return {"relief": -size, "raise": size}.get(self.kind, size - value)

    def _said(self) -> str:
        size = "a number" if self.share is None else f"{self.share.scaleb(2).normalize():f}%"
        what = {"relief": f"{size} less", "raise": f"{size} more"}.get(self.kind, f"{size} instead")
        return f"{what} from {self.starts_on} to {self.ends_on}"


@dataclass(frozen=True, slots=True)
class Adjustments:
    """All rows that count, by metric and person id, in the order of their days."""

    rows: Mapping[tuple[str, str], tuple[Adjustment, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    scored: bool = True  # whether they act on the kind that scores are measured against

    def gives(self, row: Adjustment) -> bool:
        """Whether a row is a number where there is none: an override is somebody's own, of the kind that is scored."""
        return row.gives and self.scored

    def of(self, metric: str, person: str) -> tuple[Adjustment, ...]:
        """A person's, oldest first."""
        return self.rows.get((metric, person), ())


def adjustments(
    tables: Mapping[str, Sequence[Reading]], roster: Roster, metrics: Mapping[str, Aim], currency: str
) -> Adjustments:
    """Read `files.adjustments`. A row without approver or reason changes nothing; two overrides of one day neither."""
    named = by_handle(roster)
    found: dict[tuple[str, str], list[Adjustment]] = {}
    problems: list[str] = []
    for reading in rows_of(tables, TABLE):
        try:
            metric, person = metric_of(reading, metrics), person_of(reading, named)
            found.setdefault((metric, person.id), []).append(_read(reading, metrics[metric], currency))
        except ValueError as problem:
            problems.append(f"{reading.ref}: {problem}")
    kept: dict[tuple[str, str], tuple[Adjustment, ...]] = {}
    for key, rows in found.items():
        clashing = _clashing(rows)
        problems += [
            f"{one.source} and {other.source} override the same days: neither counts" for one, other in clashing
        ]
        gone = {each.source for pair in clashing for each in pair}
        kept[key] = tuple(
            sorted((each for each in rows if each.source not in gone), key=lambda each: (each.starts_on, each.source))
        )
    return Adjustments(kept, tuple(problems))


def _read(reading: Reading, aim: Aim, currency: str) -> Adjustment:
    """One row. Raises ValueError that says what is missing."""
    values = reading.values
    kind, reason = str(values.get("kind") or ""), str(values.get("reason") or "")
    first, last, approver = values.get("from"), values.get("to"), str(values.get("approver") or "").strip()
    if kind not in KINDS:
        raise ValueError(f"`{kind}` is no kind of adjustment: {', '.join(KINDS)}")
    if kind != "override" and aim.better == "lower":
        raise ValueError(
            f"less is better here, and a {kind} might be meant either way: write an override by the number"
        )
    if not isinstance(first, date) or not isinstance(last, date) or last < first:
        raise ValueError("an adjustment goes from a day to the same or a later one")
    if not approver:
        raise ValueError("nobody approved it")
    if not _CODE.fullmatch(reason):
        raise ValueError(f"a reason is a code like `territory_change`, and never a story: `{reason}`")
    share, amount = values.get("share"), values.get("amount")
    if (share is None) == (amount is None):
        raise ValueError("an adjustment is a `share` or an `amount`, one of the two")
    size = None if share is None else Decimal(str(share))
    if size is not None and (size < 0 or (kind == "relief" and size > 1)):
        raise ValueError(f"a {kind} of {size.scaleb(2).normalize():f}% makes no sense")
    given = None if amount is None else amount_of(amount, aim, currency)
    return Adjustment(kind, first, last, size, given, approver, reason, str(reading.ref))


def _clashing(rows: Sequence[Adjustment]) -> list[tuple[Adjustment, Adjustment]]:
    overrides = sorted((each for each in rows if each.kind == "override"), key=lambda each: each.source)
    return [
        (one, other)
        for at, one in enumerate(overrides)
        for other in overrides[at + 1 :]
        if one.starts_on <= other.ends_on and other.starts_on <= one.ends_on
    ]
