"""Two years of property history, pulled as a user would pull it; golden figures are those of the set's own files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from connector.cli.reviewing import review_of
from connector.flow.appraise import reading_mirror
from connector.flow.cycle import CycleReport
from connector.flow.house import House
from connector.improve.review.written import markdown, page
from connector.measure.waterfall import Bar, Waterfall, waterfall
from tests.realdata import history_demo, maven
from tests.stories.installed import installation

pytestmark = pytest.mark.xdist_group("history_demo")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TARGETS = """\
attain: 1
targets:
  - metric: bookings
    company: 24_000_000 USD
    split:
      - person: equal
"""


class History:
    """The mirror after the first cycle, and where the set lies."""

    def __init__(self, source: Path, mirror: DuckDBPyConnection, first: CycleReport, house: House) -> None:
        self.source, self.mirror, self.first, self.house = source, mirror, first, house

    def one(self, sql: str) -> tuple[int, ...]:
        [row] = self.mirror.execute(sql).fetchall()
        return tuple(row)


@pytest.fixture(scope="module")
def history(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    source, folder = evidence / "data" / "history_demo", tmp_path_factory.mktemp("history") / "company"
    history_demo.lay_out(source, folder)
    with installation(folder, NOW) as installed:
        (folder / "rules" / "targets.yaml").write_text(TARGETS, encoding="utf-8")
        installed.install()
        first = installed.sync()
        with installed.house() as house, reading_mirror(house) as mirror:
            yield History(source, mirror, first, house)


def at(day: str) -> datetime:
    """Six in the morning, when the set was looked at."""
    return datetime.fromisoformat(f"{day}T06:00:00Z")


def dollars(amount: int, deals: int) -> Bar:
    return Bar(amount * 100, deals)


def adds_up(found: Waterfall) -> bool:
    bars = (found.created, found.reopened, found.raised, found.cut, found.won, found.lost, found.deleted, found.moved)
    return found.start.amount + sum(each.amount for each in bars) == found.end.amount


def test_pulls_every_deal_the_deleted_ones_too(history: History) -> None:
    assert history.first.troubles == []
    assert [each.set_aside for each in history.first.pulled] == [0, 0]
    assert history.one("select count(distinct deal) from deal_versions") == (2_796,)
    assert history.one("select count(*) from deals") == (2_796 - 90,)


def test_the_open_deals_of_twelve_mornings(history: History) -> None:
    expected: dict[str, list[tuple[str, str, int, str]]] = defaultdict(list)
    names = {row["id"]: row["name"] for row in maven.rows(history.source / "deals.csv")}
    labels = {row["stage"]: row["label"] for row in maven.rows(history.source / "stages.csv")}
    for row in maven.rows(history.source / "open_pipeline_weekly.csv"):
        shown = (names[row["id"]], labels[row["stage"]], int(row["amount"]) * 100, row["close_date"])
        expected[row["as_of"]].append(shown)
    assert len(expected) == 12
    for moment, deals in expected.items():
        as_of = datetime.fromisoformat(moment).replace(tzinfo=None)
        found = history.mirror.execute(
            "select d.name, v.stage, v.amount, v.closed_on::varchar from deal_versions v "
            "join raw.deals d on d.ref = v.deal where v.from_at <= ? and v.until_at > ? and v.outcome = 'open'",
            [as_of, as_of],
        ).fetchall()
        assert sorted(found) == sorted(deals), moment


@pytest.mark.parametrize(
    ("day", "deals", "amount"),
    [
        ("2026-09-07", 240, 9_878_500),
        ("2026-09-14", 251, 10_682_000),
        ("2026-09-21", 247, 10_936_000),
        ("2026-09-28", 245, 10_770_000),
        ("2026-10-05", 252, 11_379_000),
        ("2026-10-12", 252, 11_510_000),
        ("2026-10-19", 250, 10_608_500),
        ("2026-10-26", 245, 10_230_500),
        ("2026-11-02", 245, 10_864_000),
        ("2026-11-09", 246, 11_014_000),
        ("2026-11-16", 243, 10_340_000),
        ("2026-11-23", 251, 10_766_000),
    ],
)
def test_the_open_pipeline_of_twelve_mornings(history: History, day: str, deals: int, amount: int) -> None:
    assert waterfall(history.mirror, at("2024-11-25"), at(day)).end == dollars(amount, deals)


def test_the_waterfall_of_one_week(history: History) -> None:
    assert waterfall(history.mirror, at("2026-11-16"), at("2026-11-23")) == Waterfall(
        start=dollars(10_340_000, 243),
        created=dollars(1_052_000, 26),
        reopened=dollars(0, 0),
        raised=dollars(288_500, 19),
        cut=dollars(-238_000, 20),
        won=dollars(-378_500, 7),
        lost=dollars(-293_500, 10),
        deleted=dollars(-4_500, 1),
        moved=dollars(0, 0),
        end=dollars(10_766_000, 251),
    )


def test_the_waterfall_of_eleven_weeks(history: History) -> None:
    assert waterfall(history.mirror, at("2026-09-07"), at("2026-11-23")) == Waterfall(
        start=dollars(9_878_500, 240),
        created=dollars(8_220_500, 201),
        reopened=dollars(286_000, 4),
        raised=dollars(242_500, 19),
        cut=dollars(-137_000, 14),
        won=dollars(-4_136_500, 107),
        lost=dollars(-3_501_000, 85),
        deleted=dollars(-87_000, 2),
        moved=dollars(0, 0),
        end=dollars(10_766_000, 251),
    )


MONTHS = [datetime(2024 + month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(10, 36)]


@pytest.mark.parametrize(("start", "end"), list(pairwise(MONTHS)))
def test_the_waterfall_of_every_month_adds_up_to_the_cent(history: History, start: datetime, end: datetime) -> None:
    found = waterfall(history.mirror, start, end)
    assert adds_up(found)
    arrived = found.created.deals + found.reopened.deals
    assert found.end.deals == found.start.deals + arrived - found.won.deals - found.lost.deals - found.deleted.deals


def test_the_months_between_them_tell_of_every_deleted_deal_that_a_month_began_with(history: History) -> None:
    deleted = sum(waterfall(history.mirror, a, b).deleted.deals for a, b in pairwise(MONTHS))
    began = sum(
        any(row["created_at"] <= month.isoformat().replace("+00:00", "Z") < row["deleted_at"] for month in MONTHS)
        for row in maven.rows(history.source / "deals.csv")
        if row["deleted_at"]
    )
    assert deleted == began > 60


def test_close_dates_moved_as_often_as_the_set_says(history: History) -> None:
    moved = "select deal, closed_on, lag(closed_on) over (partition by deal order by from_at) as was from deal_versions"
    assert history.one(
        f"select count(*) filter (closed_on > was), count(distinct deal) filter (closed_on > was), "
        f"count(*) filter (closed_on < was) from ({moved})"
    ) == (1_994, 1_191, 2_625)


def test_deals_were_reopened_as_often_as_the_set_says(history: History) -> None:
    again = "select outcome, lag(outcome) over (partition by deal order by from_at) as was from deal_versions"
    assert history.one(f"select count(*) from ({again}) where outcome = 'open' and was <> 'open'") == (37,)


def test_a_deal_moves_while_it_is_open_and_not_as_it_closes(history: History) -> None:
    """Counted from the set's own rows, deal by deal, moment by moment."""
    closed = {row["stage"] for row in maven.rows(history.source / "stages.csv") if row["is_closed"] == "true"}
    living = {row["id"] for row in maven.rows(history.source / "deals.csv") if not row["deleted_at"]}
    moments: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in maven.rows(history.source / "history.csv"):
        moments[row["deal_id"]][row["changed_at"]][row["field"]] = row["value"]
    counted = dict.fromkeys(("pushes", "pulls", "raises", "cuts"), 0)
    for deal in living:
        state: dict[str, str] = {}
        for _, changes in sorted(moments[deal].items()):
            before, state = state, state | changes
            if before and before["stage"] not in closed and state["stage"] not in closed:
                counted["pushes"] += state["close_date"] > before["close_date"]
                counted["pulls"] += state["close_date"] < before["close_date"]
                counted["raises"] += int(state["amount"]) > int(before["amount"])
                counted["cuts"] += int(state["amount"]) < int(before["amount"])
    assert history.one("select sum(pushes), sum(pulls), sum(raises), sum(cuts) from deals") == tuple(counted.values())
    assert 0 < counted["pulls"] < 2_625


def test_stages_stand_in_the_order_of_their_pipeline(history: History) -> None:
    """Both pipelines are one in Salesforce without record types: within each the order holds."""
    places = dict(history.mirror.execute("select stage, position from stages").fetchall())
    outcomes = dict(history.mirror.execute("select stage, outcome from stages").fetchall())
    for pipeline in ("default", "renewals"):
        given = [row for row in maven.rows(history.source / "stages.csv") if row["pipeline"] == pipeline]
        assert [places[row["label"]] for row in given] == sorted(places[row["label"]] for row in given)
        for row in given:
            meant = "won" if row["is_won"] == "true" else "lost" if row["is_closed"] == "true" else "open"
            assert outcomes[row["label"]] == meant


def test_the_waterfall_of_the_set_stands_in_a_review_and_re_adds_to_the_cent(history: History) -> None:
    """Nothing of the set changes between midnight and six in the morning of the two Mondays, as its own rows say."""
    quiet = [
        row
        for row in maven.rows(history.source / "history.csv")
        for day in ("2026-11-16", "2026-11-23")
        if f"{day}T00:00:00Z" <= row["changed_at"] < f"{day}T06:00:00Z"
    ]
    assert quiet == []
    week = history.house.settings.company.calendar.period("2026-W47")
    review = review_of(history.house, week, NOW.date(), history.mirror)
    [section] = [each for each in review.sections if each.title == "The pipeline"]
    [table] = section.tables
    shown = {name: (amount, deals) for name, amount, deals in table.rows}
    assert shown == {
        "start": ("10 340 000 USD", "243"),
        "created": ("1 052 000 USD", "26"),
        "raised": ("288 500 USD", "19"),
        "cut": ("-238 000 USD", "20"),
        "won": ("-378 500 USD", "7"),
        "lost": ("-293 500 USD", "10"),
        "deleted": ("-4 500 USD", "1"),
        "end": ("10 766 000 USD", "251"),
    }
    numbers = {name: int(amount.removesuffix(" USD").replace(" ", "")) for name, (amount, _) in shown.items()}
    assert sum(amount for name, amount in numbers.items() if name != "end") == numbers["end"]
    text, html = markdown(review), page(review)
    assert "| start | 10 340 000 USD | 243 |" in text
    assert html.count("<svg") == sum(len(each.charts) for each in review.sections) >= 1
    assert "start 10 340 000 USD" in html
