"""Keys of a metric that came later: old names, least records, targets in formulas, consent to mixing."""

from __future__ import annotations

import pytest

from connector.rulebook.targets_file import overlapping
from tests.rulebook.folder import METRICS, Folder

PIPELINE = """\
  pipeline:
    title: Pipeline
    of: deals
    where: outcome = 'open'
    date: closed_on
    measure: sum(amount)
    unit: money
    credit: owner
"""


def a_formula(text: str, unit: str = "ratio", more: str = "") -> str:
    return f"{METRICS}{PIPELINE}  made:\n    title: Made\n    formula: {text}\n    unit: {unit}\n{more}"


def test_a_formula_over_a_target_brings_the_credit_and_date_of_its_metric(folder: Folder) -> None:
    folder.write("rules/metrics.yaml", a_formula("pipeline / target(bookings)"))
    made = folder.load().metrics["made"]
    assert made.inputs == ("pipeline", "target:bookings")
    assert (made.of, made.date, made.credit) == ("deals", "closed_on", "owner")


def test_a_target_of_a_metric_is_not_made_of_it(folder: Folder) -> None:
    folder.write("rules/metrics.yaml", a_formula("bookings / target(made)", "money").replace("(made)", "(deals_won)"))
    assert folder.codes() == []


def test_unlike_metrics_are_refused_until_somebody_says_why(folder: Folder) -> None:
    folder.write("rules/metrics.yaml", a_formula("pipeline / bookings"))
    assert folder.codes() == ["rules/metrics.yaml:33:14: unlike-metrics"]
    folder.write("rules/metrics.yaml", a_formula("pipeline / bookings", more="    mixed: true\n"))
    assert folder.codes() == ["rules/metrics.yaml:35:5: missing-key"]
    consent = "    mixed: true\n    because: what is open is the owner's\n"
    folder.write("rules/metrics.yaml", a_formula("pipeline / bookings", more=consent))
    assert folder.codes() == []


def test_consent_to_nothing_is_refused(folder: Folder) -> None:
    folder.write("rules/metrics.yaml", a_formula("bookings / deals_won", "money", "    mixed: true\n    because: x\n"))
    assert folder.codes() == ["rules/metrics.yaml:35:5: misplaced-key"]


def test_least_is_a_positive_whole_number(folder: Folder) -> None:
    folder.change("rules/metrics.yaml", "    unit: deals\n", "    unit: deals\n    least: 5\n")
    assert folder.load().metrics["deals_won"].least == 5
    folder.change("rules/metrics.yaml", "least: 5", "least: 0")
    assert folder.codes() == ["rules/metrics.yaml:16:12: wrong-value"]
    folder.change("rules/metrics.yaml", "least: 0", "least: 2.5")
    assert folder.codes() == ["rules/metrics.yaml:16:12: wrong-type"]


def test_an_old_name_is_obeyed_everywhere_with_a_warning(folder: Folder) -> None:
    folder.write("rules/metrics.yaml", a_formula("revenue / deals_won", "money"))
    folder.change("rules/metrics.yaml", "    title: Revenue\n", "    title: Revenue\n    was: [revenue, arr]\n")
    folder.change("rules/targets.yaml", "bookings", "arr")
    folder.change("rules/alerts.yaml", "bookings", "revenue")
    rules = folder.load()
    assert rules.metrics["bookings"].was == ("revenue", "arr")
    assert rules.metrics["made"].inputs == ("bookings", "deals_won")
    assert rules.targets[0].metric == "bookings"
    assert rules.alerts["behind"].metric == "bookings"
    assert [each.splitlines()[0].replace(f"{folder.home}/", "") for each in rules.warnings] == [
        "rules/alerts.yaml:3:13: old-name: `revenue` is called `bookings` now",
        "rules/metrics.yaml:34:14: old-name: `revenue` is called `bookings` now",
        "rules/targets.yaml:2:13: old-name: `arr` is called `bookings` now",
    ]


@pytest.mark.parametrize(
    ("was", "code"),
    [
        ("win_rate", "rules/metrics.yaml:12:10: name-taken"),
        ("revenue", "rules/metrics.yaml:12:10: name-taken"),
        ("Old Name", "rules/metrics.yaml:12:10: no-name"),
        ("[a, 3]", "rules/metrics.yaml:12:10: no-name"),
    ],
)
def test_an_old_name_is_one_that_no_other_metric_has_or_had(folder: Folder, was: str, code: str) -> None:
    folder.change("rules/metrics.yaml", "    title: Revenue\n", "    title: Revenue\n    was: revenue\n")
    folder.change("rules/metrics.yaml", "    title: Deals won\n", f"    title: Deals won\n    was: {was}\n")
    assert folder.codes() == [code]


def test_accounts_period_by_period_need_no_date(folder: Folder) -> None:
    text = "  kept:\n    title: Kept\n    of: account_periods\n    measure: sum(kept_value) / sum(start_value)\n    unit: ratio\n"
    folder.write("rules/metrics.yaml", METRICS + text)
    assert folder.load().metrics["kept"].date == "period"
    folder.write("rules/metrics.yaml", METRICS + text + "    date: closed_on\n")
    assert folder.codes() == ["rules/metrics.yaml:28:11: unknown-date"]


@pytest.mark.parametrize(
    ("first", "second", "twice"),
    [
        ("each: 3", "each: 4", True),
        ("each: 3\n    for: role = 'AE'", "each: 4\n    for: (role = 'AE')", True),
        ("each: 3\n    for: role = 'AE'", "each: 4\n    for: role = 'SDR'", False),
        ("each: 3\n    for: role = 'AE'", "each: 4", False),
        ("each: 3\n    kind: stretch", "each: 4", False),
        ("each: 3\n    year: FY2026", "each: 4\n    year: FY2027", False),
        ("each: 3\n    year: FY2026", "each: 4", True),
        ("units: {team: {East: 3}}", "units: {team: {West: 4}}", False),
        ("units: {team: {East: 3}}", "units: {team: {East: 4, West: 4}}", True),
        ("company: 10", "each: 4\n    every: month", False),
        ("company: 10\n    split: [person: equal]", "each: 4\n    every: month", True),
        ("each: 3", "quotas: [files.quotas]", False),
    ],
)
def test_two_numbers_of_one_kind_for_the_same_people_are_refused(
    folder: Folder, first: str, second: str, twice: bool
) -> None:
    folder.write(
        "mapping.yaml", (folder.home / "mapping.yaml").read_text().replace("team:", "role: Title\n      team:")
    )
    both = [each if "company" in each or "every" in each else f"{each}\n    every: month" for each in (first, second)]
    folder.write("rules/targets.yaml", "targets:\n" + "".join(f"  - metric: deals_won\n    {each}\n" for each in both))
    line = 4 + both[0].count("\n")
    assert folder.codes() == ([f"rules/targets.yaml:{line}:5: two-targets"] if twice else [])


def test_overlap_reads_either_way(folder: Folder) -> None:
    one = folder.load().targets[0]
    assert overlapping(one, one)
