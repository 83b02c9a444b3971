"""The plan: desired minus what the CRM last acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from connector.model.changes import Change, Row, Value

Shown = Mapping[Row, Mapping[str, Value]]


def differences(change: Change, before: Mapping[str, Value]) -> dict[str, tuple[Value, Value]]:
    """Field → (old, new), for the fields of a change that show something else."""
    return {name: (before.get(name), value) for name, value in change.fields.items() if before.get(name) != value}


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One record that would be written, and what it shows now as far as we know."""

    change: Change
    before: Mapping[str, Value]
    new: bool

    @property
    def differences(self) -> dict[str, tuple[Value, Value]]:
        """Field → (old, new), for the fields that differ."""
        return differences(self.change, self.before)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one cycle would write to one connection."""

    connection: str
    rows: tuple[PlannedRow, ...]
    right_already: int  # records that show what they should, as far as the CRM ever confirmed

    @property
    def changes(self) -> tuple[Change, ...]:
        """What to put into the outbox."""
        return tuple(row.change for row in self.rows)


def plan(connection: str, desired: Iterable[Change], shown: Shown) -> Plan:
    """Which of the desired records differ from what was acknowledged.

    A record named by the CRM's own id gets only the fields that differ. A row of our own is sent
    whole, since somebody may have deleted it, and an upsert must not leave half a row behind.
    A null where nothing was ever written is no difference: it must not clear what a person typed.
    """
    rows: list[PlannedRow] = []
    right = 0
    for change in desired:
        before = shown.get(change.row)
        if before is None:
            fields = {name: value for name, value in change.fields.items() if value is not None}
            if fields:
                rows.append(PlannedRow(replace(change, fields=fields), {}, new=True))
            continue
        differing = {name: value for name, value in change.fields.items() if before.get(name) != value}
        if not differing or change.once:
            right += 1
            continue
        wanted = differing if change.row.by_own_id else change.fields
        rows.append(PlannedRow(replace(change, fields=wanted), before, new=False))
    return Plan(connection, tuple(rows), right)
