"""The deals of the invented company: each one consistent, all of them together like a real quarter."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from connector.sandbox.company import generate
from tests.sandbox.company.conftest import TODAY, Company, Row

CLOSED = ("closedwon", "closedlost")
OPEN = ("qualification", "discovery", "proposal", "negotiation")


def won(company: Company) -> list[Row]:
    return [deal for deal in company.rows("deals.csv") if deal["stage"] == "closedwon"]


def quarter_of(day: str) -> str:
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def test_ends_each_history_with_what_the_deal_says(company: Company) -> None:
    history = company.history()
    for deal in company.rows("deals.csv"):
        last = {row["field"]: row["value"] for row in history[deal["id"]]}
        assert last == {field: deal[field] for field in ("stage", "amount", "closed_on", "owner")}, deal["id"]


def test_begins_each_history_with_all_four_values_at_creation(company: Company) -> None:
    history = company.history()
    for deal in company.rows("deals.csv"):
        first = [row["field"] for row in history[deal["id"]] if row["at"] == deal["created_at"]]
        assert set(first) == {"stage", "amount", "closed_on", "owner"}, deal["id"]
        assert history[deal["id"]][0]["at"] == deal["created_at"]


def test_was_modified_no_earlier_than_its_last_change(company: Company) -> None:
    history = company.history()
    for deal in company.rows("deals.csv"):
        assert deal["modified_at"] >= history[deal["id"]][-1]["at"]
        assert not deal["deleted_at"] or deal["deleted_at"] == deal["modified_at"]


def test_closes_each_deal_after_its_creation_on_the_day_it_says(company: Company) -> None:
    assert_closed_well(company.rows("deals.csv"), company.history())


@pytest.mark.parametrize(("seed", "people"), [(2, 24), (4, 40), (7, 8), (18, 6), (23, 90)])
def test_closes_well_whatever_the_dice_say(tmp_path: Path, seed: int, people: int) -> None:
    other = Company(tmp_path, generate(tmp_path, people=people, deals=2000, activities=0, seed=seed, today=TODAY))
    deals = other.rows("deals.csv")
    assert_closed_well(deals, other.history())
    staller = next(each["id"] for each in other.rows("people.csv") if each["email"] == other.truth.planted.staller)
    assert not [
        deal
        for deal in deals
        if deal["owner"] == staller and deal["stage"] == "closedwon" and deal["closed_on"] >= "2026-10-01"
    ]
    assert other.truth.planted.reopened_count > 10  # the ones that used to end on a wrong day


def assert_closed_well(deals: list[Row], history: dict[str, list[Row]]) -> None:
    for deal in deals:
        if deal["stage"] in CLOSED:
            closing = [row["at"] for row in history[deal["id"]] if row["field"] == "stage"][-1]
            assert deal["created_at"] < closing
            assert closing[:10] == deal["closed_on"]


def test_walks_the_stages_with_few_steps_back_and_few_skipped(company: Company) -> None:
    steps: Counter[str] = Counter()
    for history in company.history().values():
        stages = [row["value"] for row in history if row["field"] == "stage"]
        for was, now in pairwise(stages):
            if was in CLOSED:
                steps["reopened"] += 1
            elif now in OPEN:
                size = OPEN.index(now) - OPEN.index(was)
                steps["on" if size == 1 else "skipped" if size > 1 else "back"] += 1
    assert steps["on"] > 10 * steps["back"] > 0
    assert steps["on"] > 10 * steps["skipped"] > 0
    assert steps["reopened"] == company.truth.planted.reopened_count > 10


def test_pushes_some_close_dates_and_pulls_others_in(company: Company) -> None:
    moved: Counter[str] = Counter()
    for history in company.history().values():
        dates = [row["value"] for row in history if row["field"] == "closed_on" and row["value"]]
        for was, now in pairwise(dates):
            moved["later" if now > was else "earlier" if now < was else "same"] += 1
    assert moved["later"] > 1000
    assert moved["earlier"] > 1000


def test_wins_most_in_the_last_third_of_each_quarter(company: Company) -> None:
    late = whole = 0.0
    for deal in won(company):
        day = date.fromisoformat(deal["closed_on"])
        starts = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        ends = date(starts.year + starts.month // 10, (starts.month + 3 - 1) % 12 + 1, 1)
        if starts >= date(2025, 1, 1) and ends <= date(2026, 11, 25):  # whole quarters only
            whole += float(deal["amount"])
            late += float(deal["amount"]) * (3 * (day - starts).days >= 2 * (ends - starts).days)
    assert 0.45 < late / whole < 0.65


def test_makes_the_fourth_quarter_the_strongest_of_its_year(company: Company) -> None:
    value: Counter[str] = Counter()
    for deal in won(company):
        value[quarter_of(deal["closed_on"])] += int(float(deal["amount"]))
    assert max((each for each in value if each.startswith("2025")), key=value.__getitem__) == "2025-Q4"


def test_puts_somewhat_more_than_half_into_salesforce(company: Company) -> None:
    crms = Counter(deal["crm"] for deal in company.rows("deals.csv"))
    assert crms == {"salesforce": 1650, "hubspot": 1350}


def test_wins_about_a_third_of_what_it_closes(company: Company) -> None:
    stages = Counter(deal["stage"] for deal in company.rows("deals.csv"))
    assert 0.28 < stages["closedwon"] / (stages["closedwon"] + stages["closedlost"]) < 0.42
    still_open = sum(stages[each] for each in OPEN)
    assert 0.06 < still_open / 3000 < 0.16
    assert min(stages[each] for each in OPEN) > 10


def test_sells_in_three_currencies_and_once_in_one_without_a_rate(company: Company) -> None:
    currencies = Counter(deal["currency"] for deal in company.rows("deals.csv"))
    assert set(currencies) == {"EUR", "USD", "GBP", "CHF"}
    assert min(currencies[each] for each in ("EUR", "USD", "GBP")) > 100
    strange = [deal for deal in company.rows("deals.csv") if deal["currency"] == "CHF"]
    assert [deal["id"] for deal in strange] == list(company.truth.planted.no_rate)
    assert [deal["crm"] for deal in strange] == ["hubspot"]  # Salesforce has a rate for every currency it allows
    assert {row["currency"] for row in company.rows("rates.csv")} == {"USD", "GBP"}


def test_has_a_rate_for_every_close_date_and_one_per_quarter(company: Company) -> None:
    starts = [row["starts_on"] for row in company.rows("rates.csv") if row["currency"] == "USD"]
    assert starts[0] <= min(deal["closed_on"] for deal in company.rows("deals.csv") if deal["closed_on"])
    assert starts[-4:] == ["2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"]


def test_gives_rates_an_odd_last_digit_so_that_no_conversion_is_a_tie(company: Company) -> None:
    assert all(len(row["rate"]) == 6 and row["rate"][-1] in "13579" for row in company.rows("rates.csv"))


def test_leaves_nothing_that_belongs_to_a_deleted_deal(company: Company) -> None:
    deleted = {deal["id"] for deal in company.rows("deals.csv") if deal["deleted_at"]}
    assert deleted
    assert not deleted & {row["deal"] for name in ("activities.csv", "splits.csv") for row in company.rows(name)}


def test_leaves_gaps_where_real_records_have_them(company: Company) -> None:
    still_open = [deal for deal in company.rows("deals.csv") if deal["stage"] in OPEN]
    for column in ("account", "amount", "closed_on", "next_step"):
        assert any(not deal[column] for deal in still_open), column
    assert all(deal["closed_on"] for deal in still_open if deal["crm"] == "salesforce")  # it is required there
    assert all(deal["owner"] for deal in company.rows("deals.csv") if deal["crm"] == "salesforce")
    assert all(deal["amount"] for deal in won(company))
    assert any(deal["closed_on"] and deal["closed_on"] < "2026-11-25" for deal in still_open)  # past due
    assert any(deal["deleted_at"] for deal in still_open)


def test_nests_accounts_two_levels_deep_within_one_crm(company: Company) -> None:
    accounts = {row["id"]: row for row in company.rows("accounts.csv")}
    depths: Counter[int] = Counter()
    for row in accounts.values():
        depth, above = 0, row
        while above["parent"]:
            depth, above = depth + 1, accounts[above["parent"]]
            assert above["crm"] == row["crm"]
        depths[depth] += 1
    assert set(depths) == {0, 1, 2}


def test_sells_to_no_account_before_it_exists(company: Company) -> None:
    accounts = {row["id"]: row for row in company.rows("accounts.csv")}
    for deal in company.rows("deals.csv"):
        if deal["account"]:
            assert accounts[deal["account"]]["created_at"] < deal["created_at"]
            assert accounts[deal["account"]]["crm"] == deal["crm"]


def test_has_names_that_break_careless_quoting(company: Company) -> None:
    names = {row["name"] for row in company.rows("accounts.csv")}
    for sign in (",", '"', "'", "é", "%", "\\", "&"):
        assert any(sign in name for name in names), sign


def test_holds_more_meetings_on_deals_that_are_won(company: Company) -> None:
    stages = {deal["id"]: deal["stage"] for deal in company.rows("deals.csv")}
    held: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for row in company.rows("activities.csv"):
        if row["deal"] and row["status"] == "completed":
            every[stages[row["deal"]]] += 1
            held[stages[row["deal"]]] += row["type"] == "meeting"
    assert held["closedwon"] / every["closedwon"] > 1.8 * held["closedlost"] / every["closedlost"]


def test_has_done_what_is_completed_and_plans_only_for_open_deals(company: Company) -> None:
    stages = {deal["id"]: deal["stage"] for deal in company.rows("deals.csv")}
    due: Counter[str] = Counter()
    for row in company.rows("activities.csv"):
        assert row["modified_at"] < "2026-11-25T06:00:00Z"
        if row["status"] == "completed":
            assert row["at"] <= row["modified_at"]
        else:
            assert stages[row["deal"]] in OPEN
            due["overdue" if row["at"] < "2026-11-25" else "ahead"] += 1
    assert due["ahead"] > due["overdue"] > 0


def test_does_something_so_late_that_it_is_tomorrow_in_berlin(company: Company) -> None:
    assert sum(row["at"][11:13] == "23" for row in company.rows("activities.csv")) > 100
