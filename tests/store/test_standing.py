"""What splits by pipeline and by potential are taken from, over a mirror that was filled by the store."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from connector.appraisal.pipeline import pipeline_errors, still_open
from connector.measure.standing import Stretch, account_potential, likely, open_pipeline
from connector.model.calendar import Calendar
from connector.model.catalogue import Type
from connector.model.people import Roster
from connector.model.records import Outcome, Record
from connector.model.results import COMPANY
from connector.store.mirror import open_mirror
from tests.appraisal.test_appraise import rules
from tests.measure.mirror import a_metric
from tests.store.made import account, account_ref, deal, user_ref, won
from tests.store.mirrored import Mirrored
from tests.store.test_mirror_history import stood
from tests.targets.policies import a_person, a_policy

JULY, YEAR = date(2026, 7, 1), date(2027, 1, 1)
EARLY = datetime(2026, 1, 5, tzinfo=UTC)


def pipeline(mirrored: Mirrored, on: date = JULY, until: date = YEAR) -> dict[str, Decimal]:
    mirrored.refresh()
    opened = open_mirror(mirrored.path)
    try:
        return dict(open_pipeline(opened, on, until))
    finally:
        opened.close()


def test_each_deal_counts_as_it_stood_on_that_morning(mirrored: Mirrored) -> None:
    # In June it was Ana's and worth 100.00; in August, when Ben has it and it is worth 900.00, nobody looks any more.
    mirrored.save(
        deal("d1", created_at=EARLY, owner=user_ref("ben")),
        stood("06-01", "Proposal", 100_00, "2026-12-01", "ana"),
        stood("08-01", "Proposal", 900_00, "2026-12-01", "ben"),
    )
    assert pipeline(mirrored) == {"p_ana": 100_00}
    assert pipeline(mirrored, date(2026, 9, 1)) == {"p_ben": 900_00}


def test_what_is_due_before_or_after_or_was_not_there_yet_does_not_count(mirrored: Mirrored) -> None:
    mirrored.save(
        *(deal(name, created_at=EARLY) for name in ("d1", "d2", "d3")),
        stood("06-01", "Proposal", 100_00, "2026-06-30", "ana", deal="d1"),
        stood("06-01", "Proposal", 200_00, "2027-01-01", "ana", deal="d2"),
        stood("07-01", "Proposal", 400_00, "2026-12-01", "ana", deal="d3"),
    )
    assert pipeline(mirrored) == {}
    assert pipeline(mirrored, date(2026, 8, 1)) == {"p_ana": 400_00}


def test_a_deal_won_before_that_day_is_no_pipeline(mirrored: Mirrored) -> None:
    mirrored.save(
        deal("d1", created_at=EARLY),
        stood("05-01", "Proposal", 100_00, "2026-12-01", "ana"),
        stood("06-01", "Closed Won", 100_00, "2026-12-01", "ana"),
        deal("d2", created_at=EARLY, stage="Closed Won", outcome=Outcome.WON, closed_on=date(2026, 6, 1)),
    )
    assert pipeline(mirrored) == {}


def test_the_potential_of_everybody_s_accounts(mirrored: Mirrored) -> None:
    mirrored.custom = {"deals": {}, "accounts": {"potential": Type.MONEY}}
    mirrored.save(
        account("a1", custom={"potential": 5_000_00}),
        account("a2", custom={"potential": 1_000_00}),
        account("a3", custom={}),
        account("a4", owner=user_ref("ben"), custom={"potential": 0}),
    )
    mirrored.refresh()
    opened = open_mirror(mirrored.path)
    try:
        assert account_potential(opened, "potential") == {"p_ana": 6_000_00, "p_ben": 0}
    finally:
        opened.close()


def proposals() -> list[Record]:
    """Twenty deals that were once in Proposal and are closed, five of them won: 25 %. The last two were lost in autumn."""
    found: list[Record] = []
    for at in range(18):
        won = at < 5
        name, end = f"old{at}", "Closed Won" if won else "Closed Lost"
        outcome = Outcome.WON if won else Outcome.LOST
        found += [
            deal(name, created_at=EARLY, stage=end, outcome=outcome, closed_on=date(2026, 1, 9)),
            stood("01-06", "Proposal", 100_00, "2026-01-09", "ana", deal=name),
            stood("01-09", end, 100_00, "2026-01-09", "ana", deal=name),
        ]
    for name, due, lost in (("spring", "2026-03-20", "04-02"), ("summer", "2026-06-20", "07-02")):
        found += [
            deal(name, created_at=EARLY, stage="Closed Lost", outcome=Outcome.LOST, closed_on=date(2026, 7, 2)),
            stood("01-20", "Proposal", 400_00, due, "ana", deal=name),
            stood(lost, "Closed Lost", 400_00, due, "ana", deal=name),
        ]
    return found


class TestPipeline:
    def test_what_is_open_counts_by_how_often_its_stage_was_won(self, mirrored: Mirrored) -> None:
        mirrored.save(
            *proposals(),
            deal("now", created_at=EARLY, stage="Proposal"),
            stood("09-01", "Proposal", 800_00, "2026-12-01", "ben", deal="now"),
            deal("late", created_at=EARLY, stage="Proposal"),  # in February nobody knew of it yet
            stood("03-10", "Proposal", 700_00, "2026-03-25", "ana", deal="late"),
            deal("new", created_at=EARLY, stage="Rare"),  # a stage of which nothing was closed
            stood("09-01", "Rare", 999_00, "2026-12-01", "ana", deal="new"),
        )
        mirrored.refresh()
        autumn, spring = Stretch(date(2026, 10, 1), YEAR), Stretch(date(2026, 2, 1), date(2026, 4, 1))
        later = Stretch(date(2027, 1, 1), date(2027, 4, 1))
        opened = open_mirror(mirrored.path)
        try:
            found = likely(opened, [autumn, spring, later])
        finally:
            opened.close()
        assert found == {autumn: {"p_ben": 200_00}, spring: {"p_ana": 100_00}, later: {}}

    def test_people_units_and_the_company_have_what_is_theirs_of_it(self, mirrored: Mirrored) -> None:
        mirrored.save(
            *proposals(),
            *(deal(name, created_at=EARLY, stage="Proposal") for name in ("b1", "a1", "x1")),
            stood("09-01", "Proposal", 800_00, "2026-12-01", "ben", deal="b1"),
            stood("09-01", "Proposal", 400_00, "2027-02-01", "ana", deal="a1"),
            stood("09-01", "Proposal", 200_00, "2026-12-01", "nobody", deal="x1"),
        )
        mirrored.refresh()
        piped = a_metric(where="outcome = 'won'", pipeline=True)
        using = rules(metrics={"bookings": piped})
        q4, today = Calendar().period("2026-Q4"), date(2026, 10, 1)
        roster = Roster.of([a_person("p_ana"), a_person("p_ben")])
        opened = open_mirror(mirrored.path)
        try:
            found = still_open(opened, using, [q4, Calendar().period("2026-Q3")], roster, today)
            off = still_open(opened, rules(), [q4], roster, today)
        finally:
            opened.close()
        assert {(str(subject), period): int(value) for (_, subject, period), value in found.items()} == {
            ("person:p_ben", "2026-Q4"): 200_00,
            ("region:North", "2026-Q4"): 200_00,
            ("team:East", "2026-Q4"): 200_00,
            ("company:company", "2026-Q4"): 250_00,
        }
        assert off == {}

    def test_a_deal_that_would_not_count_if_it_were_won_brings_nothing(self, mirrored: Mirrored) -> None:
        """25 % of 800 new business, of 400 renewed, of 80 as the first deal of an account, and of 40 of one that bought before."""
        bought, fresh = account_ref("bought"), account_ref("fresh")
        mirrored.save(
            *proposals(),
            won("before", date(2026, 3, 3), account=bought),
            *(
                deal(name, created_at=EARLY, stage="Proposal", deal_type=kind, account=whose)
                for name, kind, whose in (
                    ("b1", "New", None), ("b2", "Renewal", None), ("b3", "Other", fresh), ("b4", "Other", bought),
                )
            ),
            *(
                stood("09-01", "Proposal", cents, "2026-12-01", "ben", deal=name)
                for name, cents in (("b1", 800_00), ("b2", 400_00), ("b3", 80_00), ("b4", 40_00))
            ),
        )  # fmt: skip
        mirrored.refresh()
        conditions = {
            "all": "outcome = 'won'",
            "new": "outcome = 'won' and deal_type = 'New'",
            "first": "outcome = 'won' and is_first_win",
        }
        metrics = {name: a_metric(name, where=where, pipeline=True) for name, where in conditions.items()}
        using = rules(
            metrics=metrics, targets=tuple(a_policy(name, quotas=("files.quotas",)) for name in metrics), alerts={}
        )
        opened = open_mirror(mirrored.path)
        try:
            roster = Roster.of([a_person("p_ben")])
            found = still_open(opened, using, [Calendar().period("2026-Q4")], roster, date(2026, 10, 1))
        finally:
            opened.close()
        told = {name: int(value) for (name, subject, _), value in found.items() if subject == COMPANY}
        assert told == {"all": 330_00, "new": 200_00, "first": 20_00}

    def test_the_way_is_tried_on_past_periods_and_its_error_is_known(self, mirrored: Mirrored) -> None:
        # By the middle of either quarter 100.00 were there and 100.00 were likely; 250.00 it was in the end, and 160.00.
        calendar = Calendar()
        quarters = [calendar.period("2026-Q2"), calendar.period("2026-Q1")]
        days = {
            date(2026, 1, 10): Decimal(100_00), date(2026, 3, 30): Decimal(150_00),
            date(2026, 4, 10): Decimal(100_00), date(2026, 6, 29): Decimal(60_00),
        }  # fmt: skip
        mirrored.save(*proposals())
        mirrored.refresh()
        opened = open_mirror(mirrored.path)
        try:
            piped = {name: a_metric(name, where="outcome = 'won'") for name in ("bookings", "nothing")}
            given: dict[str, Any] = {"metrics": piped, "today": date(2026, 10, 1)}
            errors = pipeline_errors(opened, quarters, {"bookings": days, "nothing": {}}, calendar, **given)
            one = pipeline_errors(opened, quarters[:1], {"bookings": days}, calendar, **given)
            new = {"bookings": a_metric(where="outcome = 'won' and deal_type = 'New'")}
            none = pipeline_errors(opened, quarters, {"bookings": days}, calendar, metrics=new, today=date(2026, 10, 1))
        finally:
            opened.close()
        # None of these deals is new business: 100 / 250 - 1 = -60 %, 100 / 160 - 1 = -37.5 %; 48.75 % on average.
        assert none["bookings"][Fraction(1, 2)] == Decimal("0.4875")
        # 200 / 250 - 1 = -20 %, 200 / 160 - 1 = +25 %: 22.5 % on average.
        assert errors["bookings"][Fraction(1, 2)] == Decimal("0.225")
        assert errors["nothing"] == {}
        assert one["bookings"] == {}, "one period proves nothing"
