"""Values cross the border without losing a cent, a day or an hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from connector.crm.salesforce.describe import FieldShape
from connector.crm.salesforce.errors import Complaint, settled
from connector.crm.salesforce.values import inward, outward
from connector.model.changes import Settled, Value


def a_field(type: str, scale: int = 0) -> FieldShape:
    return FieldShape(
        name="F__c",
        label="F",
        type=type,
        scale=scale,
        length=255,
        createable=True,
        updateable=True,
        calculated=False,
        unique=False,
        external_id=False,
        filterable=True,
        aggregatable=True,
        permissionable=True,
        retired=(),
        points_at=(),
        relationship=None,
        choices=(),
    )


@pytest.mark.parametrize(
    ("value", "field", "sent"),
    [
        (Decimal("0.875"), a_field("percent", 4), Decimal("87.5000")),
        (Decimal("0.8333333333"), a_field("percent", 4), Decimal("83.3333")),
        (Decimal(250_000), a_field("double", 2), Decimal("250000.00")),
        (Decimal("0.005"), a_field("double", 2), Decimal("0.01")),
        (Decimal("-0.005"), a_field("currency", 2), Decimal("-0.01")),
        (3, a_field("double", 2), Decimal("3.00")),
        (Decimal("2.5"), a_field("int"), 3),
        (3, a_field("int"), 3),
        (True, a_field("boolean"), True),
        (None, a_field("percent", 4), None),
        (date(2026, 12, 31), a_field("date"), "2026-12-31"),
        (
            datetime(2026, 12, 31, 1, 0, tzinfo=timezone(timedelta(hours=2))),
            a_field("datetime"),
            "2026-12-30T23:00:00Z",
        ),
        ("p_0123", a_field("string"), "p_0123"),
        (12, a_field("string"), "12"),
        (Decimal("1.50"), a_field("textarea"), "1.50"),
    ],
)
def test_sends_values_as_the_field_takes_them(value: Value, field: FieldShape, sent: object) -> None:
    assert repr(outward(value, field)) == repr(sent)


@pytest.mark.parametrize(
    ("raw", "field", "value"),
    [
        (Decimal("87.5000"), a_field("percent", 4), Decimal("0.875")),
        (88, a_field("percent"), Decimal("0.88")),
        (Decimal("250000.00"), a_field("currency", 2), Decimal(250_000)),
        (7, a_field("int"), 7),
        (None, a_field("date"), None),
        ("2026-12-31", a_field("date"), date(2026, 12, 31)),
        ("2026-12-30T23:00:00.000+0000", a_field("datetime"), datetime(2026, 12, 30, 23, 0, tzinfo=UTC)),
        ("not a day", a_field("date"), "not a day"),
        (False, a_field("boolean"), False),
    ],
)
def test_reads_values_as_we_would_have_written_them(raw: Any, field: FieldShape, value: Value) -> None:
    assert inward(raw, field) == value


# What is worth repeating, by Salesforce's status codes


@pytest.mark.parametrize(
    ("code", "message", "ends"),
    [
        ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", Settled.BUSY),
        ("ENTITY_IS_LOCKED", "the entity is locked for editing", Settled.BUSY),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "DealTrigger: UNABLE_TO_LOCK_ROW", Settled.BUSY),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "DealTrigger: no region", Settled.REFUSED),
        ("CANNOT_EXECUTE_FLOW_TRIGGER", "Apex CPU time limit exceeded", Settled.BUSY),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "a score needs a period", Settled.REFUSED),
        ("DUPLICATE_VALUE", "duplicate value found", Settled.REFUSED),
        ("ENTITY_IS_DELETED", "entity is deleted", Settled.REFUSED),
        ("INACTIVE_OWNER_OR_USER", "operation performed with inactive user", Settled.REFUSED),
        ("SOMETHING_NEW", "?", Settled.REFUSED),
    ],
)
def test_tells_a_lock_from_a_refusal(code: str, message: str, ends: Settled) -> None:
    assert settled(Complaint(code, message)) is ends
