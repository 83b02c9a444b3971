"""Records that sharing hides are missing without a word; only View All rules that out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.crm.salesforce.look import Look
from connector.crm.salesforce.package.access import ACTIVITIES
from connector.crm.salesforce.rights import Rights
from connector.crm.salesforce.streams import Streams
from connector.ports import Finding, Severity

_SHARED = frozenset({"Account", "Opportunity"})
# What we do not read ourselves.
_ABOUT = {"Lead": "leads", "Contact": "contacts", "Case": "cases", "Campaign": "campaigns"}


@dataclass(frozen=True, slots=True)
class SharingDoctor(Look):
    """Every method raises what the org raises."""

    streams: Streams
    rights: Rights

    def view_all(self) -> Iterator[Finding]:
        """Whether all records of what the mapping reads are open to us."""
        everything, open_to_us = self.rights.has("ViewAllData"), self.rights.objects("ViewAllRecords")
        if everything is None or open_to_us is None:
            yield self.finding("permissions", Severity.NOTE, "cannot tell whether sharing hides records from us")
            return
        if everything:
            yield self.finding("permissions", Severity.OK, "View All Data: sharing hides nothing from us")
            return
        for obj in sorted({each.object for each in self.streams.sources() if each.object in _SHARED}):
            if obj in open_to_us:
                yield self.finding(obj, Severity.OK, "View All: sharing hides nothing from us")
            else:
                text = "records that are not shared with us are missing silently"
                cure = f"run `attain install`, or grant View All on {obj} in a permission set of your own"
                yield self.finding(obj, Severity.WARNING, text, cure)
        yield from self._activities(open_to_us)

    def _activities(self, open_to_us: frozenset[str]) -> Iterator[Finding]:
        """Somebody else's activity shows where the record that it is about does; on none, it shows to nobody but them.

        Source: Salesforce, "Considerations for Accessing Events and Tasks"; for the limit, singer-io/tap-salesforce#98.
        """
        mapped = sorted({each.object for each in self.streams.sources() if each.object in ACTIVITIES})
        if not mapped:
            return
        shown = self.describer.listing().names
        shut = [each for each in _ABOUT if each in shown and each not in open_to_us]
        left_out = ", ".join([*(f"on {_ABOUT[each]}" for each in shut), "on no record", "marked private"])
        text = f"other people's activities {left_out} are missing silently"
        cure = "grant View All Data in a permission set of your own"
        if shut:
            cure += f"; View All on {', '.join(shut)} shows all but the last two"
        limit = "; above 100,000 records that they are about, Salesforce refuses to read them at all"
        yield self.finding(" and ".join(mapped), Severity.WARNING, text + limit, cure)
