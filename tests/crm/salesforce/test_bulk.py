"""Many rows at once: read and written in jobs, with the same result as one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connector.crm.salesforce import bulk, read, write
from connector.errors import CrmUnavailable
from connector.model.changes import Change, Receipt, Row, Settled, Value, Wanted, WantedField
from connector.model.records import RawRecord
from connector.ports import Cursor, Page
from connector.sandbox.company import generate
from connector.sandbox.wire import Request, Response
from tests.crm.salesforce.company import Place, place
from tests.crm.salesforce.conftest import Time

OURS, KEY = "Attain_Attainment__c", "Attain_Key__c"
WANTED = Wanted(
    objects=((OURS, "Attainment"),),
    fields=(
        WantedField(OURS, KEY, "Key", "text", unique=True, length=120),
        WantedField(OURS, "Metric__c", "Metric", "text", length=20),
        WantedField(OURS, "Actual__c", "Actual", "money"),
        WantedField(OURS, "Attainment_Pct__c", "Attainment", "ratio"),
        WantedField(OURS, "Period_Start__c", "Period start", "date"),
        WantedField(OURS, "Explanation__c", "Explanation", "long_text"),
    ),
)
SOURCES = ("User", "Account", "Opportunity", "OpportunityHistory", "OpportunitySplit", "Task", "Event")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    generate(folder, people=12, deals=260, activities=160, seed=5, today=date(2026, 11, 25))
    return folder


@pytest.fixture
def org(company: Path, time: Time, private_key: str) -> Iterator[Place]:
    with place(company, time, private_key) as found:
        yield found


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is much, and comes in small parts."""
    monkeypatch.setattr(read, "FEWEST_READ", 1)
    monkeypatch.setattr(bulk, "part", lambda org, job, locator: PART(org, job, locator, 50))


PART = bulk.part


def kept(pages: list[Page]) -> dict[str, RawRecord]:
    return {each.ref.id: each for page in pages for each in page.records}


def jobs(place: Place, method: str) -> list[str]:
    return [
        each.path.partition("/jobs/")[2]
        for each in place.heard.requests
        if each.method == method and "/jobs/" in each.path
    ]


# Reading


@pytest.mark.parametrize("name", SOURCES)
def test_a_job_brings_what_queries_bring(org: Place, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    one_by_one = kept(org.pull(name))
    assert jobs(org, "POST") == []
    monkeypatch.setattr(read, "FEWEST_READ", 1)
    monkeypatch.setattr(bulk, "part", lambda org, job, locator: PART(org, job, locator, 50))
    pages = org.pull(name)
    assert jobs(org, "POST") == ["query"]
    assert one_by_one
    assert kept(pages) == one_by_one
    assert pages[-1].last
    assert pages[-1].cursor.covered is not None
    assert [each.last for each in pages[:-1]] == [False] * (len(pages) - 1)


@pytest.mark.usefixtures("eager")
def test_what_is_in_the_recycle_bin_comes_too_and_a_job_is_cleaned_up(org: Place) -> None:
    (deal, *_) = org.records("Opportunity")
    org.human("DELETE", f"sobjects/Opportunity/{deal.ref.id}")
    org.time.now += timedelta(hours=1)
    org.heard.requests.clear()
    found = kept(org.pull("Opportunity"))
    assert found[deal.ref.id].deleted
    made, gone = jobs(org, "POST"), jobs(org, "DELETE")
    assert (len(made), len(gone)) == (1, 1)


@pytest.mark.usefixtures("eager")
def test_a_read_goes_on_where_it_was_cut_short_without_a_new_job(org: Place) -> None:
    source = org.source("Opportunity")
    pages = org.crm.changed(source, None)
    first = [next(pages), next(pages), next(pages)]
    assert first[0].records == ()
    rest = list(org.crm.changed(source, first[-1].cursor))
    assert len(jobs(org, "POST")) == 1
    ids = [each.ref.id for page in (*first, *rest) for each in page.records]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(kept(org.pull("Opportunity")))


@pytest.mark.usefixtures("eager")
def test_a_job_that_somebody_deleted_is_read_anew_by_queries(org: Place) -> None:
    source = org.source("Opportunity")
    whole = kept(org.pull("Opportunity"))
    pages = org.crm.changed(source, None)
    _, cursor = next(pages).cursor, next(pages).cursor
    job = cursor.after.split(":")[1]
    assert org.human("DELETE", f"jobs/query/{job}").status == 204
    assert kept(list(org.crm.changed(source, cursor))) == whole


def cycle(org: Place, since: Cursor | None) -> tuple[list[Page], Cursor | None]:
    """What one read brings until it is given up, and where the next one begins."""
    pages: list[Page] = []
    with suppress(CrmUnavailable):
        for page in org.crm.changed(org.source("Opportunity"), since):
            pages.append(page)  # noqa: PERF402 - those before an error count
    return pages, pages[-1].cursor if pages else since


@pytest.mark.usefixtures("eager")
def test_a_job_that_takes_longer_than_anybody_waits_is_begun_once_and_read_in_the_end(org: Place) -> None:
    whole = kept(org.pull("Opportunity"))
    org.heard.requests.clear()
    org.sandbox.slow_down(timedelta(hours=2))
    found, cursor = list[Page](), None
    for _ in range(6):
        pages, cursor = cycle(org, cursor)
        found += pages
        if pages and pages[-1].last:
            break
        org.time.now += timedelta(minutes=5)
    assert jobs(org, "POST") == ["query"]
    assert kept(found) == whole
    assert len(jobs(org, "DELETE")) == 1
    assert cursor is not None
    assert (cursor.until, cursor.after) == (None, "")


@pytest.mark.usefixtures("eager")
def test_a_job_that_expired_is_begun_anew_and_one_that_was_aborted_is_left_to_queries(org: Place) -> None:
    whole = kept(org.pull("Opportunity"))
    org.sandbox.slow_down(timedelta(hours=2))
    _, cursor = cycle(org, None)
    org.time.now += timedelta(days=8)
    org.sandbox.slow_down(timedelta(0))
    org.heard.requests.clear()
    pages, _ = cycle(org, cursor)
    assert jobs(org, "POST") == ["query"]
    assert kept(pages) == whole

    org.sandbox.slow_down(timedelta(hours=2))
    _, cursor = cycle(org, None)
    assert cursor is not None
    assert org.human("PATCH", f"jobs/query/{cursor.after.split(':')[1]}", {"state": "Aborted"}).status == 200
    org.heard.requests.clear()
    pages, _ = cycle(org, cursor)
    assert (jobs(org, "POST"), len(jobs(org, "DELETE"))) == ([], 1)
    assert kept(pages) == whole


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    "refusal",
    [
        Response(400, {"Content-Type": "application/json"}, b'[{"errorCode":"INVALIDENTITY","message":"not supported by the Bulk API"}]'),
        Response(403, {"Content-Type": "application/json"}, b'[{"errorCode":"API_DISABLED_FOR_ORG","message":"no"}]'),
    ],
)  # fmt: skip
def test_an_org_that_will_not_run_jobs_is_read_by_queries(org: Place, refusal: Response) -> None:
    org.heard.instead = lambda request: refusal if request.path.endswith("/jobs/query") else None
    assert len(kept(org.pull("Opportunity"))) > 100


@pytest.mark.usefixtures("eager")
def test_a_job_that_fails_leaves_it_to_queries(org: Place) -> None:
    failed = b'{"id":"750000000000001AAA","state":"Failed","errorMessage":"InternalServerError"}'

    def instead(request: Request) -> Response | None:
        fails = request.method == "GET" and "/jobs/query/" in request.path and "results" not in request.path
        return Response(200, {"Content-Type": "application/json"}, failed) if fails else None

    org.heard.instead = instead
    assert len(kept(org.pull("Opportunity"))) > 100
    assert len(jobs(org, "DELETE")) == 1


@pytest.mark.usefixtures("eager")
def test_waits_longer_and_longer_and_not_for_ever(org: Place) -> None:
    slow = b'{"id":"750000000000001AAA","state":"InProgress"}'

    def instead(request: Request) -> Response | None:
        looks = request.method == "GET" and "/jobs/query/" in request.path
        return Response(200, {"Content-Type": "application/json"}, slow) if looks else None

    org.heard.instead = instead
    with pytest.raises(CrmUnavailable, match="is not done after"):
        org.pull("Opportunity")
    assert org.time.naps[:3] == [1.0, 2.0, 4.0]
    assert max(org.time.naps) == 30.0


def test_few_rows_are_read_by_queries(org: Place) -> None:
    org.pull("Opportunity")
    assert jobs(org, "POST") == []


def test_a_delta_is_read_by_queries_however_much_it_brings(org: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor: Cursor = org.pull("Opportunity")[-1].cursor
    monkeypatch.setattr(read, "FEWEST_READ", 1)
    org.time.now += timedelta(hours=1)
    org.pull("Opportunity", cursor)
    assert jobs(org, "POST") == []


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("share", [0.99, 0.5, 0.01])
def test_an_answer_that_was_cut_short_is_asked_for_again(org: Place, share: float) -> None:
    """CSV that ends early looks whole to everybody but whoever counts."""
    whole = kept(org.pull("Opportunity"))
    cuts = iter([True, False, True, True, False])

    def instead(request: Request) -> Response | None:
        if not request.path.endswith("/results") or not next(cuts, False):
            return None
        found = org.sandbox.answer(request)
        return Response(found.status, found.headers, found.body[: int(len(found.body) * share)])

    org.heard.instead = instead
    assert kept(org.pull("Opportunity")) == whole


# Writing


@pytest.fixture
def ready(org: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(write, "FEWEST_WRITTEN", 201)
    org.crm.install(WANTED, check=False)
    org.heard.requests.clear()
    return org


def rows(many: int, **fields: Value) -> list[Change]:
    shown: dict[str, Value] = {
        "Metric__c": "bookings",
        "Actual__c": Decimal("60000.50"),
        "Attainment_Pct__c": Decimal("0.875"),
        "Period_Start__c": date(2026, 10, 1),
        "Explanation__c": 'counted "Globex", twice\n2 left out; a, b',
        **fields,
    }
    return [Change(Row("emea", OURS, KEY, f"row-{at:04}"), shown) for at in range(many)]


def shown(place: Place, receipts: list[Receipt]) -> dict[str, Value]:
    current = place.crm.current(
        [receipts[0].row], ["Metric__c", "Actual__c", "Attainment_Pct__c", "Period_Start__c", "Explanation__c"]
    )
    return dict(current[receipts[0].row])


def test_many_rows_travel_in_one_job_and_say_what_collections_say(ready: Place) -> None:
    receipts = ready.crm.write(rows(450))
    assert {(each.settled, each.created) for each in receipts} == {(Settled.WRITTEN, True)}
    assert jobs(ready, "POST") == ["ingest"]
    assert len(jobs(ready, "DELETE")) == 1
    assert shown(ready, receipts) == dict(rows(1)[0].fields)
    ids = ready.crm.look_up([each.row for each in receipts])
    assert ids == {each.row: each.remote_id for each in receipts}

    again = ready.crm.write(rows(450, Metric__c="calls"))
    assert {(each.settled, each.created) for each in again} == {(Settled.WRITTEN, False)}
    assert [each.remote_id for each in again] == [each.remote_id for each in receipts]
    assert shown(ready, again)["Metric__c"] == "calls"


def test_none_empties_a_field_and_what_is_not_named_stays(ready: Place) -> None:
    ready.crm.write(rows(300))
    emptied = [Change(each.row, {"Actual__c": None}) for each in rows(300)]
    mixed = [Change(each.row, {"Actual__c": None} if at else {"Metric__c": "calls"}) for at, each in enumerate(emptied)]
    receipts = ready.crm.write(mixed)
    first, second = (ready.crm.current([each.row], ["Metric__c", "Actual__c"])[each.row] for each in receipts[:2])
    assert first == {"Metric__c": "calls", "Actual__c": Decimal("60000.50")}
    assert second == {"Metric__c": "bookings", "Actual__c": None}


def test_a_row_that_is_refused_is_told_with_its_reason_and_takes_no_other_along(ready: Place) -> None:
    changes = rows(300)
    changes[7] = Change(changes[7].row, {"Metric__c": "a name that is much too long for the field"})
    receipts = ready.crm.write(changes)
    assert [at for at, each in enumerate(receipts) if each.settled is not Settled.WRITTEN] == [7]
    assert receipts[7].settled is Settled.REFUSED
    assert "STRING_TOO_LONG" in receipts[7].reason


def test_rows_of_which_nothing_is_told_are_of_unknown_effect(ready: Place) -> None:
    nothing = Response(200, {"Content-Type": "text/csv"}, b'"sf__Id","sf__Created"\n')
    ready.heard.instead = lambda request: nothing if request.path.endswith("Results") else None
    assert {each.settled for each in ready.crm.write(rows(300))} == {Settled.UNKNOWN}


def test_half_a_key_is_never_taken_for_another_rows_whole_one(ready: Place) -> None:
    """The key of a year is how that of its quarter begins; the answer ends within the quarter's, time and again."""
    year, quarter = "attainment:bookings:ana:2026", "attainment:bookings:ana:2026-Q4"
    cut = f'"sf__Id","sf__Created","{KEY}"\n"a00000000000001AAA","true","{year}'.encode()
    response = Response(200, {"Content-Type": "text/csv"}, cut)
    ready.heard.instead = lambda request: response if request.path.endswith("/successfulResults") else None
    changes = [*rows(300), *(Change(Row("emea", OURS, KEY, each), {"Metric__c": "x"}) for each in (year, quarter))]
    with pytest.raises(CrmUnavailable, match="CSV that is none") as raised:
        ready.crm.write(changes)
    assert raised.value.unknown_effect, "it is read back, and not sent again"


def test_an_org_that_will_not_run_jobs_gets_collections(ready: Place) -> None:
    refusal = Response(400, {"Content-Type": "application/json"}, b'[{"errorCode":"INVALIDENTITY","message":"no"}]')
    ready.heard.instead = lambda request: refusal if request.path.endswith("/jobs/ingest") else None
    receipts = ready.crm.write(rows(300))
    assert {each.settled for each in receipts} == {Settled.WRITTEN}
    assert sum(each.path.endswith(KEY) for each in ready.heard.requests) == 2


@pytest.mark.parametrize(
    ("text", "code", "message", "fields"),
    [
        ("STRING_TOO_LONG:data value too large: x (max length=20):Metric__c --", "STRING_TOO_LONG", "data value too large: x (max length=20)", ("Metric__c",)),
        ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--", "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", ()),
        ("REQUIRED_FIELD_MISSING:Required fields are missing: [A, B]:A,B --", "REQUIRED_FIELD_MISSING", "Required fields are missing: [A, B]", ("A", "B")),
    ],
)  # fmt: skip
def test_reads_a_complaint(text: str, code: str, message: str, fields: tuple[str, ...]) -> None:
    found = bulk.complaint_of(text)
    assert (found.code, found.message, found.fields) == (code, message, fields)


@pytest.mark.parametrize("most", [100, 60, 10])
def test_what_the_orgs_automation_is_too_slow_for_goes_again_in_halves(ready: Place, most: int) -> None:
    """A flow of the customer's that takes too long over more than `most` rows at once."""
    sizes: list[int] = []

    def instead(request: Request) -> Response | None:
        if not request.path.endswith(KEY):
            return None
        sizes.append(len(request.json()["records"]))
        if sizes[-1] <= most:
            return None
        slow = {"statusCode": "CANNOT_EXECUTE_FLOW_TRIGGER", "message": "Apex CPU time limit exceeded", "fields": []}
        body = [{"success": False, "created": False, "errors": [slow]}] * sizes[-1]
        return Response(200, {"Content-Type": "application/json"}, json.dumps(body).encode())

    ready.heard.instead = instead
    receipts = ready.crm.write(rows(200))
    if most == 10:
        assert {each.settled for each in receipts} == {Settled.BUSY}, "a few at a time, and then it waits"
        assert min(sizes) == 25
        return
    assert {each.settled for each in receipts} == {Settled.WRITTEN}
    # By hand: 200, then twice 100; over 60 rows each of those twice 50.
    assert sizes == ([200, 100, 100] if most == 100 else [200, 100, 50, 50, 100, 50, 50])
