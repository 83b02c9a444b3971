"""What the mirror tells of the past, with numbers worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connector.model.money import Money
from connector.model.records import Outcome, Ref, StageChange
from connector.store import records
from tests.store.made import (
    MONDAY,
    WEDNESDAY,
    account,
    account_ref,
    activity,
    deal,
    deal_ref,
    rate,
    user_ref,
    won,
)
from tests.store.mirrored import Mirrored

MARCH = date(2026, 3, 15)


def stood(
    at: str,
    stage: str = "Proposal",
    cents: int | None = 100_00,
    closes: str = "2026-12-01",
    by: str | None = None,
    /,
    **said: str,
) -> StageChange:
    """A deal as it stood from a day of 2026 on, written `03-15` or `03-15T09:30`."""
    moment = datetime.fromisoformat(f"2026-{at}").replace(tzinfo=UTC)
    name = said.get("deal", "d1")
    amount = None if cents is None else Money(cents, said.get("currency", "EUR"))
    ref = Ref("emea", "OpportunityHistory", said.get("ref", f"{name}-{at}"))
    owner = user_ref(by) if by else None
    day = date.fromisoformat(closes)
    return StageChange(ref, moment, deal_ref(name), stage, moment, moment.date(), amount, day, owner)


class TestDeal:
    def test_counts_what_really_changed_while_it_was_open(self, mirrored: Mirrored) -> None:
        mirrored.save(
            won("d1", date(2026, 4, 20), amount=Money(80_00, "EUR")),
            won("sets the stage's meaning", MARCH),
            stood("02-01", "New", 100_00, "2026-05-01"),
            stood("02-02", "New", 100_00, "2026-05-01"),  # repeats what holds already
            stood("02-03", "New", 100_00, "2026-06-01"),  # pushed
            stood("02-04", "Proposal", 120_00, "2026-07-01"),  # pushed, raised and moved on at one moment
            stood("02-05", "Proposal", 90_00, "2026-06-15"),  # pulled and cut
            stood("04-20", "Closed Won", 80_00, "2026-04-20"),  # closing is neither
        )
        columns = "first_closed_on, pushes, pulls, raises, cuts, reopened"
        assert mirrored.look(f"select {columns} from deals where ref like '%/d1'") == [
            (date(2026, 5, 1), 2, 1, 1, 1, 0)
        ]

    def test_several_rows_of_one_moment_are_one_change(self, mirrored: Mirrored) -> None:
        mirrored.save(
            deal("d1"),
            stood("02-01", "New", 100_00, "2026-05-01"),
            stood("03-01", "New", 100_00, "2026-04-01", ref="h1"),
            stood("03-01", "New", 100_00, "2026-06-01", ref="h2"),
        )
        assert mirrored.deal("pushes, pulls") == (1, 0)

    def test_without_history_has_always_been_as_it_is(self, mirrored: Mirrored) -> None:
        mirrored.save(deal("d1"))
        assert mirrored.deal("first_closed_on, pushes, pulls, raises, cuts, reopened") == (
            date(2026, 12, 1),
            0,
            0,
            0,
            0,
            0,
        )
        assert mirrored.ask("select * from stage_changes") == []

    def test_opened_again_is_counted(self, mirrored: Mirrored) -> None:
        mirrored.save(
            deal("d1"),
            deal("d2", stage="Lost", outcome=Outcome.LOST),
            stood("02-01", "New"),
            stood("03-01", "Lost"),
            stood("04-01", "New"),
            stood("05-01", "Lost"),
            stood("06-01", "Proposal"),
        )
        assert mirrored.look("select reopened from deals where ref like '%/d1'") == [(2,)]

    def test_belongs_to_whoever_owned_it_when_it_closed(self, mirrored: Mirrored) -> None:
        mirrored.save(
            won("d1", MARCH, owner=user_ref("ana")),
            stood("02-01", "New", 1, "2026-03-15", "ana"),
            stood("03-15", "Closed Won", 1, "2026-03-15", "ben"),
            stood("03-20", "Closed Won", 1, "2026-03-15", "ana"),
        )
        assert mirrored.deal("owner, owner_at_close") == ("p_ana", "p_ben")

    def test_the_first_win_of_a_group_is_the_first_below_its_ultimate_parent(self, mirrored: Mirrored) -> None:
        mirrored.save(
            account("top"),
            account("middle", parent=account_ref("top")),
            account("leaf", parent=account_ref("middle")),
            account("round", parent=account_ref("about")),
            account("about", parent=account_ref("round")),
            account("hanger", parent=account_ref("about")),
            account("orphan", parent=account_ref("unknown")),
            account("sister", parent=account_ref("unknown")),
            won("d1", date(2026, 2, 1), account=account_ref("leaf")),
            won("d2", date(2026, 2, 2), account=account_ref("top")),
            won("d3", date(2026, 2, 3), account=account_ref("hanger")),
            won("d4", date(2026, 2, 4), account=account_ref("round")),
            won("d5", date(2026, 2, 5), account=account_ref("sister")),
            won("d6", date(2026, 2, 6), account=account_ref("orphan")),
            won("d7", date(2026, 1, 1)),
        )
        found = mirrored.look("select ref, is_first_win from deals where is_first_win_of_group order by ref")
        assert [Ref.parse(ref).id for ref, _ in found] == ["d1", "d3", "d5"]
        assert mirrored.ask("select count(*) from deals where is_first_win") == [(6,)]

    def test_knows_its_next_planned_activity(self, mirrored: Mirrored) -> None:
        mirrored.save(
            deal("d1"),
            activity("t1", status="planned", happened_on=date(2026, 11, 24)),  # overdue
            activity("t2", status="planned", happened_on=date(2026, 11, 30)),
            activity("t3", status="planned", happened_on=date(2026, 11, 28)),
        )
        assert mirrored.deal("next_activity_on, last_activity_on") == (date(2026, 11, 28), None)

    @pytest.mark.parametrize(("given", "term"), [(None, 12), (36, 36)])
    def test_is_paid_for_a_year_unless_somebody_says(self, mirrored: Mirrored, given: int | None, term: int) -> None:
        mirrored.save(deal("d1", term_months=given))
        assert mirrored.deal("term_months") == (term,)

    def test_a_stage_has_a_chance_of_its_own_from_twenty_closed_deals_on(self, mirrored: Mirrored) -> None:
        for number in range(19):
            outcome = {"outcome": Outcome.LOST, "stage": "Lost"} if number % 4 else {}
            mirrored.save(won(f"c{number}", MARCH, **outcome))
            mirrored.save(stood("02-01", "Proposal", deal=f"c{number}"))
            mirrored.save(stood(f"02-{number + 2:02}", str(outcome.get("stage", "Closed Won")), deal=f"c{number}"))
        mirrored.save(deal("d1"), stood("02-01"))
        own = "select own_probability, stage_p75_days from deals where ref like '%/d1'"
        assert mirrored.look(own) == [(None, None)]
        mirrored.save(won("c19", MARCH), stood("02-01", deal="c19"), stood("02-21", "Closed Won", deal="c19"))
        # c0, c4, c8, c12, c16 and c19 of 20 were won; six lengths are too few to be usual
        assert mirrored.look(own) == [(0.3, None)]
        for number in range(20, 24):
            mirrored.save(won(f"c{number}", MARCH))
            mirrored.save(stood("02-01", deal=f"c{number}"), stood("02-28", "Closed Won", deal=f"c{number}"))
        # days of the ten won: 1, 5, 9, 13, 17, 20, 27, 27, 27, 27: the eighth of them covers three of four
        assert mirrored.look(own) == [(10 / 24, 27.0)]


class TestStageChanges:
    def test_tell_how_long_and_how_far(self, mirrored: Mirrored) -> None:
        mirrored.save(
            deal("d1", stage="Lost", outcome=Outcome.LOST, amount=Money(70_00, "EUR")),
            won("d2", MARCH),
            stood("02-01", "New"),
            stood("02-03", "New", 50_00),  # no new stage
            stood("02-11", "Proposal"),
            stood("02-15", "Lost"),
            stood("02-01", "New", deal="d2"),
            stood("02-02", "Proposal", deal="d2"),
            stood("02-03", "Contract", deal="d2"),
            stood("03-15", "Closed Won", deal="d2"),
        )
        assert mirrored.look(
            "select stage, changed_on, left_on, position, furthest, outcome, amount from stage_changes "
            "where deal like '%/d1' order by changed_on"
        ) == [
            ("New", date(2026, 2, 1), date(2026, 2, 11), 1, 2, "lost", 70_00),
            ("Proposal", date(2026, 2, 11), date(2026, 2, 15), 2, 2, "lost", 70_00),
            ("Lost", date(2026, 2, 15), None, 5, 2, "lost", 70_00),
        ]
        places = mirrored.ask("select stage, position, furthest from stage_changes where deal like '%/d2' order by 2")
        assert places == [("New", 1, 4), ("Proposal", 2, 4), ("Contract", 3, 4), ("Closed Won", 4, 4)]


class TestVersions:
    def test_a_deleted_deal_keeps_its_past_and_nothing_else(self, mirrored: Mirrored) -> None:
        mirrored.save(deal("d1"), stood("02-01"))
        with mirrored.store.writing() as tx:
            records.remove(tx, {deal_ref("d1"): WEDNESDAY})
        ends = WEDNESDAY.replace(tzinfo=None)
        assert mirrored.look("select until_at, deleted_at, amount from deal_versions") == [(ends, ends, 100_00)]
        assert mirrored.ask("select * from deals") == []

    def test_a_deal_that_comes_deleted_is_remembered_once(self, mirrored: Mirrored) -> None:
        mirrored.save(deal("d1", deleted_at=MONDAY), stood("02-01"))
        assert mirrored.look("select until_at from deal_versions") == [(MONDAY.replace(tzinfo=None),)]
        with mirrored.store.writing() as tx:
            again = records.save(tx, [deal("d1", deleted_at=WEDNESDAY)], date(2026, 11, 25))
        assert again.stored == 0
        mirrored.save(deal("d1"))
        assert mirrored.look("select count(*) from deals") == [(1,)]

    def test_amounts_of_every_version_are_converted_at_one_rate(self, mirrored: Mirrored) -> None:
        mirrored.save(
            rate("AUD", "EUR", date(2026, 1, 1), "2"),
            rate("AUD", "EUR", date(2026, 3, 1), "1.6"),
            won("d1", MARCH, amount=Money(160_00, "AUD")),
            stood("02-01", "New", 80_00, currency="AUD"),
            stood("03-15", "Closed Won", 160_00, currency="AUD"),
        )
        assert mirrored.look("select amount from deal_versions order by from_at") == [(50_00,), (100_00,)]


class TestDealChanges:
    def test_tell_what_changed_and_which_periods_the_deal_left(self, mirrored: Mirrored) -> None:
        mirrored.save(
            deal("d1"),
            stood("01-05", "New", None, "2026-01-20", "ana"),
            stood("01-06", "New", 30_00, "2026-01-31", "ana"),  # inside its month
            stood("01-07", "New", 30_00, "2026-02-01", "ana"),  # past it
            stood("01-08", "New", 20_00, "2026-04-01", "ben"),  # past the quarter
            stood("01-09", "New", 20_00, "2027-01-01", "ben"),
            stood("01-10", "New", 20_00, "2026-01-01", "ben"),  # back: leaves nothing
        )
        columns = "changed_on, new_closed_on, left_month, left_quarter, left_year"
        assert mirrored.look(f"select {columns} from deal_changes where field = 'closed_on' order by changed_on") == [
            (date(2026, 1, 6), date(2026, 1, 31), False, False, False),
            (date(2026, 1, 7), date(2026, 2, 1), True, False, False),
            (date(2026, 1, 8), date(2026, 4, 1), True, True, False),
            (date(2026, 1, 9), date(2027, 1, 1), True, True, True),
            (date(2026, 1, 10), date(2026, 1, 1), False, False, False),
        ]
        others = "select field, changed_on, difference, amount, owner, old_closed_on from deal_changes"
        assert mirrored.ask(f"{others} where field <> 'closed_on' order by changed_on, field") == [
            ("amount", date(2026, 1, 6), 30_00, 30_00, "p_ana", None),
            ("amount", date(2026, 1, 8), -10_00, 20_00, "p_ben", None),
            ("owner", date(2026, 1, 8), None, 20_00, "p_ben", None),
        ]


class TestAccountPeriods:
    def test_value_a_year_at_both_ends(self, mirrored: Mirrored) -> None:
        """120.00 over 24 months is 60.00 a year, from 2025-02-10 to before 2027-02-10."""
        here = {"account": account_ref("a1"), "amount": Money(120_00, "EUR")}
        mirrored.save(
            account("a1"),
            won("d1", date(2025, 2, 10), term_months=24, **here),
            won("d2", date(2026, 2, 1), term_months=1, **here),  # 1,440.00 a year, for one month
        )
        columns = "start_value, end_value, kept_value, came_back, owner"
        periods = mirrored.look(f"select period, {columns} from account_periods order by grain desc, period")
        found = {period: values for period, *values in periods}
        assert found["2025"] == [0, 60_00, 0, False, "p_ana"]
        assert found["2026"] == [60_00, 60_00, 60_00, False, "p_ana"]
        assert found["2026-Q1"] == [60_00, 60_00, 60_00, False, "p_ana"]
        assert found["2026-02"] == [60_00, 1_500_00, 60_00, False, "p_ana"]
        assert found["2026-03"] == [1_500_00, 60_00, 60_00, False, "p_ana"]
        assert found["2026-H1"] == [60_00, 60_00, 60_00, False, "p_ana"]
        assert max(period for period in found if len(period) == 7 and period[5].isdigit()) == "2026-11"
        assert "2025-01" not in found

    def test_an_account_that_lapsed_and_bought_again_came_back(self, mirrored: Mirrored) -> None:
        here = {"account": account_ref("a1"), "amount": Money(100_00, "EUR")}
        mirrored.save(won("d1", date(2024, 3, 1), **here), won("d2", date(2026, 5, 20), term_months=7, **here))
        found = mirrored.look("select period, start_value, end_value from account_periods where came_back order by 1")
        # 100.00 over seven months is 171.43 a year
        assert found == [(each, 0, 171_43) for each in ("2026", "2026-05", "2026-H1", "2026-Q2")]


def test_the_calendar_numbers_its_working_days(mirrored: Mirrored) -> None:
    numbers = mirrored.look(
        "select day, working_number from calendar where day between '2026-01-01' and '2026-01-06' order by day"
    )
    assert numbers == [(date(2026, 1, day), number) for day, number in ((1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (6, 4))]
