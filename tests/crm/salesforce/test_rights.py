"""What the integration user may do: the doctor says what is missing, and an installation grants what the mapping needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest

from connector.crm.salesforce.doctor_sharing import SharingDoctor
from connector.crm.salesforce.errors import of_status
from connector.crm.salesforce.package import project
from connector.crm.salesforce.package.access import ACCESS, needs
from connector.decide.changes import wanted
from connector.errors import CrmDenied
from connector.model.changes import Change, Row, Settled
from connector.model.records import RecordKind
from connector.normalise.mapping import WriteMap
from connector.ports import Finding, Severity, Source
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


# Reading


def test_activities_that_sharing_hides_are_told_with_what_to_grant(org: Place) -> None:
    org.crm.install(whole_wanted(), check=False)
    assert [each.severity for each in findings(org, "Account", Severity.OK) if "View All" in each.text] == [Severity.OK]
    [warning] = findings(org, "Event and Task")
    assert warning.severity is Severity.WARNING
    assert "on no record" in warning.text
    assert "100,000" in warning.text
    assert "View All Data" in warning.cure
    assert grants(org, "Of_the_admin", user=["ViewAllData"]).succeeded
    assert findings(org, "Event and Task") == []
    [told] = findings(org, "permissions")
    assert told.severity is Severity.OK


def test_what_activities_are_about_is_named_as_far_as_it_is_shut() -> None:
    """Leads and cases are there, and only leads are open to us."""

    class Known(NamedTuple):
        names: frozenset[str]

    doctor = SharingDoctor(
        cast("Any", SimpleNamespace(connection="emea")),
        cast("Any", SimpleNamespace(listing=lambda: Known(frozenset({"Lead", "Case"})))),
        cast("Any", SimpleNamespace(sources=lambda: [Source(RecordKind.ACTIVITY, "Task")])),
        cast("Any", SimpleNamespace(has=lambda _: False, objects=lambda _: frozenset({"Lead"}))),
    )
    [warning] = doctor.view_all()
    assert warning.subject == "Task"
    assert "on cases, on no record, marked private" in warning.text
    assert warning.cure.endswith("View All on Case shows all but the last two")


def test_activities_that_are_not_mapped_are_nobodys_worry(tmp_path: Path, time: Time, private_key: str) -> None:
    sources = tuple(each for each in shipped_mapping().sources if each.kind is not RecordKind.ACTIVITY)
    mapping = replace(shipped_mapping(), sources=sources)
    with place(write_company(tmp_path), time, private_key, mapping=mapping) as org:
        org.sandbox.minimum_access()
        assert not [each for each in org.crm.doctor(whole_wanted()) if "activities" in each.text]


def test_a_query_over_too_many_records_says_what_to_grant() -> None:
    error = of_status(
        "emea", 400, [{"errorCode": "OPERATION_TOO_LARGE", "message": "exceeded 100000 distinct who/what's"}]
    )
    assert isinstance(error, CrmDenied)
    assert "View All Data" in error.cure


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


def test_a_word_that_the_list_does_not_have_is_told(tmp_path: Path, time: Time, private_key: str) -> None:
    alerts = shipped_mapping().write.alerts
    assert alerts is not None
    strange = replace(alerts, fields={**alerts.fields, "Status": "= Nicht begonnen"})
    mapping = replace(shipped_mapping(), write=replace(shipped_mapping().write, alerts=strange))
    with place(write_company(tmp_path), time, private_key, mapping=mapping) as org:
        told = [each for each in org.crm.doctor(wanted(mapping, {})) if "Nicht begonnen" in each.text]
    assert [(each.subject, each.severity) for each in told] == [("Task.Status", Severity.WARNING)]
    assert "Not Started, In Progress" in told[0].cure
