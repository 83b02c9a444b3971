"""The records behind a number."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.measure.evidence import Evidence, evidence, listed
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.catalogue import Type
from connector.model.results import COMPANY, Subject
from tests.measure.mirror import Record, a_deal, a_formula, a_metric, a_mirror, a_seat
from tests.measure.shipped import shipped

Q4 = Calendar().period("2026-Q4")
ANA, EAST = Subject("person", "ana"), Subject("team", "East")

bookings = a_metric(where="outcome = 'won'", credit="splits")
deals_won = a_metric("deals_won", where="outcome = 'won'", measure="count()", unit="deals", credit="splits")


def behind(metric: Metric, *records: list[Record], subject: Subject = ANA, limit: int | None = None) -> Evidence:
    return evidence(a_mirror(*records), metric, subject, Q4, date(2026, 11, 3), limit=limit)


def test_the_credited_parts_of_all_lines_add_up_to_the_number() -> None:
    half = [("ana", 500_000, False), ("bo", 500_000, False)]
    found = behind(bookings, a_deal(amount=101, splits=half), a_deal(amount=1_000))
    assert sorted(each.credited or 0 for each in found.lines) == [51, 1_000]
    assert found.total == 1_051


def test_a_line_shows_the_whole_amount_and_the_share() -> None:
    deal = a_deal(
        "emea:Opportunity/1", name="Acme", amount=100, splits=[("ana", 250_000, False), ("bo", 750_000, False)]
    )
    line = behind(bookings, deal).lines[0]
    assert (line.ref, line.name, line.happened_on) == ("emea:Opportunity/1", "Acme", date(2026, 10, 8))
    assert [line.value, line.share, line.credited] == [100, 250_000, 25]


def test_a_count_has_one_line_per_record() -> None:
    found = behind(deals_won, a_deal(), a_deal(), a_deal(outcome="lost"))
    assert len(found.lines) == found.total == 2


def test_says_why_a_record_was_left_out() -> None:
    found = behind(
        bookings,
        a_deal("emea:Opportunity/1", amount=None),
        a_deal("emea:Opportunity/2", amount=None, amount_raw=500, currency="CHF"),
        a_deal("emea:Opportunity/3", faulty="splits add up to 90 %"),
        a_deal("emea:Opportunity/4", closed_on=date(2026, 11, 4)),
    )
    assert {each.ref[-1]: each.reason for each in found.left_out} == {
        "1": "no amount",
        "2": "no rate for CHF",
        "3": "splits add up to 90 %",
        "4": "dated after 2026-11-03",
    }
    assert found.total is None


def test_the_company_lists_whose_record_nobody_we_know_has() -> None:
    found = behind(bookings, a_deal(owner=None), subject=COMPANY)
    assert [each.note for each in found.lines] == ["no known owner: counts for the company only"]


def test_a_teams_lines_leave_out_other_teams_and_overlays() -> None:
    records = (
        a_deal(amount=10),
        a_deal(amount=20, owner="bo"),
        a_deal(amount=40, owner="bo", splits=[("bo", 1_000_000, False), ("ana", 1_000_000, True)]),
        a_seat("ana", "East"),
        a_seat("bo", "West"),
    )
    found = behind(bookings, *records, subject=EAST)
    assert [each.credited for each in found.lines] == [10]
    assert found.total == 10


def test_notes_which_condition_a_record_met() -> None:
    rate = a_metric("win_rate", measure="count_if(outcome = 'won') / count()", unit="ratio")
    found = behind(rate, a_deal("emea:Opportunity/1"), a_deal("emea:Opportunity/2", outcome="lost"))
    assert [(each.ref[-1], each.note) for each in found.lines] == [("1", "outcome = 'won'"), ("2", "")]


def test_notes_the_days_that_a_median_is_made_of() -> None:
    cycle = a_metric("cycle", measure="median(days_between(created_on, closed_on))", unit="days")
    assert [each.note for each in behind(cycle, a_deal()).lines] == ["37 days"]


def test_a_formula_has_the_evidence_of_each_input() -> None:
    average = a_formula("average", "bookings / deals_won", "money", bookings=Type.MONEY, deals_won=Type.NUMBER)
    mirror = a_mirror(a_deal(amount=100), a_deal(amount=101))
    known = {each.name: each for each in (bookings, deals_won)}
    found = evidence(mirror, average, ANA, Q4, date(2026, 11, 3), metrics=known)
    assert [each.metric for each in found.inputs] == ["bookings", "deals_won"]
    assert [[each.total, len(each.lines)] for each in found.inputs] == [[201, 2], [2, 2]]
    assert found.total == 201 / 2


def test_a_formula_over_a_target_shows_the_whole_chain() -> None:
    family = {each.name: each for each in shipped("coverage_of_remaining")}
    mirror = a_mirror(a_deal(amount=400), a_deal(amount=900, outcome="open"))
    targets = {("bookings", ANA, Q4.id): Decimal(1_000)}
    metric = family["coverage_of_remaining"]
    found = evidence(mirror, metric, ANA, Q4, date(2026, 11, 3), metrics=family, targets=targets)
    assert found.total == Decimal("1.5")
    chain = [[each.metric, each.total, len(each.lines)] for each in found.inputs]
    assert chain == [["open_pipeline", 900, 1], ["target:bookings", 1_000, 0], ["bookings", 400, 1]]


def test_a_limit_shortens_the_list_and_not_the_total() -> None:
    found = behind(bookings, a_deal(closed_on=date(2026, 10, 1)), a_deal(closed_on=date(2026, 10, 9)), limit=1)
    assert [each.happened_on for each in found.lines] == [date(2026, 10, 9)]
    assert [found.total, found.more] == [200_000, 1]


def test_a_deal_without_the_rate_that_a_metric_wants_is_left_out_and_says_which() -> None:
    abroad = a_deal(currency="USD", amount_raw=110_00, amount=100_00)
    reasons = {rate: [each.reason for each in behind(a_metric(rate=rate), abroad).left_out] for rate in ("plan", "crm")}
    assert reasons == {"plan": ["no plan rate for USD"], "crm": ["the CRM has not converted its USD"]}
    assert behind(a_metric(), abroad).total == 100_00


def test_everybody_s_newest_records_are_found_at_once() -> None:
    days = [date(2026, 10, each) for each in (1, 2, 5, 6)]
    mine = [a_deal(f"emea:Opportunity/{at}", owner="ana", closed_on=day) for at, day in enumerate(days)]
    unpriced = a_deal("emea:Opportunity/9", owner="ana", amount=None)
    shared = a_deal("emea:Opportunity/8", splits=[("bo", 500_000, False), ("ana", 500_000, False)], closed_on=days[0])
    found = listed(a_mirror(*mine, unpriced, shared), bookings, Q4, date(2026, 11, 3), each=2)
    assert {who: [line.ref[-1] for line in each.lines] for who, each in found.items()} == {
        "ana": ["3", "2"],
        "bo": ["8"],
    }
    assert [(each.ref[-1], each.reason) for each in found["ana"].left_out] == [("9", "no amount")]
    assert [each.credited for each in found["bo"].lines] == [50_000]
    ratio = a_formula("average", "bookings / deals_won", "money", bookings=Type.MONEY, deals_won=Type.NUMBER)
    assert listed(a_mirror(*mine), ratio, Q4, date(2026, 11, 3), each=2) == {}
