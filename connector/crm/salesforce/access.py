"""Grants what the mapping needs of the org's own objects and fields, as far as the org and the licence allow it.

Describe hides a field that we may not read just as one that is not there. So each is asked for, and what the org says it
does not know is left out and told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connector.crm.salesforce.assignments import hold
from connector.crm.salesforce.deploy import deploy
from connector.crm.salesforce.describe import Describer, FieldShape
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.package import Project
from connector.crm.salesforce.package.access import ACCESS, Needs, access, needs
from connector.crm.salesforce.streams import OURS, is_optional
from connector.errors import CrmDenied, SchemaDrifted
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping
from connector.ports import Source, World

_BY_HAND = "grant the same in a permission set of your own that the user's licence allows"


@dataclass(frozen=True, slots=True)
class Mapped:
    """Mapped fields that a permission set may show: "Account.Industry"."""

    fields: frozenset[str]
    hidden: frozenset[str]  # of those: not shown to us now


@dataclass(frozen=True, slots=True)
class Access:
    """One org and one mapping."""

    org: Org
    describer: Describer
    world: World
    mapping: CrmMapping
    bell: bool

    def grant(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What can be read from now on, and why the rest cannot. Repeating it changes nothing.

        Raises CrmDenied where the user may not deploy at all.
        """
        unseen = self.needs.objects.keys() - self.describer.listing().names
        before = self.mapped()
        refused = self._granted(before)
        self.describer.forget()
        if unseen and not refused:
            # Fields of an object show once the object does.
            before = Mapped(frozenset(), before.hidden | self.mapped().hidden)
            refused = self._granted(self.mapped())
            self.describer.forget()
        now_shown = before.hidden - self.mapped().hidden
        return tuple(f"read access to {each}" for each in sorted(now_shown)), refused

    @property
    def needs(self) -> Needs:
        """What is to be granted besides fields."""
        return needs(self.mapping, bell=self.bell)

    def mapped(self) -> Mapped:
        """What the mapping reads of objects that are shown; what is ours is granted with our objects."""
        fields, hidden = set(), set()
        for each in self.mapping.sources:
            known = self._known(each.object)
            if known is None:
                continue
            outcome = self.mapping.outcome.names() if each.kind is RecordKind.DEAL else ()
            for name in (*each.names(), *outcome):
                if "." in name or is_optional(Source(each.kind, each.object), name):
                    continue
                if name not in known:
                    hidden.add(f"{each.object}.{name}")
                elif known[name].permissionable:
                    fields.add(f"{each.object}.{name}")
        return Mapped(frozenset(fields | hidden), frozenset(hidden))

    def _known(self, obj: str) -> Mapping[str, FieldShape] | None:
        """The fields of an object of the org's own; None where it is not shown."""
        if obj.startswith(OURS) or not self.describer.shows(obj):
            return None
        try:
            return self.describer.shape(obj).fields
        except SchemaDrifted:  # listed, and not described: doctor says so
            return None

    def _granted(self, mapped: Mapped) -> tuple[str, ...]:
        """Deploy and hold the set; why some of it could not be granted."""
        wanted = set(mapped.fields)
        refused: list[str] = []
        while True:
            project = Project(self.org.version, (access(self.needs, wanted),))
            tried = deploy(self.org, self.world, project.archive(), check=True)
            if tried.succeeded:
                break
            unknown = {each for each in wanted if any(_names(each, problem) for problem in tried.problems)}
            refused += tried.problems
            if not unknown:
                return (*refused, f"{ACCESS}: {_BY_HAND}")
            wanted -= unknown
        if tried.changed:
            deploy(self.org, self.world, project.archive(), check=False)
        try:
            hold(self.org, [ACCESS])
        except CrmDenied as error:
            refused.append(f"{ACCESS}: {error.problem}; {_BY_HAND}")
        return tuple(refused)


def _names(field: str, problem: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(field)}(?!\w)", problem) is not None
