"""What a CRM would not take, as its doctor says it: each reason once for each object."""

from __future__ import annotations

from connector.crm.refused import by_reason, finding
from connector.model.changes import Receipt, Row, Settled
from connector.ports import Severity


def refused(obj: str, key: str, reason: str) -> Receipt:
    return Receipt(Row("emea", obj, "Id", key), Settled.REFUSED, reason=reason)


def test_each_reason_is_said_once_for_each_object_with_how_many_records_it_met() -> None:
    rule = "FIELD_CUSTOM_VALIDATION_EXCEPTION: Say why it was lost"
    receipts = [
        refused("Opportunity", "006A", rule),
        refused("Account", "001A", rule),
        refused("Opportunity", "006B", rule),
        refused("Opportunity", "006C", "ENTITY_IS_LOCKED"),
    ]
    told = [finding("emea", each) for each in by_reason(receipts).values()]
    assert [(each.subject, each.text) for each in told] == [
        ("Opportunity.refused", f"2 records could not be written: {rule}"),
        ("Account.refused", f"1 record could not be written: {rule}"),
        ("Opportunity.refused", "1 record could not be written: ENTITY_IS_LOCKED"),
    ]
    assert {each.severity for each in told} == {Severity.WARNING}
    assert all("attain outbox retry" in each.cure for each in told)
