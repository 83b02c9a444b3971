"""What the doctor says of the stand-in portal, whole and with something amiss."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from connector.crm.hubspot.bearer import Lasting
from connector.errors import CrmDenied
from connector.model.changes import Wanted, WantedField
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, OutcomeMap, SourceMap
from connector.ports import Crm, Finding, Severity
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import MAPPING, Days, Portal, connected, says, talking_to

KEY = WantedField("tasks", "attain_alert_key", "Attain key", "text", unique=True)
SCOPES = ("crm.objects.deals.read", "crm.schemas.deals.read", "oauth")


def amiss(crm: Crm, wanted: Wanted = Wanted()) -> dict[str, Finding]:  # noqa: B008 - frozen
    return {each.subject: each for each in crm.doctor(wanted) if each.severity is not Severity.OK}


def test_finds_nothing_amiss_in_a_portal_that_is_set_up() -> None:
    portal = Portal()
    with portal.connected() as crm:
        crm.install(Wanted(fields=(KEY,)), check=False)
        findings = crm.doctor(Wanted(fields=(KEY,)))
    assert [each for each in findings if each.severity is not Severity.OK] == []
    assert {"login", "version", "calls today", "deals", "meetings", "stages", "currencies", "tasks"} <= {
        each.subject for each in findings
    }


def test_sends_the_admin_to_install_while_the_key_is_missing() -> None:
    with Portal().connected() as crm:
        found = amiss(crm, Wanted(fields=(KEY,)))["tasks"]
    assert (found.severity, found.cure) == (Severity.ERROR, "Run `attain install`.")
    assert "attain_alert_key" in found.text


def test_names_every_missing_scope_and_where_to_add_it() -> None:
    portal = Portal()
    portal.box.allow("pat-eu1-secret", SCOPES)
    with portal.connected() as crm:
        found = amiss(crm)
    assert "crm.objects.owners.read" in found["owners"].text
    assert "crm.objects.owners.read" in found["owners"].cure
    assert "deals" not in found


def test_names_a_property_that_the_mapping_misspells() -> None:
    mapping = CrmMapping("hubspot", (SourceMap(RecordKind.DEAL, "deals", {"name": "dealname", "amount": "amonut"}),))
    with Portal().connected(mapping) as crm:
        found = amiss(crm)["deals.amonut"]
    assert found.severity is Severity.ERROR
    assert "`amount`" in found.cure


def test_names_stages_that_the_mapping_has_wrong_or_leaves_out() -> None:
    outcome = OutcomeMap("dealstage", frozenset({"closedwon"}), frozenset({"dropped"}))
    with Portal().connected(CrmMapping("hubspot", MAPPING.sources, outcome)) as crm:
        found = amiss(crm)
    assert (found["stages.closedwon"].severity, found["stages.signed"].severity) == (Severity.ERROR, Severity.WARNING)


def _deciding(portal: Portal, *, won: str, options: Sequence[str] = ("won", "lost", "open")) -> CrmMapping:
    """A mapping that knows won deals by a property of the company's own, which the portal has."""
    listed = [{"value": each, "label": each, "displayOrder": at, "hidden": False} for at, each in enumerate(options)]
    kind = {"type": "enumeration", "fieldType": "select"} if options else {"type": "string", "fieldType": "text"}
    made = {"name": "deal_outcome", "label": "Outcome", "groupName": "dealinformation", "options": listed, **kind}
    portal.do("POST", "/crm/properties/2026-03/deals", made)
    return CrmMapping("hubspot", MAPPING.sources, OutcomeMap("deal_outcome", frozenset({won}), frozenset({"lost"})))


def test_a_property_that_is_no_stage_is_held_against_its_own_values_and_not_against_stages() -> None:
    portal = Portal()
    with portal.connected(_deciding(portal, won="won")) as crm:
        told = [each for each in crm.doctor(Wanted()) if each.subject.startswith(("stages", "deals"))]
    assert [each.severity for each in told] == [Severity.OK, Severity.OK]


def test_names_a_value_that_such_a_property_does_not_have() -> None:
    portal = Portal()
    with portal.connected(_deciding(portal, won="wonn")) as crm:
        found = amiss(crm)
    assert [name for name in found if name.startswith("stages")] == []
    assert (found["deals.deal_outcome"].severity, found["deals.deal_outcome"].text) == (
        Severity.ERROR,
        "it offers no value `wonn`",
    )
    assert found["deals.deal_outcome"].cure == "Correct `outcome` in the mapping (did you mean `won`?)."


def test_a_property_of_free_text_may_say_anything() -> None:
    portal = Portal()
    with portal.connected(_deciding(portal, won="yes", options=())) as crm:
        assert [each for each in amiss(crm) if each.startswith(("stages", "deals"))] == []


def test_warns_when_the_version_is_about_to_end() -> None:
    portal = Portal(Days(datetime(2027, 7, 15, tzinfo=UTC)))
    with portal.connected() as crm:
        assert amiss(crm)["version"].text == "2026-03 is supported until September 2027 only"


def test_says_one_thing_only_when_the_token_is_wrong() -> None:
    portal = Portal()
    portal.box.allow("another")
    with portal.connected() as crm:
        crm._portal.transport._bearer = Lasting("pat-wrong")  # type: ignore[attr-defined]
        findings = crm.doctor(Wanted())
    assert [(each.subject, each.severity) for each in findings] == [("login", Severity.ERROR)]
    assert "token" in findings[0].text


def test_raises_nothing_when_nobody_answers() -> None:
    crm = connected("http://127.0.0.1:9", Days())
    assert [each.severity for each in crm.doctor(Wanted())] == [Severity.ERROR]


def test_raises_nothing_at_answers_of_any_shape() -> None:
    def answer(_: Request) -> Response:
        return says(200, {"results": [{"name": None, "options": 3, "stages": 4}], "portalId": None})

    with talking_to(answer) as (crm, _):
        assert crm.doctor(Wanted(fields=(KEY,)))


def test_warns_when_most_of_the_day_is_used_up() -> None:
    def answer(request: Request) -> Response:
        if "api-usage" in request.path:
            return says(200, {"results": [{"name": "x", "currentUsage": 230_000, "usageLimit": 250_000}]})
        return says(200, {"results": [], "portalId": 1})

    with talking_to(answer) as (crm, _):
        assert amiss(crm)["calls today"].text == "230 000 of 250 000 calls used"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, {"status": "error", "category": "MISSING_SCOPES", "message": "This app hasn't been granted all scopes"}),
        (404, {"status": "error", "message": "This endpoint is only available for private apps"}),
    ],
)
def test_a_usage_that_is_not_told_to_us_is_worth_a_note_and_stops_nobody(status: int, said: dict[str, str]) -> None:
    portal = Portal()

    def answer(request: Request) -> Response:
        return says(status, said) if "api-usage" in request.path else portal.answer(request)

    with talking_to(answer) as (crm, _):
        assert crm.allowance() is None
        assert amiss(crm)["calls today"].severity is Severity.NOTE


def test_a_login_that_is_refused_is_not_taken_for_a_usage_that_is_not_told() -> None:
    with talking_to([says(401, {"status": "error", "message": "expired"})]) as (crm, _), pytest.raises(CrmDenied):
        crm.allowance()


def test_whoever_may_not_read_rates_is_told_both_ways_out() -> None:
    portal = Portal()
    told = {"message": "x", "context": {"requiredGranularScopes": ["settings.currencies.read"]}}

    def answer(request: Request) -> Response:
        if "/currencies/" in request.path:
            return says(403, {"status": "error", "category": "MISSING_SCOPES", "message": "no", "errors": [told]})
        return portal.answer(request)

    with talking_to(answer) as (crm, _):
        found = amiss(crm)["currencies"]
    assert found.severity is Severity.ERROR
    assert found.cure == (
        "Add settings.currencies.read under Development > Keys > Service keys > your key > Scopes, "
        "or remove `rates:` from the mapping, if all amounts are in one currency."
    )


def test_says_when_a_small_account_has_no_room_for_the_properties() -> None:
    portal = Portal()
    portal.box._portal.properties_allowed = 3
    fields = tuple(WantedField("users", f"attain_{at}", f"Number {at}", "number") for at in range(5))
    with portal.connected() as crm:
        found = {each.subject: each for each in crm.doctor(Wanted(fields=fields))}
        assert found["users.limit"].severity is Severity.ERROR
        assert found["users.limit"].text == "5 properties are wanted on users, and there is room for 3"
        crm.install(Wanted(fields=fields[:3]), check=False)
        assert (
            "and there is room for 0"
            in {each.subject: each for each in crm.doctor(Wanted(fields=fields))}["users.limit"].text
        )
        portal.box._portal.properties_allowed = 1_000
        assert "users.limit" not in {each.subject for each in crm.doctor(Wanted(fields=fields))}


def test_an_account_that_takes_no_properties_on_users_is_told_what_is_left() -> None:
    def answer(request: Request) -> Response:
        if request.method == "POST" and request.path.endswith("/properties/2026-03/users"):
            return says(400, {"status": "error", "message": "Cannot create properties for object type 0-115"})
        return says(200, {"results": []})

    asked = Wanted(fields=(WantedField("users", "attain_x", "X", "number"),))
    with talking_to(answer) as (crm, _), pytest.raises(CrmDenied) as denied:
        crm.install(asked, check=False)
    assert "Cannot create properties" in denied.value.problem
    assert "take `scores:` out" in denied.value.cure


def test_warns_of_a_clock_that_strays() -> None:
    with Portal(ahead=timedelta(minutes=-5)).connected() as crm:
        found = amiss(crm)["clock"]
    assert found.severity is Severity.WARNING
    assert "-300 s" in found.text


def test_warns_where_hubspots_time_does_not_get_through() -> None:
    portal = Portal()

    def without(request: Request) -> Response:
        said = portal.answer(request)
        return Response(said.status, {name: each for name, each in said.headers.items() if name != "Date"}, said.body)

    with talking_to(without, portal.days) as (crm, _):
        assert "`Date`" in amiss(crm)["clock"].cure
