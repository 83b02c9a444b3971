"""`rules/scorecards.yaml` and `rules/health.yaml`, read."""

from __future__ import annotations

from decimal import Decimal

from connector.model.calendar import Grain
from connector.score.rank import Leaderboard
from connector.score.scorecard import Scale
from tests.rulebook.folder import Folder


def test_a_scorecard_is_read_with_its_lines_gates_and_bands(folder: Folder) -> None:
    [card] = folder.load().scorecards
    assert (card.name, card.title, card.period, card.by, card.missing) == (
        "ae",
        "ae",
        Grain.QUARTER,
        "attainment",
        "reweight",
    )
    assert [(each.name, each.weight) for each in card.lines] == [
        ("bookings", Decimal(60)), ("win_rate", Decimal(40)), ("team.bookings", Decimal(10)),
    ]  # fmt: skip
    assert card.lines[0].scale == Scale(threshold=Decimal("0.5"))
    assert card.lines[1].scale == Scale(((Decimal("0.2"), Decimal(0)), (Decimal(1), Decimal(1))))
    assert [card.floor, card.cap] == [0, Decimal("1.5")]
    assert [(each.effect, each.by) for each in card.gates] == [("at_most", Decimal("0.79"))]
    assert [name for name, _ in card.bands] == ["ahead", "on_track", "behind"]


def test_bands_may_stand_in_any_order(folder: Folder) -> None:
    folder.change("rules/scorecards.yaml", "      ahead: 100%\n", "")
    folder.change("rules/scorecards.yaml", "      behind: 0%\n", "      behind: 0%\n      ahead: 100%\n")
    [card] = folder.load().scorecards
    assert card.band(Decimal("1.01")) == "ahead"


def test_a_scale_may_have_many_points(folder: Folder) -> None:
    pieces = "win_rate: [{at: 0%, points: 0%}, {at: 50%, points: 20%}, {at: 100%, points: 100%}]"
    folder.change("rules/scorecards.yaml", "win_rate: {start: 20%, stop: 100%}", pieces)
    [card] = folder.load().scorecards
    assert card.lines[1].scale.of(Decimal("0.75")) == Decimal("0.6")


def test_a_leaderboard_says_how_ties_are_judged(folder: Folder) -> None:
    assert folder.load().leaderboards == {"bookings": Leaderboard("dense")}
    folder.change(
        "rules/scorecards.yaml", "{ties: dense}", "{ties: first_to_reach, least_target: 10_000 EUR, private: true}"
    )
    assert folder.load().leaderboards == {"bookings": Leaderboard("first_to_reach", Decimal(1_000_000), private=True)}


def test_health_is_read_for_each_kind_of_record(folder: Folder) -> None:
    [deals] = folder.load().health
    assert (deals.kind, deals.start, [each.add for each in deals.points]) == ("deals", 60, [-20])
    assert deals.bands == (("healthy", 70), ("watch", 40), ("at_risk", 0))
    assert deals.words == ("days_in_stage", "stage")


def test_both_files_may_be_missing(folder: Folder) -> None:
    for name in ("scorecards", "health"):
        (folder.home / f"rules/{name}.yaml").unlink()
    rules = folder.load()
    assert (rules.scorecards, rules.leaderboards, rules.health) == ((), {}, ())
