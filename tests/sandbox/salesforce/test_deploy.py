"""Packages deployed, and what of them can be seen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.salesforce.org import PACKAGE, XMLNS, Org, a_field, an_org, manifest, multipart, permission_set


@pytest.fixture
def org() -> Org:
    return an_org()


def fields_of(org: Org, name: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in org.api("GET", f"sobjects/{name}/describe").json()["fields"]}


def problems(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["fullName"], each["problem"]) for each in result["details"]["componentFailures"]]


def test_a_deployment_takes_its_time(org: Org) -> None:
    started = org.api("POST", "metadata/deployRequest", **multipart(PACKAGE, {"checkOnly": False}))
    assert started.status == 201
    assert started.json()["deployResult"]["status"] == "Pending"
    path = f"metadata/deployRequest/{started.json()['id']}?includeDetails=true"
    assert [org.api("GET", path).json()["deployResult"]["status"] for _ in "12"] == ["InProgress", "Succeeded"]
    assert org.api("GET", "metadata/deployRequest/0Af000000000001").status == 404


def test_what_was_deployed_is_unseen_until_it_is_granted(org: Org) -> None:
    result = org.deploy(PACKAGE)
    assert (result["status"], result["numberComponentErrors"]) == ("Succeeded", 0)
    assert org.api("GET", "sobjects/Attain_Attainment__c/describe").status == 404
    assert org.query("SELECT Id FROM Attain_Attainment__c")[0]["errorCode"] == "INVALID_TYPE"
    assert "Attain_Key__c" not in fields_of(org, "Task")
    assert org.query("SELECT Attain_Key__c FROM Task")[0]["errorCode"] == "INVALID_FIELD"
    refused = org.api("POST", "sobjects/Task", {"Subject": "x", "Attain_Key__c": "k"})
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD"
    org.hold("Attain")
    key = fields_of(org, "Task")["Attain_Key__c"]
    assert (key["externalId"], key["unique"], key["length"], key["custom"]) == (True, True, 120, True)
    assert "Attain_Key__c" in fields_of(org, "Event")  # granted on Task, and the field is Activity's
    shape = org.api("GET", "sobjects/Attain_Attainment__c/describe").json()
    assert (shape["keyPrefix"], shape["custom"], shape["label"]) == ("a00", True, "Attainment")
    user = fields_of(org, "Attain_Attainment__c")["User__c"]
    assert (user["type"], user["relationshipName"], user["referenceTo"]) == ("reference", "User__r", ["User"])


def test_a_permission_taken_away_hides_the_field_again(org: Org) -> None:
    org.install()
    (held,) = org.rows("SELECT Id FROM PermissionSetAssignment")
    assert org.api("DELETE", f"sobjects/PermissionSetAssignment/{held['Id']}").status == 204
    assert "Attain_Score__c" not in fields_of(org, "Opportunity")


def test_a_field_that_may_only_be_read_is_not_written(org: Org) -> None:
    files = PACKAGE | {
        "permissionsets/Attain.permissionset": permission_set("Attain", "Opportunity.Attain_Score__c").replace(
            "<editable>true</editable>", "<editable>false</editable>"
        )
    }
    assert org.deploy(files)["success"]
    org.hold("Attain")
    assert fields_of(org, "Opportunity")["Attain_Score__c"]["updateable"] is False
    deal = org.a_deal()
    answer = org.api("PATCH", f"sobjects/Opportunity/{deal}", {"Attain_Score__c": 1})
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_check_changes_nothing(org: Org) -> None:
    result = org.deploy(PACKAGE, checkOnly=True)
    assert (result["success"], result["checkOnly"], result["numberComponentsTotal"]) == (True, True, 8)
    assert org.rows("SELECT Id FROM PermissionSet") == []
    assert org.deploy(PACKAGE)["details"]["componentSuccesses"][0]["created"] is True


def test_a_second_deployment_creates_nothing(org: Org) -> None:
    org.install()
    org.create("Attain_Attainment__c", Attain_Key__c="a", Actual__c=1)
    result = org.deploy(PACKAGE)
    assert {each["created"] for each in result["details"]["componentSuccesses"]} == {False}
    assert org.rows("SELECT Attain_Key__c FROM Attain_Attainment__c") == [{"Attain_Key__c": "a"}]
    assert len(org.rows("SELECT Id FROM PermissionSet")) == 1


def test_one_failure_keeps_everything_out(org: Org) -> None:
    files = PACKAGE | {
        "objects/Opportunity.object": f"<CustomObject {XMLNS}>{a_field('Attain_Score__c', 'Number')}</CustomObject>"
    }
    result = org.deploy(files)
    assert (result["status"], result["success"]) == ("Failed", False)
    assert ("Opportunity.Attain_Score__c", "Must specify 'precision' for a CustomField of type Number") in problems(
        result
    )
    assert org.rows("SELECT Id FROM PermissionSet") == []


def test_required_fields_need_no_permission_and_take_none(org: Org) -> None:
    needed = a_field("Needed__c", "Text", length="10", required="true")
    files = {
        "package.xml": manifest(CustomField=["Account.Needed__c"], PermissionSet=["Attain"]),
        "objects/Account.object": f"<CustomObject {XMLNS}>{needed}</CustomObject>",
        "permissionsets/Attain.permissionset": permission_set("Attain", "Account.Needed__c"),
    }
    assert problems(org.deploy(files)) == [("Attain", "You cannot deploy to a required field: Account.Needed__c")]
    files["permissionsets/Attain.permissionset"] = permission_set("Attain")
    assert org.deploy(files)["success"]
    assert org.api("POST", "sobjects/Account", {"Name": "A"}).json()[0]["fields"] == ["Needed__c"]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"package.xml": manifest(PermissionSet=["Attain"])}, ("Activity.Attain_Key__c", "Not in package.xml")),
        (
            {"permissionsets/Attain.permissionset": permission_set("Attain", "Activity.Attain_Key__c")},
            ("Attain", "In field: field - no CustomField named Activity.Attain_Key__c found"),
        ),
        (
            {"permissionsets/Attain.permissionset": permission_set("Attain", objects=["Nothing__c"])},
            ("Attain", "In field: object - no CustomObject named Nothing__c found"),
        ),
        ({"objects/Activity.object": "<CustomObject"}, None),
    ],
)
def test_a_mistake_in_the_package_is_named(org: Org, changed: dict[str, str], problem: tuple[str, str] | None) -> None:
    result = org.deploy(PACKAGE | changed)
    assert not result["success"]
    assert problem is None or problem in problems(result)


def test_what_the_manifest_names_must_be_there(org: Org) -> None:
    found = problems(org.deploy({"package.xml": manifest(CustomField=["Account.Gone__c"])}))
    problem = "of type CustomField was named in package.xml, but was not found in zipped directory"
    assert found == [("Account.Gone__c", f"An object 'Account.Gone__c' {problem}")]


def test_a_formula_cannot_be_written(org: Org) -> None:
    gap = a_field("Gap__c", "Number", precision="18", scale="2", formula="Amount - 1")
    files = {
        "package.xml": manifest(CustomField=["Opportunity.Gap__c"], PermissionSet=["Attain"]),
        "objects/Opportunity.object": f"<CustomObject {XMLNS}>{gap}</CustomObject>",
        "permissionsets/Attain.permissionset": permission_set("Attain", "Opportunity.Gap__c"),
    }
    assert org.deploy(files)["success"]
    org.hold("Attain")
    shown = fields_of(org, "Opportunity")["Gap__c"]
    assert (shown["calculated"], shown["createable"], shown["updateable"]) == (True, False, False)


def test_describe_spares_whoever_knows_it_already(org: Org) -> None:
    first = org.api("GET", "sobjects/Opportunity/describe")
    known = {"If-Modified-Since": first.headers["Last-Modified"]}
    org.wait(minutes=5)
    assert org.api("GET", "sobjects/Opportunity/describe", headers=known).status == 304
    org.install()
    assert org.api("GET", "sobjects/Opportunity/describe", headers=known).status == 200


def test_a_set_that_is_deployed_again_takes_back_what_it_does_not_name(org: Org) -> None:
    """Source: Salesforce, "PermissionSet" metadata: since API version 40 a deployment overwrites the set's contents."""
    org.sandbox.minimum_access(("Account", "Industry"))
    path = "permissionsets/Admin.permissionset"
    files = {"package.xml": manifest(PermissionSet=["Admin"]), path: permission_set("Admin", "Account.Industry")}
    assert org.deploy(files)["success"]
    assert "Industry" not in fields_of(org, "Account")
    org.hold("Admin")
    assert "Industry" in fields_of(org, "Account")
    assert org.deploy(files | {path: permission_set("Admin")})["success"]
    assert "Industry" not in fields_of(org, "Account")


def test_the_least_profile_writes_nothing_of_its_own_accord(org: Org) -> None:
    deal = org.a_deal()
    org.sandbox.minimum_access()
    assert org.api("POST", "sobjects/Task", {"Subject": "x"}).status == 400
    answer = org.api("PATCH", f"sobjects/Opportunity/{deal}", {"Name": "x"})
    assert answer.json()[0]["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert org.api("GET", "sobjects/Task/describe").json()["createable"] is False


def test_one_permission_needs_another(org: Org) -> None:
    wishes = permission_set("Admin", objects=["Opportunity"])
    files = {"package.xml": manifest(PermissionSet=["Admin"]), "permissionsets/Admin.permissionset": wishes}
    [(name, problem)] = problems(org.deploy(files))
    assert (name, problem) == ("Admin", "Permission Read Opportunity depends on permission(s): Read Account")
