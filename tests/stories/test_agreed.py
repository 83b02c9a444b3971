"""What may not be known of somebody comes through no door: contests, explanations, payouts, locks, and rules that ask for it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from connector.flow.appraise import people_of
from connector.service import wiring
from connector.store import closings
from tests.cli.attain import Attain
from tests.faults.village import Village

OPEN, SHUT = "  ranks: on ", "  activities: team\n  hold_back: [FR]\n  ranks: on "
CONTEST = """\
attain: 1
plans:
  ae: {title: AE, on: true, period: quarter, measures: [{metric: bookings, pays: marginal, tiers: [{from: 0%, rate: 8%}]}]}
contests:
  autumn: {title: Autumn hunt, metric: bookings, from: 2026-07-01, to: 2026-11-20, places: 100}
levels:
  senior: {title: Senior, asks: [{metric: bookings, period: quarter, when: attainment >= 100%}]}
"""
ASKS_FOR_IT = """\
attain: 1
badges:
  busy: {title: Busy, metric: meetings_held, period: quarter, when: attainment >= 100%}
  riser: {title: Riser, metric: win_rate, period: quarter, most_improved: true}
contests:
  autumn: {title: Autumn hunt, metric: meetings_held, from: 2026-07-01, to: 2026-11-20}
levels:
  senior: {title: Senior, asks: [{metric: meetings_held, period: quarter, when: attainment >= 100%}]}
support:
  help: {title: Help, metric: meetings_held, period: quarter, when: attainment < 1%}
"""
COACHING = """
coaching:
  behind: {metric: bookings, period: quarter, when: pace < 80%, drivers: [{metric: meetings_held}, {metric: win_rate}], say: coaching}
"""


def hold_back(village: Village, attain: Attain, email: str) -> None:
    people = village.folder / "files" / "people.csv"
    head, *lines = people.read_text().splitlines()
    marked = [f"{line},{'FR' if email in line.split(',')[0] else ''}" for line in lines]
    people.write_text("\n".join([f"{head},country", *marked]) + "\n")
    attain.edit("config.yaml", OPEN, SHUT)
    attain.edit("rules/scorecards.yaml", "      meetings_held: 15\n", "")


def told(attain: Attain, *words: str) -> list[dict[str, Any]]:
    ended = attain(*words, "--json")
    assert ended.code == 0, ended.err
    return list(json.loads(ended.out))


def test_of_whoever_has_not_agreed_and_of_what_is_of_teams_only_nothing_comes_through_any_door(
    village: Village, attain: Attain
) -> None:
    (village.folder / "rules/incentives.yaml").write_text(CONTEST, encoding="utf-8")
    village.cycle()
    sold = [each for each in told(attain, "recognition") if each["kind"] == "contest"]
    emails = {each["id"]: each["email"] for each in told(attain, "scores", "--period", "2026-Q3")}
    one, other = (each["id"] for each in sold[:2])
    hold_back(village, attain, emails[one])
    village.time.sleep(3600)
    village.cycle()

    left = told(attain, "recognition")
    assert {each["kind"] for each in left} == {"contest", "level"}
    assert {each["id"] for each in left if each["kind"] == "contest"} == {each["id"] for each in sold} - {one}
    assert one not in {each["id"] for each in left}, "nor how far they are with a level"
    assert one not in {each["person"] for each in told(attain, "payout")}
    for words in (
        ("recognition", one),
        ("payout", one),
        ("targets", one),
        ("scorecard", one),
        ("health", "--person", one),
        ("explain", one, "bookings", "--period", "2026-Q3"),
    ):
        ended = attain(*words)
        assert (ended.code, ended.out, "hold_back" in ended.err) == (3, "", True), words
    ended = attain("explain", other, "meetings_held")
    assert (ended.code, ended.out, "measured of teams only" in ended.err) == (3, "", True)
    [team, *_] = {each["team"] for each in told(attain, "scores") if each["team"]}
    assert attain("explain", team, "meetings_held").code == 0
    assert attain("explain", other, "bookings").code == 0

    assert attain("lock", "2026-Q3").code == 0
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        kept = [each for each in closings.locked_credits(tx, "2026-Q3") if each.ref]
        assert {each.metric for each in kept} == {"bookings"}
        assert other in {each.subject.id for each in kept}
        assert one not in {each.subject.id for each in kept}
        assert {each.credited for each in closings.locked_credits(tx, "2026-Q3") if not each.ref} == {0}
    attain.edit("config.yaml", SHUT, OPEN)
    village.time.sleep(3600)
    village.cycle()
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        assert closings.true_ups(tx) == [], "what is agreed to afterwards has not changed since the lock"
    assert attain("explain", one, "bookings", "--period", "2026-Q3").code == 0


def test_the_total_of_a_unit_that_is_too_small_is_not_explained_either(village: Village, attain: Attain) -> None:
    village.cycle()
    [team, *_] = {each["team"] for each in told(attain, "scores") if each["team"]}
    assert attain("explain", team, "bookings").code == 0
    attain.edit("config.yaml", OPEN, "  least_team: 99\n  ranks: on ")
    ended = attain("explain", team, "bookings")
    assert (ended.code, ended.out, "least_team" in ended.err) == (3, "", True)
    assert attain("explain", "company", "bookings").code == 0


def test_rules_that_ask_for_what_was_not_agreed_to_are_wrong_files(village: Village, attain: Attain) -> None:
    (village.folder / "rules/incentives.yaml").write_text(ASKS_FOR_IT, encoding="utf-8")
    with (village.folder / "rules/alerts.yaml").open("a", encoding="utf-8") as file:
        file.write(COACHING)
    attain.edit("rules/scorecards.yaml", "stale_share > 50%", "meetings_held < 3")
    assert attain("check").code == 0
    attain.edit("config.yaml", OPEN, "  activities: team\n  ranks: off ")
    ended = attain("check")
    assert ended.code == 2
    # The line of the scorecard, its gate, a badge, a contest, a level, a plan, and a driver.
    assert ended.err.count("`meetings_held` is measured of teams only") == 7
    assert ended.err.count("`privacy: ranks:` is off") == 2
    assert "a contest gives places" in ended.err
    assert "`most_improved` names whoever is first" in ended.err


def test_a_hidden_total_is_not_told_by_a_region_less_its_other_teams(village: Village, attain: Attain) -> None:
    """Every hidden team lies in a region with another hidden one, or in one that is hidden; also when everybody has left."""
    village.cycle()

    def shown(level: str) -> set[str]:
        return {
            each["id"] for each in told(attain, "scores", "--by", level, "--metric", "bookings", "--period", "2026")
        }

    with wiring.house(village.config, world=village.time.world, connect=False) as house:
        seats = [each.on(village.time.world.now().date()).levels for each in people_of(house).people]
    of_region = {each["team"]: each.get("region", "") for each in seats if each.get("team")}
    before = shown("team")
    sizes = Counter(each["team"] for each in seats if each.get("team"))
    smallest = min(sizes, key=lambda each: sizes[each])
    attain.edit("config.yaml", OPEN, f"  least_team: {sizes[smallest] + 1}\n  ranks: on ")
    hidden = before - shown("team")
    assert smallest in hidden
    siblings = {each for each, region in of_region.items() if region == of_region[smallest]} - {smallest}
    assert hidden & siblings or of_region[smallest] not in shown("region") or not siblings & before
    assert len(hidden) > 1, "the company less all shown teams would be the hidden one"
