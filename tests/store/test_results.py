from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import text

from connector.model.calendar import Calendar, Grain, Period
from connector.model.results import COMPANY, Alert, Card, CardLine, Score, Subject, Target, TargetStep
from connector.store import results
from connector.store.cards import stored_cards
from connector.store.database import Store
from tests.store.made import TODAY

Q4 = Period(date(2026, 10, 1), date(2027, 1, 1), "2026-Q4", Grain.QUARTER)
ANA, BEN = Subject("person", "p_ana"), Subject("person", "p_ben")


def score(subject: Subject = ANA, **said: object) -> Score:
    usual = Score(
        metric="bookings",
        subject=subject,
        period=Q4,
        as_of=TODAY,
        unit="money",
        actual=Decimal(6_000_000),
        target=Decimal(25_000_000),
        attainment=Decimal(6) / Decimal(25),
        gap=Decimal(19_000_000),
        expected=None,
        pace=Decimal("0.6886776859504132231404958678"),
        elapsed=39,
        working_days=66,
        reason="no season yet",
        rank=None,
        records=3,
        left_out=1,
        surplus=Decimal(0),
        run_rate=Decimal(6_000_000) / 39,
        required_rate=Decimal(19_000_000) / 27,
        ahead=Decimal("-0.35"),
        projection=Decimal("10153846.15384615384615384615"),
        projection_by="season",
        projection_error=Decimal("0.031"),
        band="behind",
        field_size=12,
    )
    return replace(usual, **said)  # type: ignore[arg-type]


def target(subject: Subject = ANA, kind: str = "target") -> Target:
    steps = (
        TargetStep("company", "12 000 000 EUR", Decimal(1_200_000_000), Decimal(1_200_000_000)),
        TargetStep("split by team", "by headcount: 1 of 48 people", Decimal(-1_175_000_000), Decimal(25_000_000)),
    )
    return Target("bookings", subject, Q4, Decimal(25_000_000), "money", steps, "rules/targets.yaml:3", kind)


def alert(key: str, raised_on: date = TODAY) -> Alert:
    return Alert(
        key, "behind_pace", ANA, Q4, "behind", "bookings", raised_on, "p_ana", "Behind pace", "60 000 EUR of 250 000"
    )


def test_scores_and_targets_come_back_digit_by_digit(store: Store) -> None:
    with store.writing() as tx:
        results.save(tx, "r1", TODAY, [target()], [score()], [])
        assert results.scores(tx) == [score()]
        assert results.targets(tx) == [target()]


def test_a_period_keeps_its_bounds_when_the_calendar_changes(store: Store) -> None:
    """Fiscal years that begin in February make another 2026-Q4."""
    with store.writing() as tx:
        results.save(tx, "r1", TODAY, [], [score()], [])
        (found,) = results.scores(tx, period_id="2026-Q4")
    assert found.period == Q4
    assert found.period != Calendar(first_month=2).period("2026-Q4")


def test_scores_are_chosen_by_period_metric_and_kind_of_subject(store: Store) -> None:
    ratio = score(metric="win_rate")
    with store.writing() as tx:
        results.save(tx, "r1", TODAY, [], [score(), score(COMPANY), ratio], [])
        assert results.scores(tx, metric="win_rate") == [ratio]
        assert results.scores(tx, subject_kind="company") == [score(COMPANY)]
        assert results.scores(tx, period_id="2026") == []


def test_a_later_run_replaces_the_number_and_drops_whoever_has_none_any_more(store: Store) -> None:
    with store.writing() as tx:
        results.save(tx, "r1", TODAY, [target(BEN)], [score(ANA), score(BEN), score(BEN, metric="win_rate")], [])
        better = score(ANA, actual=Decimal(7_000_000))
        results.save(tx, "r2", TODAY, [target(ANA)], [better], [])
        assert results.scores(tx, metric="bookings") == [better]
        assert results.targets(tx) == [target(ANA)]
        assert results.scores(tx, metric="win_rate") == [score(BEN, metric="win_rate")]


def test_two_calls_of_one_run_add_up(store: Store) -> None:
    with store.writing() as tx:
        results.save(tx, "r1", TODAY, [], [score(ANA)], [alert("a")])
        results.save(tx, "r1", TODAY, [], [score(BEN)], [alert("b")])
        assert [each.subject for each in results.scores(tx)] == [ANA, BEN]
        assert [each.cleared_on for each in results.alerts(tx)] == [None, None]


def test_quota_and_stretch_stand_side_by_side(store: Store) -> None:
    with store.writing() as tx:
        results.save(tx, "r1", TODAY, [target(kind="quota"), target(kind="stretch")], [], [])
        assert {each.kind for each in results.targets(tx)} == {"quota", "stretch"}


def test_an_alert_clears_when_it_holds_no_more_and_keeps_the_day_it_was_first_raised(store: Store) -> None:
    first, second, third = date(2026, 11, 5), date(2026, 11, 12), date(2026, 11, 19)
    with store.writing() as tx:
        results.save(tx, "r1", first, [], [], [alert("k", first)])
        results.save(tx, "r2", second, [], [], [])
        (found,) = results.alerts(tx)
        assert (found.alert, found.cleared_on) == (alert("k", first), second)
        results.save(tx, "r3", third, [], [], [alert("k", third)])
        (found,) = results.alerts(tx)
        assert (found.alert.raised_on, found.cleared_on) == (first, None)


def test_what_is_stored_of_a_metric_follows_its_new_name(store: Store) -> None:
    q3 = Period(date(2026, 7, 1), date(2026, 10, 1), "2026-Q3", Grain.QUARTER)
    with store.writing() as tx:
        results.save(tx, "r1", TODAY, [target()], [score(), score(period=q3), score(metric="calls")], [alert("a")])
        results.save(tx, "r2", TODAY, [], [score(metric="revenue", actual=Decimal(7))], [alert("a")])
        results.rename(tx, {"bookings": "revenue"})
        found = {(each.metric, each.period.id): each.actual for each in results.scores(tx)}
        # Known by both names in the fourth quarter: the present one holds.
        assert found == {
            ("revenue", "2026-Q4"): 7,
            ("revenue", "2026-Q3"): 6_000_000,
            ("calls", "2026-Q4"): 6_000_000,
        }
        assert [each.metric for each in results.targets(tx)] == ["revenue"]
        assert [each.alert.metric for each in results.alerts(tx)] == ["revenue"]


def a_card(name: str = "ae", **said: object) -> Card:
    lines = (
        CardLine("bookings", Decimal(60), Decimal("0.6"), Decimal(2) / 3, Decimal(2) / 3),
        CardLine("win_rate", Decimal(40), Decimal(0), None, None, "no number: left out, the others weigh more"),
    )
    usual = Card(
        name, ANA, Q4, TODAY, Decimal(2) / 3, "behind", lines, ("win_rate < 20% (rules/scorecards.yaml:9)",), "", 3
    )
    return replace(usual, **said)  # type: ignore[arg-type]


def test_scorecards_come_back_digit_by_digit_and_those_of_an_earlier_run_are_gone(store: Store) -> None:
    unknown = a_card(subject=BEN, score=None, band="", lines=(), held=(), reason="nothing to weigh", rank=None)
    with store.writing() as tx:
        results.save(tx, "r1", TODAY, [], [], [], [a_card(), unknown, a_card("sdr")])
        assert stored_cards(tx, "2026-Q4") == [a_card(), unknown, a_card("sdr")]
        results.save(tx, "r2", TODAY, [], [], [], [a_card(band="ahead")])
        assert stored_cards(tx) == [a_card(band="ahead"), a_card("sdr")]


def test_b14_what_is_said_again_is_the_same_row(file_store: Store) -> None:
    # Odoo deleted goals in progress at every refresh and made them anew: their history was lost.
    with file_store.writing() as tx:
        results.save(tx, "r1", TODAY, [target()], [score()], [alert("k", TODAY)])
        before = tx.execute(text("select rowid from scores union all select rowid from targets")).fetchall()
        for run in ("r2", "r3"):
            results.save(
                tx, run, date(2026, 12, 1), [target()], [score(actual=Decimal(1))], [alert("k", date(2026, 12, 1))]
            )
        assert tx.execute(text("select rowid from scores union all select rowid from targets")).fetchall() == before
        [known] = results.alerts(tx)
        assert (known.alert.raised_on, known.cleared_on) == (TODAY, None)
