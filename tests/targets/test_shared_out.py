"""Shares by last year, pipeline and potential; pins, bottom-up values, the market: worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.calendar import Calendar
from connector.model.people import Assignment, Person, Roster
from connector.model.records import Reading, Ref
from connector.model.results import COMPANY, Subject
from connector.targets.bases import LAST_YEAR, PIPELINE, Bases
from connector.targets.known import Known
from connector.targets.market import Market
from connector.targets.policy import SplitStep, TargetPolicy
from connector.targets.season import Past
from connector.targets.targets import Targets, targets
from tests.targets.policies import METRICS, a_person, a_policy, away, numbers, re_adds

CALENDAR = Calendar()
BY_LAST_YEAR = (SplitStep("person", LAST_YEAR),)
THREE = [a_person(each) for each in ("ana", "ben", "eve")]


def rows(table: str, *found: Mapping[str, Any]) -> list[Reading]:
    return [
        Reading(Ref("files", table, str(at)), datetime(2026, 1, 1, tzinfo=UTC), dict(each))
        for at, each in enumerate(found, start=1)
    ]


def aimed(
    policies: Sequence[TargetPolicy],
    people: Sequence[Person],
    *periods: str,
    reached: Mapping[str, int] | None = None,
    basis: str = LAST_YEAR,
    **tables: Sequence[Reading],
) -> Targets:
    numbers_ = {each: Decimal(value) for each, value in (reached or {}).items()}
    known = Known(tables, bases=Bases({(basis, "bookings", "2026"): numbers_}))
    asked = [CALENDAR.period(each) for each in periods]
    return targets(policies, Roster.of(people), asked, CALENDAR, known, metrics=METRICS, currency="EUR")


def shares(found: Targets, period: str, *who: str) -> list[Decimal]:
    return [numbers(found, who=each)[period] for each in who]


def seated(name: str, team: str, **given_: Any) -> Person:
    return a_person(name, assignments=(Assignment(date(1, 1, 1), {"role": "AE", "team": team}),), **given_)


class TestByLastYear:
    def test_in_proportion_to_what_everybody_reached(self) -> None:
        found = aimed(
            [a_policy(company=Decimal(1200_00), split=BY_LAST_YEAR)], THREE[:2], "2026-01", reached={"ana": 3, "ben": 1}
        )
        assert shares(found, "2026-01", "ana", "ben") == [75_00, 25_00]

    def test_somebody_new_gets_an_equal_share_and_the_others_divide_what_remains(self) -> None:
        # One of three: a third of 300.00. The others share 200.00 as 3 to 1.
        people = [*THREE[:2], a_person("eve", starts_on=date(2026, 1, 1))]
        found = aimed(
            [a_policy(company=Decimal(3600_00), split=BY_LAST_YEAR)], people, "2026-01", reached={"ana": 3, "ben": 1}
        )
        assert shares(found, "2026-01", "ana", "ben", "eve") == [150_00, 50_00, 100_00]

    def test_a_part_of_last_year_is_scaled_up_to_the_whole(self) -> None:
        # 2025 has 261 working days from Monday to Friday; ben was away on 131 of them: from 1 January to 2 July.
        there = CALENDAR.working_days(date(2025, 7, 3), date(2026, 1, 1))
        assert (CALENDAR.working_days(date(2025, 1, 1), date(2026, 1, 1)), there) == (261, 130)
        ben = a_person("ben", absences=away(date(2025, 1, 1), date(2025, 7, 2)))
        found = aimed(
            [a_policy(company=Decimal(1200_00), split=BY_LAST_YEAR)],
            [THREE[0], ben],
            "2026-01",
            reached={"ana": 261, "ben": 130},
        )
        assert shares(found, "2026-01", "ana", "ben") == [50_00, 50_00]

    def test_whoever_was_there_and_reached_nothing_has_a_zero_which_is_not_the_same_as_none(self) -> None:
        found = aimed(
            [a_policy(company=Decimal(1200_00), split=BY_LAST_YEAR)], THREE[:2], "2026-01", reached={"ana": 3}
        )
        assert numbers(found, who="ana") == {"2026-01": 100_00}
        assert numbers(found, who="ben") == {}

    def test_a_team_weighs_what_its_people_do(self) -> None:
        people = [seated("ana", "East"), seated("ben", "East"), seated("eve", "West")]
        steps = (SplitStep("team", LAST_YEAR), SplitStep("person", "equal"))
        found = aimed(
            [a_policy(company=Decimal(1200_00), split=steps)], people, "2026-01", reached={"ana": 1, "ben": 2, "eve": 1}
        )
        assert shares(found, "2026-01", "ana", "ben", "eve") == [Decimal(37_50), Decimal(37_50), 25_00]
        mine = found.values["bookings", Subject("person", "eve"), "2026-01"]
        assert "by last year: 25.00%" in [each.says for each in mine.steps]

    def test_without_any_past_by_heads_and_it_is_said(self) -> None:
        people = [a_person("ana", starts_on=date(2026, 1, 1)), a_person("ben", starts_on=date(2026, 1, 1))]
        found = aimed([a_policy(company=Decimal(1200_00), split=BY_LAST_YEAR)], people, "2026-01")
        assert shares(found, "2026-01", "ana", "ben") == [50_00, 50_00]
        says = found.values["bookings", Subject("person", "ana"), "2026-01"].steps[-1].says
        assert says == "by headcount, since nobody has a number for last year"

    def test_a_pipeline_is_not_scaled(self) -> None:
        ben = a_person("ben", absences=away(date(2025, 1, 1), date(2025, 7, 2)))
        policy = a_policy(company=Decimal(1200_00), split=(SplitStep("person", PIPELINE),))
        found = aimed([policy], [THREE[0], ben], "2026-01", reached={"ana": 1, "ben": 1}, basis=PIPELINE)
        assert shares(found, "2026-01", "ana", "ben") == [50_00, 50_00]


class TestFixed:
    def test_a_pinned_unit_keeps_its_number_and_the_others_share_the_rest(self) -> None:
        people = [seated("ana", "East"), seated("ben", "West"), seated("eve", "North")]
        steps = (SplitStep("team", "equal"), SplitStep("person", "equal"))
        policy = a_policy(company=Decimal(1200_00), split=steps, pins={"team": {"East": Decimal(600_00)}})
        found = aimed([policy], people, "2026-01", "2026")
        assert shares(found, "2026-01", "ana", "ben", "eve") == [50_00, 25_00, 25_00]
        assert shares(found, "2026", "ana", "ben", "eve") == [600_00, 300_00, 300_00]

    @pytest.mark.parametrize("pinned", [{"pins": {"team": {"East": Decimal(600_00)}}}, {"bottom_up": ("files.below",)}])
    def test_what_is_fixed_follows_the_season_of_its_year(self, pinned: dict[str, Any]) -> None:
        # Three fifths of every year in December, the rest even: a December of 720.00, and eleven times 43.64 or 43.63.
        months = {
            f"{year}-{at:02}": Decimal(660 if at == 12 else 40) for year in range(2022, 2026) for at in range(1, 13)
        }
        people = [seated("ana", "East"), seated("ben", "West"), seated("cem", "West")]
        policy = a_policy(
            company=Decimal(1200_00), split=(SplitStep("team", "equal"), SplitStep("person", "equal")), months="season",
            **pinned,
        )  # fmt: skip
        below = rows("below", {"level": "team", "unit": "East", "metric": "bookings", "period": "2026", "value": 600})
        periods = [CALENDAR.period(each) for each in ("2026-12", "2026", *(f"2026-{at:02}" for at in range(1, 12)))]
        known = Known({"files.below": below}, past=Past({"bookings": months}))
        roster = Roster.of(people, levels=("team",))
        found = targets([policy], roster, periods, CALENDAR, known, metrics=METRICS, currency="EUR")
        teams = [Subject("team", each) for each in ("East", "West")]
        assert [numbers(found, who=each)["2026"] for each in (COMPANY, *teams)] == [1200_00, 600_00, 600_00]
        assert [numbers(found, who=each)["2026-12"] for each in (COMPANY, *teams)] == [720_00, 360_00, 360_00]
        for period in periods:
            east, west = (numbers(found, who=each)[period.id] for each in teams)
            assert east + west == numbers(found, who=COMPANY)[period.id]
            assert abs(east - west) <= 1
        assert found.problems == ()

    def test_a_pin_does_not_get_what_is_put_on_top(self) -> None:
        people = [seated("ana", "East"), seated("ben", "West")]
        policy = a_policy(
            company=Decimal(1200_00), split=(SplitStep("team", "equal"), SplitStep("person", "equal")),
            pins={"team": {"East": Decimal(600_00)}}, over_assign={"team": Decimal("0.1")},
        )  # fmt: skip
        assert shares(aimed([policy], people, "2026-01"), "2026-01", "ana", "ben") == [50_00, 55_00]

    def test_what_was_entered_below_stays_and_nothing_entered_is_not_zero(self) -> None:
        policy = a_policy(
            company=Decimal(1200_00), split=(SplitStep("person", "equal"),), bottom_up=("files.bottom_up",)
        )
        entered = rows(
            "bottom_up",
            {"person": "ana@example.com", "metric": "bookings", "period": "2026", "value": Decimal(240)},
            {"person": "ben", "metric": "bookings", "period": "2026", "value": Decimal(0)},
            {"person": "eve", "metric": "bookings", "period": "2026", "value": None},
        )
        found = aimed([policy], THREE, "2026", bottom_up=entered)
        assert shares(found, "2026", "ana", "ben", "eve") == [240_00, 0, 960_00]
        assert found.problems == ()

    def test_more_than_there_is_leaves_nothing_for_the_others_and_is_said(self) -> None:
        policy = a_policy(
            company=Decimal(1200_00), split=(SplitStep("person", "equal"),), bottom_up=("files.bottom_up",)
        )
        entered = rows("bottom_up", {"person": "ana", "metric": "bookings", "period": "2026", "value": Decimal(1300)})
        found = aimed([policy], THREE[:2], "2026-01", bottom_up=entered)
        assert shares(found, "2026-01", "ana", "ben") == [Decimal(108_34), 0]  # a third of 325.00, the odd cent first
        assert found.problems == (
            "rules/targets.yaml:1:0: what is fixed by person is more than company:company has in 2026-01",
        )

    @pytest.mark.parametrize(
        ("row", "says"),
        [
            ({"person": "nobody", "metric": "bookings", "period": "2026", "value": 1}, "`nobody` is nobody we know"),
            ({"person": "ana", "metric": "bookings", "period": "2026-Q1", "value": 1}, "bottom-up values are for fiscal years, not for `2026-Q1`"),
            ({"person": "ana", "metric": "bokings", "period": "2026", "value": 1}, "there is no metric `bokings`"),
        ],
    )  # fmt: skip
    def test_a_row_that_cannot_be_used_is_named(self, row: dict[str, Any], says: str) -> None:
        policy = a_policy(
            company=Decimal(1200_00), split=(SplitStep("person", "equal"),), bottom_up=("files.bottom_up",)
        )
        found = aimed([policy], THREE, "2026-01", bottom_up=rows("bottom_up", row))
        assert found.problems == (f"files:bottom_up/1: {says}",)

    @given(
        st.lists(st.integers(0, 500_00), min_size=3, max_size=3),
        st.integers(1500_00, 9_000_000_00),
        st.sampled_from(["equal", "headcount", LAST_YEAR]),
    )
    def test_fixed_and_shared_parts_re_add_to_the_cent(self, entered: list[int], company: int, by: str) -> None:
        people = [*THREE, a_person("max")]
        table = rows(
            "bottom_up",
            *(
                {"person": who.id, "metric": "bookings", "period": "2026", "value": Decimal(value) / 100}
                for who, value in zip(THREE, entered, strict=True)
            ),
        )
        policy = a_policy(company=Decimal(company), split=(SplitStep("person", by),), bottom_up=("files.bottom_up",))
        found = aimed([policy], people, "2026", reached={"ana": 7, "max": 3}, bottom_up=table)
        assert sum(numbers(found, who=each.id)["2026"] for each in people) == company
        assert all(re_adds(each) for each in found.values.values())


class TestMarket:
    INDEX = (
        {"segment": "North", "date": date(2026, 1, 1), "value": Decimal(110)},
        {"segment": "North", "date": date(2026, 3, 15), "value": Decimal(60)},
    )

    def test_follows_the_value_in_force_on_the_first_of_the_month(self) -> None:
        policy = a_policy(
            company=Decimal(1200_00),
            split=(SplitStep("person", "equal"),),
            market=Market("files.market_index", "region"),
        )
        found = aimed(
            [policy],
            [a_person()],
            "2026-01",
            "2026-03",
            "2026-04",
            "2026",
            market_index=rows("market_index", *self.INDEX),
        )
        assert numbers(found) == {
            "2026-01": 110_00,
            "2026-03": 110_00,
            "2026-04": 80_00,
            "2026": 3 * 110_00 + 9 * 80_00,
        }  # held at 80
        assert found.values["bookings", COMPANY, "2026-01"].value == 100_00  # the company's number does not move
        assert re_adds(found.values["bookings", Subject("person", "ana"), "2026"])

    def test_a_hole_moves_nothing_and_is_named(self) -> None:
        policy = a_policy(
            company=Decimal(1200_00),
            split=(SplitStep("person", "equal"),),
            market=Market("files.market_index", "region"),
        )
        found = aimed([policy], [a_person()], "2026-01", market_index=rows("market_index", self.INDEX[1]))
        assert numbers(found) == {"2026-01": 100_00}
        assert found.problems == (
            "rules/targets.yaml:1:0: files.market_index has no value for North on 2026-01-01: targets stay as they are",
        )


class TestKinds:
    def test_scores_are_measured_against_the_first_kind_and_the_others_stand_beside(self) -> None:
        policies = [
            a_policy("meetings", every="month", each=Decimal(10), kind="quota"),
            a_policy("meetings", 2, every="month", each=Decimal(14), kind="stretch"),
        ]
        found = aimed(policies, [a_person()], "2026-01")
        assert numbers(found, "meetings") == {"2026-01": 10}
        mine = [each for each in found.besides if each.subject.kind == "person"]
        assert [(each.kind, each.value) for each in mine] == [("stretch", Decimal(14))]
        assert found.problems == ()

    def test_an_own_row_is_of_the_kind_whose_policy_takes_it(self) -> None:
        policies = [
            a_policy("meetings", every="month", each=Decimal(10), kind="quota", quotas=("files.quotas",)),
            a_policy("meetings", 2, every="month", each=Decimal(14), kind="stretch"),
        ]
        own = rows("quotas", {"person": "ana", "metric": "meetings", "period": "2026-01", "value": 12})
        found = aimed(policies, [a_person()], "2026-01", quotas=own)
        assert numbers(found, "meetings") == {"2026-01": 12}
        assert [each.value for each in found.besides if each.subject.kind == "person"] == [14]
