"""Writes in collections of 200, or in one job where there are many, and judges each row on its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Any
from urllib.parse import quote

from connector.crm.salesforce import soql
from connector.crm.salesforce.bulk import FEWEST_WRITTEN, NOTHING, Unsuited, Upload, complaint_of, ingest
from connector.crm.salesforce.describe import Describer, Shape
from connector.crm.salesforce.errors import Complaint, is_too_heavy, settled
from connector.crm.salesforce.org import Answered, Org
from connector.crm.salesforce.values import inward, outward
from connector.errors import ConnectorError, CrmDenied, CrmUnavailable, NobodyServed, SchemaDrifted
from connector.model.changes import Change, Receipt, Row, Settled, Value
from connector.ports import World

MOST_ROWS = 200
FEWEST_AT_ONCE = 20  # rows of a call that is cut in halves; what is too heavy even so waits for the next cycle
MOST_IN_JOB = 2_500  # of the longest explanations that is well below the 100 MB of an upload
_BY_ID = "Id"


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One row to send; changes to the same row travel together, the later value winning."""

    row: Row
    fields: Mapping[str, Value]


def write(org: Org, world: World, describer: Describer, changes: Sequence[Change]) -> list[Receipt]:
    """One receipt per change, in order. A repeated call has the same effect as one.

    When a later call fails, the earlier ones keep their receipts: the rows beside the failed call are of unknown effect
    where it may have had one, and those that were never sent are busy. Raises only when nothing was written.
    """
    receipts: dict[Row, Receipt] = {}
    batches = list(_batches(_parcels(changes)))
    for at, batch in enumerate(batches):
        try:
            for receipt in _send(org, world, describer, batch):
                receipts[receipt.row] = receipt
        except ConnectorError as error:
            if not any(each.settled is Settled.WRITTEN for each in receipts.values()):
                raise
            beside = [each.row for each in batch if each.row not in receipts]
            receipts |= {row: _unanswered(row, error) for row in beside}
            unsent = [each.row for rest in batches[at + 1 :] for each in rest]
            receipts |= {row: _busy(row, f"not sent: {_problem(error)}", error) for row in unsent}
            break
    return [receipts[change.row] for change in changes]


def _unanswered(row: Row, error: ConnectorError) -> Receipt:
    """Surely not done only where the error is sure of it; a denial may follow an attempt whose answer was lost."""
    if isinstance(error, NobodyServed) and not error.unknown_effect:
        return _busy(row, _problem(error), error)
    sure = isinstance(error, CrmUnavailable) and not error.unknown_effect
    return Receipt(row, Settled.BUSY if sure else Settled.UNKNOWN, reason=_problem(error))


def _busy(row: Row, reason: str, error: ConnectorError) -> Receipt:
    asked = error.retry_after if isinstance(error, CrmUnavailable) else None
    return Receipt(row, Settled.BUSY, reason=reason, retry_after=asked.total_seconds() if asked else None, untried=True)


def _problem(error: ConnectorError) -> str:
    return error.problem if isinstance(error, CrmUnavailable | CrmDenied) else str(error)


def _parcels(changes: Sequence[Change]) -> list[_Parcel]:
    """Each row once: the same external id twice in one call would refuse both."""
    merged: dict[Row, dict[str, Value]] = {}
    for change in changes:
        merged.setdefault(change.row, {}).update({**change.fields, **change.riding})
    return [_Parcel(row, fields) for row, fields in merged.items()]


def _batches(parcels: Sequence[_Parcel]) -> Iterator[list[_Parcel]]:
    """Rows of one object and key field, sorted so that neighbours lock the same parent in one call."""
    ordered = sorted(parcels, key=lambda each: (each.row.object, each.row.key_field, each.row.key))
    for _, group in groupby(ordered, key=lambda each: (each.row.object, each.row.key_field)):
        rows = list(group)
        size = MOST_IN_JOB if len(rows) >= FEWEST_WRITTEN else MOST_ROWS
        for start in range(0, len(rows), size):
            yield rows[start : start + size]


def _send(org: Org, world: World, describer: Describer, batch: Sequence[_Parcel]) -> Iterator[Receipt]:
    """Receipts as they come: what was told before a call failed stays told."""
    obj = batch[0].row.object
    try:
        shape = describer.shape(obj)
    except SchemaDrifted as drifted:
        yield from (_refused(each.row, str(drifted)) for each in batch)
        return
    faults = {each.row: _fault(shape, each) for each in batch}
    sound = [each for each in batch if not faults[each.row]]
    yield from (_refused(row, fault) for row, fault in faults.items() if fault)
    if len(sound) > MOST_ROWS:
        with suppress(Unsuited):  # then row by row, as few as they would be otherwise
            yield from _in_one_job(org, world, shape, sound)
            return
    for start in range(0, len(sound), MOST_ROWS):
        yield from _in_a_collection(org, shape, sound[start : start + MOST_ROWS])


def _in_a_collection(org: Org, shape: Shape, parcels: Sequence[_Parcel]) -> Iterator[Receipt]:
    """One call; rows that the org's own automation was too slow for go again in halves, down to a few at a time."""
    key_field = parcels[0].row.key_field
    body = {"allOrNone": False, "records": [_record(shape, each) for each in parcels]}
    by_key = f"composite/sobjects/{quote(shape.name)}/{quote(key_field)}"
    receipts = _judge(parcels, org.write("PATCH", "composite/sobjects" if key_field == _BY_ID else by_key, body))
    half = len(parcels) // 2
    heavy = [] if half < FEWEST_AT_ONCE else [at for at, each in enumerate(receipts) if _is_heavy(each)]
    yield from (each for at, each in enumerate(receipts) if at not in heavy)
    for start in range(0, len(heavy), max(half, 1)):
        yield from _in_a_collection(org, shape, [parcels[at] for at in heavy[start : start + half]])


def _is_heavy(receipt: Receipt) -> bool:
    return receipt.settled is Settled.BUSY and is_too_heavy(receipt.reason)


def _in_one_job(org: Org, world: World, shape: Shape, parcels: Sequence[_Parcel]) -> list[Receipt]:
    """Rows as CSV; told of by their key, in any order, and some perhaps not at all."""
    key_field = parcels[0].row.key_field
    fields = sorted({name for each in parcels for name in each.fields})
    rows = [[each.row.key, *(_cell(shape, each, name) for name in fields)] for each in parcels]
    told = {
        each.get(key_field, ""): each
        for each in ingest(org, world, Upload(shape.name, key_field, [key_field, *fields], rows))
    }
    return [_told(each.row, told.get(each.row.key)) for each in parcels]


def _cell(shape: Shape, parcel: _Parcel, name: str) -> str:
    if name not in parcel.fields:
        return ""  # stays as it is
    value = outward(parcel.fields[name], shape.fields[name])
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _told(row: Row, told: Mapping[str, str] | None) -> Receipt:
    if told is None:
        return Receipt(row, Settled.UNKNOWN, reason="the job told nothing of this row")
    if "sf__Error" in told:
        complaint = complaint_of(told["sf__Error"])
        return Receipt(row, settled(complaint), reason=str(complaint))
    return Receipt(row, Settled.WRITTEN, remote_id=told.get("sf__Id"), created=told.get("sf__Created") == "true")


def _fault(shape: Shape, parcel: _Parcel) -> str:
    """Why a row cannot be sent; empty when it can. Unknown fields would sour the whole call."""
    missing = [name for name in (parcel.row.key_field, *parcel.fields) if name not in shape.fields]
    if missing:
        return f"{shape.name} has no field {', '.join(missing)}, or it is hidden from us; run `attain install`"
    fixed = [name for name in parcel.fields if not (shape.fields[name].updateable or shape.fields[name].createable)]
    return f"{shape.name}.{', '.join(fixed)} cannot be written by the integration user" if fixed else ""


def _record(shape: Shape, parcel: _Parcel) -> dict[str, Any]:
    # `attributes` comes first: without it in front, the row is refused as unreadable.
    record: dict[str, Any] = {"attributes": {"type": shape.name}}
    record["id" if parcel.row.key_field == _BY_ID else parcel.row.key_field] = parcel.row.key
    for name, value in parcel.fields.items():
        record[name] = outward(value, shape.fields[name])
    return record


def _judge(sent: Sequence[_Parcel], answer: Answered) -> list[Receipt]:
    """The reply lists one result per row, in order; a row without a result may or may not be written.

    Nor does anybody know of a row that is turned away the second time, after the first answer was lost.
    """
    results = answer.body if isinstance(answer.body, list) else []
    padded = [*results, *[None] * len(sent)]
    found = [_receipt(parcel.row, result) for parcel, result in zip(sent, padded, strict=False)]
    if not answer.again:
        return found
    return [each if each.settled is Settled.WRITTEN else replace(each, settled=Settled.UNKNOWN) for each in found]


def _receipt(row: Row, result: Any) -> Receipt:  # noqa: ANN401 - a raw reply
    if not isinstance(result, Mapping) or "success" not in result:
        return Receipt(row, Settled.UNKNOWN, reason="the reply has no result for this row")
    if result["success"] is True:
        return Receipt(row, Settled.WRITTEN, remote_id=result.get("id"), created=result.get("created") is True)
    complaint = Complaint.of(result.get("errors") or "refused without a reason")
    return Receipt(row, settled(complaint), reason=str(complaint))


def _refused(row: Row, reason: str) -> Receipt:
    return Receipt(row, Settled.REFUSED, reason=reason)


def look_up(org: Org, describer: Describer, rows: Sequence[Row]) -> dict[Row, str]:
    """Remote ids of rows that exist; where the object or its key is not installed, none does."""
    found: dict[Row, str] = {}
    for shape, asked in _by_shape(describer, rows):
        found |= {row: str(shown["Id"]) for row, shown in _shown(org, shape, asked, ())}
    return found


def current(org: Org, describer: Describer, rows: Sequence[Row], fields: Sequence[str]) -> dict[Row, dict[str, Value]]:
    """What the CRM shows now; rows that do not exist are absent, fields it does not show are left out."""
    found: dict[Row, dict[str, Value]] = {}
    for shape, asked in _by_shape(describer, rows):
        known = [name for name in fields if name in shape.fields]
        for row, shown in _shown(org, shape, asked, known):
            found[row] = {name: inward(shown.get(name), shape.fields[name]) for name in known}
    return found


def _by_shape(describer: Describer, rows: Sequence[Row]) -> Iterator[tuple[Shape, list[Row]]]:
    """Rows that share object and key field, where the org shows both."""
    for obj, key_field in dict.fromkeys((row.object, row.key_field) for row in rows):
        if obj in describer.listing().names and key_field in describer.shape(obj).fields:
            yield describer.shape(obj), [row for row in rows if (row.object, row.key_field) == (obj, key_field)]


def _shown(
    org: Org, shape: Shape, rows: Sequence[Row], fields: Sequence[str]
) -> Iterator[tuple[Row, Mapping[str, Any]]]:
    by_key = {row.key: row for row in rows}
    key_field = rows[0].key_field
    selected = tuple(dict.fromkeys((_BY_ID, key_field, *fields)))
    for chunk in soql.chunks(list(by_key)):
        for shown in org.all_rows(soql.select(selected, shape.name, where=[soql.one_of(key_field, chunk)])):
            row = by_key.get(str(shown.get(key_field)))
            if row is not None:
                yield row, shown
