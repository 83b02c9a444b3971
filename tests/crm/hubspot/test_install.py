"""Installing properties in the stand-in portal."""

from __future__ import annotations

import pytest

from connector.errors import CrmDenied
from connector.model.changes import Wanted, WantedField
from connector.ports import InstallReport
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import Portal, definitions, says, talking_to

KEY = WantedField("tasks", "attain_alert_key", "Attain key", "text", unique=True)
FIELDS = (
    KEY,
    WantedField("users", "attain_actual", "Actual", "money"),
    WantedField("users", "attain_attainment", "Attainment", "ratio"),
    WantedField("users", "attain_at", "Computed at", "moment"),
    WantedField("users", "attain_on", "As of", "date"),
    WantedField("users", "attain_band", "Band", "choice", choices=("green", "red")),
    WantedField("users", "attain_why", "Why", "long_text"),
    WantedField("users", "attain_rank", "Rank", "number"),
)
NAMES = tuple(f"{each.object}.{each.name}" for each in FIELDS)


def test_only_says_what_is_missing_when_asked_to_check() -> None:
    portal = Portal()
    with portal.connected() as crm:
        assert crm.install(Wanted(fields=FIELDS), check=True) == InstallReport("smb", (), (), NAMES)
    assert {each.method for each in portal.asked} == {"GET"}


def test_makes_each_property_once_with_its_type() -> None:
    portal = Portal()
    with portal.connected() as crm:
        assert crm.install(Wanted(fields=FIELDS), check=False) == InstallReport("smb", NAMES, (), ())
        assert crm.install(Wanted(fields=FIELDS), check=False) == InstallReport("smb", (), NAMES, ())
        made = crm.schema().objects["users"]
    assert {name: made[name].type for name in made if name.startswith("attain_")} == {
        "attain_actual": "number",
        "attain_attainment": "number",
        "attain_at": "datetime",
        "attain_on": "date",
        "attain_band": "enumeration",
        "attain_why": "string",
        "attain_rank": "number",
    }
    assert made["attain_band"].choices == ("green", "red")
    key = portal.do("GET", "/crm/properties/2026-03/tasks/attain_alert_key")
    assert (key["hasUniqueValue"], key["groupName"], key["fieldType"]) == (True, "attain", "text")


def test_refuses_a_key_that_exists_without_being_unique() -> None:
    portal = Portal()
    with portal.connected() as crm:
        crm.install(Wanted(fields=(WantedField("tasks", "attain_alert_key", "Key", "text"),)), check=False)
        with pytest.raises(CrmDenied, match="unique values"):
            crm.install(Wanted(fields=FIELDS), check=False)


def test_refuses_a_property_that_exists_with_another_type() -> None:
    portal = Portal()
    with portal.connected() as crm:
        crm.install(Wanted(fields=(WantedField("users", "attain_actual", "Actual", "text"),)), check=False)
        with pytest.raises(CrmDenied, match="is of type string, but must be number"):
            crm.install(Wanted(fields=FIELDS), check=True)


def test_compares_what_somebody_else_made_in_the_meantime() -> None:
    seen = 0

    def answer(request: Request) -> Response:
        nonlocal seen
        if request.path.endswith("/groups"):
            return says(200, {"results": [{"name": "attain", "label": "Attain"}]})
        if request.method == "GET":
            seen += 1
            return says(
                200, definitions() if seen == 1 else definitions("attain_alert_key", unique=("attain_alert_key",))
            )
        return says(409, {"status": "error", "message": "exists", "category": "OBJECT_ALREADY_EXISTS"})

    with talking_to(answer) as (crm, _):
        report = crm.install(Wanted(fields=(KEY,)), check=False)
    assert report == InstallReport("smb", (), ("tasks.attain_alert_key",), ())


def test_a_name_that_is_taken_by_what_nobody_shows_is_not_called_present() -> None:
    """Of a property that was archived, as `uninstall` does, HubSpot keeps the name for 90 days."""

    def answer(request: Request) -> Response:
        if request.path.endswith("/groups"):
            return says(200, {"results": [{"name": "attain", "label": "Attain"}]})
        if request.method == "GET":
            return says(200, definitions("hs_object_id"))
        return says(409, {"status": "error", "message": "exists already", "category": "OBJECT_ALREADY_EXISTS"})

    with talking_to(answer) as (crm, _), pytest.raises(CrmDenied, match="exists already") as denied:
        crm.install(Wanted(fields=(KEY,)), check=False)
    assert "tasks.attain_alert_key" in denied.value.problem
    assert "Archived properties" in denied.value.cure
