"""Single records created, updated, deleted; every write stamps its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.sandbox.salesforce.automation import CASCADE, NO_BIN, complete, follow
from connector.sandbox.salesforce.database import Stored
from connector.sandbox.salesforce.fields import Field, SObject
from connector.sandbox.salesforce.ids import canonical
from connector.sandbox.salesforce.organisation import Organisation
from connector.sandbox.salesforce.refusal import Refused, no_such_column, no_such_resource
from connector.sandbox.salesforce.schema import Sight, Viewer
from connector.sandbox.salesforce.values import Kept, kept

Given = Mapping[str, Any]  # a record as the client sent it
_LOCKED = (
    "Unable to create/update fields: {0}. Please check the security settings of this field and verify "
    "that it is read/write for your profile or permission set."
)


class Records:
    """Writes for one user; all methods raise Refused."""

    def __init__(self, org: Organisation, viewer: Viewer) -> None:
        self.org, self.viewer = org, viewer

    @property
    def sight(self) -> Sight:
        return self.org.schema.seen_by(self.viewer)

    def object(self, name: str) -> SObject:
        found = self.sight.find(name)
        if found is None:
            raise no_such_resource()
        return found

    def row(self, thing: SObject, id: str) -> Stored:
        """The living record with that id."""
        whole = canonical(id)
        row = self.org.database.get(thing, whole) if whole and whole.startswith(thing.prefix) else None
        if row is None:
            raise no_such_resource()
        if row.get("IsDeleted"):
            raise Refused("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=[])
        return row

    def create(self, thing: SObject, given: Given) -> str:
        """The new record's id."""
        if "C" not in thing.writable:
            raise Refused("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {thing.label}")
        values = self._values(thing, given, "C")
        row = {**_defaults(thing, self.viewer.user), **values, **self.org.audit(self.viewer.user)}
        row = {name: value for name, value in row.items() if name in self.org.schema.objects[thing.name].fields}
        self._require(thing, row)
        self._check(thing, values, None)
        complete(self.org, thing.name, row, None, values.keys())
        id = self.org.database.insert(thing, row)
        stored = self.org.database.get(thing, id)
        assert stored is not None
        self._settle(thing, id, None)
        follow(self.org, thing.name, stored, None, self.viewer.user)
        return id

    def update(self, thing: SObject, id: str, given: Given) -> None:
        if "U" not in thing.writable:
            raise Refused("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", fields=[])
        before = self.row(thing, id)
        values = self._values(thing, given, "U")
        self._check(thing, values, before["Id"])
        emptied = [name for name, value in values.items() if value is None and _is_required(thing.fields[name])]
        if emptied:
            raise _missing(emptied)
        row = {**before, **values}
        complete(self.org, thing.name, row, before, values.keys())
        at, user = self.org.stamp, self.viewer.user
        audit = {"LastModifiedDate": at, "LastModifiedById": user, "SystemModstamp": at}
        row |= {name: value for name, value in audit.items() if name in before}
        changed = {name: value for name, value in row.items() if before[name] != value}
        if changed:
            self.org.database.update(thing, before["Id"], changed)
        self._settle(thing, before["Id"], before)
        follow(self.org, thing.name, row, before, user)

    def delete(self, thing: SObject, id: str) -> None:
        """Into the recycle bin, with what depends on it; what has no bin is gone."""
        if "D" not in thing.writable:
            raise Refused("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", fields=[])
        row = self.row(thing, id)
        (self._erase if thing.name in NO_BIN else self._bin)(thing, row["Id"])
        follow(self.org, thing.name, row, row, self.viewer.user)

    def _bin(self, thing: SObject, id: str) -> None:
        if "IsDeleted" not in thing.fields:
            self._erase(thing, id)
            return
        at = self.org.stamp
        audit = {"LastModifiedDate": at, "LastModifiedById": self.viewer.user, "SystemModstamp": at}
        changed = {"IsDeleted": 1, **{name: value for name, value in audit.items() if name in thing.fields}}
        self.org.database.update(thing, id, changed)
        for name, reference in CASCADE.get(thing.name, ()):
            child = self.org.schema.objects.get(name)
            for row in self.org.database.find(child, reference, id) if child else ():
                self._bin(child, row["Id"])  # type: ignore[arg-type] # it exists where rows do

    def undelete(self, thing: SObject, id: str) -> None:
        """Out of the recycle bin, with what went there at the same moment; each is stamped, as by any change."""
        row = self.org.database.get(thing, id)
        if row is None or not row["IsDeleted"]:
            raise Refused("UNDELETE_FAILED", "Entity is not in the recycle bin", fields=[])
        audit = {"LastModifiedDate": self.org.stamp, "SystemModstamp": self.org.stamp}
        changed = {
            "IsDeleted": 0,
            **_unmerged(thing),
            **{name: value for name, value in audit.items() if name in thing.fields},
        }
        self.org.database.update(thing, id, changed)
        for name, reference in CASCADE.get(thing.name, ()):
            child = self.org.schema.objects.get(name)
            beside = self.org.database.find(child, reference, id, deleted=True) if child else ()
            for each in beside:
                if each.get("IsDeleted") and each["SystemModstamp"] == row["SystemModstamp"]:
                    self.undelete(child, each["Id"])  # type: ignore[arg-type] # it exists where rows do

    def _erase(self, thing: SObject, id: str) -> None:
        self.org.database.run(f'DELETE FROM "{thing.name}" WHERE "Id" = ?', (id,))
        self.org.erased.append((thing.name, id, self.org.stamp))

    def by_external_id(self, thing: SObject, name: str, value: str) -> list[str]:
        """Ids of the living records with that external id; there may be several where it is not unique."""
        found = self.external_field(thing, name)
        sought = canonical(value) if found.type == "id" else kept(found, value)
        return [row["Id"] for row in self.org.database.find(thing, found.name, sought)]

    def external_field(self, thing: SObject, name: str) -> Field:
        found = thing.find(name)
        if found is None or not (found.external_id or found.may("I")):
            message = f"Provided external ID field does not exist or is not accessible: {name}"
            raise Refused("NOT_FOUND", message, status=404)
        return found

    def _values(self, thing: SObject, given: Given, letter: str) -> dict[str, Kept]:
        """The given fields by their proper names, as their columns hold them."""
        values: dict[str, Kept] = {}
        for name, value in given.items():
            if name == "attributes":
                continue
            found = thing.find(name)
            if found is None:
                raise no_such_column(name, thing.name)
            if not found.may(letter) or (thing.name, found.name) in self.sight.locked:
                raise Refused("INVALID_FIELD_FOR_INSERT_UPDATE", _LOCKED.format(found.name), fields=[found.name])
            values[found.name] = kept(found, value)
        return values

    def _require(self, thing: SObject, row: Stored) -> None:
        missing = [each.name for each in thing.fields.values() if _is_required(each) and row.get(each.name) is None]
        if missing:
            raise _missing(missing)

    def _check(self, thing: SObject, values: Mapping[str, Kept], id: str | None) -> None:
        """References lead somewhere, and what is unique stays so."""
        for name, value in values.items():
            found = thing.fields[name]
            if value is not None and found.type == "reference":
                self._check_reference(found, str(value))
            if value is not None and found.unique:
                others = [row["Id"] for row in self.org.database.find(thing, name, value) if row["Id"] != id]
                if others:
                    message = f"duplicate value found: {name} duplicates value on record with id: {others[0][:15]}"
                    raise Refused("DUPLICATE_VALUE", message, fields=[])
        if thing.name == "PermissionSetAssignment":
            self._check_assignment(values)

    def _check_reference(self, found: Field, id: str) -> None:
        targets = [self.org.schema.objects[name] for name in found.to if name in self.org.schema.objects]
        target = next((each for each in targets if id.startswith(each.prefix)), None)
        if target is None:
            message = f"{found.label}: id value of incorrect type: {id}"
            raise Refused("FIELD_INTEGRITY_EXCEPTION", message, fields=[found.name])
        row = self.org.database.get(target, id)
        if row is None or row.get("IsDeleted"):
            raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[found.name])
        if found.name == "OwnerId" and target.name == "User" and not row["IsActive"]:
            message = f"operation performed with inactive user [{id[:15]}] as owner"
            raise Refused("INACTIVE_OWNER_OR_USER", message, fields=[found.name])

    def _check_assignment(self, values: Mapping[str, Kept]) -> None:
        rows = self.org.database.find(
            self.org.schema.objects["PermissionSetAssignment"], "AssigneeId", values.get("AssigneeId")
        )
        if any(row["PermissionSetId"] == values.get("PermissionSetId") for row in rows):
            who, what = str(values.get("AssigneeId"))[:15], str(values.get("PermissionSetId"))[:15]
            message = f"Duplicate PermissionSetAssignment.  Assignee: {who}; Permission Set: {what}"
            raise Refused("DUPLICATE_VALUE", message, fields=["AssigneeId", "PermissionSetId"])

    def _settle(self, thing: SObject, id: str, before: Stored | None) -> None:
        """Let queries see the write now, or late."""
        at = self.org.stamp
        until = self.org.visible_from(id, at) if "SystemModstamp" in thing.fields else None
        if until is None:
            self.org.database.reveal(thing, id)
        else:
            self.org.database.hide(thing, id, before, until, at)


def _unmerged(thing: SObject) -> Stored:
    return {"MasterRecordId": None} if "MasterRecordId" in thing.fields else {}


def _defaults(thing: SObject, user: str) -> Stored:
    row: Stored = {each.name: int(bool(each.default)) for each in thing.fields.values() if each.type == "boolean"}
    row |= {
        each.name: each.default for each in thing.fields.values() if each.default is not None and each.type != "boolean"
    }
    if "OwnerId" in thing.fields:
        row["OwnerId"] = user
    if thing.name == "Task":
        row |= {"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"}
    if thing.name == "PermissionSetAssignment":
        row["IsActive"] = 1
    return row


def _is_required(field: Field) -> bool:
    """Must have a value: universally required ones, and standard ones without null or default."""
    return field.required or (field.may("C") and not field.may("N") and not field.may("D"))


def _missing(names: list[str]) -> Refused:
    return Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", fields=names)
