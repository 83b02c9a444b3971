"""truth.json, worked out again from the files alone."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests.sandbox.company.conftest import TODAY, Company, Row
from tests.sandbox.company.test_deals import quarter_of, won


class Recount:
    """The same totals by another way: whole files in memory, decimals, one deal at a time."""

    def __init__(self, company: Company) -> None:
        self.email = {row["id"]: row["email"] for row in company.rows("people.csv")}
        self.rates = company.rows("rates.csv")
        self.history = company.history()
        self.splits: dict[str, list[Row]] = {}
        for row in company.rows("splits.csv"):
            if row["kind"] == "revenue":
                self.splits.setdefault(row["deal"], []).append(row)

    def value(self, deal: Row, rounding: str = ROUND_HALF_UP) -> int | None:
        """In cents of the company's currency."""
        amount = Decimal(deal["amount"])
        if deal["currency"] != "EUR":
            known = [r for r in self.rates if r["currency"] == deal["currency"] and r["starts_on"] <= deal["closed_on"]]
            if not known:
                return None
            amount /= Decimal(max(known, key=lambda row: row["starts_on"])["rate"])
        return int((amount * 100).quantize(Decimal(1), rounding))

    def closer(self, deal: Row) -> str:
        history = self.history[deal["id"]]
        closing = [row["at"] for row in history if row["field"] == "stage"][-1]
        return [row["value"] for row in history if row["field"] == "owner" and row["at"] <= closing][-1]

    def shares(self, deal: Row) -> dict[str, Decimal]:
        split = self.splits.get(deal["id"])
        if not split:
            return {self.closer(deal): Decimal(100)}
        return {row["person"]: Decimal(row["percent"]) for row in split}


@pytest.fixture(scope="module")
def recount(company: Company) -> Recount:
    return Recount(company)


def test_stands_in_the_file_as_it_was_returned(company: Company) -> None:
    said = json.loads((company.folder / "truth.json").read_text(encoding="utf-8"))
    assert said == json.loads(json.dumps(asdict(company.truth)))
    assert set(said["definitions"]) >= {"outcomes", "won_value", "won_by_owner", "credited", "activities"}


def test_counts_outcomes_per_crm(company: Company) -> None:
    outcome = {"closedwon": "won", "closedlost": "lost"}
    counted = Counter(
        (deal["crm"], outcome.get(deal["stage"], "open"))
        for deal in company.rows("deals.csv")
        if not deal["deleted_at"]
    )
    told = {(crm, each): count for crm, by in company.truth.outcomes.items() for each, count in by.items()}
    assert told == counted


def test_adds_up_won_value_per_quarter_and_crm(company: Company, recount: Recount) -> None:
    value: Counter[tuple[str, str]] = Counter()
    for deal in won(company):
        value[deal["crm"], quarter_of(deal["closed_on"])] += recount.value(deal) or 0
    told = {(crm, each): sum_ for crm, by in company.truth.won_value_by_crm.items() for each, sum_ in by.items()}
    assert told == value
    whole: Counter[str] = Counter()
    for (_, quarter), each in value.items():
        whole[quarter] += each
    assert company.truth.won_value == whole


def test_lets_no_conversion_fall_between_two_cents(company: Company, recount: Recount) -> None:
    for deal in won(company):
        assert recount.value(deal) == recount.value(deal, ROUND_HALF_EVEN)


def test_counts_won_deals_per_owner_now_and_at_close(company: Company, recount: Recount) -> None:
    now = Counter(recount.email[deal["owner"]] for deal in won(company))
    at_close = Counter(recount.email[recount.closer(deal)] for deal in won(company))
    assert company.truth.won_by_owner == now
    assert company.truth.won_by_owner_at_close == at_close
    assert now != at_close  # some were handed on afterwards


def test_credits_each_person_with_their_shares(company: Company, recount: Recount) -> None:
    credited: Counter[tuple[str, str]] = Counter()
    for deal in won(company):
        value, shares = recount.value(deal), recount.shares(deal)
        if value is not None and sum(shares.values()) == 100:
            for person, percent in shares.items():
                credited[recount.email[person], quarter_of(deal["closed_on"])] += int(value * percent)
    told = {(who, each): sum_ for who, by in company.truth.credited.items() for each, sum_ in by.items()}
    assert told == credited


def test_counts_activities(company: Company) -> None:
    counted = Counter((row["crm"], row["type"], row["status"]) for row in company.rows("activities.csv"))
    told = {
        (crm, kind, status): count
        for crm, by in company.truth.activities.items()
        for kind, statuses in by.items()
        for status, count in statuses.items()
    }
    assert told == counted


def test_splits_revenue_to_a_hundred_but_for_the_three_wrong_ones(company: Company, recount: Recount) -> None:
    sums = {deal: sum(int(row["percent"]) for row in rows) for deal, rows in recount.splits.items()}
    assert len(sums) > 50
    wrong = {deal: total for deal, total in sums.items() if total != 100}
    assert wrong == company.truth.planted.wrong_splits
    assert sorted(wrong.values()) == [90, 90, 120]
    assert {len(rows) for rows in recount.splits.values()} == {2, 3}
    assert any(row["kind"] == "overlay" for row in company.rows("splits.csv"))


def test_lists_the_deals_that_were_reopened(company: Company, recount: Recount) -> None:
    for deal in company.truth.planted.reopened:
        stages = [row["value"] for row in recount.history[deal] if row["field"] == "stage"]
        assert not stages[stages.index("closedlost") + 1].startswith("closed")


def test_lists_the_won_deals_that_were_handed_on(company: Company, recount: Recount) -> None:
    changed = [deal["id"] for deal in won(company) if deal["owner"] != recount.closer(deal)]
    assert changed == list(company.truth.planted.handed_on)
    assert len(changed) == company.truth.planted.handed_on_count


def wins_of(email: str | None, company: Company, recount: Recount) -> list[Row]:
    return [deal for deal in won(company) if recount.email[recount.closer(deal)] == email]


def test_plants_a_sandbagger_whose_deals_come_in_early_and_larger(company: Company, recount: Recount) -> None:
    wins = wins_of(company.truth.planted.sandbagger, company, recount)
    assert len(wins) > 10
    early = larger = 0
    for deal in wins:
        history = recount.history[deal["id"]]
        first = {row["field"]: row["value"] for row in reversed(history)}
        before = [row["value"] for row in history if row["field"] == "closed_on" and row["value"]][-2:]
        early += quarter_of(before[0]) > quarter_of(deal["closed_on"])
        larger += bool(first["amount"]) and Decimal(deal["amount"]) > Decimal(first["amount"]) * Decimal("1.2")
    assert early > 0.8 * len(wins)
    assert larger > 0.8 * len(wins)


def test_plants_somebody_who_wins_at_the_very_end_of_a_quarter_only(company: Company, recount: Recount) -> None:
    wins = wins_of(company.truth.planted.buncher, company, recount)
    assert len(wins) > 10
    late = [deal for deal in wins if deal["closed_on"][5:] >= "03-25" and deal["closed_on"][8:] >= "24"]
    assert len([deal for deal in late if deal["closed_on"][5:7] in ("03", "06", "09", "12")]) > 0.9 * len(wins)


def test_plants_a_staller_who_won_before_but_nothing_this_quarter(company: Company, recount: Recount) -> None:
    staller = company.truth.planted.staller
    assert len(wins_of(staller, company, recount)) > 10
    assert "2026-Q4" not in company.truth.credited[staller or ""]
    assert {"2026-Q3", "2026-Q2"} <= set(company.truth.credited[staller or ""])


def quotas(company: Company) -> dict[tuple[str, str], int]:
    return {(row["person"], row["period"]): int(row["value"]) for row in company.rows("files/quotas.csv")}


def test_asks_each_seller_for_bookings_in_each_quarter_of_two_years(company: Company) -> None:
    people = {row["email"]: row for row in company.rows("people.csv")}
    assert {row["metric"] for row in company.rows("files/quotas.csv")} == {"bookings"}
    asked = quotas(company)
    assert {period for _, period in asked} == {
        f"{year}-Q{quarter}" for year in (2025, 2026) for quarter in (1, 2, 3, 4)
    }
    for person, period in asked:
        first = f"{period[:4]}-{3 * int(period[6]) - 2:02}-01"
        assert people[person]["role"] == "AE"
        assert people[person]["end"] == "" or people[person]["end"] >= first
    there_all_along = [
        row["email"] for row in people.values() if row["role"] == "AE" and row["start"] < "2025" and not row["end"]
    ]
    assert all((email, "2025-Q1") in asked and (email, "2026-Q4") in asked for email in there_all_along)


def test_sizes_quotas_so_that_teams_reach_most_of_them(company: Company) -> None:
    team = {row["email"]: row["team"] for row in company.rows("people.csv")}
    actual: Counter[Any] = Counter()
    target: Counter[Any] = Counter()
    for (person, period), value in quotas(company).items():
        if "2025-Q1" < period < "2026-Q4":  # whole quarters
            target[team[person]] += value
            actual[team[person]] += company.truth.credited.get(person, {}).get(period, 0)
    assert len(target) == 6
    for each, value in target.items():
        assert 0.7 < actual[each] / 10_000 / value < 1.1, each


def test_leaves_some_but_not_most_sellers_behind_pace_for_three_working_days(
    company: Company, recount: Recount
) -> None:
    quarter = [date(2026, 10, 1) + timedelta(days=each) for each in range(92)]
    weekdays = [day for day in quarter if day.weekday() < 5]
    last_three = [day for day in weekdays if day <= TODAY][-3:]
    asked = {person: value for (person, period), value in quotas(company).items() if period == "2026-Q4"}
    paces: dict[str, list[float]] = {person: [] for person in asked}
    for today in last_three:
        elapsed = sum(day < today for day in weekdays) / len(weekdays)
        credited: Counter[str] = Counter()
        for deal in won(company):
            shares = recount.shares(deal)
            if "2026-10-01" <= deal["closed_on"] <= today.isoformat() and sum(shares.values()) == 100:
                for person, percent in shares.items():
                    credited[recount.email[person]] += int((recount.value(deal) or 0) * percent)
        for person, value in asked.items():
            paces[person].append(credited[person] / 10_000 / value / elapsed)
    behind = {person for person, each in paces.items() if max(each) < 0.7}
    assert company.truth.planted.staller in behind
    assert 2 <= len(behind) <= 0.6 * len(asked)
