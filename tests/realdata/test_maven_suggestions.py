"""Suggestions tried on the Maven set: what each way missed, against a plain walk over the set's own rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import fmean, variance

import pytest

from connector.flow.appraise import Tables, people_of, reading_mirror
from connector.improve.suggest import Suggested, Suggesting
from connector.improve.ways import BEFORE, NAIVE, PIPELINE, SEASON, TREND
from tests.realdata import maven
from tests.realdata.test_maven import TARGETS
from tests.stories.installed import installation

pytestmark = pytest.mark.xdist_group("maven")


@pytest.fixture(scope="module")
def suggested(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suggested]:
    folder = tmp_path_factory.mktemp("maven_suggested") / "company"
    maven.lay_out(evidence / "data" / "maven_crm", folder)
    with installation(folder, datetime(2017, 12, 31, 18, tzinfo=UTC)) as installed:
        (folder / "rules" / "targets.yaml").write_text(TARGETS, encoding="utf-8")
        installed.install()
        installed.sync()
        with installed.house() as house, reading_mirror(house) as mirror:
            calendar, roster = house.settings.company.calendar, people_of(house)
            making = Suggesting(mirror, house.rules, roster, calendar, date(2017, 12, 31), Tables(house))
            reps = [each for each in roster.people if each.on(date(2017, 12, 31)).levels.get("role") == "AE"]
            assert len(reps) == 35
            yield making.of(house.rules.metrics["bookings"], calendar.period("2018-Q1"), reps, None, 2, {})


@pytest.fixture(scope="module")
def won(evidence: Path) -> Mapping[str, Mapping[int, float]]:
    """What every rep won in each month of 2017, in dollars, those who won nothing included."""
    source = evidence / "data" / "maven_crm"
    found: dict[str, dict[int, float]] = {
        row["sales_agent"]: defaultdict(float) for row in maven.rows(source / "sales_teams.csv")
    }
    for row in maven.rows(source / "sales_pipeline.csv"):
        if row["deal_stage"] == "Won":
            found[row["sales_agent"]][int(row["close_date"][5:7])] += float(row["close_value"])
    assert min(month for each in found.values() for month in each) == 3, "records begin with March"
    return found


def how_alike(people: list[list[float]]) -> float:
    """Variance within people over variance among them, the part of chance taken off; twelve months where few are known."""
    if len(people[0]) < 3:
        return 12
    within = fmean(variance(each) for each in people)
    among = variance([fmean(each) for each in people]) - within / len(people[0])
    return max(1.0, within / among)


def quarter(won: Mapping[int, float], number: int) -> float:
    return sum(won.get(month, 0) for month in range(3 * number - 2, 3 * number + 1))


def test_there_was_no_last_year_so_that_the_last_quarter_is_what_all_are_held_against(suggested: Suggested) -> None:
    print({way: f"{error:.1%}" for way, error in suggested.errors.items()}, "by", suggested.way)
    assert NAIVE not in suggested.errors
    assert suggested.naive == BEFORE
    assert {BEFORE, SEASON, TREND} <= suggested.errors.keys()
    assert suggested.way == min(suggested.errors, key=lambda each: suggested.errors[each])


def test_what_the_last_quarter_would_have_missed(suggested: Suggested, won: Mapping[str, Mapping[int, float]]) -> None:
    """Quarters three and four, each expected to be as the one before: no quarter was whole before the second."""
    pairs = [(quarter(each, at - 1), quarter(each, at)) for each in won.values() for at in (3, 4)]
    missed = sum(abs(said - came) for said, came in pairs) / sum(came for _, came in pairs)
    assert float(suggested.errors[BEFORE]) == pytest.approx(missed, abs=1e-4)


def test_what_usual_months_would_have_missed(suggested: Suggested, won: Mapping[str, Mapping[int, float]]) -> None:
    missed = together = 0.0
    for at in (3, 4):
        months = range(3, 3 * at - 2)  # from March until the quarter begins
        prior = how_alike([[own.get(month, 0) for month in months] for own in won.values()])
        for name, own in won.items():
            mine = sum(own.get(month, 0) for month in months)
            others = sum(each.get(month, 0) for other, each in won.items() if other != name for month in months)
            peers = others / (len(won) - 1) / len(months)
            usual = (mine + prior * peers) / (len(months) + prior)
            missed += abs(3 * usual - quarter(own, at))
            together += quarter(own, at)
    assert float(suggested.errors[SEASON]) == pytest.approx(missed / together, abs=1e-4)


def test_the_set_has_no_history_of_pipelines_and_none_is_made_up(suggested: Suggested) -> None:
    assert PIPELINE not in suggested.errors or suggested.errors[PIPELINE] > 0


def test_every_rep_gets_a_row(suggested: Suggested) -> None:
    assert len(suggested.rows) == 35
    assert suggested.total == sum(each.value for each in suggested.rows)
