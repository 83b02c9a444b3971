"""Targets held against SMART: a team with a target that nobody can reach, one that adds up to too much, and worse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from connector.appraisal.appraise import appraise
from connector.improve.finding import Finding, Severity
from connector.improve.lint import Lint
from connector.measure.filled import filled
from connector.model.calendar import Calendar, Grain, Period
from connector.model.catalogue import RELATIONS
from connector.model.people import Assignment, Person, Roster
from connector.targets.policy import SplitStep
from tests.appraisal.test_appraise import COMPANY_SETTINGS, rules
from tests.measure.mirror import Record, a_deal, a_metric, a_mirror, an_account_period
from tests.targets.policies import a_person, a_policy, a_quota, away

TODAY = date(2026, 12, 28)
Q1 = Calendar().period("2027-Q1")
bookings = a_metric(where="outcome = 'won'")


def seated(name: str, **given: Any) -> Person:
    return a_person(name, assignments=(Assignment(date(1, 1, 1), {"role": "AE", "team": "East"}),), **given)


PEOPLE = tuple(seated(each) for each in ("ana", "bea", "cem"))


def history(*names: str, amount: int = 100_000) -> Iterator[list[Record]]:
    """A deal of 1,000.00 EUR in each of the last 25 months, for everybody."""
    for name in names or ("ana", "bea", "cem"):
        for month in range(25):
            year, at = divmod(11 - month, 12)
            yield a_deal(owner=name, closed_on=date(2026 + year, at + 1, 10), amount=amount)


def lint(
    *records: list[Record], each: int | None = 300_000, people: tuple[Person, ...] = PEOPLE, **more: Any
) -> list[Finding]:
    policies = more.pop(
        "policies",
        (a_policy(every=Grain.QUARTER, each=None if each is None else Decimal(each), quotas=("files.quotas",)),),
    )
    metrics = [more.pop("metric", bookings), *([more.pop("also")] if "also" in more else [])]
    using = rules(metrics={each.name: each for each in metrics}, targets=policies, alerts={})
    roster, mirror = Roster.of(people), a_mirror(*(records or history()))
    tables = {"quotas": more.pop("quotas", [])}
    found = appraise(mirror, using, roster, COMPANY_SETTINGS, tables, today=TODAY, periods=[Q1], everything=False)
    return Lint(mirror, using, roster, more.pop("calendar", Calendar()), found, Q1).findings()


def said(found: list[Finding], check: str) -> list[tuple[str, str]]:
    return [(each.subject.id, each.severity.name) for each in found if each.check == check]


def test_a_target_that_every_quarter_would_have_reached_is_as_good_as_certain() -> None:
    found = lint(each=300_000)
    assert said(found, "achievable") == [("ana", "NOTE"), ("bea", "NOTE"), ("cem", "NOTE")]
    assert max(each.severity for each in found) is Severity.NOTE


def test_a_target_that_no_quarter_would_have_reached_is_named_with_what_that_rests_on() -> None:
    found = lint(each=300_000, quotas=[a_quota("ana@example.com", "2027-Q1", 3_100)])
    [unlikely] = [each for each in found if each.severity is Severity.WARNING and each.check == "achievable"]
    assert unlikely.subject.id == "ana"
    assert unlikely.says == "reached in 0% of draws (0% to 0%), from 24 own months and 48 of peers"
    assert unlikely.where.startswith("files:quotas/")
    # And her chance is a world apart from her peers'.
    assert said(found, "fair") == [("ana", "WARNING")]


def test_whoever_comes_back_is_as_likely_as_before_to_reach_what_they_always_did() -> None:
    leave = away(date(2026, 5, 1), date(2026, 11, 30))
    back = seated("ana", absences=leave)
    records = [
        each
        for each in history()
        if each[0][1]["owner"] != "ana" or not leave[0].starts_on <= each[0][1]["closed_on"] <= leave[0].ends_on
    ]
    found = lint(*records, people=(back, *PEOPLE[1:]))
    assert said(found, "achievable") == [("ana", "NOTE"), ("bea", "NOTE"), ("cem", "NOTE")], "as good as certain, all"
    assert said(found, "fair") == []


def test_somebody_new_among_people_with_no_past_is_no_guess() -> None:
    found = lint(a_deal(owner="ana", closed_on=date(2026, 12, 1)), people=(seated("ana", starts_on=date(2026, 12, 1)),))
    [few] = [each for each in found if each.check == "achievable"]
    assert (few.severity, few.says) == (Severity.NOTE, "not enough history to say how likely 1 of the targets are")


def test_a_metric_of_which_nothing_was_measured_cannot_be_a_target() -> None:
    [found] = [each for each in lint(a_deal(closed_on=date(2025, 1, 1))) if each.check == "measurable"]
    assert (found.severity, found.says) == (Severity.ERROR, "nothing was measured in the last 365 days")
    empty = [a_deal(owner="ana", amount=None, closed_on=date(2026, 6, at + 1)) for at in range(6)]
    found, _ = (each for each in lint(*empty, *history()) if each.check == "measurable")
    assert found.says == "6 of 42 records of the last 365 days could not be counted"


def test_parts_that_are_more_or_less_than_the_whole_do_not_reconcile() -> None:
    def split(company: int, **own: int) -> list[tuple[str, str]]:
        policy = a_policy(
            year="2027", company=Decimal(company), split=(SplitStep("person", "equal"),), quotas=("files.quotas",)
        )
        rows = [a_quota(f"{name}@example.com", "2027-Q1", value) for name, value in own.items()]
        return said(lint(policies=(policy,), quotas=rows), "relevant")

    # 1,200,000.00 a year are 300,000.00 a quarter, 100,000.00 each.
    assert split(120_000_000) == []
    assert split(120_000_000, ana=190_000) == [("company", "WARNING")]  # 390,000: 30 % more
    assert split(120_000_000, ana=260_000) == [("company", "ERROR")]  # 460,000: 53 % more
    assert split(120_000_000, ana=90_000) == [("company", "WARNING")]  # 10,000 that nobody has
    assert split(120_000_000, ana=0, bea=0) == [("company", "ERROR")]


def test_days_off_are_no_number_that_nobody_has() -> None:
    def relevant(last: date) -> list[tuple[str, str, str]]:
        policy = a_policy(year="2027", company=Decimal(120_000_000), split=(SplitStep("person", "equal"),))
        gone = replace(PEOPLE[0], absences=away(date(2027, 1, 5), last))
        found = lint(policies=(policy,), people=(gone, *PEOPLE[1:]))
        return [(each.subject.id, each.severity.name, each.says) for each in found if each.check == "relevant"]

    assert relevant(date(2027, 1, 5)) == []
    # From 5 January to the end of March: 2 of 21 days of January, and none after it. 300,000.00 lack 96,825.40.
    [(who, severity, says)] = relevant(date(2027, 3, 31))
    assert (who, severity) == ("company", "WARNING")
    assert says == "its 3 people together have 32% less than it, for days that some of them are not there"


def test_somebody_away_for_most_of_it_with_a_whole_target_is_named() -> None:
    gone = replace(PEOPLE[0], absences=away(date(2027, 1, 1), date(2027, 3, 10)))
    whole = lint(people=(gone, *PEOPLE[1:]), quotas=[a_quota("ana@example.com", "2027-Q1", 3_000)])
    assert said(whole, "time-bound") == [("ana", "WARNING")]
    assert said(lint(people=(gone, *PEOPLE[1:])), "time-bound") == [], "the policy prorates"


def test_a_target_that_is_prorated_is_held_against_the_days_that_are_left() -> None:
    # Away until 12 March: of 1,000.00 a month, 13 of the 23 working days of March, which is a whole target prorated.
    gone = replace(PEOPLE[0], absences=away(date(2027, 1, 1), date(2027, 3, 12)))
    high = lint(people=(gone, *PEOPLE[1:]), each=330_000)
    assert said(high, "fair") == [], "3,300.00 are too much for all of them"
    assert said(high, "achievable") == [("ana", "WARNING"), ("bea", "WARNING"), ("cem", "WARNING")]


def test_a_row_that_names_nobody_is_not_specific() -> None:
    [found] = [each for each in lint(quotas=[a_quota("eve@example.com", "2027-Q1", 5)]) if each.check == "specific"]
    assert "nobody we know" in found.says
    assert found.where.startswith("files:quotas/")


def test_a_metric_that_nothing_ever_moved_is_named() -> None:
    [found] = [each for each in lint() if each.check == "measurable"]
    assert found.says == "was the same in each of the last 24 months: nothing that anybody did moved it"


def test_a_field_that_a_metric_looks_at_and_that_is_mostly_empty_is_named() -> None:
    # 36 deals in the last 365 days: those of one person, a third, name no type.
    records = [
        a_deal(owner=name, closed_on=date(2026 + divmod(11 - back, 12)[0], (11 - back) % 12 + 1, 10), deal_type=given)
        for name, given in (("ana", None), ("bea", "new"), ("cem", "new"))
        for back in range(24)
    ]
    metric = a_metric(where="outcome = 'won' and (deal_type is null or deal_type != 'renewal')")
    found = [each.says for each in lint(*records, metric=metric) if each.check == "measurable"]
    assert (
        "`deal_type`, which it is made of, is empty in 33% of the records that it looks at, of the last 365 days"
        in found
    )


def empty_in(*records: list[Record], **written: Any) -> list[str]:
    """Which fields are called empty, in how many."""
    found = [each.says for each in lint(*records, metric=a_metric(**written)) if "is empty in" in each.says]
    return [f"{says.split('`')[1]} {says.split('empty in ')[1].split()[0]}" for says in found]


def test_a_field_that_no_record_needs_may_be_empty() -> None:
    # 48 lost deals of the year without an amount, beside 36 that were won and have one.
    lost = [
        a_deal(owner="ana", outcome="lost", amount=None, closed_on=date(2026, month, 15))
        for month in range(1, 13)
        for _ in range(4)
    ]
    records = [*history(), *lost]
    assert empty_in(*records, where="outcome = 'won'") == []
    assert empty_in(*records, where="outcome = 'won' and amount > 0 EUR") == []
    assert empty_in(*records, measure="sum_if(amount, outcome = 'won')") == []
    assert empty_in(*records) == ["amount 57%"]
    # What is looked at by a condition of its own is needed wherever that is asked.
    assert empty_in(*records, measure="count_if(amount > 0 EUR)", unit="deals") == ["amount 57%"]


def test_records_that_lie_on_periods_are_looked_at_by_the_day_these_start() -> None:
    kept = a_metric("kept", of="account_periods", measure="count_distinct(account)", unit="accounts")
    mirror = a_mirror(an_account_period(1, 1), an_account_period(1, 1, account=None))
    year = Period(date(2026, 1, 1), date(2027, 1, 1), "the last year", Grain.ROLLING)
    assert filled(mirror, kept, RELATIONS["account_periods"], year) == {"account": 0.5}


def test_chances_that_rise_with_tenure_are_no_merit() -> None:
    # Whoever came earlier sells more, and all are asked for the same: 12 people, from one to twelve a month.
    names = [f"p{at:02}" for at in range(12)]
    people = tuple(seated(name, starts_on=date(2012 + at, 1, 1)) for at, name in enumerate(names))
    records = [deal for at, name in enumerate(names) for deal in history(name, amount=100_000 * (12 - at))]
    found = [each.says for each in lint(*records, people=people, each=1_800_000) if each.check == "fair"]
    assert any("rise with how long they are there (correlation +0." in each for each in found), found


def test_somebody_held_against_two_numbers_of_which_one_falls_when_the_other_rises() -> None:
    # In odd months few deals of 9,000.00, in even months five of 1,000.00: 9,000.00 or 5,000.00, and one deal or five.
    def swinging(name: str) -> Iterator[list[Record]]:
        for back in range(24):
            year, at = divmod(11 - back, 12)
            for _ in range(1 if back % 2 else 5):
                yield a_deal(
                    owner=name, closed_on=date(2026 + year, at + 1, 10), amount=900_000 if back % 2 else 100_000
                )

    deals_won = a_metric("deals_won", measure="count()", where="outcome = 'won'", unit="deals")
    records = [deal for name in ("ana", "bea", "cem") for deal in swinging(name)]
    both = (
        a_policy(every=Grain.QUARTER, each=Decimal(2_000_000)),
        a_policy("deals_won", every=Grain.QUARTER, each=Decimal(9)),
    )
    found = [each for each in lint(*records, policies=both, also=deals_won) if each.check == "relevant"]
    [pull] = found
    assert pull.says == (
        "pulls against deals_won, which the same 3 people are held against: in 69 months the one went well when the "
        "other did not (correlation -1.00)"
    )
    alike = [deal for name in ("ana", "bea", "cem") for deal in history(name)]
    assert not [each for each in lint(*alike, policies=both, also=deals_won) if "pulls" in each.says]


def test_a_period_in_which_nobody_works_is_no_time_to_reach_anything() -> None:
    [found] = [each for each in lint(calendar=Calendar(holidays=frozenset(Q1.days()))) if each.check == "time-bound"]
    assert (found.severity, found.says) == (Severity.ERROR, "2027-Q1 has no working day")
