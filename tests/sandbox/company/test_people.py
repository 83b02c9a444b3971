"""The people of the invented company: a hierarchy in which people come, go and move."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from tests.sandbox.company.conftest import Company, Row


def by_email(company: Company) -> dict[str, Row]:
    return {each["email"]: each for each in company.rows("people.csv")}


def test_has_four_levels_below_one_head(company: Company) -> None:
    people = {each["id"]: each for each in company.rows("people.csv")}
    above = {"AE": "Manager", "SDR": "Manager", "Manager": "Director", "Director": "VP"}
    for each in people.values():
        if each["role"] == "VP":
            assert each["manager"] == ""
        else:
            boss = people[each["manager"]]
            assert boss["role"] == above[each["role"]]
            if each["role"] in ("AE", "SDR"):
                assert (boss["team"], boss["region"]) == (each["team"], each["region"])
            if each["role"] == "Manager":
                assert boss["region"] == each["region"]
    assert Counter(each["role"] for each in people.values()) == {
        "VP": 1,
        "Director": 3,
        "Manager": 6,
        "AE": 24,
        "SDR": 6,
    }


def test_keeps_each_seller_in_one_crm_and_some_managers_in_both_under_one_address(company: Company) -> None:
    crms = {each["email"]: (each["role"], each["crm"]) for each in company.rows("people.csv")}
    both = {email for email, (_, crm) in crms.items() if crm == "salesforce hubspot"}
    assert both == set(company.truth.planted.in_both_crms)
    assert {crms[email][0] for email in both} == {"VP", "Director", "Manager"}
    assert {crm for role, crm in crms.values() if role in ("AE", "SDR")} == {"salesforce", "hubspot"}


def test_invents_everybody(company: Company) -> None:
    for each in company.rows("people.csv"):
        assert each["email"].endswith("@example.com")
        assert each["email"].isascii()


def test_plants_a_joiner_in_the_middle_of_a_month(company: Company) -> None:
    joined = by_email(company)[company.truth.planted.joiner or ""]["start"]
    assert "2026-06-14" <= joined <= "2026-06-18"


def test_plants_a_leaver_whose_open_deals_went_to_the_manager_that_day(company: Company) -> None:
    leaver = by_email(company)[company.truth.planted.leaver or ""]
    assert (leaver["active"], leaver["end"]) == ("false", "2026-09-21")
    assert not [
        deal["id"]
        for deal in company.rows("deals.csv")
        if deal["owner"] == leaver["id"] and not deal["stage"].startswith("closed")
    ]
    given = [
        row["by"]
        for history in company.history().values()
        for row in history
        if row["field"] == "owner" and row["at"].startswith("2026-09-21") and row["value"] == leaver["manager"]
    ]
    assert given
    assert set(given) == {leaver["manager"]}


def test_gives_deals_only_to_people_who_are_there(company: Company) -> None:
    people = {each["id"]: each for each in company.rows("people.csv")}
    for history in company.history().values():
        for row in history:
            for who in {row["by"], row["value"] if row["field"] == "owner" else ""} - {""}:
                assert people[who]["start"] <= row["at"][:10] <= (people[who]["end"] or "9999"), row
    for row in company.rows("activities.csv"):
        if row["person"] and row["status"] == "completed":
            who = row["person"]
            assert people[who]["start"] <= row["at"][:10] <= (people[who]["end"] or "9999"), row


def test_moves_a_team_to_another_region_on_a_day(company: Company) -> None:
    moved = company.truth.planted.reorganisation
    assert moved == {"team": "Middle East", "from": "EMEA", "to": "APAC", "on": "2026-04-01"}
    dated: dict[str, list[tuple[str, str]]] = {}
    for row in company.rows("files/people.csv"):
        if row["team"] == "Middle East":
            dated.setdefault(row["person"], []).append((row["from"], row["region"]))
    before = [each for each in dated.values() if len(each) == 2]
    assert len(before) >= 4
    assert all(each[0][1] == "EMEA" and each[1] == ("2026-04-01", "APAC") for each in before)
    joined_since = [each for each in dated.values() if len(each) == 1]
    assert all(each[0][0] > "2026-04-01" and each[0][1] == "APAC" for each in joined_since)


def test_moves_the_manager_of_that_team_to_another_director(company: Company) -> None:
    people = by_email(company)
    rows = [
        row for row in company.rows("files/people.csv") if row["team"] == "Middle East" and row["role"] == "Manager"
    ]
    assert [people[row["manager"]]["region"] for row in rows] == ["EMEA", "APAC"]


def test_sends_everybody_away_only_while_they_are_employed(company: Company) -> None:
    people = by_email(company)
    absences = company.rows("files/absences.csv")
    assert len(absences) > 100
    for row in absences:
        who = people[row["person"]]
        assert who["start"] <= row["from"] <= row["to"] <= (who["end"] or "9999")


def test_sends_nobody_away_who_is_away_already(company: Company) -> None:
    rows = company.rows("files/absences.csv")
    for before, row in pairwise(rows):
        assert before["person"] != row["person"] or before["to"] < row["from"]
    assert any(row["from"] < "2026-08-01" < "2026-09-01" < row["to"] for row in rows)  # the long leave


def test_trains_those_who_sell_a_few_times_a_year(company: Company) -> None:
    people = by_email(company)
    trained = Counter(people[row["person"]]["role"] for row in company.rows("files/trainings.csv"))
    assert set(trained) == {"AE", "SDR", "Manager"}
    assert 3 <= trained["SDR"] / 6 <= 8  # in two years
