"""Pages, limits, late commits, replication, and the misfortunes of the fault plan."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote

import pytest

from connector.sandbox.wire import Response, Switches
from tests.sandbox.salesforce.org import Org, an_org


def crowd(org: Org, many: int) -> list[str]:
    ids: list[str] = []
    for start in range(0, many, 200):
        rows = [
            {"attributes": {"type": "Account"}, "Name": f"Account {number:05}"}
            for number in range(start, min(start + 200, many))
        ]
        ids += [each["id"] for each in org.api("POST", "composite/sobjects", {"records": rows}).json()]
    return ids


def test_a_long_answer_comes_in_pages_of_two_thousand() -> None:
    """S1, S2."""
    org = an_org()
    ids = crowd(org, 2086)
    first = org.query("SELECT Id FROM Account ORDER BY Name")
    assert (first["totalSize"], first["done"], len(first["records"])) == (2086, False, 2000)
    assert first["nextRecordsUrl"].startswith("/services/data/v66.0/query/0r8")
    assert first["nextRecordsUrl"].endswith("-2000")
    last = org.ask("GET", first["nextRecordsUrl"]).json()
    assert (last["totalSize"], last["done"], len(last["records"])) == (2086, True, 86)
    assert "nextRecordsUrl" not in last
    assert [row["Id"] for row in first["records"] + last["records"]] == ids


def test_a_page_is_as_long_as_asked_for() -> None:
    org = an_org()
    crowd(org, 450)
    first = org.query("SELECT Id FROM Account", batch=200)
    assert (len(first["records"]), first["nextRecordsUrl"][-4:]) == (200, "-200")
    least = org.query("SELECT Id FROM Account", batch=5)
    assert len(least["records"]) == 200


def test_rows_written_between_two_pages_do_not_shift_them() -> None:
    org = an_org()
    ids = crowd(org, 300)
    first = org.query("SELECT Id FROM Account ORDER BY Name DESC", batch=200)
    org.create("Account", Name="Zzz")
    rest = org.ask("GET", first["nextRecordsUrl"]).json()
    assert [row["Id"] for row in first["records"] + rest["records"]] == ids[::-1]


def test_a_foreign_locator_is_refused() -> None:
    answer = an_org().api("GET", "query/0r8000000000001AAA-2000")
    assert (answer.status, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_usage_is_told_with_replies_that_have_a_body() -> None:
    """S3, S15."""
    org = an_org()
    org.sandbox.daily_requests = 5
    assert org.api("GET", "limits").headers["Sforce-Limit-Info"] == "api-usage=1/5"
    deal = org.a_deal()
    without = org.api("PATCH", f"sobjects/Opportunity/{deal}", {"Amount": 1})
    assert (without.status, "Sforce-Limit-Info" in without.headers) == (204, False)
    assert org.api("GET", "limits").json()["DailyApiRequests"] == {"Max": 5, "Remaining": 1}
    org.api("GET", "limits")
    answer = org.api("GET", "limits")
    assert (answer.status, answer.json()) == (
        403,
        [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}],
    )
    org.wait(days=1)
    org.log_in()
    assert org.api("GET", "limits").status == 200


def test_without_limits_usage_is_counted_and_nothing_refused() -> None:
    org = an_org(switches=Switches(limits=False))
    org.sandbox.daily_requests = 1
    assert [org.api("GET", "limits").status for _ in range(3)] == [200, 200, 200]


def test_counts_leave_out_what_is_empty() -> None:
    """S18."""
    org = an_org()
    crowd(org, 3)
    answer = org.api("GET", "limits/recordCount?sObjects=Account,Opportunity").json()
    assert answer == {"sObjects": [{"count": 3, "name": "Account"}]}


def changes(org: Org, what: str, start: str, end: str) -> Response:
    return org.api("GET", f"sobjects/Opportunity/{what}/?start={quote(start)}&end={quote(end)}")


def test_what_changed_and_what_went_is_told() -> None:
    org = an_org()
    kept, gone = org.a_deal(), org.a_deal()
    org.wait(minutes=10)
    org.api("DELETE", f"sobjects/Opportunity/{gone}")
    org.wait(minutes=10)
    updated = changes(org, "updated", "2026-11-25T07:00:00+00:00", "2026-11-25T09:00:00+00:00").json()
    assert updated == {"ids": [kept], "latestDateCovered": "2026-11-25T08:20:00.000+0000"}  # not beyond now
    deleted = changes(org, "deleted", "2026-11-25T07:00:00Z", "2026-11-25T08:15:00Z").json()
    assert deleted["deletedRecords"] == [{"id": gone, "deletedDate": "2026-11-25T08:10:00.000+0000"}]
    assert deleted["latestDateCovered"] == "2026-11-25T08:15:00.000+0000"


@pytest.mark.parametrize(
    ("what", "start", "end"),
    [
        ("updated", "2026-10-01T00:00:00Z", "2026-11-25T00:00:00Z"),  # more than 30 days back
        ("deleted", "2026-11-01T00:00:00Z", "2026-11-25T00:00:00Z"),  # more than 15
        ("updated", "2026-11-25T07:00:00Z", "2026-11-25T07:01:00Z"),
        ("updated", "yesterday", "2026-11-25T07:01:00Z"),
    ],
)
def test_an_impossible_window_is_refused(what: str, start: str, end: str) -> None:
    assert changes(an_org(), what, start, end).status == 400


def late_org() -> Org:
    return an_org(switches=Switches(seed=1, late_commits=timedelta(minutes=5)))


def test_a_tenth_of_what_is_written_shows_late() -> None:
    org = late_org()
    ids = set(crowd(org, 400))
    seen = {row["Id"] for row in org.rows("SELECT Id FROM Account")}
    assert 15 < len(ids - seen) < 70
    org.wait(minutes=4, seconds=59)
    assert {row["Id"] for row in org.rows("SELECT Id FROM Account")} == seen
    org.wait(seconds=1)
    rows = org.rows("SELECT Id, SystemModstamp FROM Account")
    assert {row["Id"] for row in rows} == ids
    assert {row["SystemModstamp"] for row in rows} == {"2026-11-25T08:00:00.000+0000"}  # the stamp is the old one


def test_a_late_edit_shows_the_state_before_until_its_time() -> None:
    org = late_org()
    ids = crowd(org, 200)
    org.wait(minutes=10)
    rows = [{"attributes": {"type": "Account"}, "id": id, "Industry": "Tech"} for id in ids]
    org.api("PATCH", "composite/sobjects", {"records": rows})
    edited = org.rows("SELECT Id FROM Account WHERE Industry = 'Tech'")
    assert org.query("SELECT COUNT() FROM Account")["totalSize"] == 200  # nothing is missing, some are old
    assert 150 < len(edited) < 198
    late = (set(ids) - {row["Id"] for row in edited}).pop()
    assert org.api("GET", f"sobjects/Account/{late}?fields=Industry").json()["Industry"] == "Tech"
    org.wait(minutes=5)
    assert len(org.rows("SELECT Id FROM Account WHERE Industry = 'Tech'")) == 200


def test_what_is_covered_stays_behind_late_commits() -> None:
    org = late_org()
    crowd(org, 200)
    org.wait(minutes=2)
    window = "start=2026-11-25T07:00:00Z&end=2026-11-25T09:00:00Z"
    assert (
        org.api("GET", f"sobjects/Account/updated/?{window}").json()["latestDateCovered"][:19] == "2026-11-25T08:00:00"
    )
    org.wait(minutes=3)
    assert (
        org.api("GET", f"sobjects/Account/updated/?{window}").json()["latestDateCovered"][:19] == "2026-11-25T08:05:00"
    )


def test_failures_come_as_often_as_planned_and_the_same_each_time() -> None:
    plan = Switches(seed=7, fail={"503": 0.1, "429": 0.05})

    def statuses() -> list[int]:
        org = an_org_despite(plan)
        return [org.api("GET", "limits").status for _ in range(400)]

    first = statuses()
    assert first == statuses()
    assert 20 < first.count(503) < 65
    assert 6 < first.count(429) < 40


def an_org_despite(plan: Switches) -> Org:
    org = Org(switches=plan)
    while not org.token:
        org.log_in()
    return org


def test_a_session_that_ends_by_bad_luck_is_over() -> None:
    org = an_org_despite(Switches(fail={"401": 1.0}))
    assert org.api("GET", "limits").json()[0]["errorCode"] == "INVALID_SESSION_ID"
    assert org.api("GET", "limits").status == 401


def test_a_lost_answer_had_its_effect_every_other_time() -> None:
    org = an_org()
    org.sandbox._faults.shares = {"lost": 1.0}
    assert [org.api("POST", "sobjects/Account", {"Name": f"A{number}"}).status for number in range(6)] == [0] * 6
    org.sandbox._faults.shares = {}
    names = [row["Name"] for row in org.rows("SELECT Name FROM Account")]
    assert len(names) == 3
    assert names in (["A0", "A2", "A4"], ["A1", "A3", "A5"])


def test_a_cut_answer_is_no_json() -> None:
    org = an_org_despite(Switches(fail={"cut": 1.0}))
    answer = org.api("GET", "limits")
    assert answer.status == 200
    with pytest.raises(ValueError, match=r"."):
        answer.json()


def test_the_date_is_the_sandbox_s_own() -> None:
    assert an_org().api("GET", "limits").headers["Date"] == "Wed, 25 Nov 2026 08:00:00 GMT"


def test_a_query_that_does_not_fit_into_the_address_is_refused() -> None:
    ids = ",".join(f"'001Qy{number:010}'" for number in range(1000))
    assert an_org().api("GET", f"query?q=SELECT+Id+FROM+Account+WHERE+Id+IN+({ids})").status == 414


def test_several_threads_may_ask_at_once() -> None:
    org = an_org()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: org.create("Account", Name=f"A{number}"), range(80)))
    assert org.query("SELECT COUNT() FROM Account")["totalSize"] == 80
