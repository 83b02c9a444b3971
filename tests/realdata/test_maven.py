"""The Maven set, as a user would run it; golden figures are those of the set's README, computed there from the files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.appraisal.appraise import Appraisal
from connector.flow.appraise import appraise_with, people_of, reading_mirror
from connector.flow.cycle import CycleReport
from connector.improve.compare import compare
from connector.improve.report_file import read_report
from connector.model.people import Roster
from connector.model.results import COMPANY, Score, Subject
from tests.realdata import maven
from tests.stories.installed import Installation, installation

pytestmark = pytest.mark.xdist_group("maven")

TARGETS = """\
attain: 1
targets:
  - metric: bookings
    company: 12_000_000 USD
    split:
      - person: equal
    for: role = 'AE'
"""


class Maven:
    """The installation after its first cycle, and what the product says of every quarter."""

    def __init__(self, installed: Installation, first: CycleReport) -> None:
        self.installed, self.first = installed, first
        with installed.house() as house:
            calendar = house.settings.company.calendar
            periods = [calendar.period(f"2017-Q{quarter}") for quarter in range(1, 5)]
            self.roster: Roster = people_of(house)
            with reading_mirror(house) as mirror:
                self.appraisal: Appraisal = appraise_with(house, mirror, self.roster, date(2017, 12, 31), periods)

    def score(self, metric: str, subject: Subject, period: str) -> Score:
        return next(
            each
            for each in self.appraisal.scores
            if (each.metric, each.subject, each.period.id) == (metric, subject, period)
        )

    def dollars(self, subject: Subject, period: str = "2017") -> Decimal:
        actual = self.score("bookings", subject, period).actual
        assert actual is not None
        return actual / 100

    def rep(self, name: str) -> Subject:
        [person] = self.roster.find(name)
        return Subject("person", person.id)


@pytest.fixture(scope="module")
def product(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maven]:
    folder = tmp_path_factory.mktemp("maven") / "company"
    maven.lay_out(evidence / "data" / "maven_crm", folder)
    with installation(folder, datetime(2017, 12, 31, 18, tzinfo=UTC)) as installed:
        (folder / "rules" / "targets.yaml").write_text(TARGETS, encoding="utf-8")
        _offices(evidence / "data" / "maven_crm", folder)
        _season(installed.config)
        installed.install()
        yield Maven(installed, installed.sync())


def _offices(source: Path, folder: Path) -> None:
    """HubSpot knows teams but no regions: ops say who sits in which office."""
    teams = maven.rows(source / "sales_teams.csv")
    lines = ["person,region", *(f"{row['sales_agent']},{row['regional_office']}" for row in teams)]
    (folder / "files" / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _season(config: Path) -> None:
    """The set has two full quarters before the last one, so that a season is learned from two."""
    text = config.read_text(encoding="utf-8")
    assert text.count("  currency:") == 1
    config.write_text(text.replace("  currency:", "  like_periods: 2\n  currency:"), encoding="utf-8")


@pytest.mark.parametrize("today", [date(2017, 11, 1), date(2017, 12, 1)], ids=["after month one", "after month two"])
def test_the_last_quarter_is_paced_by_whatever_missed_less_on_the_two_before(
    product: Maven, evidence: Path, today: date
) -> None:
    """Against a plain walk over the set's own rows: won value by close date, a quarter held against the other."""
    won = _won_by_day(evidence / "data" / "maven_crm")
    second, third = _shares(won, "2017-Q2"), _shares(won, "2017-Q3")
    season = (_missed(second, third) + _missed(third, second)) / 2
    steady = (_missed(second, None) + _missed(third, None)) / 2
    with product.installed.house() as house, reading_mirror(house) as mirror:
        found = appraise_with(house, mirror, product.roster, today)
    pace = found.outlooks["bookings", "2017-Q4"].pace
    assert [each.period for each in pace.courses] == ["2017-Q3", "2017-Q2"]
    assert pace.season_error is not None
    assert pace.working_days_error is not None
    assert float(pace.season_error) == pytest.approx(season, abs=1e-9)
    assert float(pace.working_days_error) == pytest.approx(steady, abs=1e-9)
    assert pace.by == ("season" if season < steady else "working days")
    # What really came by then, which neither of the two could know.
    fourth = _shares(won, "2017-Q4")
    [score] = [
        each for each in found.scores if (each.metric, each.subject, each.period.id) == ("bookings", COMPANY, "2017-Q4")
    ]
    came, days = fourth[score.elapsed - 1], len(fourth)
    expected = pace.done(score.elapsed, score.working_days)
    assert expected is not None
    usual = (_at(second, score.elapsed / days) + _at(third, score.elapsed / days)) / 2
    print(
        f"{today}: {pace.says}; {came:.3f} of the quarter had come, season said {usual:.3f}, "
        f"working days {score.elapsed / days:.3f}; paced by {score.pace_by}"
    )
    assert float(expected) == pytest.approx(usual if pace.by == "season" else score.elapsed / days)
    assert score.projection_by in ("season", "working days")
    assert score.projection_error is not None


def _won_by_day(source: Path) -> dict[date, float]:
    found: dict[date, float] = {}
    for row in maven.rows(source / "sales_pipeline.csv"):
        if row["deal_stage"] == "Won":
            day = date.fromisoformat(row["close_date"])
            found[day] = found.get(day, 0) + float(row["close_value"])
    return found


def _shares(won: dict[date, float], quarter: str) -> list[float]:
    """The share of a quarter's value that was there at the end of each weekday, weekends counted with the Friday."""
    year, number = int(quarter[:4]), int(quarter[-1])
    day, end = date(year, 3 * number - 2, 1), date(year + (number == 4), 1 if number == 4 else 3 * number + 1, 1)
    running, totals = 0.0, list[float]()
    while day < end:
        running += won.get(day, 0)
        if day.weekday() < 5:
            totals.append(running)
        elif totals:
            totals[-1] = running
        day += timedelta(days=1)
    return [each / totals[-1] for each in totals]


def _at(shares: list[float], over: float) -> float:
    """Straight between two days; nothing before the first."""
    place = over * len(shares)
    day = int(place + 1e-9)
    if day >= len(shares):
        return 1.0
    before = shares[day - 1] if day else 0.0
    return before + (shares[day] - before) * (place - day)


def _missed(shares: list[float], other: list[float] | None) -> float:
    days = range(1, len(shares))
    return sum(
        abs(shares[day - 1] - (day / len(shares) if other is None else _at(other, day / len(shares)))) for day in days
    ) / len(days)


def test_pulls_every_deal_from_both_crms(product: Maven) -> None:
    assert product.first.troubles == []
    assert sum(each.stored["deal"] for each in product.first.pulled) == 8_800
    assert sum(each.set_aside for each in product.first.pulled) == 0


def test_the_company_won_what_both_crms_add_up_to(product: Maven) -> None:
    assert product.dollars(COMPANY) == 10_005_534
    assert product.score("deals_won", COMPANY, "2017").actual == 4_238


@pytest.mark.parametrize(("office", "won"), [("West", 3_568_647), ("Central", 3_346_293), ("East", 3_090_594)])
def test_won_value_by_office(product: Maven, office: str, won: int) -> None:
    assert product.dollars(Subject("region", office)) == won


@pytest.mark.parametrize(
    ("quarter", "won"), [("Q1", 1_134_672), ("Q2", 3_086_111), ("Q3", 2_982_255), ("Q4", 2_802_496)]
)
def test_won_value_by_quarter(product: Maven, quarter: str, won: int) -> None:
    assert product.dollars(COMPANY, f"2017-{quarter}") == won


@pytest.mark.parametrize(
    ("manager", "won"),
    [
        ("Melvin Marxen", 2_251_930),
        ("Summer Sewald", 1_964_750),
        ("Rocco Neubert", 1_960_545),
        ("Celia Rouche", 1_603_897),
        ("Cara Losch", 1_130_049),
        ("Dustin Brinkmann", 1_094_363),
    ],
)
def test_won_value_by_manager(product: Maven, manager: str, won: int) -> None:
    assert product.dollars(Subject("team", manager)) == won


def test_win_rate_by_number(product: Maven) -> None:
    rate = product.score("win_rate", COMPANY, "2017").actual
    assert rate is not None
    assert round(rate * 100, 2) == Decimal("63.15")


def test_average_deal_and_median_cycle(product: Maven) -> None:
    average = product.score("average_deal", COMPANY, "2017").actual
    assert average is not None
    assert round(average / 100, 2) == Decimal("2360.91")
    assert product.score("sales_cycle", COMPANY, "2017").actual == 57


def test_the_top_rep(product: Maven) -> None:
    assert product.dollars(product.rep("Darcel Schlecht")) == 1_153_214
    score = product.score("bookings", product.rep("Darcel Schlecht"), "2017")
    assert score.rank == 1


def test_reps_without_a_single_deal_stay_in_the_roster(product: Maven) -> None:
    for name in ("Carl Lin", "Carol Thompson", "Elizabeth Anderson", "Mei-Mei Johns", "Natalya Ivanova"):
        score = product.score("bookings", product.rep(name), "2017")
        assert score.target is not None


def _attainments_in_salesforce(product: Maven) -> dict[str, Decimal]:
    rows = product.installed.salesforce(
        "SELECT User__r.Email, Attainment_Pct__c, Actual__c, Target__c FROM Attain_Attainment__c "
        "WHERE Metric__c = 'bookings' AND Period_Label__c = '2017-Q4'"
    )
    return {row["User__r"]["Email"]: Decimal(str(row["Attainment_Pct__c"])) / 100 for row in rows}


def _attainments_in_hubspot(product: Maven) -> dict[str, Decimal]:
    name = "attain_bookings_quarter_attainment"
    rows: list[dict[str, Any]] = product.installed.hubspot("users", [name, "hs_email"])
    return {
        row["properties"]["hs_email"]: Decimal(row["properties"][name]) for row in rows if row["properties"].get(name)
    }


def test_every_rep_finds_in_their_crm_what_the_product_says(product: Maven) -> None:
    shown = _attainments_in_salesforce(product) | _attainments_in_hubspot(product)
    said = {
        person.email: score.attainment
        for score in product.appraisal.scores
        if score.metric == "bookings" and score.period.id == "2017-Q4" and score.subject.kind == "person"
        for person in [product.roster.get(score.subject.id)]
        if person and score.attainment is not None
    }
    assert len(said) == 35
    assert shown.keys() == said.keys()
    for email, attainment in said.items():
        assert abs(shown[str(email)] - attainment) <= Decimal("0.000001")


def test_a_second_sync_sends_nothing_and_one_changed_deal_only_what_depends_on_it(product: Maven) -> None:
    product.installed.time.sleep(3600)
    again = product.installed.sync()
    assert sum(each.sent for each in again.written) == 0
    [deal] = product.installed.salesforce(
        "SELECT Id, Owner.Email, Amount FROM Opportunity WHERE IsWon = true AND CloseDate >= 2017-12-01 "
        "ORDER BY Amount DESC LIMIT 1"
    )
    # One dollar, so that nobody is overtaken: a rank that moves is another record that depends on the deal.
    product.installed.salesforce_update(f"Opportunity/{deal['Id']}", {"Amount": float(deal["Amount"]) + 1})
    product.installed.time.sleep(3600)
    third = product.installed.sync()
    written = {row.change.subject for plan in (third.appraised.plans if third.appraised else ()) for row in plan.rows}
    [owner] = product.roster.find(deal["Owner"]["Email"])
    assert written
    assert all(subject.startswith(owner.name) for subject in written), written
    # bookings, for month, quarter and year, since nobody has a target of anything else; and the quarter's scorecard
    assert sum(each.settled["written"] for each in third.written) == 4


def test_the_sets_own_list_of_a_quarters_won_deals_compares_equal_deal_by_deal(
    product: Maven, evidence: Path, tmp_path: Path
) -> None:
    """1,257 of the rows, which share a few hundred names among them: told apart by day, seller and amount."""
    won = [
        (f"{row['account'] or 'unknown'} {row['product']}", row["close_value"], row["sales_agent"], row["close_date"])
        for row in maven.rows(evidence / "data" / "maven_crm" / "sales_pipeline.csv")
        if row["deal_stage"] == "Won" and "2017-07-01" <= row["close_date"] <= "2017-09-30"
    ]
    report = tmp_path / "report.csv"
    report.write_text("\n".join(map(",".join, [("name", "amount", "owner", "close date"), *won])), encoding="utf-8")
    with product.installed.house() as house, reading_mirror(house) as mirror:
        period = house.settings.company.calendar.period("2017-Q3")
        metric, lines = house.rules.metrics["bookings"], read_report(report, "USD")
        found = compare(mirror, metric, period, date(2017, 12, 31), lines, {})
    assert (found.same, found.differences) == (1_257, ())
    assert found.report_total == found.our_total == 2_982_255_00
