"""Wrong files written by hand: which code, which file, and what stands there in the place of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

CONFIG = "config.yaml"
METRICS, TARGETS, ALERTS = "rules/metrics.yaml", "rules/targets.yaml", "rules/alerts.yaml"
SCORECARDS, HEALTH = "rules/scorecards.yaml", "rules/health.yaml"
INCENTIVES = "rules/incentives.yaml"
MESSAGES, MAPPING, FILES = "rules/messages/en.yaml", "mapping.yaml", "files.yaml"


# A file table beside the others: dated, and of nobody.
RATES = "  rates:\n    file: rates.csv\n    key: [day]\n    date: day\n    columns:\n      day: {type: date}\n"

GOOD_CONFIG = """\
company:
  name: Example
  currency: EUR
  zone: Europe/Berlin
connections:
  emea:
    type: salesforce
    mapping: mapping.yaml
    login_url: https://acme.my.salesforce.com
    consumer_key: "${env:ID}"
    client_secret: "${env:SECRET}"
"""


class Case(NamedTuple):
    """One mistake: `new` stands where `old` stood; an empty `old` is the end of the file."""

    code: str
    file: str
    old: str
    new: str


WHERE = "    where: outcome in ('won', 'lost')\n"
MEASURE = "    measure: sum(amount)\n"
WHEN = "    when: pace < 70%\n"
QUOTAS = (
    "quotas:\n  - from: Q\n    fields: {user: U, metric: M, amount: A, starts_on: S}\n    constants: {grain: quarter}\n"
)
BADGE = "badges: {rainmaker: {title: R, metric: bookings, period: quarter, when: attainment >= 120%}}\n"
CONTEST = "contests: {hunt: {title: H, metric: bookings, from: 2027-03-01, to: 2027-04-15}}\n"
SUPPORT = "support: {plan: {title: P, metric: bookings, period: quarter, when: attainment < 60%}}\n"
BEHIND = "    metric: bookings\n    period: quarter\n    when: pace < 70%\n"
STALE = "    of: deals\n    period: quarter\n    when: pushes > 2\n"
COACHING = (
    "coaching:\n  c:\n    metric: bookings\n    period: quarter\n    when: pace < 80%\n    say: behind\n"
    "    drivers: [{metric: deals_won}, {metric: win_rate, look_at: outcome = 'lost'}]\n"
)

# What stands for `outcome in ('won', 'lost')`.
CONDITIONS = {
    "unknown-field": ["outcom = 'won'", "closed = 'x'", "amount > 1 and stge = 'x'", "Outcome = 'won'"],
    "unknown-choice": ["outcome = 'wno'", "outcome in ('won', 'lots')", "'Won' = outcome", "outcome <> 'closed'"],
    "unknown-function": ["upper(stage) = 'X'", "days_betwen(created_on, closed_on) > 3", "now() > closed_on", "cast(amount as int) = 1"],
    "wrong-type": [
        "amount > 'much'", "closed_on > 3", "stage > 5", "is_first_win > true", "amount = stage", "name like 3",
        "days_between(amount, closed_on) > 3", "probability > 5 EUR", "amount in (1, 'x')", "closed_on + 3 > created_on",
        "amount * amount > 3", "created_on / 2 > 3", "lower(amount) = 'x'", "coalesce(amount, 'x') > 3",
        "case when is_first_win then amount else 'x' end > 3", "amount between 'a' and 'b'",
    ],
    "wrong-arguments": ["lower(stage, name) = 'x'", "days_between(closed_on) > 3", "coalesce(amount) > 3", "abs() > 1"],
    "wrong-places": ["round(probability, 2.5) > 3", "round(probability, pushes) > 3", "round(probability, 100) > 1", "round(probability, -1) > 1"],
    "not-a-condition": ["amount", "stage", "'won'", "amount and is_first_win", "not amount", "case when stage then true end"],
    "compared-with-null": ["stage = null", "amount <> null", "stage in ('x', null)"],
    "not-in-language": [
        "stage == 'x'", "stage is 'x'", "stage || 'y' = 'x'", 'stage = \\"x\\"', "outcome = 'won'; drop table deals",
        "amount // 2 > 3", "!is_first_win", "case stage when 'x' then true end", "deals.stage = 'x'", "amount[1] = 2",
        "1 < amount < 3", "amount > > 3", "stage = $1",
    ],
    "syntax": [
        "(outcome = 'won'", "outcome = 'won')", "outcome = ", "= 'won'", "outcome 'won'", "outcome in 'won'",
        "outcome = 'won' and", "and outcome = 'won'", "case when is_first_win then true", "stage in ()", "outcome = 'won' stage",
        "not", "amount between symmetric 1 and 2", "(select 1) = 1", "amount > 0x1F", "lower(stage = 'x'", "amount between 1 2", "amount between 1",
    ],
    "unclosed-quote": ["outcome = 'won", "name = 'O'Brien'"],
    "empty-expression": ["' '", "' '  # nothing"],
    "no-date": ["closed_on > '2026-13-01'", "closed_on = 'yesterday'", "closed_on between '2026-01-01' and '26'"],
    "no-number": ["amount > 1e5", "amount > 1234567890123456789", "amount > 99999999999999999"],
    "division-by-zero": ["amount > 1 / 0", "amount > 3 / (2 - 2)"],
    "too-precise": ["amount > 1.005", "amount = 0.001 EUR"],
    "wrong-currency": ["amount > 5 USD", "amount between 1 EUR and 2 GBP"],
    "too-deep": ["(" * 30 + "is_first_win" + ")" * 30, "not " * 30 + "is_first_win", "1" + " + 1" * 70 + " = amount"],
    "too-long": ["is_first_win or " * 130 + "is_first_win", " or ".join(["not - amount < - amount"] * 45)],
    "control-character": ["stage = 'a\\u200b'", "stage = 'a\\u0007'"],
    "misplaced-aggregate": ["sum(amount) > 3", "count() > 3", "percentile(amount, 80%) > 3"],
    "misplaced-function": ["target(amount) > 3"],
}  # fmt: skip

# What stands for `sum(amount)`, of money.
MEASURES = {
    "no-aggregate": ["3", "1 + 2", "3 EUR"],
    "outside-aggregate": ["amount", "sum(amount) + amount", "count() / amount", "stage"],
    "misplaced-aggregate": ["sum(sum(amount))", "max(count())", "sum(count_if(is_first_win))"],
    "misplaced-function": ["sum(amount) / days_since('2026-01-01')", "count() * working_days_between('2026-01-01', '2026-02-01')"],
    "not-a-number": ["count() > 3", "count() = 1 and count() = 2"],
    "wrong-share": ["percentile(amount, 80)", "percentile(amount, 180%)", "percentile(amount, probability)"],
    "wrong-arguments": ["sum()", "count(amount)", "percentile(amount)", "count_if()", "median(amount, 3)"],
    "wrong-type": ["sum(stage)", "count_if(amount)", "sum(amount) + count()", "avg(closed_on)", "sum_if(is_first_win, amount)"],
    "wrong-unit": ["count()", "sum(amount) / sum(amount)", "avg(days_between(created_on, closed_on))"],
    "unknown-field": ["sum(amuont)", "median(days_between(created, closed_on))"],
    "unknown-function": ["total(amount)", "summ(amount)"],
}  # fmt: skip

# What stands in a formula.
FORMULAS = {
    "unknown-metric": ["bokings / deals_won", "bookings / target(win_rat)", "revenue"],
    "no-metric": ["3", "target(bookings)", "target(bookings) / target(deals_won)"],
    "circular-formula": ["made / deals_won", "bookings + made"],
    "wrong-unit": ["bookings / bookings", "deals_won / win_rate"],
    "wrong-type": ["bookings + deals_won", "deals_won / bookings", "bookings * bookings"],
    "wrong-arguments": ["bookings / target()", "bookings / target(bookings * 2)"],
    "not-a-number": ["bookings > 3"],
    "misplaced-aggregate": ["sum(bookings)"],
    "misplaced-function": ["bookings / days_since('2026-01-01')"],
}
FORMULA = "  made:\n    title: Made\n    unit: money\n    formula: {}\n"

TABLES = {  # whole entries of metrics.yaml
    "no-credit": "  made: {title: X, of: files.rates, date: day, measure: count(), unit: rows}\n",
    "no-dates": "  made: {title: X, of: files.quotas, measure: count(), unit: rows}\n",
    "measure-or-formula": "  made: {title: X, of: deals, unit: rows}\n",
    "split-by-comma": "  made: {title: X, measure: sum_if(amount, is_first_win), unit: rows}\n",
    "unknown-date": "  made: {title: X, of: account_periods, date: closed_on, measure: count(), unit: rows}\n",
    "misplaced-key": "  made: {title: X, formula: bookings, unit: money, mixed: true, because: x}\n",
    "key-not-text": "  1: {title: X}\n",
    "no-name": "  Made Up: {title: X, formula: bookings, unit: money}\n",
}

OTHERS = (
    Case("mixed-ramp", TARGETS, "", "  - metric: deals_won\n    every: month\n    each: 5\n    ramp: {months: [0%, 3]}\n"),
    Case("mixed-ramp", TARGETS, "", "  - metric: deals_won\n    every: month\n    each: 5\n    ramp: {months: [0%, 130%]}\n"),
    Case("unknown-field", TARGETS, "", "  - metric: deals_won\n    every: month\n    each: 5\n    ramp:\n      for: rolle = 'AE'\n      months: [0%]\n"),
    Case("wrong-currency", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    ramp: {months: [5 USD]}\n"),
    Case("wrong-type", TARGETS, "", "  - metric: deals_won\n    every: month\n    each: 5\n    ramp: [0%]\n"),
    Case("unknown-level-of-the-split", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    pins: {region: {North: 1_000 EUR}}\n"),
    Case("wrong-currency", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    pins: {team: {East: 5%}}\n"),
    Case("no-potential", TARGETS, "by headcount", "by account potential"),
    Case("no-bottom-up", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    bottom_up: [files.quotas]\n"),
    Case("unknown-file-table", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    bottom_up: [files.plans]\n"),
    Case("misplaced-key", TARGETS, "", "  - metric: deals_won\n    every: month\n    each: 5\n    bottom_up: [files.quotas]\n"),
    Case("no-index", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    market: {index: files.quotas}\n"),
    Case("unknown-level", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    market: {index: files.quotas, by: rigion}\n"),
    Case("wrong-share", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    market: {index: files.quotas, at_most: 120%}\n"),
    Case("missing-key", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    market: {by: region}\n"),
    Case("hedge", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    over_assign: 60%\n"),
    Case("unknown-level-of-the-split", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    over_assign: {region: 5%}\n"),
    Case("misplaced-key", TARGETS, "", "  - metric: deals_won\n    every: month\n    each: 5\n    over_assign: 5%\n"),
    Case("unknown-value", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    prorate: weeks\n"),
    Case("unknown-value", TARGETS, "    company: 24_000_000 EUR\n", "    company: 24_000_000 EUR\n    months: by saeson\n"),
    Case("unknown-mapped-object", MAPPING, "", "write:\n  deals: {object: Oportunity, fields: {X__c: health}}\n"),
    Case("unknown-attribute", MAPPING, "", "write:\n  deals: {object: Opportunity, fields: {X__c: helth}}\n"),
    Case(
        "unknown-written-field",
        MAPPING,
        "",
        "write:\n  deals: {object: Opportunity, fields: {X__c: health}, policies: {Y__c: respect}}\n",
    ),
    Case("missing-key", MAPPING, "", "write:\n  accounts: {object: Account}\n"),
    Case("wrong-order", METRICS, MEASURE, MEASURE + "    effective: 2026\n    before:\n      - {of: deals, date: closed_on, measure: count(), effective: 2027}\n"),
    Case("no-period", METRICS, MEASURE, MEASURE + "    effective: next year\n"),
    Case("no-other-rate", METRICS, "", "  calls:\n    title: x\n    of: activities\n    date: happened_on\n    measure: count()\n    unit: calls\n    rate: plan\n"),
    Case("unknown-value", METRICS, MEASURE, MEASURE + "    rate: planned\n"),
    Case("no-other-rate", METRICS, MEASURE, MEASURE + "    rate: period_start\n"),
    Case("no-other-rate", METRICS, "", "  kept:\n    title: x\n    of: account_periods\n    measure: sum(end_value) / sum(start_value)\n    unit: ratio\n    rate: plan\n"),
    # metrics
    Case("unlike-metrics", METRICS, "", FORMULA.format("bookings / other") + "  other: {title: X, of: deals, date: created_on, "
         "measure: count(), unit: deals}\n"),
    Case("missing-key", METRICS, "", FORMULA.format("bookings / other") + "    mixed: true\n  other: {title: X, of: deals, "
         "date: created_on, measure: count(), unit: deals}\n"),
    Case("misplaced-key", METRICS, "", FORMULA.format("bookings") + "    of: deals\n"),
    Case("measure-or-formula", METRICS, MEASURE, MEASURE + "    formula: deals_won\n"),
    Case("missing-key", METRICS, "    unit: money\n", ""),
    Case("missing-key", METRICS, "    title: Revenue\n    of: deals\n", "    title: Revenue\n"),
    Case("unknown-relation", METRICS, "    title: Revenue\n    of: deals\n", "    title: Revenue\n    of: deal\n"),
    Case("unknown-relation", METRICS, "    title: Revenue\n    of: deals\n", "    title: Revenue\n    of: files.quota\n"),
    Case("unknown-credit", METRICS, MEASURE, MEASURE + "    credit: performer\n"),
    Case("unknown-date", METRICS, f"    date: closed_on\n{MEASURE}", f"    date: close_date\n{MEASURE}"),
    Case("unknown-key", METRICS, "    title: Revenue\n", "    titel: Revenue\n"),
    Case("unknown-key", METRICS, "metrics:\n", "metric:\n"),
    Case("unknown-value", METRICS, MEASURE, MEASURE + "    better: more\n"),
    Case("unknown-value", METRICS, MEASURE, MEASURE + "    through: yesterday\n"),
    Case("unknown-value", METRICS, "metrics:\n", "attain: 2\nmetrics:\n"),
    Case("wrong-type", METRICS, "    title: Revenue\n", "    title: [Revenue]\n"),
    Case("wrong-type", METRICS, "    title: Revenue\n", "    title: 2026\n"),
    Case("wrong-type", METRICS, MEASURE, MEASURE + "    weighted: yes\n"),
    Case("wrong-type", METRICS, MEASURE, MEASURE + "    least: five\n"),
    Case("wrong-value", METRICS, MEASURE, MEASURE + "    least: 0\n"),
    Case("name-taken", METRICS, MEASURE, MEASURE + "    was: win_rate\n"),
    Case("no-name", METRICS, MEASURE, MEASURE + "    was: Old Revenue\n"),
    Case("empty", METRICS, "    title: Revenue\n", "    title:\n"),
    Case("duplicate-key", METRICS, MEASURE, MEASURE + MEASURE),
    Case("yaml-reference", METRICS, "    title: Revenue\n", "    title: &revenue Revenue\n"),
    Case("yaml-reference", METRICS, "    title: Revenue\n", "    title: !!python/object:os.system x\n"),
    Case("yaml-syntax", METRICS, "    title: Revenue\n", "   title: Revenue\n"),
    Case("yaml-syntax", METRICS, "    title: Revenue\n", "    title: Revenue: closed\n"),
    Case("yaml-syntax", METRICS, "    title: Revenue\n", "\ttitle: Revenue\n"),
    Case("control-character", METRICS, "    title: Revenue\n", "    title: Rev\x07enue\n"),
    Case("too-deep", METRICS, "    title: Revenue\n", "    title: " + "[" * 60 + "]" * 60 + "\n"),
    # targets
    Case("unknown-metric", TARGETS, "metric: bookings", "metric: bokings"),
    Case("no-number", TARGETS, "    company: 24_000_000 EUR\n", ""),
    Case("no-number", TARGETS, "24_000_000 EUR", "plenty"),
    Case("no-number", TARGETS, "24_000_000 EUR", "24.000.000 EUR"),
    Case("two-numbers", TARGETS, "    split:\n", "    each: 5\n    split:\n"),
    Case("missing-key", TARGETS, "company: 24_000_000 EUR\n    split:\n      - team: by headcount\n      - person: equal", "each: 5"),
    Case("misplaced-key", TARGETS, "    split:\n", "    every: month\n    split:\n"),
    Case("wrong-currency", TARGETS, "EUR", "USD"),
    Case("too-precise", TARGETS, "24_000_000 EUR", "24.005 EUR"),
    Case("below-zero", TARGETS, "24_000_000 EUR", "-24_000_000 EUR"),
    Case("wrong-unit", TARGETS, "", "  - {metric: deals_won, every: month, each: 5 meetings}\n"),
    Case("wrong-unit", TARGETS, "", "  - {metric: win_rate, every: month, each: 30}\n"),
    Case("not-divisible", TARGETS, "", "  - {metric: win_rate, company: 30%, months: equal}\n"),
    Case("no-spread", TARGETS, "    split:\n", "    months: [1, 2]\n    split:\n"),
    Case("unknown-value", TARGETS, "    split:\n", "    months: by weekdays\n    split:\n"),
    Case("unknown-value", TARGETS, "by headcount", "by heads"),
    Case("unknown-value", TARGETS, "    split:\n", "    prorate: sometimes\n    split:\n"),
    Case("unknown-value", TARGETS, "", "  - {metric: deals_won, every: fortnight, each: 5}\n"),
    Case("no-year", TARGETS, "    split:\n", "    year: 26\n    split:\n"),
    Case("unknown-level", TARGETS, "- team:", "- teem:"),
    Case("one-level", TARGETS, "      - team: by headcount\n      - person: equal\n", "      - {team: equal, person: equal}\n"),
    Case("one-level", TARGETS, "", "  - {metric: deals_won, every: month, units: {team: {A: 1}, person: {B: 2}}}\n"),
    Case("shares", TARGETS, "by headcount", "{East: 40%, West: 50%}"),
    Case("shares", TARGETS, "by headcount", "{East: -1, West: 2}"),
    Case("two-targets", TARGETS, "", "  - {metric: bookings, company: 1_000 EUR}\n"),
    Case("unknown-file-table", TARGETS, "    split:\n", "    quotas: [files.quota]\n    split:\n"),
    Case("no-quotas", TARGETS, "    split:\n", "    quotas: [emea.quotas]\n    split:\n"),
    Case("unknown-grain-of-ours", MAPPING, "", QUOTAS.replace("quarter", "decade")),
    Case("unmapped", MAPPING, "", QUOTAS.replace("user: U, ", "")),
    Case("unknown-field-of-ours", MAPPING, "", QUOTAS.replace("amount", "amuont")),
    Case("no-quotas", TARGETS, "    split:\n", "    quotas: [files.trainings]\n    split:\n"),
    Case("unknown-field", TARGETS, "    split:\n", "    for: rolle = 'AE'\n    split:\n"),
    Case("misplaced-function", TARGETS, "    split:\n", "    for: working_days_between(started_on, '2026-01-01') > 3\n    split:\n"),
    Case("empty", TARGETS, "metric: bookings", "metric:"),
    Case("wrong-type", TARGETS, "targets:\n  - metric", "targets:\n    metric"),
    # metrics that are projected by open deals
    Case("no-pipeline", METRICS, WHERE, WHERE + "    pipeline: true\n"),
    # recognition
    Case("one-condition", INCENTIVES, "", BADGE.replace(", when: attainment >= 120%", "")),
    Case("one-condition", INCENTIVES, "", BADGE.replace("}}", ", most_improved: true}}")),
    Case("misplaced-key", INCENTIVES, "", BADGE.replace("when: attainment >= 120%", "most_improved: true, in_a_row: 2")),
    Case("unknown-metric", INCENTIVES, "", BADGE.replace("bookings", "bookigns")),
    Case("unknown-field", INCENTIVES, "", BADGE.replace("attainment", "attained")),
    Case("word-elsewhere", INCENTIVES, "", BADGE.replace("}}", ", say: behind}}")),
    Case("no-day", INCENTIVES, "", CONTEST.replace("2027-03-01", "spring")),
    Case("wrong-order", INCENTIVES, "", CONTEST.replace("2027-04-15", "2027-02-15")),
    Case("missing-key", INCENTIVES, "", "levels: {senior: {title: Senior}}\n"),
    Case("wrong-type", INCENTIVES, "", "levels: {senior: {title: Senior, asks: []}}\n"),
    Case("unknown-field", INCENTIVES, "", SUPPORT.replace("attainment", "attained")),
    # alerts
    Case("one-condition", ALERTS, WHEN, ""),
    Case("one-condition", ALERTS, WHEN, WHEN + "    milestones: [50%]\n"),
    Case("misplaced-key", ALERTS, WHEN, "    milestones: [50%]\n    until: pace > 80%\n"),
    Case("misplaced-key", ALERTS, WHEN, WHEN + "    rearm: true\n"),
    Case("wrong-unit", ALERTS, WHEN, "    milestones: [0.5]\n"),
    Case("unknown-value", ALERTS, "tell: [rep]", "tell: [ana@example]"),
    Case("no-duration", ALERTS, WHEN, WHEN + "    cool_down: a while\n"),
    Case("unknown-metric", ALERTS, "metric: bookings", "metric: booking"),
    Case("unknown-message", ALERTS, "say: behind", "say: behind_pace"),
    Case("no-duration", ALERTS, WHEN, WHEN + "    after: a while\n"),
    Case("no-duration", ALERTS, WHEN, WHEN + "    after: 0 working days\n"),
    Case("unknown-value", ALERTS, "period: quarter", "period: quartal"),
    Case("unknown-value", ALERTS, "tell: [rep]", "tell: [boss]"),
    Case("wrong-type", ALERTS, "tell: [rep]", "tell: rep"),
    Case("wrong-type", ALERTS, "tell: [rep]", "tell: []"),
    Case("unknown-field", ALERTS, WHEN, "    when: paces < 70%\n"),
    Case("wrong-type", ALERTS, WHEN, "    when: actual < 70%\n"),
    Case("not-a-condition", ALERTS, WHEN, "    when: pace\n"),
    Case("wrong-currency", ALERTS, WHEN, "    when: gap > 5_000 USD\n"),
    Case("misplaced-aggregate", ALERTS, WHEN, "    when: count() > 3\n"),
    Case("unknown-key", ALERTS, WHEN, WHEN + "    unless: pace > 3\n"),
    Case("no-name", ALERTS, WHEN, WHEN + "    band: Far Behind\n"),
    Case("one-subject", ALERTS, "metric: bookings\n    period", "period"),
    Case("one-subject", ALERTS, WHEN, WHEN + "    of: deals\n"),
    Case("one-condition", ALERTS, WHEN, WHEN + "    changed_target: true\n"),
    Case("misplaced-key", ALERTS, WHEN, "    changed_target: true\n    after: 3 working days\n"),
    Case("misplaced-key", ALERTS, BEHIND, STALE + "    after: 3 working days\n"),
    Case("one-condition", ALERTS, BEHIND, STALE.replace("    when: pushes > 2\n", "")),
    Case("unknown-field", ALERTS, BEHIND, STALE.replace("pushes > 2", "pace < 70%")),
    Case("word-elsewhere", ALERTS, BEHIND, STALE),
    Case("misplaced-key", ALERTS, WHEN, WHEN + "    at_most: 3\n"),
    Case("unknown-metric", ALERTS, "", COACHING.replace("win_rate", "win_rte")),
    Case("unknown-field", ALERTS, "", COACHING.replace("'lost'}", "'lost' and paces > 3}")),
    Case("wrong-type", ALERTS, "", COACHING.replace(", {metric: win_rate, look_at: outcome = 'lost'}", "")),
    Case("unknown-message", ALERTS, "", COACHING.replace("say: behind", "say: coach")),
    Case("no-record", ALERTS, "", "praise: {best: {metric: win_rate, period: quarter, say: behind}}\n"),
    Case("word-elsewhere", ALERTS, "", "digest: {on: monday, say: behind}\n"),
    Case("unknown-value", ALERTS, "", "digest: {on: sunday, say: behind}\n"),
    Case("no-hour", ALERTS, "", 'quiet: {from: "25:00", to: "08:00"}\n'),
    Case("no-hour", ALERTS, "", "quiet: {from: evening, to: morning}\n"),
    Case("missing-key", ALERTS, "", 'quiet: {from: "19:00"}\n'),
    # messages
    Case("unknown-word", MESSAGES, "{metric}", "{metrics}"),
    Case("unknown-word", MESSAGES, "{metric}", "{}"),
    Case("stray-brace", MESSAGES, "{metric}", "{metric"),
    Case("stray-brace", MESSAGES, "{metric}", "metric}"),
    Case("missing-key", MESSAGES, '    text: "{actual} of {target}"\n', ""),
    Case("yaml-syntax", MESSAGES, '"Behind: {metric}"', "Behind: {metric}"),
    Case("wrong-type", MESSAGES, '"Behind: {metric}"', '""'),
    # a mapping
    Case("other-type", MAPPING, "type: salesforce", "type: hubspot"),
    Case("unmapped", MAPPING, "      amount: Amount\n", ""),
    Case("unknown-field-of-ours", MAPPING, "      amount: Amount\n", "      amount: Amount\n      amuont: X\n"),
    Case("unknown-type-of-ours", MAPPING, "", "activities:\n  - {from: Task, fields: {about: WhoId}, constants: {type: cal}}\n"),
    Case("unknown-status-of-ours", MAPPING, "", "activities:\n  - {from: Task, fields: {status: S}, values: {status: {Done: done}}}\n"),
    Case("no-custom", MAPPING, "", "splits:\n  - {from: S, fields: {deal: D}, custom: {x: {field: X, type: text}}}\n"),
    Case("name-taken", MAPPING, "outcome:", "    custom: {source: {field: X, type: text}}\noutcome:"),
    Case("reserved-name", MAPPING, "outcome:", "    custom: {case: {field: X, type: text}}\noutcome:"),
    Case("reserved-name", MAPPING, "team: UserRole.Name", "in: UserRole.Name"),
    Case("unknown-value", MAPPING, "outcome:", "    custom: {x: {field: X, type: string}}\noutcome:"),
    Case("outcome", MAPPING, "  won_flag: IsWon\n", "  won_flag: IsWon\n  field: Stage\n"),
    Case("outcome", MAPPING, "  won_flag: IsWon\n  closed_flag: IsClosed", "  {field: S, won: [a], lost: [a]}"),
    Case("missing-key", MAPPING, "  won_flag: IsWon\n", ""),
    Case("missing-key", MAPPING, "  - from: User\n    fields", "  - fields"),
    Case("fields-or-prefix", MAPPING, "", "write: {scores: {object: Score__c}}\n"),
    Case("missing-key", MAPPING, "", "write: {scores: {object: Score__c, fields: {A: actual}}}\n"),
    Case("misplaced-key", MAPPING, "", "write: {scores: {object: contacts, prefix: a_, attributes: [actual], key: K}}\n"),
    Case("unknown-attribute", MAPPING, "", "write: {scores: {object: contacts, prefix: a_, attributes: [actuals]}}\n"),
    Case("unknown-attribute", MAPPING, "", "write: {alerts: {object: Task, key: K, fields: {Subject: titel}}}\n"),
    Case("no-name", MAPPING, "type: salesforce", "type: salesforce\ncurrency: euro"),
    # file tables
    Case("unknown-column", FILES, "    date: completed_on\n", "    date: complete_on\n"),
    Case("unknown-column", FILES, "key: [person, completed_on]", "key: [person, completed]"),
    Case("wrong-type", FILES, "    date: completed_on\n", "    date: hours\n"),
    Case("unknown-value", FILES, "{type: number}", "{type: float}"),
    Case("wrong-type", FILES, "{type: number}", "{type: number, required: maybe}"),
    Case("missing-key", FILES, "    file: quotas.csv\n", ""),
    Case("no-name", FILES, "      hours:", "      Hours:"),
)  # fmt: skip


OF_CONFIG = (
    Case("bad-name", CONFIG, "  emea:", "  EMEA 1:"),
    Case("literal-secret", CONFIG, '"${env:SECRET}"', "hunter2"),
    Case("untrusted-host", CONFIG, "acme.my.salesforce.com", "acme.my.salesforce.com.example.com"),
    Case("no-url", CONFIG, "connections:", "store: postgresql://somewhere:port/attain\nconnections:"),
    Case("bad-port", CONFIG, "connections:", "door: 127.0.0.1:99999\nconnections:"),
    Case(
        "no-door",
        CONFIG,
        "connections:\n",
        'connections:\n  smb: {type: hubspot, mapping: mappings/hubspot.yaml, token: "${env:SECRET}", '
        'webhooks: "https://attain.example.com/hints/smb", app_secret: "${env:SECRET}"}\n',
    ),
    Case(
        "broken-token",
        CONFIG,
        "connections:\n",
        'connections:\n  smb: {type: hubspot, mapping: mappings/hubspot.yaml, token: "${env:TWO_LINES}"}\n',
    ),
    Case("unknown-type", CONFIG, "type: salesforce", "type: salesfroce"),
    Case("unknown-type", CONFIG, "    type: salesforce\n", ""),
    Case("unresolved", CONFIG, "${env:SECRET}", "${env:NOBODY_SET_THIS}"),
    Case("unresolved", CONFIG, "${env:SECRET}", "${file:no-such-file}"),
    Case("unknown-zone", CONFIG, "Europe/Berlin", "Europe/Berlinn"),
    Case("unknown-key", CONFIG, "login_url", "login_ulr"),
    Case("unknown-key", CONFIG, "  zone:", "  timezone: x\n  zone:"),
    Case("missing-key", CONFIG, "    mapping: mapping.yaml\n", ""),
    Case("missing-key", CONFIG, "  name: Example\n", ""),
    Case("missing-key", CONFIG, '    consumer_key: "${env:ID}"\n', ""),
    Case("no-name", CONFIG, "EUR", "euro"),
    Case("no-year-end", CONFIG, "connections:", "  fiscal_year: {pattern: 4-5-4, ends: some saturday}\nconnections:"),
    Case("no-year-end", CONFIG, "connections:",
         "  fiscal_year: {pattern: 4-5-4, ends: saturday nearest february 29}\nconnections:"),
    Case("missing-key", CONFIG, "connections:", "  fiscal_year: {pattern: 4-5-4}\nconnections:"),
    Case("said-twice", CONFIG, "connections:",
         "  fiscal_year_starts: february\n  fiscal_year: {starts: march}\nconnections:"),
    Case("unknown-value", CONFIG, "connections:", "  fiscal_year_starts: febuary\nconnections:"),
    Case("unknown-value", CONFIG, "connections:", "  holidays: Atlantis\nconnections:"),
    Case("unknown-value", CONFIG, "connections:", "  working_days: [monday, tusday]\nconnections:"),
    Case("unknown-value", CONFIG, "connections:", "  close_after: soon\nconnections:"),
    Case("unknown-value", CONFIG, "", "schedule: {every: now and then}\n"),
    Case("unknown-value", CONFIG, "    type:", "    write: perhaps\n    type:"),
    Case("wrong-type", CONFIG, "connections:\n", "connections: []\n_:\n"),
    Case("no-year", CONFIG, "connections:", "  plan_rates: {next year: {USD: 1.08}}\nconnections:"),
    Case("no-rate", CONFIG, "connections:", "  plan_rates: {FY2027: {USD: 0}}\nconnections:"),
    Case("no-rate", CONFIG, "connections:", "  plan_rates: {FY2027: {dollar: 1.08}}\nconnections:"),
    Case("no-rate", CONFIG, "connections:", "  plan_rates: {FY2027: {USD: 1.08 EUR}}\nconnections:"),
    Case("no-rate", CONFIG, "connections:", "  plan_rates: {FY2027: {EUR: 1}}\nconnections:"),
    Case("no-rate", CONFIG, "connections:", "  plan_rates: {FY2027: {USD: 0.0000000000001}}\nconnections:"),
    Case("no-year", CONFIG, "connections:", "  plan_rates: {FY9999: {USD: 1.08}}\nconnections:"),
    Case("said-twice", CONFIG, "connections:", "  plan_rates: {FY2027: {USD: 1.08}, '2027': {USD: 1.1}}\nconnections:"),
    Case("wrong-value", CONFIG, "connections:", "  like_periods: 1\nconnections:"),
    Case("empty", CONFIG, "  name: Example", "  name:"),
)  # fmt: skip


OF_SCORECARDS = (
    Case("unknown-metric", SCORECARDS, "      bookings: 60", "      boookings: 60"),
    Case("unknown-level", SCORECARDS, "team.bookings", "taem.bookings"),
    Case("unknown-metric", SCORECARDS, "team.bookings", "team.revenue"),
    Case("wrong-value", SCORECARDS, "win_rate: 40", "win_rate: 0"),
    Case("wrong-type", SCORECARDS, "win_rate: 40", "win_rate: much"),
    Case("unknown-value", SCORECARDS, "missing: reweight", "missing: ignore"),
    Case("floor-above-cap", SCORECARDS, "floor: 0%", "floor: 200%"),
    Case("wrong-unit", SCORECARDS, "cap: 150%", "cap: 1.5"),
    Case("no-number", SCORECARDS, "cap: 150%", "cap: a lot"),
    Case("gate-effect", SCORECARDS, "        at_most: 79%", "        at_most: 79%\n        multiply: 50%"),
    Case("gate-effect", SCORECARDS, "        at_most: 79%\n", ""),
    Case("unknown-field", SCORECARDS, "when: win_rate < 20%", "when: win_rat < 20%"),
    Case("wrong-type", SCORECARDS, "when: win_rate < 20%", "when: win_rate < 20 EUR"),
    Case("not-a-condition", SCORECARDS, "when: win_rate < 20%", "when: win_rate"),
    Case("same-bands", SCORECARDS, "behind: 0%", "behind: 80%"),
    Case("unknown-weighed-metric", SCORECARDS, "      win_rate: {start: 20%, stop: 100%}", "      deals_won: {start: 20%, stop: 100%}"),
    Case("no-scale", SCORECARDS, "start: 20%, stop: 100%", "start: 100%, stop: 20%"),
    Case("unknown-weighed-metric", SCORECARDS, "threshold: {bookings: 50%}", "threshold: {deals_won: 50%}"),
    Case("unknown-field", SCORECARDS, "for: role = 'AE'", "for: rolle = 'AE'"),
    Case("unknown-metric", SCORECARDS, "  bookings: {ties: dense}", "  revenue: {ties: dense}"),
    Case("unknown-value", SCORECARDS, "ties: dense", "ties: denser"),
    Case("wrong-currency", SCORECARDS, "{ties: dense}", "{ties: dense, least_target: 5 USD}"),
    Case("missing-key", SCORECARDS, "    period: quarter\n", ""),
    Case("unknown-key", SCORECARDS, "    missing: reweight", "    mising: reweight"),
)  # fmt: skip

OF_HEALTH = (
    Case("unknown-field", HEALTH, "when: days_in_stage > 30", "when: day_in_stage > 30"),
    Case("wrong-type", HEALTH, "when: days_in_stage > 30", "when: stage > 30"),
    Case("unknown-word", HEALTH, "{days_in_stage} days", "{days_in_stages} days"),
    Case("unknown-word", HEALTH, "move it on", "move {name} to {nobody}"),
    Case("wrong-value", HEALTH, "add: -20", "add: -200"),
    Case("wrong-value", HEALTH, "start: 60", "start: 160"),
    Case("same-bands", HEALTH, "watch: 40", "watch: 70"),
    Case("empty", HEALTH, "deals:\n", "accounts:\ndeals:\n"),
    Case("unknown-key", HEALTH, "deals:\n", "deal:\n  start: 5\ndeals:\n"),
    Case("not-a-condition", HEALTH, "for: outcome = 'open'", "for: outcome"),
    Case("unknown-choice", HEALTH, "for: outcome = 'open'", "for: outcome = 'oepn'"),
    Case("missing-key", HEALTH, '    say: "{days_in_stage} days in {stage}"\n'.replace("    say", "      say"), ""),
)  # fmt: skip


UPTO = "{from: 0%, to: 100%, rate: 5%}"
BEYOND = "{from: 100%, rate: 6%}"
OF_INCENTIVES = (
    Case("unknown-metric", INCENTIVES, "metric: bookings", "metric: boookings"),
    Case("not-money", INCENTIVES, "metric: bookings", "metric: deals_won"),
    Case("unknown-metric", INCENTIVES, "pays: cliff", "pays: cliff\n        by: dealss_won"),
    Case("unknown-value", INCENTIVES, "pays: cliff", "pays: clif"),
    Case("no-boundary", INCENTIVES, '        boundary: "[a, b)"\n', ""),
    Case("unknown-value", INCENTIVES, '"[a, b)"', '"[a, b]"'),
    Case("tier-gap", INCENTIVES, UPTO, "{from: 0%, to: 90%, rate: 5%}"),
    Case("tier-gap", INCENTIVES, UPTO, "{from: 10%, to: 100%, rate: 5%}"),
    Case("tier-overlap", INCENTIVES, UPTO, "{from: 0%, to: 110%, rate: 5%}"),
    Case("tier-overlap", INCENTIVES, UPTO, "{from: 0%, rate: 5%}"),
    Case("tier-overlap", INCENTIVES, UPTO, "{from: 0%, to: 0%, rate: 5%}"),
    Case("closed-tier", INCENTIVES, BEYOND, "{from: 100%, to: 200%, rate: 6%}"),
    Case("wrong-unit", INCENTIVES, BEYOND, "{from: 100%, rate: 6}"),
    Case("missing-key", INCENTIVES, "pays: cliff", "pays: interpolated"),
    Case(
        "points-out-of-order",
        INCENTIVES,
        "pays: cliff",
        "pays: interpolated\n        on_target: 100 EUR\n        points: [{at: 100%, pays: 100%}, {at: 50%, pays: 0%}]",
    ),
    Case("wrong-currency", INCENTIVES, "    period: quarter\n", "    period: quarter\n    cap: 5 USD\n"),
    Case("unknown-field", INCENTIVES, "role = 'AE'", "rolle = 'AE'"),
    Case("unknown-key", INCENTIVES, "    period: quarter\n", "    period: quarter\n    capp: 5 EUR\n"),
)


def cases() -> Iterator[Case]:
    """All of them."""
    for code, texts in CONDITIONS.items():
        yield from (Case(code, METRICS, WHERE, f"    where: {_quoted(text)}\n") for text in texts)
    for code, texts in MEASURES.items():
        yield from (Case(code, METRICS, MEASURE, f"    measure: {_quoted(text)}\n") for text in texts)
    for code, texts in FORMULAS.items():
        yield from (Case(code, METRICS, "", FORMULA.format(_quoted(text))) for text in texts)
    yield from (Case(code, METRICS, "", text) for code, text in TABLES.items())
    yield from (*OTHERS, *OF_SCORECARDS, *OF_HEALTH, *OF_INCENTIVES)


def _quoted(text: str) -> str:
    """Between double quotes; escapes are YAML's."""
    return text if text.startswith("' '") else f'"{text}"'
