"""Writing: batches, rows that fail, rows that go missing, links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.crm.hubspot.values import text
from connector.errors import CrmDenied
from connector.model.changes import Change, Receipt, Row, Settled, Value, Wanted, WantedField
from connector.ports import Crm
from connector.sandbox.wire import Request, Response, Switches
from tests.crm.hubspot.given import Days, Portal, a_record, a_task, an_update, says, talking_to

KEY = WantedField("tasks", "attain_alert_key", "Attain key", "text", unique=True)
ACTUAL = WantedField("users", "attain_actual", "Actual", "money")
STAGE = WantedField("users", "attain_band", "Band", "choice", choices=("green", "red"))
DUE = "2026-11-26T09:00:00Z"


def installed(crm: Crm) -> None:
    crm.install(Wanted(fields=(KEY, ACTUAL, STAGE)), check=False)


def a_user(portal: Portal) -> str:
    return str(portal.do("GET", "/crm/objects/2026-03/users")["results"][0]["id"])


def outcome(receipts: Sequence[Receipt]) -> list[tuple[str, Settled]]:
    return [(each.row.key, each.settled) for each in receipts]


def task(key: str, /, **fields: Value) -> Change:
    return a_task(key, hs_task_subject="Behind pace", hs_timestamp=datetime(2026, 11, 26, 9, tzinfo=UTC), **fields)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "true"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.000000125"), "0.000000125"),
        (12, "12"),
        (date(2026, 11, 25), "2026-11-25"),
        (datetime(2026, 11, 25, 8, 14, 3, tzinfo=UTC), "2026-11-25T08:14:03Z"),
        (datetime(2026, 11, 25, 8, 14, 3, 5000, tzinfo=UTC), "2026-11-25T08:14:03.005Z"),
        ("Größe", "Größe"),
    ],
)
def test_writes_every_value_as_text(value: Value, written: str) -> None:
    assert text(value) == written


def test_sets_numbers_on_a_user_and_shows_them() -> None:
    portal = Portal()
    user = a_user(portal)
    with portal.connected() as crm:
        installed(crm)
        change = an_update(user, attain_actual=Decimal("12500.50"))
        assert crm.write([change]) == [Receipt(change.row, Settled.WRITTEN, user)]
        assert crm.current([change.row], ["attain_actual", "hs_job_title"]) == {
            change.row: {"attain_actual": "12500.50", "hs_job_title": "AE"}
        }
        crm.write([an_update(user, attain_actual=None)])
        assert crm.current([change.row], ["attain_actual"])[change.row]["attain_actual"] in ("", None)


def test_makes_a_task_once_however_often_it_is_sent() -> None:
    portal = Portal()
    with portal.connected() as crm:
        installed(crm)
        first, again = crm.write([task("ab")])[0], crm.write([task("ab")])[0]
        assert (first.settled, first.created) == (Settled.WRITTEN, True)
        assert (again.settled, again.created, again.remote_id) == (Settled.WRITTEN, False, first.remote_id)
        assert crm.look_up([task("ab").row, task("cd").row]) == {task("ab").row: first.remote_id}


def test_writes_one_record_twice_in_the_order_given() -> None:
    portal = Portal()
    user = a_user(portal)
    with portal.connected() as crm:
        installed(crm)
        receipts = crm.write([an_update(user, attain_actual="1"), an_update(user, attain_actual="2")])
        assert outcome(receipts) == [(user, Settled.WRITTEN)] * 2
        assert (
            len([each for each in portal.asked if each.path.endswith("/update")]) == 2
        )  # one batch would be refused whole
        assert crm.current([receipts[0].row], ["attain_actual"])[receipts[0].row] == {"attain_actual": "2"}


def test_sends_what_rides_along_too() -> None:
    portal = Portal()
    user = a_user(portal)
    with portal.connected() as crm:
        installed(crm)
        row = Row("smb", "users", "hs_object_id", user)
        crm.write([Change(row, {"attain_actual": 1}, riding={"attain_band": "red"})])
        assert crm.current([row], ["attain_band"])[row] == {"attain_band": "red"}


def test_names_a_record_that_does_not_exist_and_writes_the_others() -> None:
    portal = Portal()
    user = a_user(portal)
    with portal.connected() as crm:
        installed(crm)
        receipts = crm.write([an_update("999999", attain_actual="1"), an_update(user, attain_actual="1")])
    assert outcome(receipts) == [("999999", Settled.REFUSED), (user, Settled.WRITTEN)]
    assert "may be deleted or not exist" in receipts[0].reason


def test_sets_aside_the_one_row_that_spoils_a_batch() -> None:
    portal = Portal()
    with portal.connected() as crm:
        installed(crm)
        changes = [task(f"k{at:03}", hs_task_status="PURPLE" if at == 137 else "NOT_STARTED") for at in range(250)]
        receipts = crm.write(changes)
    assert [each.row.key for each in receipts] == [f"k{at:03}" for at in range(250)]
    assert [each.row.key for each in receipts if each.settled is not Settled.WRITTEN] == ["k137"]
    assert receipts[137].settled is Settled.REFUSED
    assert "PURPLE" in receipts[137].reason
    assert "isValid" not in receipts[137].reason  # the sentence out of the embedded JSON, not the JSON
    batches = [len(each.json()["inputs"]) for each in portal.asked if each.path.endswith("/upsert")]
    assert batches[:4] == [100, 100, 50, 25]
    assert len(batches) <= 3 + 2 * 7  # 2^7 > 100: halved at most seven times


def test_blames_an_unknown_property_on_the_rows_that_set_it_without_searching() -> None:
    portal = Portal()
    with portal.connected() as crm:
        installed(crm)
        changes = [task(f"k{at}", **({"attain_gone": "x"} if at % 2 else {})) for at in range(20)]
        receipts = crm.write(changes)
    assert [each.settled is Settled.REFUSED for each in receipts] == [bool(at % 2) for at in range(20)]
    assert len([each for each in portal.asked if each.path.endswith("/upsert")]) == 2


def complete(*results: dict[str, Any], errors: Sequence[dict[str, Any]] = ()) -> Response:
    body: dict[str, Any] = {"status": "COMPLETE", "results": list(results)}
    return says(207, {**body, "errors": list(errors), "numErrors": len(errors)}) if errors else says(200, body)


def test_a_row_that_an_update_passes_over_is_read_back_before_anything_is_believed() -> None:
    with talking_to([complete(a_record("1"), a_record("3"))]) as (crm, _):
        receipts = crm.write([an_update(each, attain_actual="1") for each in ("1", "2", "3")])
    assert [each.settled for each in receipts] == [Settled.WRITTEN, Settled.UNKNOWN, Settled.WRITTEN]


@pytest.mark.parametrize("traces", [True, False])
def test_tells_rows_that_stand_apart_from_new_ones_with_and_without_traces(traces: bool) -> None:
    portal = Portal(switches=Switches(limits=False, traces=traces))
    with portal.connected() as crm:
        installed(crm)
        crm.write([task(f"k{at}") for at in range(3)])
        portal.asked.clear()
        receipts = crm.write([task(f"k{at}", hs_task_status="PURPLE" if at == 4 else "NOT_STARTED") for at in range(5)])
    assert [(each.settled, each.created) for each in receipts] == [
        (Settled.WRITTEN, False),
        (Settled.WRITTEN, False),
        (Settled.WRITTEN, False),
        (Settled.WRITTEN, True),
        (Settled.REFUSED, False),
    ]
    assert len({each.remote_id for each in receipts}) == 5
    assert not [each for each in portal.asked if each.path.endswith("/read")]  # the answer shows the keys


def test_asks_for_the_keys_that_an_answer_leaves_out() -> None:
    """Replies hold what changed and what is the system's: an unchanged key may be missing, and so may the trace."""
    keys = {"901": "bb", "902": "aa"}  # results come in any order

    def answer(request: Request) -> Response:
        if request.path.endswith("/upsert"):
            assert [each["properties"]["attain_alert_key"] for each in request.json()["inputs"]] == ["aa", "bb"]
            return complete(*({**a_record(each), "new": each == "902"} for each in keys))
        assert request.json()["properties"] == ["attain_alert_key"]
        return complete(*(a_record(each["id"], attain_alert_key=keys[each["id"]]) for each in request.json()["inputs"]))

    with talking_to(answer) as (crm, service):
        receipts = crm.write([a_task("aa", hs_task_subject="Look"), a_task("bb", hs_task_subject="Look")])
    assert [(each.settled, each.remote_id, each.created) for each in receipts] == [
        (Settled.WRITTEN, "902", True),
        (Settled.WRITTEN, "901", False),
    ]
    assert [each.path.rpartition("/")[2] for each in service.asked] == ["upsert", "read"]


def test_believes_nothing_where_the_keys_cannot_be_read_either() -> None:
    def answer(request: Request) -> Response:
        return complete(a_record("1"), a_record("2")) if request.path.endswith("/upsert") else says(404, {})

    with talking_to(answer) as (crm, _):
        receipts = crm.write([a_task("aa", hs_task_subject="Look"), a_task("bb", hs_task_subject="Look")])
    assert [each.settled for each in receipts] == [Settled.UNKNOWN] * 2


def test_looks_closer_where_an_error_names_no_row() -> None:
    nameless = {"status": "error", "category": "VALIDATION_ERROR", "message": "no"}

    def answer(request: Request) -> Response:
        ids = [each["id"] for each in request.json()["inputs"]]
        return complete(*(a_record(each) for each in ids if each != "2"), errors=[nameless] if "2" in ids else [])

    with talking_to(answer) as (crm, service):
        receipts = crm.write([an_update(each, attain_actual="1") for each in ("1", "2", "3")])
        assert [each.settled for each in receipts] == [Settled.WRITTEN, Settled.REFUSED, Settled.WRITTEN]
        assert receipts[1].reason == "no"
        assert len(service.asked) == 1  # the others are answered for, so it can only be this one


def test_keeps_what_was_written_when_a_later_batch_gets_no_answer() -> None:
    def answer(request: Request) -> Response:
        ids = [each["id"] for each in request.json()["inputs"]]
        return complete(*(a_record(each, attain_alert_key=each) for each in ids)) if "k0" in ids else Response(0)

    with talking_to(answer) as (crm, _):
        receipts = crm.write([task(f"k{at}") for at in range(250)])
    assert [each.settled for each in receipts] == [Settled.WRITTEN] * 100 + [Settled.UNKNOWN] * 100 + [
        Settled.BUSY
    ] * 50
    assert [each.untried for each in receipts] == [False] * 200 + [True] * 50, "the last ones never left"


def test_reports_a_missing_scope_only_while_nothing_is_written() -> None:
    missing = says(
        403,
        {
            "status": "error",
            "message": "This app hasn't been granted all required scopes.",
            "category": "MISSING_SCOPES",
            "errors": [{"message": "…", "context": {"requiredGranularScopes": ["crm.objects.users.write"]}}],
        },
    )
    with talking_to([missing]) as (crm, _), pytest.raises(CrmDenied, match=r"crm\.objects\.users\.write"):
        crm.write([an_update("1", attain_actual="1")])
    with talking_to([complete(*(a_record(str(at)) for at in range(100))), missing], Days()) as (crm, _):
        receipts = crm.write([an_update(str(at), attain_actual="1") for at in range(101)])
    assert [each.settled for each in receipts[99:]] == [Settled.WRITTEN, Settled.BUSY]
