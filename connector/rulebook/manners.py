"""`policy:` and `policies:` of a mapping: what becomes of values that people put where we write."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Key

from connector.model.changes import Policy
from connector.normalise.mapping import Manners
from connector.rulebook.validate import Shape

Manner = Literal["overwrite", "respect", "fill_empty"]


class MannersEntry(Shape):
    """What becomes of values that people put where we write."""

    policy: Manner | None = Key(None, description="overwrite | respect | fill_empty: of every field that says nothing")
    policies: dict[str, Manner] = Key({}, description="the CRM's field: overwrite | respect | fill_empty")

    def manners(self, usual: Manners) -> Manners:
        """As they are used."""
        by_field = {name: Policy(each) for name, each in self.policies.items()}
        return Manners(Policy(self.policy) if self.policy else usual.usual, by_field)
