"""Collections: up to 200 records in one request, a result for each, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connector.sandbox.salesforce.fields import SObject
from connector.sandbox.salesforce.ids import canonical
from connector.sandbox.salesforce.records import Records
from connector.sandbox.salesforce.refusal import Refused

_LOCKED = Refused("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records", fields=[])

Row = Mapping[str, Any]
Result = dict[str, Any]
MOST = 200
MOST_CHUNKS = 10
_ROLLED_BACK = Refused(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


class Batches:
    """One collection request; `unlucky` says whether the next row meets a lock."""

    def __init__(self, records: Records, unlucky: Callable[[], bool]) -> None:
        self.records, self.unlucky = records, unlucky

    def create(self, body: object) -> list[Result]:
        rows, all_or_none = _rows(body)
        return self._each(rows, all_or_none, lambda row: {"id": self.records.create(self._typed(row), row)})

    def update(self, body: object) -> list[Result]:
        rows, all_or_none = _rows(body)
        return self._each(rows, all_or_none, self._update_one)

    def delete(self, ids: Sequence[str], *, all_or_none: bool) -> list[Result]:
        _check_size(ids)
        return self._each([{"attributes": {}, "id": id} for id in ids], all_or_none, self._delete_one)

    def upsert(self, body: object, name: str, key: str) -> list[Result]:
        """By an external id, or by Id; a failed row says `created: false`."""
        rows, all_or_none = _rows(body)
        thing = self.records.object(name)
        field = self.records.external_field(thing, key).name
        counts = Counter(_key(row, field) for row in rows)

        def one(row: Row) -> Result:
            self._typed(row, name)
            value = _key(row, field)
            if value is not None and counts[value] > 1:
                raise Refused("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", fields=[field])
            return self._upsert_one(row, name, field, value)

        return [each if each["success"] else each | {"created": False} for each in self._each(rows, all_or_none, one)]

    def _upsert_one(self, row: Row, name: str, field: str, value: str | None) -> Result:
        thing = self.records.object(name)
        rest = {each: given for each, given in row.items() if each.lower() != "id"}
        if field == "Id":
            if value is None:
                return {"id": self.records.create(thing, rest), "created": True}
            self.records.update(thing, value, rest)
            return {"id": canonical(value), "created": False}
        if value is None:
            raise Refused("MISSING_ARGUMENT", f"{field} not specified", fields=[])
        found = self.records.by_external_id(thing, field, value)
        if len(found) > 1:
            message = f"{field}: more than one record found for external id field: {found}"
            raise Refused("DUPLICATE_EXTERNAL_ID", message, fields=[field])
        if found:
            self.records.update(thing, found[0], rest)
            return {"id": found[0], "created": False}
        return {"id": self.records.create(thing, rest), "created": True}

    def _update_one(self, row: Row) -> Result:
        thing = self._typed(row)
        id = next((str(value) for name, value in row.items() if name.lower() == "id" and value), None)
        if id is None:
            raise Refused("MISSING_ARGUMENT", "Id not specified in an update call", fields=[])
        self._update(thing.name, id, {name: value for name, value in row.items() if name.lower() != "id"})
        return {"id": canonical(id)}

    def _update(self, name: str, id: str, row: Row) -> None:
        try:
            self.records.update(self.records.object(name), id, row)
        except Refused as refused:
            if refused.code == "NOT_FOUND":
                raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[]) from None
            raise

    def _delete_one(self, row: Row) -> Result:
        id = canonical(str(row["id"]))
        if id is None:
            raise Refused("MALFORMED_ID", f"malformed id {row['id']}", fields=[])
        thing = next((each for each in self.records.sight.objects.values() if id.startswith(each.prefix)), None)
        if thing is None:
            raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])
        try:
            self.records.delete(thing, id)
        except Refused as refused:
            if refused.code == "NOT_FOUND":
                raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[]) from None
            raise
        return {"id": id}

    def _typed(self, row: Row, expected: str | None = None) -> SObject:
        name = _kind(row)
        if name is None:
            message = "SObject type is missing: each record needs `attributes` with a `type`"
            raise Refused("JSON_PARSER_ERROR", message)
        if expected is not None and name.lower() != expected.lower():
            message = f"Record type does not match: expected {expected}, but was {name}"
            raise Refused("INVALID_TYPE", message)
        found = self.records.sight.find(name)
        if found is None:
            message = f"sObject type '{name}' is not supported."
            raise Refused("INVALID_TYPE", message)
        return found

    def _each(self, rows: Sequence[Row], all_or_none: bool, one: Callable[[Row], Result]) -> list[Result]:
        """A result per row; when all or none was asked for, one failure undoes the others."""
        results: list[Result] = []
        database = self.records.org.database
        try:
            with database.transaction():
                results = [self._guarded(row, one) for row in rows]
                if all_or_none and not all(each["success"] for each in results):
                    raise _ROLLED_BACK
        except Refused as refused:
            if refused is not _ROLLED_BACK:
                raise
            self.records.org.read_assignments()
            return [_failed(_ROLLED_BACK) if each["success"] else each for each in results]
        return results

    def _guarded(self, row: Row, one: Callable[[Row], Result]) -> Result:
        if self.unlucky():
            return _failed(_LOCKED)
        try:
            with self.records.org.database.transaction():
                done = one(row)
        except Refused as refused:
            return _failed(refused)
        created = {"created": done["created"]} if "created" in done else {}
        return {"id": done["id"], "success": True, "errors": [], **created}


def _kind(row: Row) -> str | None:
    """The object's name in a record's attributes; None where they are missing."""
    attributes = row.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    return name if isinstance(name, str) else None


def _failed(refused: Refused) -> Result:
    return {"success": False, "errors": [refused.row_error()]}


def _key(row: Row, field: str) -> str | None:
    value = next((given for name, given in row.items() if name.lower() == field.lower()), None)
    return None if value is None or value == "" else str(value)


def _rows(body: object) -> tuple[list[Row], bool]:
    """The records of a body, once they are few enough and not too mixed. Raises Refused."""
    if not isinstance(body, dict) or not isinstance(body.get("records", []), list):
        raise Refused("JSON_PARSER_ERROR", "The request body is not a collection of records")
    rows = body.get("records") or []
    if not all(isinstance(row, dict) for row in rows):
        raise Refused("JSON_PARSER_ERROR", "Cannot deserialize a record")
    _check_size(rows)
    kinds = [_kind(row) for row in rows]
    chunks = sum(1 for place, kind in enumerate(kinds) if place == 0 or kind != kinds[place - 1])
    if chunks > MOST_CHUNKS:
        message = "Cannot have more than 10 chunks in a single operation. Please rearrange the data to reduce chunking."
        raise Refused("INVALID_OPERATION", message)
    return rows, body.get("allOrNone") is True


def _check_size(rows: Sequence[object]) -> None:
    if not rows:
        raise Refused("REQUIRED_FIELD_MISSING", "At least 1 record is required")
    if len(rows) > MOST:
        message = f"record limit reached. cannot submit more than {MOST} records into this call"
        raise Refused("EXCEEDED_ID_LIMIT", message)
