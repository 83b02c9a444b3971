"""What targets are worked out from besides policies and people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.model.records import Reading
from connector.targets.bases import Bases
from connector.targets.season import Past

Tables = Mapping[str, Sequence[Reading]]


@dataclass(frozen=True, slots=True)
class Known:
    """The past, and the rows of file tables and CRM quotas by table name."""

    tables: Tables = field(default_factory=dict)
    past: Past = field(default_factory=Past)  # what seasons are learned from
    bases: Bases = field(default_factory=Bases)  # what shares are taken from
