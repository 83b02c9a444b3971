"""What the integration user may do: the doctor says what is missing, and an installation grants what the mapping needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.crm.salesforce.package import project
from connector.crm.salesforce.package.access import ACCESS, needs
from connector.decide.changes import wanted
from connector.model.changes import Change, Row, Settled
from connector.normalise.mapping import WriteMap
from connector.ports import Finding, Severity
from tests.crm.salesforce.company import Place, place, shipped_mapping, write_company
from tests.crm.salesforce.conftest import Time
from tests.crm.salesforce.metadata import complaints, unzipped
from tests.crm.salesforce.permissions import grants, takes
from tests.crm.salesforce.projects import whole_mapping, whole_wanted

KEY = "Attain_Key__c"


@pytest.fixture
def org(tmp_path: Path, time: Time, private_key: str) -> Iterator[Place]:
    """An integration user with the least profile, and a mapping that writes all there is to write."""
    with place(write_company(tmp_path), time, private_key, mapping=whole_mapping()) as found:
        found.sandbox.minimum_access()
        yield found


def findings(place: Place, subject: str, *severities: Severity) -> list[Finding]:
    told = place.crm.doctor(whole_wanted())
    return [each for each in told if each.subject == subject and each.severity in (severities or tuple(Severity))]


def a_task(place: Place) -> Change:
    [ana] = [each.ref.id for each in place.records("User") if each.fields["Email"] == "ana@example.com"]
    fields = {"OwnerId": ana, "Subject": "Bookings are behind", "Status": "Not Started", "Priority": "High"}
    return Change(Row("emea", "Task", KEY, "one"), fields, once=True)


# Writing


def test_the_shipped_mapping_needs_edit_tasks_and_no_edit_on_anybodys_records() -> None:
    found = needs(shipped_mapping())
    assert found.user == ("ActivitiesAccess", "EditTask")
    assert {each for may in found.objects.values() for each in may} == {"allowRead", "viewAllRecords"}


def test_with_health_on_it_needs_edit_where_health_is_written() -> None:
    assert needs(whole_mapping()).objects == {
        "Account": ("allowEdit", "allowRead", "viewAllRecords"),
        "Opportunity": ("allowEdit", "allowRead", "viewAllRecords"),
    }
    only_deals = replace(whole_mapping(), sources=(), write=WriteMap(deals=whole_mapping().write.deals))
    assert needs(only_deals).objects == {"Account": ("allowRead",), "Opportunity": ("allowEdit", "allowRead")}


def test_a_mapping_that_writes_no_tasks_asks_for_no_right_to() -> None:
    assert needs(replace(shipped_mapping(), write=WriteMap())).user == ("ActivitiesAccess",)


def test_user_permissions_are_words_of_the_metadata_api() -> None:
    files = unzipped(project("66.0", whole_mapping(), whole_wanted()).access.archive())
    assert b"<name>EditTask</name>" in files[f"permissionsets/{ACCESS}.permissionset"]
    assert complaints(files[f"permissionsets/{ACCESS}.permissionset"]) == []


def test_alerts_and_health_can_be_written_after_an_installation(org: Place) -> None:
    assert org.crm.install(whole_wanted(), check=False).refused == ()
    [receipt] = org.crm.write([a_task(org)])
    assert receipt.settled is Settled.WRITTEN, receipt.reason
    deal = next(each.ref.id for each in org.records("Opportunity"))
    [receipt] = org.crm.write([Change(Row("emea", "Opportunity", "Id", deal), {"Attain_Next_Step__c": "call"})])
    assert receipt.settled is Settled.WRITTEN, receipt.reason
    assert not [each for each in org.crm.doctor(whole_wanted()) if each.severity is Severity.ERROR]


def test_the_doctor_names_the_rights_that_writing_wants(org: Place) -> None:
    """Our fields are there, and the set with the rights is taken from the integration user."""
    org.crm.install(whole_wanted(), check=False)
    takes(org, ACCESS)
    told = {name: findings(org, name, Severity.ERROR) for name in ("Task", "Opportunity", "Account")}
    [refused] = org.crm.write([a_task(org)])
    assert {name: len(each) for name, each in told.items()} == {"Task": 1, "Opportunity": 1, "Account": 1}
    assert "Edit Tasks" in told["Task"][0].cure
    assert "Edit on Opportunity" in told["Opportunity"][0].cure
    assert refused.settled is Settled.REFUSED


def test_health_wants_modify_all_and_the_doctor_says_so(org: Place) -> None:
    org.crm.install(whole_wanted(), check=False)
    [warning] = findings(org, "Opportunity", Severity.WARNING)
    assert "INSUFFICIENT_ACCESS" in warning.text
    assert "Modify All on Opportunity" in warning.cure
    every = ("allowRead", "allowEdit", "allowDelete", "viewAllRecords", "modifyAllRecords")
    assert grants(org, "Of_the_admin", objects={"Account": every, "Opportunity": every}).succeeded
    assert findings(org, "Opportunity", Severity.WARNING) == []


def test_without_health_nobody_is_asked_for_modify_all(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key) as org:
        org.sandbox.minimum_access()
        wishes = wanted(shipped_mapping(), {})
        org.crm.install(wishes, check=False)
        assert not [each for each in org.crm.doctor(wishes) if "Modify All" in each.cure]
