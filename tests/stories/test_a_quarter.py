"""What happens to people in a quarter: somebody joins, is away, moves; a target is raised; two are level.

Every story ends with what Salesforce shows. 2026-Q4 has 66 working days: 22 in October, 21 in November, 23 in December;
66,000 EUR a quarter are 22,000 a month.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.company import generate
from tests.cli.attain import Attain
from tests.stories.installed import Installation, installation

pytestmark = pytest.mark.xdist_group("a quarter")
TARGETS = "targets:\n  - metric: bookings\n    every: quarter\n    each: 66_000 EUR\n    quotas: [files.quotas]\n    for: role = 'AE'\n"
ELIF, FARID = "elif.kaya@example.com", "farid.weber@example.com"
ABSENCES, QUOTAS = "person,from,to\n", "person,metric,period,value\n"
ADJUSTMENTS = "person,metric,kind,from,to,share,amount,approver,reason\n"


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    generate(tmp_path / "company", people=12, deals=150, activities=200, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        (found.folder / "rules/targets.yaml").write_text(TARGETS, encoding="utf-8")
        write(found, "absences", ABSENCES)
        write(found, "quotas", QUOTAS)
        found.install()
        yield found


def write(installed: Installation, table: str, text: str) -> None:
    (installed.folder / "files" / f"{table}.csv").write_text(text, encoding="utf-8")


def change_person(installed: Installation, email: str, **values: str) -> None:
    """Another value in somebody's row of people.csv."""
    path = installed.folder / "files" / "people.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    names = header.split(",")
    changed = [
        ",".join(values.get(name, cell) for name, cell in zip(names, row.split(","), strict=True))
        if row.startswith(email)
        else row
        for row in rows
    ]
    path.write_text("\n".join([header, *changed]) + "\n", encoding="utf-8")


def shown(installed: Installation, email: str, period: str = "2026-Q4") -> dict[str, Any]:
    """The row of somebody's bookings in Salesforce, read with nothing but `requests`."""
    [person] = installed.salesforce(f"SELECT Id FROM User WHERE Email = '{email}'")
    rows = installed.salesforce(
        "SELECT Attain_Key__c, Target__c, Actual__c, Attainment_Pct__c, Rank__c, Reason__c FROM Attain_Attainment__c "
        f"WHERE Metric__c = 'bookings' AND Period_Label__c = '{period}' AND User__c = '{person['Id']}'"
    )
    return rows[0] if rows else {}


def sell(installed: Installation, email: str, amount: int, on: str) -> None:
    """Somebody wins a deal: an open one becomes theirs, and is closed on that day."""
    [person] = installed.salesforce(f"SELECT Id FROM User WHERE Email = '{email}'")
    [deal] = installed.salesforce("SELECT Id FROM Opportunity WHERE IsClosed = false ORDER BY Id LIMIT 1")
    fields = {"StageName": "Closed Won", "CloseDate": on, "Amount": amount, "OwnerId": person["Id"]}
    installed.salesforce_update(f"Opportunity/{deal['Id']}", fields)
    installed.time.sleep(3600)


def again(installed: Installation) -> None:
    """The next cycle, an hour later."""
    installed.time.sleep(3600)
    installed.sync()


def test_somebody_joins_in_the_middle_of_the_quarter(installed: Installation) -> None:
    # On Monday, 16 November: 11 of the month's 21 working days are left, 22,000.00 x 11 / 21 = 11,523.81.
    change_person(installed, ELIF, **{"from": "2026-11-16", "start": "2026-11-16"})
    installed.sync()
    assert shown(installed, FARID)["Target__c"] == 66_000
    assert shown(installed, ELIF)["Target__c"] == 33_523.81
    assert shown(installed, ELIF, "2026-11")["Target__c"] == 11_523.81


def test_somebody_goes_on_parental_leave_and_is_neither_late_nor_zero(installed: Installation) -> None:
    installed.sync()
    assert shown(installed, FARID)["Target__c"] == 66_000
    # The last day is Friday, 16 October: 12 of that month's 22 working days.
    write(installed, "absences", f"{ABSENCES}{FARID},2026-10-19,2027-06-30\n")
    again(installed)
    assert shown(installed, FARID)["Target__c"] == 12_000
    # Nothing is wanted in November: there is no target, which is not a target of zero, and the old one is gone.
    november = shown(installed, FARID, "2026-11")
    assert (november["Target__c"], november["Actual__c"], november["Attainment_Pct__c"]) == (None, None, None)
    assert november["Reason__c"] == "nothing is wanted any more, and nothing was measured"
    again(installed)
    assert sum(each.sent for each in installed.sync().written) == 0


def test_a_team_is_divided_and_everybody_s_deals_stay_where_they_were_sold(installed: Installation) -> None:
    sell(installed, ELIF, 3_000, "2026-10-20")
    sell(installed, ELIF, 4_000, "2026-11-10")
    sell(installed, FARID, 5_000, "2026-11-11")
    installed.sync()
    before, elif_ = teams(installed), shown(installed, ELIF)
    path = installed.folder / "files" / "people.csv"
    [row] = [each for each in path.read_text(encoding="utf-8").splitlines() if each.startswith(ELIF)]
    moved = row.replace("2022-11-12", "2026-11-01", 1).replace(",DACH,", ",Nordics,")
    path.write_text(path.read_text(encoding="utf-8") + moved + "\n", encoding="utf-8")
    again(installed)
    after = teams(installed)
    # October's deal is DACH's, as it was; what Elif sold since November is the new team's. Together nothing came or went.
    assert after["Nordics", "2026-Q4"] == 4_000_00
    assert after["DACH", "2026-Q4"] == before["DACH", "2026-Q4"] - 4_000_00
    assert shown(installed, ELIF) == elif_


def teams(installed: Installation) -> dict[tuple[str, str], int]:
    """What each team booked, by name and period."""
    with installed.house() as house, house.store.reading() as tx:
        from connector.store import results

        found = results.scores(tx, metric="bookings", subject_kind="team")
    return {(each.subject.id, each.period.id): int(each.actual) for each in found if each.actual}


def test_a_target_is_raised_on_the_way_and_everybody_can_see_by_whom(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed.sync()
    # Half more from 16 November on. What those 11 of 21 days carry is 11,523.81, half of it 5,761.91 (half up);
    # December's 22,000.00 become 33,000.00; October stays.
    write(
        installed,
        "adjustments",
        f"{ADJUSTMENTS}{ELIF},bookings,raise,2026-11-16,2026-12-31,50%,,Daniel Nguyen,plan_change\n",
    )
    again(installed)
    assert shown(installed, ELIF)["Target__c"] == 22_000 + 27_761.91 + 33_000
    assert shown(installed, FARID)["Target__c"] == 66_000
    attain = Attain(installed.folder, monkeypatch, capsys)
    said = " ".join(attain("targets", ELIF, "--period", "2026-Q4", "--today", "2026-11-25").out.split())
    assert "plan_change, approved by Daniel Nguyen" in said
    assert "From files:adjustments/" in said
    again(installed)
    assert sum(each.sent for each in installed.sync().written) == 0


def test_two_are_level_on_the_board_and_nobody_is_between_them(installed: Installation) -> None:
    sell(installed, ELIF, 3_000, "2026-10-20")
    sell(installed, FARID, 5_000, "2026-11-11")
    installed.sync()
    sold = {each: shown(installed, each)["Actual__c"] for each in (ELIF, FARID)}
    assert sold[ELIF] != sold[FARID]
    assert all(sold.values())
    # Each has to reach three times what they have: a third for both, whatever the amounts; nobody else has sold anything near.
    rows = "".join(f"{who},bookings,2026-Q4,{3 * amount:.2f}\n" for who, amount in sold.items())
    write(installed, "quotas", QUOTAS + rows)
    again(installed)
    elif_, farid = shown(installed, ELIF), shown(installed, FARID)
    assert elif_["Attainment_Pct__c"] == farid["Attainment_Pct__c"] == pytest.approx(100 / 3, abs=0.01)
    assert elif_["Rank__c"] == farid["Rank__c"]
    ranks = [
        each["Rank__c"]
        for each in installed.salesforce(
            "SELECT Rank__c FROM Attain_Attainment__c WHERE Metric__c = 'bookings' AND Period_Label__c = '2026-Q4'"
        )
        if each["Rank__c"] is not None
    ]
    assert elif_["Rank__c"] + 1 not in ranks, "1, 1, 3: the place behind two who are level stays empty"


def test_a_private_board_shows_nobody_s_place_but_to_themselves(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    attain = Attain(installed.folder, monkeypatch, capsys)
    installed.sync()
    at = ("--today", "2026-11-25")
    assert "Farid Weber" in attain("scores", "--metric", "bookings", *at).out
    cards = installed.folder / "rules/scorecards.yaml"
    cards.write_text(
        f"{cards.read_text(encoding='utf-8')}leaderboards:\n  bookings: {{private: true}}\n", encoding="utf-8"
    )
    said = attain("scores", "--metric", "bookings", *at).out
    assert "This board is private" in said
    assert "Farid Weber" not in said
    assert "mean" in said, "the picture of the whole is nobody's secret"
    assert json.loads(attain("scores", "--metric", "bookings", *at, "--json").out) == []
    written = attain("scores", "--metric", "bookings", *at, "--csv")
    assert (written.out.startswith("metric,kind,id,name,"), written.out.count("\n")) == (True, 1), "the head alone"
    assert "This board is private" in written.err
    [own] = json.loads(attain("scores", "--metric", "bookings", *at, "--json", "--as", FARID).out)
    assert (own["name"], bool(own["rank"])) == ("Farid Weber", True)
    assert "Farid Weber" in attain("scores", "--metric", "bookings", *at, "--as", FARID).out
    assert " quarter of the field" in attain("explain", FARID, "bookings", *at).out
