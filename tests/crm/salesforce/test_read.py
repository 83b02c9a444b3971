"""Reading from the stand-in org: what comes, what follows, what was deleted, and nothing twice or never."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from connector.crm.salesforce import wide
from connector.errors import CrmUnavailable
from connector.model.records import RecordKind
from connector.ports import Cursor
from connector.sandbox.salesforce.soql_parse import parse
from connector.sandbox.wire import Request, Response, Switches
from tests.crm.salesforce.company import Place, place, write_company
from tests.crm.salesforce.conftest import Time
from tests.crm.salesforce.wire import refusal


@pytest.fixture
def org(tmp_path: Path, time: Time, private_key: str) -> Iterator[Place]:
    with place(write_company(tmp_path), time, private_key) as found:
        yield found


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory, private_key: str) -> Iterator[Place]:
    """An org in which nobody does anything."""
    with place(write_company(tmp_path_factory.mktemp("still")), Time(), private_key) as found:
        yield found


def cursor_of(org: Place, name: str, since: Cursor | None = None) -> Cursor:
    return org.pull(name, since)[-1].cursor


def deal_named(org: Place, name: str) -> str:
    return next(each.ref.id for each in org.records("Opportunity") if each.fields["Name"] == name)


# The first pull


def test_pulls_users_before_the_deals_they_own(still: Place) -> None:
    names = [each.object for each in still.crm.sources()]
    assert names[0] == "User"
    assert names.index("Account") < names.index("Opportunity") < names.index("Task")


def test_leaves_out_splits_and_currencies_where_they_are_switched_off(still: Place) -> None:
    names = {each.object for each in still.crm.sources()}
    assert not names & {"OpportunitySplit", "CurrencyType"}


def test_brings_a_deal_in_the_crms_own_words(still: Place) -> None:
    won = next(each for each in still.records("Opportunity") if each.fields["Name"] == "Globex renewal")
    assert won.kind is RecordKind.DEAL
    assert won.ref.connection == "emea"
    assert won.modified_at == datetime(2026, 10, 8, 12, 0, tzinfo=UTC)
    assert won.fields["Amount"] == Decimal("60000.50")
    assert won.fields["CloseDate"] == "2026-10-08"
    assert won.fields["StageName"] == "Closed Won"
    assert won.fields["IsWon"] is True
    assert "CurrencyIsoCode" not in won.fields


def test_a_missing_amount_is_none_and_a_whole_one_is_a_decimal(still: Place) -> None:
    amounts = {each.fields["Name"]: each.fields["Amount"] for each in still.records("Opportunity")}
    assert amounts["Globex pilot"] is None
    assert isinstance(amounts["Globex gone"], Decimal)


def test_shows_a_deal_in_the_recycle_bin_as_deleted(still: Place) -> None:
    deleted = {each.fields["Name"] for each in still.records("Opportunity") if each.deleted}
    assert deleted == {"Globex gone"}


def test_reads_the_team_from_the_role_above(still: Place) -> None:
    teams = {each.fields["Email"]: each.fields["UserRole.Name"] for each in still.records("User")}
    assert teams["ana@example.com"] is not None
    assert "East" in teams["ana@example.com"]


def test_says_which_object_an_activity_is_about(still: Place) -> None:
    assert [each.fields["What.Type"] for each in still.records("Task")] == ["Opportunity"]
    assert [each.fields["What.Type"] for each in still.records("Event")] == ["Account"]


def test_reads_the_history_of_stages_by_its_own_stamp(still: Place) -> None:
    stages = [(each.fields["StageName"], each.modified_at) for each in still.records("OpportunityHistory")]
    assert stages
    assert all(stamp.tzinfo is not None for _, stamp in stages)


def test_the_last_page_says_how_far_it_reached(still: Place) -> None:
    pages = still.pull("Opportunity")
    assert pages[-1].last
    assert pages[-1].cursor == Cursor(datetime(2026, 11, 25, 7, 58, tzinfo=UTC))
    assert pages[0].total == 3


# What follows


def test_a_quiet_org_gives_only_the_overlap(org: Place) -> None:
    cursor = cursor_of(org, "Opportunity")
    org.time.now += timedelta(hours=1)
    assert org.records("Opportunity", cursor) == []


def test_brings_a_change_once_it_has_settled(org: Place) -> None:
    cursor = cursor_of(org, "Opportunity")
    deal = deal_named(org, "Globex pilot")
    org.time.now += timedelta(minutes=30)
    org.human("PATCH", f"sobjects/Opportunity/{deal}", {"Amount": 12_000})
    early = org.pull("Opportunity", cursor)
    assert [each for page in early for each in page.records] == []
    org.time.now += timedelta(minutes=3)
    [record] = org.records("Opportunity", early[-1].cursor)
    assert record.fields["Amount"] == Decimal(12_000)


def test_a_deleted_record_arrives_as_deleted(org: Place) -> None:
    cursor = cursor_of(org, "Opportunity")
    deal = deal_named(org, "Globex pilot")
    org.time.now += timedelta(minutes=30)
    org.human("DELETE", f"sobjects/Opportunity/{deal}")
    org.time.now += timedelta(minutes=5)
    found = org.records("Opportunity", cursor)
    assert {each.ref.id for each in found if each.deleted} == {deal}


def test_what_was_taken_out_of_the_bin_stays_though_the_list_of_deletions_names_it(org: Place) -> None:
    deal, cursor = deal_named(org, "Globex pilot"), cursor_of(org, "Opportunity")
    org.time.now += timedelta(minutes=30)
    org.human("DELETE", f"sobjects/Opportunity/{deal}")
    at = org.sandbox._org.stamp
    org.time.now += timedelta(minutes=5)
    org.sandbox.undelete("Opportunity", [deal])
    org.time.now += timedelta(minutes=5)
    told = {"deletedRecords": [{"id": deal, "deletedDate": at}], "earliestDateAvailable": at, "latestDateCovered": at}
    listed = Response(200, {"Content-Type": "application/json"}, json.dumps(told).encode())
    org.heard.instead = lambda request: listed if "/deleted" in request.path else None
    assert [(each.ref.id, each.deleted) for each in org.records("Opportunity", cursor)] == [(deal, False)]


def test_deletions_that_one_answer_cannot_name_are_asked_for_in_halves(org: Place) -> None:
    deals = [each.ref.id for each in org.records("Opportunity") if not each.deleted]
    cursor = cursor_of(org, "Opportunity")
    spans: list[timedelta] = []

    def instead(request: Request) -> Response | None:
        if not request.path.rstrip("/").endswith("/deleted"):
            return None
        start, end = (datetime.fromisoformat(request.param(each).replace(" ", "+")) for each in ("start", "end"))
        spans.append(end - start)
        return refusal("EXCEEDED_ID_LIMIT", "too many ids") if spans[-1] > timedelta(hours=1) else None

    for deal in deals:
        org.time.now += timedelta(minutes=70)
        org.human("DELETE", f"sobjects/Opportunity/{deal}")
    org.sandbox._database.run('DELETE FROM "Opportunity" WHERE "IsDeleted" = 1')  # and the bin was emptied
    org.sandbox._org.erased += [("Opportunity", each, org.sandbox._org.stamp) for each in deals]
    org.time.now += timedelta(minutes=70)
    org.heard.instead = instead
    assert {each.ref.id for each in org.records("Opportunity", cursor) if each.deleted} == set(deals)
    assert len([each for each in spans if each <= timedelta(hours=1)]) == 4
    org.heard.instead = lambda request: refusal("EXCEEDED_ID_LIMIT") if "/deleted" in request.path else None
    with pytest.raises(CrmUnavailable, match="EXCEEDED_ID_LIMIT"):
        org.pull("Opportunity", cursor)


def test_a_record_taken_out_of_the_bin_is_alive_again(org: Place) -> None:
    deal = deal_named(org, "Globex pilot")
    org.human("DELETE", f"sobjects/Opportunity/{deal}")
    org.time.now += timedelta(minutes=30)
    since = cursor_of(org, "Opportunity")
    org.sandbox.undelete("Opportunity", [deal])
    org.time.now += timedelta(minutes=5)
    [back] = org.records("Opportunity", since)
    assert (back.ref.id, back.deleted) == (deal, False)


def test_a_record_in_the_bin_is_told_of_once(org: Place) -> None:
    deal = deal_named(org, "Globex pilot")
    cursor = cursor_of(org, "Opportunity")
    org.time.now += timedelta(minutes=30)
    org.human("DELETE", f"sobjects/Opportunity/{deal}")
    org.time.now += timedelta(minutes=5)
    assert [each.ref.id for each in org.records("Opportunity", cursor)] == [deal]


def test_a_record_that_left_the_bin_is_told_of_by_the_list_of_deletions(org: Place) -> None:
    cursor = cursor_of(org, "Opportunity")
    gone = '{"deletedRecords": [{"id": "006000000000001AAA", "deletedDate": "2026-11-25T08:20:00.000+0000"}]}'
    reply = Response(200, {"Content-Type": "application/json"}, gone.encode())
    org.heard.instead = lambda request: reply if request.path.endswith("/Opportunity/deleted/") else None
    org.time.now += timedelta(minutes=35)
    [record] = org.records("Opportunity", cursor)
    assert record.deleted
    assert record.modified_at == datetime(2026, 11, 25, 8, 20, tzinfo=UTC)


def test_goes_on_after_a_long_silence_though_old_deletions_are_forgotten(org: Place) -> None:
    cursor = cursor_of(org, "Opportunity")
    org.time.now += timedelta(days=40)
    pages = org.pull("Opportunity", cursor)
    assert pages[-1].cursor.covered == org.time.now - timedelta(minutes=2)
    asked = next(each for each in reversed(org.heard.requests) if "/deleted/" in each.path)
    assert asked.param("start") == "2026-12-20T08:05:00+00:00"


def test_goes_on_where_the_org_keeps_no_deletions_that_far_back(org: Place) -> None:
    cursor = cursor_of(org, "Opportunity")
    refused = refusal("INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
    org.heard.instead = lambda request: refused if "/deleted/" in request.path else None
    org.time.now += timedelta(hours=1)
    assert org.pull("Opportunity", cursor)[-1].cursor.covered == org.time.now - timedelta(minutes=2)


def test_a_renamed_team_brings_its_people_again(org: Place) -> None:
    org.time.now += timedelta(hours=1)
    everybody = org.records("User")
    cursor = cursor_of(org, "User")
    org.time.now += timedelta(hours=1)
    assert org.records("User", cursor) == []
    role = json.loads(org.human("GET", "query?q=SELECT+Id+FROM+UserRole").body)["records"][0]["Id"]
    assert org.human("PATCH", f"sobjects/UserRole/{role}", {"Name": "Far East"}).status == 204
    org.time.now += timedelta(minutes=5)
    found = org.records("User", cursor)
    assert {each.ref for each in found} == {each.ref for each in everybody}
    assert {each.fields["UserRole.Name"] for each in found} == {"Far East"}


def test_our_own_login_is_not_among_the_users(org: Place) -> None:
    org.time.now += timedelta(hours=1)
    assert org.sandbox.integration_user not in {each.ref.id for each in org.records("User")}


def test_late_rows_are_not_lost(tmp_path: Path, time: Time, private_key: str) -> None:
    switches = Switches(late_commits=timedelta(minutes=5))
    with place(write_company(tmp_path), time, private_key, switches=switches) as org:
        time.now += timedelta(hours=1)
        deal = deal_named(org, "Globex pilot")
        cursor = cursor_of(org, "Opportunity")
        org.human("PATCH", f"sobjects/Opportunity/{deal}", {"NextStep": "call again"})
        seen = []
        for _ in range(6):
            time.now += timedelta(minutes=3)
            pages = org.pull("Opportunity", cursor)
            cursor = pages[-1].cursor
            seen += [each.fields["NextStep"] for page in pages for each in page.records]
        assert "call again" in seen


# Many rows


MANY = [
    {"id": f"m{each}", "crm": "salesforce", "name": f"Deal {each}", "owner": "ana", "stage": "new", "amount": "1", "created_at": "2026-08-01T09:00:00Z", "closed_on": "2026-12-20", "modified_at": "2026-09-01T09:00:00Z"}
    for each in range(4_500)
]  # fmt: skip


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, private_key: str) -> Iterator[Place]:
    """4,500 deals, all stamped in the same second, as after a bulk load."""
    folder = write_company(tmp_path_factory.mktemp("large"), deals=MANY, activities=[])
    with place(folder, Time(), private_key) as found:
        yield found


def test_follows_pages_to_the_end(large: Place) -> None:
    pages = large.pull("Opportunity")
    assert [len(each.records) for each in pages] == [2_000, 2_000, 500]
    assert [each.last for each in pages] == [False, False, True]
    assert {each.total for each in pages} == {4_500}
    assert len({record.ref for page in pages for record in page.records}) == 4_500


def test_goes_on_behind_the_last_page_that_was_kept(large: Place) -> None:
    kept = large.pull("Opportunity")[0]
    assert kept.cursor.until is not None
    rest = large.pull("Opportunity", kept.cursor)
    found = {record.ref for page in rest for record in page.records}
    assert len(found) == 2_500
    assert not found & {record.ref for record in kept.records}
    assert rest[-1].cursor == Cursor(kept.cursor.until)


def test_goes_on_by_key_when_the_server_forgot_the_query(large: Place) -> None:
    pages = large.crm.changed(large.source("Opportunity"), None)
    found = list(next(pages).records)
    for _ in range(41):  # the stand-in keeps the last forty queries open
        large.human("GET", "query?q=SELECT+Id+FROM+Opportunity")
    found += [record for page in pages for record in page.records]
    assert len(found) == 4_500
    assert len({each.ref for each in found}) == 4_500


def test_counts_what_a_first_pull_will_bring(large: Place) -> None:
    volumes = {each.source.object: (each.records, each.calls) for each in large.crm.volumes()}
    assert volumes["Opportunity"] == (4_500, 3)
    assert volumes["Event"] == (0, 1)


# Every query, whoever asks it


def test_every_query_parses_and_asks_only_for_what_describe_shows(still: Place) -> None:
    for source in still.crm.sources():
        cursor = cursor_of(still, source.object)
        still.pull(source.object, Cursor(cursor.covered))
    still.crm.volumes()
    still.crm.schema()
    assert len(still.heard.queries) >= 15
    for text in still.heard.queries:
        parse(text)
    replies = [still.sandbox.answer(each) for each in still.heard.requests if each.param("q")]
    assert {each.status for each in replies} == {200}
    assert all(json.loads(each.body)["done"] is not None for each in replies)


# The schema


def test_tells_stages_and_what_they_mean(still: Place) -> None:
    stages = {each.name: each.outcome for each in still.crm.schema().stages}
    assert stages == {"Prospecting": "open", "Closed Won": "won", "Closed Lost": "lost"}


def test_counts_the_deals_that_have_an_amount(still: Place) -> None:
    total, counts = still.crm.filled("Opportunity", ["Amount", "CloseDate", "IsWon", "Nowhere__c"])
    assert total == 2
    assert counts == {"Amount": 1, "CloseDate": 2}


def test_opens_a_record_where_a_person_would(still: Place) -> None:
    record = still.records("Account")[0]
    assert still.crm.url(record.ref) == f"https://login.salesforce.com/lightning/r/Account/{record.ref.id}/view"


# Queries that take too long

_TOO_SLOW = Response(
    400,
    {"Content-Type": "application/json"},
    b'[{"errorCode":"QUERY_TIMEOUT","message":"Your query request was running for too long."}]',
)
_WINDOW = re.compile(r"SystemModstamp >= (\S+) AND SystemModstamp < (\S+?)(?:\)| |$)")


def _slower_than(widest: timedelta) -> Callable[[Request], Response | None]:
    def instead(request: Request) -> Response | None:
        found = _WINDOW.search(request.param("q"))
        if not found:
            return None
        start, end = (datetime.fromisoformat(each) for each in found.groups())
        return _TOO_SLOW if end - start > widest else None

    return instead


def test_a_window_that_takes_too_long_is_read_in_halves(org: Place) -> None:
    cursor = org.pull("Opportunity")[-1].cursor
    for at in range(4):
        org.human("PATCH", f"sobjects/Opportunity/{deal_named(org, 'Globex renewal')}", {"NextStep": f"step {at}"})
        org.human("PATCH", f"sobjects/Opportunity/{deal_named(org, 'Globex pilot')}", {"NextStep": f"step {at}"})
        org.time.now += timedelta(hours=1)
    org.heard.instead = _slower_than(timedelta(hours=1))
    pages = org.pull("Opportunity", cursor)
    assert {each.fields["NextStep"] for page in pages for each in page.records} == {"step 3"}
    covered = [each.cursor.covered for each in pages if each.cursor.covered]
    assert covered == sorted(covered), "each half is kept before the next is asked for"
    assert [each.last for each in pages] == [False] * (len(pages) - 1) + [True]
    assert org.pull("Opportunity", pages[0].cursor)[-1].last


def test_a_first_pull_that_takes_too_long_becomes_a_job(org: Place) -> None:
    org.heard.instead = lambda request: _TOO_SLOW if "FROM Opportunity " in request.param("q") else None
    found = org.records("Opportunity")
    assert len(found) == 3
    assert [each.path.rpartition("/")[2] for each in org.heard.requests if each.method == "POST"][-1] == "query"


def test_what_is_too_slow_however_little_is_asked_for_is_said_so(org: Place) -> None:
    cursor = org.pull("Opportunity")[-1].cursor
    org.time.now += timedelta(hours=1)
    org.heard.instead = lambda request: _TOO_SLOW if "FROM Opportunity " in request.param("q") else None
    with pytest.raises(CrmUnavailable, match="less than a minute of changes"):
        org.pull("Opportunity", cursor)


# Field lists that are too long


def test_fields_that_do_not_fit_one_query_are_asked_for_by_id(org: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {name: org.records(name) for name in ("Opportunity", "User", "Task")}
    monkeypatch.setattr(wide, "LONGEST", 200)
    org.heard.requests.clear()
    for name, records in whole.items():
        assert org.records(name) == records
        living = [each for each in records if not each.deleted]
        assert list(org.crm.read(org.source(name), [each.ref.id for each in living])) == living
    asked = [each for each in org.heard.queries if " FROM Opportunity" in each]
    assert len(asked) > 2
    assert max(len(quote_plus(each)) for each in asked if " IN (" not in each) <= 200


def test_a_list_that_fits_is_one_query(org: Place) -> None:
    org.heard.requests.clear()
    org.pull("Opportunity")
    assert len([each for each in org.heard.queries if " FROM Opportunity" in each]) == 1
