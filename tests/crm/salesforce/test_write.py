"""Installing into the stand-in org, writing to it, reading it back."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connector.errors import CrmUnavailable
from connector.model.changes import Change, Row, Settled, Value, Wanted, WantedField
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.ports import Finding, Severity
from connector.sandbox.wire import Request, Response, Switches
from tests.crm.salesforce.company import Place, place, write_company
from tests.crm.salesforce.conftest import Time

OURS = "Attain_Attainment__c"
KEY = "Attain_Key__c"
WANTED = Wanted(
    objects=((OURS, "Attainment"),),
    fields=(
        WantedField(OURS, KEY, "Key", "text", unique=True, length=120),
        WantedField(OURS, "User__c", "User", "person", points_at="User"),
        WantedField(OURS, "Metric__c", "Metric", "text", length=80),
        WantedField(OURS, "Actual__c", "Actual", "money"),
        WantedField(OURS, "Attainment_Pct__c", "Attainment", "ratio"),
        WantedField(OURS, "Rank__c", "Rank", "number"),
        WantedField(OURS, "Period_Start__c", "Period start", "date"),
        WantedField(OURS, "Computed_At__c", "Computed at", "moment"),
        WantedField(OURS, "Explanation__c", "Explanation", "long_text"),
        WantedField("Task", KEY, "Attain key", "text", unique=True, length=40),
    ),
)


@pytest.fixture
def bare(tmp_path: Path, time: Time, private_key: str) -> Iterator[Place]:
    with place(write_company(tmp_path), time, private_key) as found:
        yield found


@pytest.fixture
def org(bare: Place) -> Place:
    bare.crm.install(WANTED, check=False)
    bare.heard.requests.clear()
    return bare


def a_score(key: str, actual: str = "60000.50") -> Change:
    return Change(
        Row("emea", OURS, KEY, key),
        {
            "Metric__c": "bookings",
            "Actual__c": Decimal(actual),
            "Attainment_Pct__c": Decimal("0.240002"),
            "Rank__c": 1,
            "Period_Start__c": date(2026, 10, 1),
            "Explanation__c": "counted\n  Globex renewal",
        },
        riding={"Computed_At__c": datetime(2026, 11, 25, 8, 0, tzinfo=UTC)},
    )


# Installing


def test_a_check_says_what_is_missing_and_changes_nothing(bare: Place) -> None:
    report = bare.crm.install(WANTED, check=True)
    assert report.created == ()
    assert set(report.missing) > {OURS, *(f"{each.object}.{each.name}" for each in WANTED.fields)}
    assert {"Attain_Rep", "Attain_Alert"} < set(report.missing), "what people open is named too"
    assert [each.path.rsplit("/", 1)[1] for each in bare.heard.requests if each.method != "GET"] == [
        "token",
        "deployRequest",
    ]
    assert bare.crm.install(WANTED, check=True).missing == report.missing


def test_creates_what_is_missing_and_grants_it(bare: Place) -> None:
    report = bare.crm.install(WANTED, check=False)
    assert OURS in report.created
    assert bare.crm.install(WANTED, check=True).missing == ()
    fields = bare.crm.schema().objects[OURS]
    assert fields[KEY].unique
    assert fields["Actual__c"].writable


def test_a_second_installation_changes_nothing(org: Place) -> None:
    report = org.crm.install(WANTED, check=False)
    assert (report.created, report.missing, report.refused) == ((), (), ())
    tried = [each for each in org.heard.requests if each.method != "GET"]
    assert len(tried) == 2, "what may be read, and what people open"
    assert all(b'"checkOnly": true' in each.body for each in tried)


def test_waits_for_the_deployment_on_the_clock_it_was_given(bare: Place) -> None:
    bare.crm.install(WANTED, check=False)
    assert set(bare.time.naps) == {2.0}


def test_adds_one_new_field_later(org: Place) -> None:
    more = WantedField(OURS, "Trend__c", "Trend", "choice", choices=("up", "down"))
    report = org.crm.install(Wanted(WANTED.objects, (*WANTED.fields, more)), check=False)
    assert report.created == (f"{OURS}.Trend__c",)
    assert len(report.present) == 11


# Writing


def test_creates_and_then_updates_one_row_per_key(org: Place) -> None:
    [first] = org.crm.write([a_score("bookings:ana:2026-Q4")])
    [second] = org.crm.write([a_score("bookings:ana:2026-Q4", "70000")])
    assert (first.settled, first.created) == (Settled.WRITTEN, True)
    assert (second.settled, second.created) == (Settled.WRITTEN, False)
    assert first.remote_id == second.remote_id


def test_reads_back_what_it_wrote(org: Place) -> None:
    change = a_score("bookings:ana:2026-Q4")
    org.crm.write([change])
    wanted = [*change.fields, "Computed_At__c"]
    assert org.crm.current([change.row], wanted) == {
        change.row: {
            "Metric__c": "bookings",
            "Actual__c": Decimal("60000.5"),
            "Attainment_Pct__c": Decimal("0.240002"),
            "Rank__c": Decimal(1),
            "Period_Start__c": date(2026, 10, 1),
            "Explanation__c": "counted\n  Globex renewal",
            "Computed_At__c": datetime(2026, 11, 25, 8, 0, tzinfo=UTC),
        }
    }


def test_empties_a_field_with_none(org: Place) -> None:
    change = a_score("k")
    org.crm.write([change, Change(change.row, {"Actual__c": None})])
    assert org.crm.current([change.row], ["Actual__c", "Metric__c"]) == {
        change.row: {"Actual__c": None, "Metric__c": "bookings"}
    }


def test_one_call_carries_two_hundred_rows(org: Place) -> None:
    changes = [a_score(f"k{each:03}") for each in range(450)]
    receipts = org.crm.write(changes)
    assert [each.row for each in receipts] == [each.row for each in changes]
    assert {each.settled for each in receipts} == {Settled.WRITTEN}
    sizes = [len(each.json()["records"]) for each in org.heard.requests if each.method == "PATCH"]
    assert sizes == [200, 200, 50]


def test_rows_of_one_object_travel_together_however_they_are_mixed(org: Place) -> None:
    deal = next(each.ref.id for each in org.records("Opportunity") if not each.deleted)
    mixed = [a_score("b"), Change(Row("emea", "Opportunity", "Id", deal), {"NextStep": "call"}), a_score("a")]
    receipts = org.crm.write(mixed)
    assert [each.row for each in receipts] == [each.row for each in mixed]
    bodies = [each.json()["records"] for each in org.heard.requests if each.method == "PATCH"]
    assert [[row.get(KEY, row.get("id")) for row in rows] for rows in bodies] == [["a", "b"], [deal]]


def test_two_changes_of_one_row_travel_as_one(org: Place) -> None:
    first, second = org.crm.write([a_score("k"), Change(a_score("k").row, {"Rank__c": 2})])
    assert first == second
    [request] = [each for each in org.heard.requests if each.method == "PATCH"]
    [row] = request.json()["records"]
    assert (row["Rank__c"], row["Metric__c"]) == (2, "bookings")


def test_looks_up_by_key(org: Place) -> None:
    [receipt] = org.crm.write([a_score("here")])
    rows = [Row("emea", OURS, KEY, "here"), Row("emea", OURS, KEY, "elsewhere")]
    assert org.crm.look_up(rows) == {rows[0]: receipt.remote_id}


def test_an_alert_becomes_one_task_however_often_it_is_sent(org: Place) -> None:
    owner = next(each.ref.id for each in org.records("User") if each.fields["Email"] == "ana@example.com")
    fields: dict[str, Value] = {"OwnerId": owner, "Subject": "Behind pace", "ActivityDate": date(2026, 11, 27), "Status": "Not Started", "Priority": "High"}  # fmt: skip
    alert = Change(Row("emea", "Task", KEY, "0123456789abcdef" * 2), fields, once=True)
    receipts = [org.crm.write([alert])[0] for _ in range(3)]
    assert len({each.remote_id for each in receipts}) == 1
    assert [each.created for each in receipts] == [True, False, False]


def test_our_own_task_comes_back_with_its_key(org: Place) -> None:
    test_an_alert_becomes_one_task_however_often_it_is_sent(org)
    keys = {each.fields["Attain_Key__c"] for each in org.records("Task")}
    org.time.sleep(600)
    assert {each.fields["Attain_Key__c"] for each in org.records("Task")} == {None, "0123456789abcdef" * 2}
    assert keys == {None}  # not settled yet


def test_a_row_that_salesforce_refuses_takes_no_other_with_it(org: Place) -> None:
    wrong = Change(Row("emea", OURS, KEY, "wrong"), {"User__c": "nonsense"})
    receipts = org.crm.write([a_score("right"), wrong])
    assert [each.settled for each in receipts] == [Settled.WRITTEN, Settled.REFUSED]
    assert receipts[1].reason


def test_an_update_of_a_record_that_is_gone_is_refused(org: Place) -> None:
    gone = next(each.ref.id for each in org.records("Opportunity") if each.deleted)
    [receipt] = org.crm.write([Change(Row("emea", "Opportunity", "Id", gone), {"NextStep": "?"})])
    assert receipt.settled is Settled.REFUSED


def test_says_to_install_where_nothing_is_installed(bare: Place) -> None:
    [receipt] = bare.crm.write([a_score("k")])
    assert receipt.settled is Settled.REFUSED
    assert OURS in receipt.reason


def test_sends_nothing_for_nothing(org: Place) -> None:
    assert org.crm.write([]) == []
    assert org.crm.look_up([]) == {}
    assert org.crm.current([], ["Name"]) == {}
    assert org.heard.requests == []


# A bad day


@pytest.mark.parametrize("trouble", ["429", "503", "lost", "cut"])
def test_has_one_effect_per_key_on_a_bad_day(tmp_path: Path, time: Time, private_key: str, trouble: str) -> None:
    switches = Switches(seed=3, fail={trouble: 0.2})
    with place(write_company(tmp_path), time, private_key, switches=switches) as org:
        org.crm.install(WANTED, check=False)
        changes = [a_score(f"k{each:03}") for each in range(210)]
        receipts = org.crm.write(changes)
        receipts = org.crm.write(changes)
        assert {each.settled for each in receipts} == {Settled.WRITTEN}
        rows = [each.row for each in changes]
        assert org.crm.look_up(rows) == {each.row: each.remote_id for each in receipts}
        everybody = json.loads(org.human("GET", f"query?q=SELECT+COUNT()+FROM+{OURS}").body)
        assert everybody["totalSize"] == 210


def test_keeps_the_receipts_of_calls_that_went_well(org: Place) -> None:
    patches = itertools.count()
    down = Response(503, {"Retry-After": "30"}, b"")
    org.heard.instead = lambda request: down if request.method == "PATCH" and next(patches) > 0 else None
    receipts = org.crm.write([a_score(f"k{each:03}") for each in range(450)])
    assert Counter(each.settled for each in receipts) == {Settled.WRITTEN: 200, Settled.BUSY: 250}
    assert receipts[0].settled is Settled.WRITTEN
    assert {(each.retry_after, each.untried) for each in receipts[200:]} == {(30.0, True)}


def lost(org: Place, request: Request) -> Response:
    """It has its effect, and the connection breaks."""
    org.sandbox.answer(request)
    return Response(0)


def test_keeps_them_where_a_later_answer_is_lost_and_what_it_was_about_is_of_unknown_effect(org: Place) -> None:
    patches = itertools.count()
    org.heard.instead = lambda request: lost(org, request) if request.method == "PATCH" and next(patches) > 0 else None
    receipts = org.crm.write([a_score(f"k{each:03}") for each in range(450)])
    assert Counter(each.settled for each in receipts) == {Settled.WRITTEN: 200, Settled.UNKNOWN: 200, Settled.BUSY: 50}
    assert {each.untried for each in receipts[400:]} == {True}


def test_keeps_them_where_a_half_fails_of_a_call_that_was_too_heavy(org: Place) -> None:
    """40 rows, of which the org takes 20 at once: the first half is written, the answers to the second are lost."""
    sizes: list[int] = []
    slow = {"statusCode": "CANNOT_EXECUTE_FLOW_TRIGGER", "message": "Apex CPU time limit exceeded", "fields": []}

    def instead(request: Request) -> Response | None:
        if request.method != "PATCH":
            return None
        sizes.append(len(request.json()["records"]))
        if sizes == [40]:
            body = [{"success": False, "created": False, "errors": [slow]}] * 40
            return Response(200, {"Content-Type": "application/json"}, json.dumps(body).encode())
        return lost(org, request) if len(sizes) > 2 else None

    org.heard.instead = instead
    receipts = org.crm.write([a_score(f"k{each:03}") for each in range(40)])
    assert sizes == [40, 20, *[20] * 5]
    assert [each.settled for each in receipts] == [Settled.WRITTEN] * 20 + [Settled.UNKNOWN] * 20


def test_keeps_them_where_a_later_call_is_denied(org: Place) -> None:
    patches = itertools.count()
    denied = Response(
        403, {"Content-Type": "application/json"}, b'[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]'
    )
    org.heard.instead = lambda request: denied if request.method == "PATCH" and next(patches) > 0 else None
    receipts = org.crm.write([a_score(f"k{each:03}") for each in range(450)])
    assert Counter(each.settled for each in receipts) == {Settled.WRITTEN: 200, Settled.UNKNOWN: 200, Settled.BUSY: 50}


def test_raises_when_nothing_could_be_written_and_says_that_nothing_was(org: Place) -> None:
    org.heard.instead = lambda request: Response(503) if request.method == "PATCH" else None
    with pytest.raises(CrmUnavailable) as raised:
        org.crm.write([a_score("k")])
    assert not raised.value.unknown_effect


@pytest.mark.parametrize("after", [Response(0), Response(502), Response(200, {}, b"<html>"), Response(503)])
def test_says_that_a_write_may_have_had_an_effect_where_one_answer_at_least_was_lost(
    org: Place, after: Response
) -> None:
    """The second attempt's own end may be sure, and says nothing of the first."""
    patches = itertools.count()
    org.heard.instead = lambda request: (
        None if request.method != "PATCH" else lost(org, request) if next(patches) == 0 else after
    )
    with pytest.raises(CrmUnavailable) as raised:
        org.crm.write([a_score("k")])
    assert raised.value.unknown_effect
    assert next(patches) == 5


def test_does_not_say_so_where_the_login_went_unanswered(org: Place) -> None:
    """The token has run out, and the new one does not come: nothing of ours has left."""

    def instead(request: Request) -> Response | None:
        if request.method == "PATCH":
            body = b'[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]'
            return Response(401, {"Content-Type": "application/json"}, body)
        return Response(0) if request.path.endswith("/oauth2/token") else None

    org.heard.instead = instead
    with pytest.raises(CrmUnavailable) as raised:
        org.crm.write([a_score("k")])
    assert not raised.value.unknown_effect


def test_a_row_that_is_turned_away_the_second_time_may_have_been_written_the_first(org: Place) -> None:
    """Its answer was lost, and now somebody holds the record: it is read back before it is sent again."""
    patches = itertools.count()
    locked = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}
    body = json.dumps([{"success": False, "created": False, "errors": [locked]}]).encode()
    busy = Response(200, {"Content-Type": "application/json"}, body)
    org.heard.instead = lambda request: (
        None if request.method != "PATCH" else lost(org, request) if next(patches) == 0 else busy
    )
    [receipt] = org.crm.write([a_score("k")])
    assert receipt.settled is Settled.UNKNOWN
    assert "exclusive access" in receipt.reason


def test_a_locked_row_is_busy_and_goes_through_later(tmp_path: Path, time: Time, private_key: str) -> None:
    switches = Switches(seed=1, fail={"lock": 0.3})
    with place(write_company(tmp_path), time, private_key, switches=switches) as org:
        org.crm.install(WANTED, check=False)
        waiting = [a_score(f"k{each:03}") for each in range(50)]
        first = org.crm.write(waiting)
        assert {each.settled for each in first} == {Settled.WRITTEN, Settled.BUSY}
        for _ in range(20):
            receipts = zip(waiting, org.crm.write(waiting), strict=True)
            waiting = [change for change, receipt in receipts if receipt.settled is Settled.BUSY]
        assert waiting == []


# The doctor


def test_a_healthy_org_has_no_errors(org: Place) -> None:
    findings = org.crm.doctor(WANTED)
    assert [each for each in findings if each.severity is Severity.ERROR] == []
    subjects = {each.subject for each in findings}
    assert {"login", "api_version", "clock", "Opportunity", f"{OURS}.{KEY}", "api calls"} <= subjects


def findings_of(place: Place) -> dict[str, Finding]:
    return {each.subject: each for each in place.crm.doctor(WANTED)}


def test_holds_the_company_against_the_org(org: Place) -> None:
    """Acme counts in euros, and its year begins in January, like the org's."""
    found = findings_of(org)
    assert found["fiscal year"].severity is Severity.OK
    assert "begins in january" in found["fiscal year"].text
    assert found["currency"].severity is Severity.OK
    # Ana and Max; Ana has a manager, and both have a role.
    assert found["users"].text == "2 active people, 0 without a role, 1 without a manager"


def test_a_fiscal_year_that_begins_elsewhere_is_told(tmp_path: Path, time: Time, private_key: str) -> None:
    folder = write_company(tmp_path)
    about = json.loads((folder / "company.json").read_text())
    (folder / "company.json").write_text(json.dumps(about | {"fiscal_year_starts": 2}))
    with place(folder, time, private_key) as found:
        finding = findings_of(found)["fiscal year"]
    assert finding.severity is Severity.WARNING
    assert "begins in february, named by its end" in finding.text
    assert "fiscal_year_starts: february" in finding.cure


def test_names_what_is_not_installed(bare: Place) -> None:
    errors = [each for each in bare.crm.doctor(WANTED) if each.severity is Severity.ERROR]
    assert {each.subject for each in errors} == {OURS, *(f"{each.object}.{each.name}" for each in WANTED.fields)}
    assert {each.cure for each in errors} == {"run `attain install`"}


def test_warns_of_a_clock_that_strays(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key, ahead=timedelta(seconds=90)) as org:
        clock = next(each for each in org.crm.doctor(WANTED) if each.subject == "clock")
        reached = org.pull("Opportunity")[-1].cursor.covered
    assert clock.severity is Severity.WARNING
    assert "+90 s" in clock.text
    assert reached == time.now + timedelta(seconds=90) - timedelta(minutes=2)


def test_names_a_version_that_the_org_speaks(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key, api_version="99") as org:
        found = next(each for each in org.crm.doctor(WANTED) if each.subject == "api_version")
    assert found.severity is Severity.ERROR
    assert found.cure == "set `api_version: 68.0`"


def test_names_a_mapped_field_that_is_not_shown(tmp_path: Path, time: Time, private_key: str) -> None:
    wrong = SourceMap(RecordKind.DEAL, "Opportunity", {"name": "Name", "region": "Region_Code__c"})
    with place(write_company(tmp_path), time, private_key, mapping=CrmMapping("salesforce", (wrong,))) as org:
        errors = [each for each in org.crm.doctor(Wanted()) if each.severity is Severity.ERROR]
    assert [each.subject for each in errors] == ["Opportunity.Region_Code__c"]
    assert "permission set of your own" in errors[0].cure


def test_names_a_key_that_is_not_unique(bare: Place) -> None:
    loose = WantedField("Task", KEY, "Attain key", "text", length=40)
    bare.crm.install(Wanted(fields=(loose,)), check=False)
    found = {each.subject: each for each in bare.crm.doctor(WANTED)}
    assert found[f"Task.{KEY}"].severity is Severity.ERROR
    assert "Unique" in found[f"Task.{KEY}"].cure


def another_public_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_login_that_fails_is_the_only_finding(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key) as org:
        org.sandbox.register("3MVG9.attain", another_public_key(), "attain@example.com")
        [finding] = org.crm.doctor(WANTED)
    assert (finding.subject, finding.severity) == ("login", Severity.ERROR)
    assert "certificate" in finding.cure
