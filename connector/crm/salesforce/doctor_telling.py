"""Whether somebody is told once an alert is written: the bell rings, and tasks can be made as the mapping says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.crm.salesforce.bell import kind_of_bell
from connector.crm.salesforce.flows import ACTIVATE, SILENT, is_active
from connector.crm.salesforce.look import Look
from connector.crm.salesforce.package.access import SEND
from connector.crm.salesforce.package.alert_flow import NAME, tells
from connector.crm.salesforce.rights import Rights
from connector.normalise.mapping import CrmMapping
from connector.ports import Finding, Severity


@dataclass(frozen=True, slots=True)
class TellingDoctor(Look):
    """Every method raises what the org raises."""

    mapping: CrmMapping
    rights: Rights
    rings: bool  # `bell: on`

    def bell(self) -> Iterator[Finding]:
        """Orgs since Winter '21 hold the action against Send Custom Notifications; older ones may not."""
        if not self.rings:
            return
        if kind_of_bell(self.org) is None:
            text = "`bell: on`, and our kind of notification is not there: nothing rings"
            yield self.finding("bell", Severity.ERROR, text, "run `attain install`")
            return
        match self.rights.has(SEND):
            case True:
                yield self.finding("bell", Severity.OK, "there, and ours to ring")
            case False:
                text = "`bell: on`, and the integration user may not ring: it stays silent"
                cure = "run `attain install`, or grant Send Custom Notifications in a permission set of your own"
                yield self.finding("bell", Severity.ERROR, text, cure)
            case None:
                text = "cannot tell whether the integration user may ring; the log says so when it may not"
                yield self.finding("bell", Severity.NOTE, text)

    def flow(self) -> Iterator[Finding]:
        """Where alerts lie in an object of ours, a flow makes a task of each."""
        where = tells(self.mapping)
        if where is None or where.object not in self.describer.listing().names:
            return
        match is_active(self.org, self.describer):
            case True:
                yield self.finding(NAME, Severity.OK, "active: a task is made of every alert")
            case False:
                yield self.finding(NAME, Severity.ERROR, SILENT, ACTIVATE)
            case None:
                text = "cannot tell whether the flow is active that makes a task of each alert"
                yield self.finding(NAME, Severity.NOTE, text, "look under Setup > Flows for `Attain: tell an alert`")
