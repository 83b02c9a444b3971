"""Whether what we write can be written: fields are there, objects may be written to, records are open to us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.crm.salesforce.describe import FieldShape
from connector.crm.salesforce.look import Look
from connector.crm.salesforce.package import PERMISSION_SET
from connector.crm.salesforce.package.access import ACCESS
from connector.crm.salesforce.rights import Rights
from connector.model.changes import Wanted, WantedField
from connector.normalise.mapping import CrmMapping
from connector.ports import Finding, Severity

_INSTALL = "run `attain install`"


@dataclass(frozen=True, slots=True)
class WritingDoctor(Look):
    """Every method raises what the org raises."""

    mapping: CrmMapping
    rights: Rights

    def wanted(self, wanted: Wanted) -> Iterator[Finding]:
        """Our objects and fields."""
        shown = self.describer.listing().names
        for name, _ in wanted.objects:
            if name not in shown:
                yield self.finding(name, Severity.ERROR, "our object is not there", _INSTALL)
        for field in wanted.fields:
            found = self.describer.shape(field.object).fields.get(field.name) if field.object in shown else None
            yield self._field(field, found)

    def _field(self, field: WantedField, found: FieldShape | None) -> Finding:
        subject = f"{field.object}.{field.name}"
        if found is None:
            return self.finding(subject, Severity.ERROR, "not there, or hidden from us", _INSTALL)
        if field.unique and not (found.unique and found.external_id):
            cure = "make the field an External ID and Unique, or rows will be written twice"
            return self.finding(subject, Severity.ERROR, "is no unique external id", cure)
        if not (found.createable or found.updateable):
            cure = f"{_INSTALL}, which grants it in {PERMISSION_SET}"
            return self.finding(subject, Severity.ERROR, "cannot be written by the integration user", cure)
        return self.finding(subject, Severity.OK, "there, and ours to write")

    def objects(self) -> Iterator[Finding]:
        """A field may be open to us on an object that is not: tasks need Edit Tasks, people's records Edit."""
        write, shown = self.mapping.write, self.describer.listing().names
        for name in write.objects:
            if name not in shown:
                continue
            shape = self.describer.shape(name)
            may = shape.updateable and (shape.createable or name in write.people_own)
            if may:
                continue
            what, needed = (
                ("changed", f"Edit on {name}") if name in write.people_own else ("created", f"Create on {name}")
            )
            needed = "Edit Tasks" if name == "Task" else needed
            cure = f"{_INSTALL}, which grants {needed} in {ACCESS}; or grant it in a permission set of your own"
            yield self.finding(name, Severity.ERROR, f"records cannot be {what} by the integration user", cure)

    def words(self) -> Iterator[Finding]:
        """Fixed words of alerts, `Status: "= Not Started"`, against the list of the field: it is the org's own."""
        alerts = self.mapping.write.alerts
        if alerts is None or alerts.object not in self.describer.listing().names:
            return
        for name, each in alerts.fields.items():
            word, field = each.removeprefix("=").strip(), self.describer.field(alerts.object, name)
            if each.startswith("=") and field is not None and field.choices and word not in field.choices:
                text = f"the mapping writes `{word}`, and the list does not have it"
                cure = f"write one of: {', '.join(field.choices)}"
                yield self.finding(f"{alerts.object}.{name}", Severity.WARNING, text, cure)

    def records(self) -> Iterator[Finding]:
        """Health goes onto everybody's records, and each of them must be open for us to edit."""
        health = sorted(self.mapping.write.people_own & self.describer.listing().names)
        if not health or self.rights.has("ModifyAllData"):
            return
        everywhere = self.rights.objects("ModifyAllRecords")
        for name in health:
            if everywhere is None:
                yield self.finding(name, Severity.NOTE, "cannot tell whether sharing keeps us from writing health")
            elif name not in everywhere:
                text = "health is refused (INSUFFICIENT_ACCESS) on records that are not shared with us for editing"
                cure = f"grant Modify All on {name} in a permission set of your own, or share its records for editing"
                yield self.finding(name, Severity.WARNING, text, cure)
