"""The parts of a review, by hand: drivers that re-add, warnings that are counted, and words that cannot do any harm."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from connector.errors import Place
from connector.improve.review.adjustments import Adjustment, _patch
from connector.improve.review.alerted import Warned
from connector.improve.review.bottlenecks import Bottleneck, Flow
from connector.improve.review.charts import curves, histogram, waterfall_chart
from connector.improve.review.drivers import Closed, parts
from connector.improve.review.parts import Chart, Review, Section, Table
from connector.improve.review.standing import Surprise
from connector.improve.review.written import markdown, page
from connector.improve.suggest import Suggested
from connector.model.calendar import Calendar
from connector.model.results import Score, Subject
from connector.targets.policy import TargetPolicy

Q3 = Calendar().period("2026-Q3")


def test_drivers_add_up_to_the_difference() -> None:
    # Twice as many deals were closed, all else as before: all of the 500 more is theirs.
    assert parts(Closed(10, 5, 500), Closed(20, 10, 1000)) == pytest.approx((500, 0, 0))
    # Twice as many, of which half as many were won: nothing came of it.
    assert sum(parts(Closed(10, 5, 500), Closed(20, 5, 500)) or ()) == pytest.approx(0)
    found = parts(Closed(12, 5, 730), Closed(31, 9, 411))
    assert found is not None
    assert sum(found) == pytest.approx(411 - 730)
    assert parts(Closed(10, 0, 0), Closed(20, 10, 1000)) is None, "of nothing, no share can be told"


def test_warnings_are_counted_both_ways() -> None:
    # Of 40 warned, 31 missed; 50 missed altogether.
    found = Warned("behind", "bookings", date(2026, 7, 30), 40, 31, 50, 120)
    assert (found.precision, found.recall) == (31 / 40, 31 / 50)
    nobody = Warned("behind", "bookings", date(2026, 7, 30), 0, 0, 0, 10)
    assert (nobody.precision, nobody.recall) == (None, None)


@pytest.mark.parametrize(
    ("attainment", "chance", "verdict"),
    [
        ("0.5", 0.1, "could be known"),
        ("0.5", 0.9, "a surprise"),
        ("0.5", 0.5, "open"),
        ("1.5", 0.9, "could be known"),
        ("1.5", 0.1, "a surprise"),
        ("1.5", None, "too little was known"),
    ],
)
def test_what_could_be_known(attainment: str, chance: float | None, verdict: str) -> None:
    score = Score(
        "bookings", Subject("person", "ana"), Q3, date(2026, 10, 1), "money", Decimal(1), Decimal(1), Decimal(attainment),
        None, None, None, 66, 66,
    )  # fmt: skip
    assert Surprise(score, chance).verdict == verdict


def test_a_stage_leaks_when_it_loses_clearly_more_than_it_did() -> None:
    past = Flow(left=100, lost=20)
    assert Bottleneck("West", "Proposal", Flow(left=40, lost=30), past).leaks
    assert not Bottleneck("West", "Proposal", Flow(left=40, lost=9), past).leaks, "as before"
    assert not Bottleneck("West", "Proposal", Flow(left=7, lost=7), past).leaks, "seven are too few"
    assert not Bottleneck("West", "Proposal", Flow(left=40, lost=30), Flow()).leaks, "there is no before"


def rectangles(chart: Chart) -> list[dict[str, str]]:
    space = "{http://www.w3.org/2000/svg}"
    return [each.attrib for each in ET.fromstring(chart.svg).iter(f"{space}rect")]


def test_bars_of_a_waterfall_stand_where_the_running_total_is() -> None:
    chart = waterfall_chart("Pipeline", [("start", 100), ("created", 50), ("won", -30), ("end", 120)], str)
    start, created, won, end = ((float(each["y"]), float(each["height"])) for each in rectangles(chart))
    unit = start[1] / 100
    assert created[1] == pytest.approx(50 * unit, abs=0.1)
    assert created[0] + created[1] == pytest.approx(start[0], abs=0.2), "it stands on the start"
    assert won[0] == pytest.approx(created[0], abs=0.2), "it hangs from the top of what was created"
    assert end[1] == pytest.approx(120 * unit, abs=0.1)
    assert chart.says == "Pipeline: start 100, created 50, won -30, end 120"


def test_people_are_counted_by_fifths_of_their_target() -> None:
    chart = histogram("People", [Decimal(each) for each in ("0.1", "0.99", "1", "1.19", "3.5", "-0.2")])
    assert chart.says == "People: 2 from 0%, 1 from 80%, 2 from 100%, 1 from 200%"
    assert len(rectangles(chart)) == 11
    assert "polyline" in curves("Course", [Fraction(1, 2), Fraction(1)], [Fraction(1, 3)], "so").svg


def a_review(text: str) -> Review:
    table = Table(("said", "by"), ((text, "Ana"),))
    section = Section("What people said", (text,), (table,), (histogram(text, [Decimal(1)]),), code="-a\n+b")
    return Review("Example <Ltd>", Q3, date(2026, 10, 1), "abc", (section,))


def test_what_people_typed_is_text_and_nothing_else() -> None:
    review = a_review('<script>alert(1)</script> | "x" & y\n# no heading')
    html = page(review)
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "Example &lt;Ltd&gt;" in html
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", ""), "nothing is fetched from anywhere"
    plain = markdown(review)
    assert "<script" not in plain
    assert "\n# no heading" not in plain
    assert '| &lt;script&gt;alert(1)&lt;/script&gt; \\| "x" & y # no heading | Ana |' in plain
    assert "```diff\n-a\n+b\n```" in plain


def test_an_adjustment_is_a_diff_of_the_line_that_holds_the_number(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "targets.yaml").write_text(
        "targets:\n  - metric: meetings\n    each: 12\n  - metric: bookings\n    company: 24_000_000 EUR  # why\n"
    )
    policy = TargetPolicy("bookings", Place("rules/targets.yaml", 4), company=Decimal(2_400_000_000))
    suggested = Suggested("bookings", Q3, "x", {}, (), None)
    found = Adjustment(policy, Decimal("1.138"), Decimal("1.138"), suggested)
    assert found.moved.company == 2_730_000_000  # 2,731,200,000 to three digits
    assert list(_patch([found], rules))[3:] == [
        "   - metric: bookings",
        "-    company: 24_000_000 EUR  # why",
        "+    company: 27_300_000 EUR  # why",
    ]


def patched(tmp_path: Path, text: str, policy: TargetPolicy, ratio: str) -> list[str]:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "targets.yaml").write_text(text)
    found = Adjustment(policy, Decimal(ratio), Decimal(ratio), Suggested(policy.metric, Q3, "x", {}, (), None))
    return [each for each in _patch([found], rules) if each[0] in "+-" and each[:3] not in ("+++", "---")]


def test_a_number_with_decimals_is_changed_as_a_whole(tmp_path: Path) -> None:
    policy = TargetPolicy("meetings", Place("rules/targets.yaml", 2), each=Decimal("2.5"))
    text = "targets:\n  - metric: meetings\n    each: 2.5\n"
    assert patched(tmp_path, text, policy, "1.38") == ["-    each: 2.5", "+    each: 3.5"]  # 3.45, as fine as it was
    assert Adjustment(policy, Decimal("1.38"), Decimal("1.38"), Suggested("x", Q3, "x", {}, (), None)).moved.each == (
        Decimal("3.5")
    )


def test_a_comment_keeps_what_it_says(tmp_path: Path) -> None:
    policy = TargetPolicy("bookings", Place("rules/targets.yaml", 2), company=Decimal(1_200_000_000))
    text = (
        "targets:\n  - metric: bookings\n    # company: 10_000_000 EUR until 2025\n"
        "    company: 12_000_000 EUR  # company: 3\n"
    )
    assert patched(tmp_path, text, policy, "1.1") == [
        "-    company: 12_000_000 EUR  # company: 3",
        "+    company: 13_200_000 EUR  # company: 3",
    ]


def test_a_policy_on_one_line_is_changed_in_it(tmp_path: Path) -> None:
    policy = TargetPolicy("meetings", Place("rules/targets.yaml", 2), each=Decimal(40))
    text = "targets:\n  - {metric: meetings, each: 40, every: month}\n"
    assert patched(tmp_path, text, policy, "1.13")[1] == "+  - {metric: meetings, each: 45, every: month}"
