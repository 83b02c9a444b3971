"""People's numbers in an object of our own: made, written by key, taken away; and where they go is said plainly."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.crm.hubspot.scopes import scopes
from connector.errors import ConfigError, CrmDenied
from connector.model.changes import Change, Receipt, Row, Settled, Wanted, WantedField
from connector.normalise.mapping import CrmMapping, ScoreRows
from connector.ports import Crm, Finding, InstallReport, Severity
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import MAPPING, Days, Portal, connected, says, talking_to

OBJECT = "attain_rep_period"
FIELDS = {
    "hubspot_owner_id": "owner",
    "attain_metric_title": "metric_title",
    "attain_period": "period",
    "attain_actual": "actual",
    "attain_attainment": "attainment",
}
ROWS = replace(MAPPING, write=replace(MAPPING.write, scores=ScoreRows(OBJECT, "Attainment", "attain_key", FIELDS)))
WANTED = Wanted(
    ((OBJECT, "Attainment"),),
    (
        WantedField(OBJECT, "attain_key", "Attain key", "text", unique=True, length=120),
        WantedField(OBJECT, "attain_metric_title", "Metric", "text"),
        WantedField(OBJECT, "attain_period", "Period", "text"),
        WantedField(OBJECT, "attain_actual", "Actual", "number"),
        WantedField(OBJECT, "attain_attainment", "Attainment", "ratio"),
        WantedField("tasks", "attain_alert_key", "Attain key", "text", unique=True),
    ),
)
NAMES = (OBJECT, *(f"{each.object}.{each.name}" for each in WANTED.fields))
ON_USERS = Wanted(fields=(WantedField("users", "attain_actual", "Actual", "money"),))


def enterprise() -> Portal:
    portal = Portal()
    portal.box.upgrade(2)
    return portal


def a_row(key: str, **more: object) -> Change:
    fields = {"hubspot_owner_id": None, "attain_metric_title": "Bookings", "attain_actual": Decimal("12500.50"), **more}
    return Change(Row("smb", OBJECT, "attain_key", key), fields)  # type: ignore[arg-type]


def place(crm: Crm, wanted: Wanted) -> Finding:
    return next(each for each in crm.doctor(wanted) if each.subject == "people's numbers")


def test_the_object_is_made_once_with_everything_it_needs() -> None:
    portal = enterprise()
    with portal.connected(ROWS) as crm:
        assert crm.install(WANTED, check=True) == InstallReport("smb", (), (), NAMES)
        assert {each.method for each in portal.asked} == {"GET"}
        assert crm.install(WANTED, check=False) == InstallReport("smb", NAMES, (), ())
        assert crm.install(WANTED, check=False) == InstallReport("smb", (), NAMES, ())
    with portal.connected(ROWS) as another:
        assert another.install(WANTED, check=True) == InstallReport("smb", (), NAMES, ())
    [made] = portal.do("GET", "/crm-object-schemas/2026-03/schemas")["results"]
    assert (made["labels"], made["primaryDisplayProperty"]) == (
        {"singular": "Attainment", "plural": "Attainments"},
        "attain_metric_title",
    )
    assert (made["secondaryDisplayProperties"], made["searchableProperties"]) == (["attain_period"], ["attain_key"])
    by_name = {each["name"]: each for each in made["properties"]}
    assert by_name["attain_key"]["hasUniqueValue"] is True
    assert by_name["attain_attainment"]["numberDisplayHint"] == "percentage"
    assert made["associations"] == []


def test_a_field_that_the_mapping_gets_later_is_added_to_it() -> None:
    portal = enterprise()
    later = WantedField(OBJECT, "attain_gap", "Gap", "number")
    with portal.connected(ROWS) as crm:
        crm.install(WANTED, check=False)
        report = crm.install(Wanted(WANTED.objects, (*WANTED.fields, later)), check=False)
        assert report.created == (f"{OBJECT}.attain_gap",)
        assert "attain_gap" in crm.schema().objects[OBJECT]


def test_a_row_is_made_once_and_found_again_by_its_key() -> None:
    portal = enterprise()
    owner = str(portal.do("GET", "/crm/owners/2026-03")["results"][0]["id"])
    with portal.connected(ROWS) as crm:
        crm.install(WANTED, check=False)
        changes = [a_row(f"attainment:bookings:{at}:2026-Q4", hubspot_owner_id=owner) for at in range(150)]
        first, again = crm.write(changes), crm.write(changes)
        assert {each.settled for each in (*first, *again)} == {Settled.WRITTEN}
        assert [each.remote_id for each in first] == [each.remote_id for each in again]
        assert ([each.created for each in first], {each.created for each in again}) == ([True] * 150, {False})
        rows = [each.row for each in changes]
        assert crm.look_up(rows) == {each.row: each.remote_id for each in first}
        shown = crm.current(rows[:1], ["attain_actual", "hubspot_owner_id"])
        assert shown == {rows[0]: {"attain_actual": "12500.50", "hubspot_owner_id": owner}}
        assert crm.remove(rows[:1]) == [Receipt(rows[0], Settled.WRITTEN, first[0].remote_id)]
        assert crm.look_up(rows[:1]) == {}
    sizes = [len(each.json()["inputs"]) for each in portal.asked if each.path.endswith("/batch/upsert")]
    assert sizes == [100, 50, 100, 50]
    assert all("/2-51000001/" in each.path for each in portal.asked if each.path.endswith("/batch/upsert"))
    listed = [each for each in portal.asked if each.path.endswith("/schemas") and each.method == "GET"]
    assert len(listed) == 1, "the id of the object is asked for once"


def test_it_goes_with_all_its_records_after_that_was_shown_and_can_be_made_again() -> None:
    portal = enterprise()
    with portal.connected(ROWS) as crm:
        crm.install(WANTED, check=False)
        crm.write([a_row(f"k{at}") for at in range(101)])
        told = crm.uninstall(WANTED, check=True)
        assert told.removed == (f"{OBJECT}, with 101 records", "tasks.attain_alert_key")
        assert len(portal.do("GET", "/crm-object-schemas/2026-03/schemas")["results"]) == 1
        assert crm.uninstall(WANTED, check=False) == told
        assert portal.do("GET", "/crm-object-schemas/2026-03/schemas")["results"] == []
        assert crm.uninstall(WANTED, check=False).removed == ()
        assert crm.install(WANTED, check=False).created == NAMES
        assert crm.look_up([a_row("k0").row]) == {}


def test_records_that_are_still_going_are_no_crash() -> None:
    """HubSpot's reads trail its writes: an object may seem full for a moment after it was emptied."""

    def answer(request: Request) -> Response:
        if request.method == "DELETE":
            return says(400, {"status": "error", "message": "has existing records", "category": "VALIDATION_ERROR"})
        if request.path.endswith("/schemas"):
            return says(200, {"results": [{"name": OBJECT, "objectTypeId": "2-7", "archived": False}]})
        return says(200, {"results": []})

    with talking_to(answer, mapping=ROWS) as (crm, _), pytest.raises(CrmDenied) as denied:
        crm.uninstall(WANTED, check=False)
    assert "run it again" in denied.value.cure


def test_before_it_is_there_nothing_is_shown_and_nothing_is_sent() -> None:
    portal = enterprise()
    with portal.connected(ROWS) as crm:
        assert crm.schema().objects[OBJECT] == {}
        assert crm.current([a_row("a").row], ["attain_actual"]) == {}
        assert crm.look_up([a_row("a").row]) == {}
        with pytest.raises(CrmDenied, match=f"no object {OBJECT}") as denied:
            crm.write([a_row(f"k{at}") for at in range(100)])
        assert "attain install" in denied.value.cure
        assert not [each for each in portal.asked if "/batch/" in each.path]
        assert crm.remove([a_row("a").row])[0].settled is Settled.WRITTEN, "what is not there is as it should be"


def test_an_account_without_enterprise_is_told_so_before_and_when_it_is_tried() -> None:
    portal = Portal()
    with portal.connected(ROWS) as crm:
        told = place(crm, WANTED)
        assert told.severity is Severity.ERROR
        assert "Only an Enterprise account has it to give" in told.cure
        with pytest.raises(CrmDenied, match=r"crm\.schemas\.custom\.read") as denied:
            crm.install(WANTED, check=False)
    assert "need an Enterprise account" in denied.value.cure


def test_says_when_all_the_objects_that_there_may_be_are_taken() -> None:
    portal = enterprise()
    other = {"name": "car", "labels": {"singular": "Car", "plural": "Cars"}, "primaryDisplayProperty": "hs_object_id"}
    portal.do("POST", "/crm-object-schemas/2026-03/schemas", other)
    with portal.connected(ROWS) as crm:
        assert place(crm, WANTED).cure == "Run `attain install`."
        portal.do("POST", "/crm-object-schemas/2026-03/schemas", {**other, "name": "bus"})
        told = place(crm, WANTED)
        assert (told.severity, "of 2 custom objects" in told.text) == (Severity.ERROR, True)
        with pytest.raises(CrmDenied, match="limit of 2") as denied:
            crm.install(WANTED, check=False)
    assert "take `scores:` out" in denied.value.cure


def test_which_of_the_three_places_holds_is_said_plainly() -> None:
    portal = enterprise()
    none = replace(MAPPING, write=replace(MAPPING.write, scores=None))
    with portal.connected(MAPPING) as crm:
        assert place(crm, ON_USERS).text.startswith("will go to properties of users")
        crm.install(ON_USERS, check=False)
        assert place(crm, ON_USERS).text == "in properties of users, on each person's own record"
    with portal.connected(ROWS) as crm:
        crm.install(WANTED, check=False)
        told = place(crm, WANTED)
        assert (told.severity, told.text) == (
            Severity.OK,
            f"in {OBJECT}, an object of our own: a record for each person, metric and period",
        )
        assert [each for each in crm.doctor(WANTED) if each.severity is Severity.ERROR] == []
    with portal.connected(none) as crm:
        assert place(crm, Wanted()).severity is Severity.NOTE


@pytest.mark.parametrize(("objects", "said"), [(2, "This one has room for 2 more."), (0, "in an Enterprise account")])
def test_an_account_that_takes_nothing_on_users_is_told_what_else_there_is(objects: int, said: str) -> None:
    portal = Portal()
    portal.box.close("users")
    portal.box.upgrade(objects)
    with portal.connected(MAPPING) as crm:
        told = place(crm, ON_USERS)
        assert (told.severity, said in told.cure, "attain_rep_period" in told.cure) == (Severity.WARNING, True, True)
        with pytest.raises(CrmDenied, match="0-115") as denied:
            crm.install(ON_USERS, check=False)
        assert "attain_rep_period" in denied.value.cure


def test_scopes_of_custom_objects_are_asked_for_only_with_one() -> None:
    custom = {
        "crm.objects.custom.read",
        "crm.objects.custom.write",
        "crm.schemas.custom.read",
        "crm.schemas.custom.write",
    }
    assert custom <= set(scopes(ROWS, WANTED))
    assert not custom & set(scopes(MAPPING, ON_USERS))
    portal = enterprise()
    portal.box.allow("pat-eu1-secret", scopes(ROWS, WANTED))
    with portal.connected(ROWS) as crm:
        crm.install(WANTED, check=False)
        assert [each.settled for each in crm.write([a_row("a")])] == [Settled.WRITTEN]
        crm.uninstall(WANTED, check=False)


def test_an_object_by_another_name_is_refused_before_anything_is_sent() -> None:
    theirs: CrmMapping = replace(ROWS, write=replace(ROWS.write, scores=ScoreRows("cars", "Cars", "key", FIELDS)))
    with pytest.raises(ConfigError, match="no object of ours"):
        connected("http://127.0.0.1:9", Days(), theirs)
