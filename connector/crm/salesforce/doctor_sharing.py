"""Records that sharing hides are missing without a word; only View All rules that out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.rights import Rights
from connector.crm.salesforce.streams import Streams
from connector.ports import Finding, Severity

_SHARED = frozenset({"Account", "Opportunity"})


@dataclass(frozen=True, slots=True)
class SharingDoctor:
    """One look at one org. Every method raises what the org raises."""

    org: Org
    describer: Describer
    streams: Streams
    rights: Rights

    def view_all(self) -> Iterator[Finding]:
        """Whether all records of what the mapping reads are open to us."""
        everything, open_to_us = self.rights.has("ViewAllData"), self.rights.objects("ViewAllRecords")
        if everything is None or open_to_us is None:
            yield self._finding("permissions", Severity.NOTE, "cannot tell whether sharing hides records from us")
            return
        if everything:
            yield self._finding("permissions", Severity.OK, "View All Data: sharing hides nothing from us")
            return
        for obj in sorted({each.object for each in self.streams.sources() if each.object in _SHARED}):
            if obj in open_to_us:
                yield self._finding(obj, Severity.OK, "View All: sharing hides nothing from us")
            else:
                text = "records that are not shared with us are missing silently"
                cure = f"run `attain install`, or grant View All on {obj} in a permission set of your own"
                yield self._finding(obj, Severity.WARNING, text, cure)

    def _finding(self, subject: str, severity: Severity, text: str, cure: str = "") -> Finding:
        return Finding(self.org.connection, subject, severity, text, cure)
