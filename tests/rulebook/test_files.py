"""One wrong thing in one file: each is told at its place, under its name."""

from __future__ import annotations

import pytest

from tests.rulebook.folder import Folder


def told(folder: Folder, file: str, old: str, new: str) -> list[str]:
    """Problems after one change, without the file's name."""
    folder.change(file, old, new)
    return [each.removeprefix(f"{file}:") for each in folder.codes()]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("title: Revenue", "titel: Revenue", ["2:3: missing-key", "3:5: unknown-key"]),
        ("title: Revenue", "title: 2026", ["3:12: wrong-type"]),
        ("title: Revenue", "title:", ["3:5: empty"]),
        ("title: Revenue", "title: Revenue\n    better: more", ["4:13: unknown-value"]),
        ("title: Revenue", "title: Revenue\n    weighted: yes", ["4:15: wrong-type"]),
        ("title: Revenue", "title: Revenue\n    credit: spilts", ["4:13: unknown-credit"]),
        ("title: Revenue", "title: Revenue\n    through: period_end\n    x: 1", ["5:5: unknown-key"]),
        ("  deals_won:", "  Deals Won:", ["9:3: no-name"]),
        ("    measure: sum(amount)\n", "", ["2:3: measure-or-formula"]),
        ("measure: sum(amount)", "measure: sum(amount)\n    formula: win_rate", ["2:3: measure-or-formula"]),
        ("measure: sum(amount)", "measure: amount", ["7:14: outside-aggregate"]),
        ("measure: sum(amount)", 'measure: "sum(amount) / sum(amuont)"', ["7:33: unknown-field"]),
        ("measure: sum(amount)", "measure: |\n      sum(amount)\n      / sum(amuont)", ["9:13: unknown-field"]),
        ("measure: sum(amount)", "measure: count_distinct(name)", ["8:11: wrong-unit"]),
        ("measure: sum(amount)", "measure: median(days_between(created_on, closed_on))", ["8:11: wrong-unit"]),
        ("unit: money", "unit: euros", ["8:11: wrong-unit"]),
        ("unit: ratio", "unit: deals", ["22:11: wrong-unit"]),
        ("unit: deals", "unit: ratio", ["15:11: wrong-unit"]),
        ("    where: outcome = 'won'\n    date: closed_on\n    measure: sum", "    measure: sum", ["2:3: missing-key"]),
        ("date: closed_on\n    measure: sum", "date: close_on\n    measure: sum", ["6:11: unknown-date"]),
        ("of: deals\n    where: outcome in", "of: deal\n    where: outcome in", ["18:9: unknown-relation"]),
        ("outcome in ('won', 'lost')", "outcome in ('won', 'lots')", ["19:31: unknown-choice"]),
        ("where: outcome in ('won', 'lost')", "where: name = 'a # b'", ["19:19: unclosed-quote"]),
        ("where: outcome in ('won', 'lost')", "where: 'won' = outcome", ["19:18: yaml-syntax"]),
        ("where: outcome in ('won', 'lost')", 'where: "outcome in (\'won\', \\"x\\")"', ["19:32: not-in-language"]),
        ("    of: deals\n    where: outcome in", "    where: outcome in", ["16:3: missing-key"]),
    ],
)
def test_a_wrong_metric(folder: Folder, old: str, new: str, code: list[str]) -> None:
    assert told(folder, "rules/metrics.yaml", old, new) == code


CREATED = "x: {title: X, of: deals, date: created_on, measure: count(), unit: deals}"
OWNED = "x: {title: X, of: deals, date: closed_on, credit: owner, measure: count(), unit: deals}"
SPLIT = "title: X, of: deals, where: days_between(created_on, closed_on) > 3"


@pytest.mark.parametrize(
    ("added", "code"),
    [
        ("x: {title: X, formula: bookings / deals_wn, unit: money}", ["23:37: unknown-metric"]),
        ("x: {title: X, formula: bookings + deals_won, unit: money}", ["23:37: wrong-type"]),
        ("x: {title: X, formula: bookings / deals_won, unit: ratio}", ["23:54: wrong-unit"]),
        ("x: {title: X, formula: x + 1, unit: xs}", ["23:26: circular-formula"]),
        ("x: {title: X, formula: y, unit: xs}\n  y: {title: Y, formula: x, unit: xs}", ["24:26: circular-formula"]),
        ("x: {title: X, formula: bookings, unit: money, credit: splits}", ["23:49: misplaced-key"]),
        ("x: {title: X, of: people, date: started_on, measure: count(), unit: people}", ["23:21: no-dates", "23:21: no-credit"]),
        ("x: {title: X, of: files.quotas, date: period, measure: count(), unit: rows}", ["23:21: no-dates"]),
        (f"{CREATED}\n  y: {{title: Y, formula: bookings / x, unit: money}}", ["24:26: unlike-metrics"]),
        (f"{OWNED}\n  y: {{title: Y, formula: bookings / x, unit: money}}", ["24:26: unlike-metrics"]),
        (f"x: {{{SPLIT}, date: closed_on, measure: count(), unit: deals}}", ["23:60: split-by-comma"]),
    ],
)  # fmt: skip
def test_a_wrong_formula_or_relation(folder: Folder, added: str, code: list[str]) -> None:
    text = (folder.home / "rules/metrics.yaml").read_text(encoding="utf-8")
    folder.write("rules/metrics.yaml", f"{text}  {added}\n")
    assert folder.codes() == [f"rules/metrics.yaml:{each}" for each in code]


def test_a_formula_may_be_made_of_formulas(folder: Folder) -> None:
    text = (folder.home / "rules/metrics.yaml").read_text(encoding="utf-8")
    more = (
        "  x: {title: X, formula: y / deals_won, unit: money}\n"
        "  y: {title: Y, formula: bookings - 1_000 EUR, unit: money}\n"
    )
    folder.write("rules/metrics.yaml", text + more)
    metrics = folder.load().metrics
    assert (metrics["x"].inputs, metrics["x"].date, metrics["x"].of) == (("y", "deals_won"), "closed_on", "deals")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("metric: boookings\n    each: 3\n    every: month", ["2:13: unknown-metric"]),
        ("metric: bookings", ["2:5: no-number"]),
        ("metric: bookings\n    each: 3", ["3:5: missing-key"]),
        ("metric: bookings\n    each: 3\n    every: week", ["4:12: unknown-value"]),
        ("metric: bookings\n    each: 3\n    every: month\n    company: 4", ["3:5: two-numbers"]),
        ("metric: bookings\n    each: 3 USD\n    every: month", ["3:11: wrong-currency"]),
        ("metric: bookings\n    each: 3.001 EUR\n    every: month", ["3:11: too-precise"]),
        ("metric: bookings\n    each: 30%\n    every: month", ["3:11: wrong-currency"]),
        ("metric: bookings\n    each: lots\n    every: month", ["3:11: no-number"]),
        ("metric: bookings\n    each: -500 EUR\n    every: month", ["3:11: below-zero"]),
        ("metric: bookings\n    company: -500 EUR", ["3:14: below-zero"]),
        ("metric: bookings\n    units: {team: {East: -3}}\n    every: month", ["3:26: below-zero"]),
        ("metric: win_rate\n    each: -5%\n    every: month", ["3:11: below-zero"]),
        (
            "metric: bookings\n    company: 9\n    split: [{team: equal}]\n    pins: {team: {East: -50 EUR}}",
            ["5:25: below-zero"],
        ),
        ("metric: bookings\n    each: 3\n    every: month\n    split: [{team: equal}]", ["5:5: misplaced-key"]),
        ("metric: bookings\n    company: 3\n    every: month", ["4:5: misplaced-key"]),
        ("metric: bookings\n    company: 3\n    year: next", ["4:11: no-year"]),
        ("metric: bookings\n    company: 3\n    months: by luck", ["4:13: unknown-value"]),
        ("metric: bookings\n    company: 3\n    months: [1, 2]", ["4:13: no-spread"]),
        ("metric: bookings\n    company: 3\n    split: [{taem: equal}]", ["4:14: unknown-level"]),
        ("metric: bookings\n    company: 3\n    split: [{team: by luck}]", ["4:20: unknown-value"]),
        ("metric: bookings\n    company: 3\n    split: [{team: {East: 50%, West: 40%}}]", ["4:20: shares"]),
        ("metric: bookings\n    company: 3\n    split: [{team: equal, person: equal}]", ["4:13: one-level"]),
        ("metric: bookings\n    company: 3\n    for: rol = 'AE'", ["4:10: unknown-field"]),
        ("metric: bookings\n    quotas: [files.quota]", ["3:14: unknown-file-table"]),
        ("metric: bookings\n    quotas: [files.trainings]", ["3:14: no-quotas"]),
        ("metric: bookings\n    units: {taem: {East: 3}}\n    every: month", ["3:13: unknown-level"]),
        ("metric: bookings\n    units: {team: {East: 3 USD}}\n    every: month", ["3:26: wrong-currency"]),
        ("metric: deals_won\n    each: 3 calls\n    every: month", ["3:11: wrong-unit"]),
        ("metric: win_rate\n    each: 0.3\n    every: month", ["3:11: wrong-unit"]),
        ("metric: win_rate\n    company: 30%\n    split: [{team: equal}]", ["4:5: not-divisible"]),
    ],
)
def test_a_wrong_target(folder: Folder, text: str, code: list[str]) -> None:
    folder.write("rules/targets.yaml", f"targets:\n  - {text}\n")
    assert folder.codes() == [f"rules/targets.yaml:{each}" for each in code]


@pytest.mark.parametrize(("months", "found"), [("[20%, 50%]", ["5:5: misplaced-key"]), ("[30, 20]", [])])
def test_a_ramp_by_shares_of_what_should_stay_low_is_refused(folder: Folder, months: str, found: list[str]) -> None:
    folder.change("rules/metrics.yaml", "    unit: deals\n", "    unit: deals\n    better: lower\n")
    text = f"metric: deals_won\n    each: 10\n    every: month\n    ramp: {{months: {months}}}"
    folder.write("rules/targets.yaml", f"targets:\n  - {text}\n")
    assert folder.codes() == [f"rules/targets.yaml:{each}" for each in found]


def test_a_formula_builds_up_where_all_that_it_is_made_of_does(folder: Folder) -> None:
    more = (
        "  typical:\n    title: T\n    of: deals\n    date: closed_on\n    measure: median(amount)\n    unit: money\n"
        "  twice: {title: A, formula: typical * 2, unit: money}\n"
        "  with_typical: {title: B, formula: bookings + typical, unit: money}\n"
        "  again: {title: C, formula: twice * 2, unit: money}\n"
        "  both: {title: D, formula: bookings * 2, unit: money}\n"
    )
    folder.write("rules/metrics.yaml", (folder.home / "rules/metrics.yaml").read_text(encoding="utf-8") + more)
    metrics = folder.load().metrics
    builds = {name: metrics[name].accumulates for name in ("typical", "twice", "with_typical", "again", "both")}
    assert builds == {"typical": False, "twice": False, "with_typical": False, "again": False, "both": True}


@pytest.mark.parametrize(
    "text",
    [
        "metric: bookings\n    each: 250_000 EUR\n    every: quarter\n    year: FY2027",
        "metric: bookings\n    each: 250 000\n    every: quarter",
        "metric: deals_won\n    each: 3 deals\n    every: month",
        "metric: bookings\n    units: {team: {East 1: 3, West 1: 4.50 EUR}}\n    every: month",
        "metric: bookings\n    company: 3\n    months: [20, 25, 22, 33]",
        "metric: bookings\n    company: 3\n    months: [5, 3, 2]",
        "metric: bookings\n    each: 0\n    every: month",
        "metric: bookings\n    company: 3\n    split: [{team: {East: 60%, West: 40%}}]",
        "metric: bookings\n    quotas: [files.quotas]\n    for: team in ('East', 'West')",
        "metric: win_rate\n    company: 30%",
        "metric: win_rate\n    each: 30%\n    every: month\n    because: everybody can",
    ],
)
def test_a_right_target(folder: Folder, text: str) -> None:
    folder.write("rules/targets.yaml", f"targets:\n  - {text}\n")
    assert folder.codes() == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("metric: bookings", "metric: boookings", ["3:13: unknown-metric"]),
        ("period: quarter", "period: week", ["4:13: unknown-value"]),
        ("when: pace < 70%", "when: pase < 70%", ["5:11: unknown-field"]),
        ("when: pace < 70%", "when: pace < 0.7 * actual", ["5:18: wrong-type"]),
        ("when: pace < 70%", "when: actual < 0.7 * expected_amount", []),
        ("when: pace < 70%", "when: gap > 1_000 EUR and days_left < 10", []),
        ("when: pace < 70%", "when: gap > 1_000 USD", ["5:17: wrong-currency"]),
        ("when: pace < 70%", "when: pace < 70%\n    until: pace", ["6:12: not-a-condition"]),
        ("when: pace < 70%", "when: pace < 70%\n    after: 3 days", ["6:12: no-duration"]),
        ("when: pace < 70%", "when: pace < 70%\n    after: 3 working days", []),
        ("when: pace < 70%", "when: pace < 70%\n    after: 1", []),
        ("when: pace < 70%", "when: pace < 70%\n    for: role = 'AE'", []),
        ("tell: [rep]", "tell: [rep, boss]", ["6:17: unknown-value"]),
        ("tell: [rep]", "tell: []", ["6:11: wrong-type"]),
        ("tell: [rep]", "tell: rep", ["6:11: wrong-type"]),
        ("say: behind", "say: behinds", ["7:10: unknown-message"]),
    ],
)
def test_an_alert(folder: Folder, old: str, new: str, code: list[str]) -> None:
    assert told(folder, "rules/alerts.yaml", old, new) == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("{metric}", "{metrik}", ["3:22: unknown-word"]),
        ("{metric}", "{metric.title}", ["3:22: unknown-word"]),
        ("{metric}", "{metric!r}", ["3:22: unknown-word"]),
        ("{metric}", "{}", ["3:22: unknown-word"]),
        ("{metric}", "{metric", ["3:21: stray-brace"]),
        ('title: "Behind: {metric}"', "title: ''", ["3:12: wrong-type"]),
        ('    title: "Behind: {metric}"\n', "", ["2:3: missing-key"]),
        ("{actual} of {target}", "{days_left} {person} {gap} {pace} {attainment} {expected} {period}", []),
    ],
)
def test_a_message(folder: Folder, old: str, new: str, code: list[str]) -> None:
    assert told(folder, "rules/messages/en.yaml", old, new) == code


def test_messages_of_other_languages_are_checked_and_ours_are_used(folder: Folder) -> None:
    folder.write("rules/messages/de.yaml", 'messages: {behind: {title: "Im Verzug", text: "{actual}"}}\n')
    assert folder.load().alerts["behind"].say.english.title == "Behind: {metric}"
    folder.change("rules/messages/de.yaml", "{actual}", "{aktuell}")
    assert folder.codes() == ["rules/messages/de.yaml:1:49: unknown-word"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("type: salesforce", "type: hubspot", ["1:7: other-type"]),
        ("      name: Name\n", "", ["9:5: unmapped"]),
        ("      name: Name\n", "      nmae: Name\n", ["9:5: unmapped", "10:7: unknown-field-of-ours"]),
        ("      team: UserRole.Name\n", "      team: UserRole.Name\n      end: Division\n", ["7:7: reserved-name"]),
        ("  - from: Opportunity", "  - form: Opportunity", ["8:5: missing-key", "8:5: unknown-key"]),
        ("  won_flag: IsWon\n", "", ["15:1: missing-key"]),
        ("  won_flag: IsWon\n", "  won_flag: IsWon\n  field: StageName\n", ["15:1: outcome"]),
        ("outcome:\n", "    custom: {amount: {field: X, type: money}}\noutcome:\n", ["15:14: name-taken"]),
        ("outcome:\n", "    custom: {case: {field: X, type: money}}\noutcome:\n", ["15:14: reserved-name"]),
        ("outcome:\n", "    custom: {x: {field: X, type: string}}\noutcome:\n", ["15:34: unknown-value"]),
        ("deals:\n", "    custom: {x: {field: X, type: text}}\ndeals:\n", ["7:14: no-custom"]),
        ("outcome:\n", "activities:\n  - from: T\n    fields: {performer: O}\n    constants: {type: cal}\noutcome:\n",
         ["18:23: unknown-type-of-ours"]),
        ("outcome:\n", "activities:\n  - from: T\n    fields: {status: S}\n    values: {status: {X: done}}\noutcome:\n",
         ["18:26: unknown-status-of-ours"]),
        ("outcome:\n", "write: {scores: {object: A, key: K, fields: {F: attainmnt}}}\noutcome:\n",
         ["15:49: unknown-attribute"]),
        ("outcome:\n", "write: {scores: {object: A, fields: {F: gap}}}\noutcome:\n", ["15:9: missing-key"]),
        ("outcome:\n", "write: {scores: {object: A, prefix: a_, attributes: [gapp]}}\noutcome:\n",
         ["15:54: unknown-attribute"]),
        ("outcome:\n", "write: {scores: {object: A}}\noutcome:\n", ["15:9: fields-or-prefix"]),
        ("outcome:\n", "write: {alerts: {object: A, key: K, fields: {F: '= High', G: titel}}}\noutcome:\n",
         ["15:62: unknown-attribute"]),
    ],
)  # fmt: skip
def test_a_wrong_mapping(folder: Folder, old: str, new: str, code: list[str]) -> None:
    assert told(folder, "mapping.yaml", old, new) == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("person: person\n    date", "person: persn\n    date", ["14:13: unknown-column"]),
        ("date: completed_on", "date: hours", ["15:11: wrong-type"]),
        ("key: [person, completed_on]", "key: [person, complete_on]", ["13:19: unknown-column"]),
        ("key: [person, completed_on]", "key: []", ["13:10: wrong-type"]),
        ("hours: {type: number}", "hours: {type: float}", ["19:21: unknown-value"]),
        ("hours: {type: number}", "Hours: {type: number}", ["19:7: no-name"]),
        ("      value: {type: number, required: true}\n", "", []),
    ],
)
def test_a_file_table(folder: Folder, old: str, new: str, code: list[str]) -> None:
    assert told(folder, "files.yaml", old, new) == code
