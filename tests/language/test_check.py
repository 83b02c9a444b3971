"""Types: what may stand beside what, and what a mere number means there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.language.functions import FUNCTIONS
from connector.language.read import formula
from connector.model.catalogue import RELATIONS, Type
from tests.language.reading import TODAY, a_condition, a_formula, a_measure, codes, locate, problems_of


def _of_people(text: str) -> object:
    return a_condition(text, RELATIONS["people"])


@pytest.mark.parametrize(
    "text",
    [
        "outcome = 'won'",
        "stage = name",
        "amount > 1000 and amount >= 1_000.50 EUR",
        "amount between 1 and 2 EUR",
        "amount in (1000, 2000 EUR)",
        "probability < 60% or probability < 0.6",
        "closed_on >= '2026-01-01'",
        "'2026-01-01' <= closed_on",
        "signed_at > '2026-01-01T08:00:00+02:00'",
        "days_between(created_on, '2026-01-01') > 3",
        "days_since(closed_on) - days_in_stage > 7",
        "is_first_win = (outcome = 'won')",
        "coalesce(amount, 0) + 10 > list_price * 0.5",
        "amount / list_price < 90%",
        "amount / 2 > 10",
        "case when is_first_win then amount else 0 end > 1000",
        "case when is_first_win then 1000 else 0 end < amount",
        "least(seats, 10) = 3 and greatest(closed_on, '2026-01-01') = '2026-03-01'",
        "lower(stage) like 'neg%' and name not like '_x'",
        "abs(amount) > 3 and round(seats / 7) = 2 and round(probability, 2) = 0.5",
        "stage is null or not stage is not null",
        "seats = -3 and seats > - seats",
        "coalesce(null, seats, null) > 1",
        "seats > +1",
    ],
)
def test_what_belongs_together_is_accepted(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("amount > 'x'", "10: wrong-type"),
        ("amount > seats", "10: wrong-type"),
        ("probability < 0.7 * amount", "15: wrong-type"),
        ("amount > 60%", "10: wrong-type"),
        ("seats > 60%", "9: wrong-type"),
        ("days_in_stage > seats", "17: wrong-type"),
        ("outcome = 1", "11: wrong-type"),
        ("seats = '1'", "9: wrong-type"),
        ("is_first_win = 1", "16: wrong-type"),
        ("is_first_win > is_renewal", "1: wrong-type"),
        ("is_first_win between true and false", "1: wrong-type"),
        ("closed_on = 20260101", "13: wrong-type"),
        ("closed_on = signed_at", "13: wrong-type"),
        ("closed_on - created_on > 3", "1: wrong-type"),
        ("closed_on + 1 > created_on", "1: wrong-type"),
        ("amount + seats > 3", "10: wrong-type"),
        ("amount * list_price > 3", "1: wrong-type"),
        ("seats / amount > 3", "1: wrong-type"),
        ("name + 'x' = 'y'", "1: wrong-type"),
        ("- name = 'y'", "3: wrong-type"),
        ("coalesce(stage, 0) = 'x'", "17: wrong-type"),
        ("case when is_first_win then amount else name end > 3", "41: wrong-type"),
        ("case when seats then true end", "11: not-a-condition"),
        ("seats and is_first_win", "1: not-a-condition"),
        ("not amount", "5: not-a-condition"),
        ("amount", "1: not-a-condition"),
        ("seats like 'x'", "1: wrong-type"),
        ("name like stage", "11: wrong-type"),
        ("lower(seats) = 'x'", "7: wrong-type"),
        ("round(amount) = 3", "7: wrong-type"),
        ("days_between('x', closed_on) > 3", "14: no-date"),
        ("closed_on > '2026-02-30'", "13: no-date"),
        ("closed_on in ('2026-01-01', 'soon')", "29: no-date"),
        ("signed_at > 'noon'", "13: no-date"),
        ("outcome = 'Won'", "11: unknown-choice"),
        ("outcome in ('won', 'lots')", "20: unknown-choice"),
        ("amount > 1 USD", "10: wrong-currency"),
        ("amount > 0.001", "10: too-precise"),
        ("seats > 12345678901234567890", "9: no-number"),
        ("amount > 100000000000000000", "10: no-number"),
        ("1 / 0 > seats", "5: division-by-zero"),
        ("stage = null", "9: compared-with-null"),
        ("stage in ('a', null)", "16: compared-with-null"),
        ("amuont > 3", "1: unknown-field"),
        ("days_between(closed_on) > 3", "1: wrong-arguments"),
        ("lower(name, stage) = 'x'", "1: wrong-arguments"),
        ("round(seats, 1, 2) = 3", "1: wrong-arguments"),
        ("coalesce(seats) = 3", "1: wrong-arguments"),
        ("count() > 3", "1: misplaced-aggregate"),
        ("sum(amount) > 3", "1: misplaced-aggregate"),
    ],
)
def test_what_does_not_belong_together_is_refused_at_its_place(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_every_wrong_part_of_a_condition_is_told_at_once() -> None:
    text = "amuont > 3 and (outcome = 'wn' or not stag is null) and sum(seats, nme) > 1"
    assert codes(text) == ["1: unknown-field", "27: unknown-choice", "39: unknown-field", "57: misplaced-aggregate"]


def test_suggestions_name_the_field_the_choice_and_the_cure() -> None:
    hints = [problems_of(text)[0].hint for text in ("amuont > 3", "outcome = 'wonn'", "stage = null")]
    assert hints == ["did you mean `amount`?", "did you mean `won`?", "write `is null` or `is not null`"]
    assert "days_between" in problems_of("closed_on - created_on > 3")[0].hint


def test_a_next_step_is_there_or_not_and_has_no_text_to_compare() -> None:
    deals = RELATIONS["deals"]
    for text in ("next_step", "next_step is null", "next_activity_on is not null or next_step is not null"):
        a_condition(text, deals)
    for text in ("next_step = 'call'", "next_step in ('call', 'mail')", "lower(next_step) = 'call'"):
        [problem] = problems_of(text, lambda said: a_condition(said, deals))
        assert problem.code == "wrong-type"
    assert "is not null" in problems_of("next_step <> ''", lambda said: a_condition(said, deals))[0].hint


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("amount > 1000", "EUR", "100000"),
        ("amount > 1000", "JPY", "1000"),
        ("amount > 1000", "KWD", "1000000"),
        ("amount > 12.34", "EUR", "1234"),
        ("amount > 1_000 EUR", "EUR", "100000"),
        ("amount > 2 * 500", "EUR", "100000"),
        ("amount > 1000 / 8", "EUR", "12500"),
        ("amount > -3", "EUR", "(-300)"),
    ],
)
def test_a_number_beside_money_counts_whole_units_of_the_currency(text: str, currency: str, minor: str) -> None:
    assert a_condition(text, currency=currency).sql(TODAY) == f'("amount" > {minor})'


def test_only_numbers_that_are_amounts_are_scaled() -> None:
    sql = a_condition("0.5 * list_price + 10 > coalesce(amount, 0) * 2").sql(TODAY)
    assert sql == '(((0.5 * "list_price") + 1000) > (coalesce("amount", 0) * 2))'
    assert a_condition("amount / 2 > 1").sql(TODAY) == '(("amount" / nullif(2, 0)) > 100)'
    assert a_condition("case when is_first_win then 5 else 7 end < amount").sql(TODAY) == (
        '(CASE WHEN "is_first_win" THEN 500 ELSE 700 END < "amount")'
    )


def test_day_arithmetic_counts_to_the_day_asked_about() -> None:
    assert a_condition("days_in_stage > 3").sql(TODAY) == "((DATE '2026-11-25' - \"stage_entered_on\") > 3)"
    assert a_condition("days_since(closed_on) > 3").sql(TODAY) == "((DATE '2026-11-25' - \"closed_on\") > 3)"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("stage <> 'x'", ["stage"]),
        ("not (stage = 'x')", ["stage"]),
        ("stage not in ('x', 'y') and name not like 'z'", ["stage", "name"]),
        ("not is_renewal", ["is_renewal"]),
        ("stage <> 'x' or stage is null", []),
        ("stage is not null and stage <> 'x'", []),
        ("coalesce(stage, '') <> 'x'", []),
        ("outcome <> 'won' and not is_first_win", []),
        ("stage = 'x'", []),
    ],
)
def test_an_empty_field_beside_a_negation_is_pointed_out(text: str, fields: list[str]) -> None:
    warnings = a_condition(text).warnings
    assert [each.text.split("`")[1] for each in warnings] == fields
    assert {each.code for each in warnings} <= {"empty-left-out"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sum(amount)", Type.MONEY),
        ("sum(amount * probability)", Type.MONEY),
        ("sum(amount) / count()", Type.MONEY),
        ("avg(amount) * 2", Type.MONEY),
        ("sum_if(amount, outcome = 'won') / sum(amount)", Type.RATIO),
        ("count_if(outcome = 'won') / count()", Type.RATIO),
        ("100 * count_if(outcome = 'won') / count()", Type.RATIO),
        ("count()", Type.NUMBER),
        ("count() / 3", Type.NUMBER),
        ("count_distinct(stage) + count_distinct(closed_on)", Type.NUMBER),
        ("median(days_between(created_on, closed_on))", Type.DAYS),
        ("max(days_in_stage) - min(days_in_stage)", Type.DAYS),
        ("avg(probability)", Type.RATIO),
        ("coalesce(sum(seats), 0)", Type.NUMBER),
        ("case when count() > 3 then sum(amount) end", Type.MONEY),
    ],
)
def test_a_measure_has_a_type(text: str, kind: Type) -> None:
    assert a_measure(text).type is kind


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("amount", "1: outside-aggregate"),
        ("sum(amount) / seats", "15: outside-aggregate"),
        ("sum(sum(amount))", "5: misplaced-aggregate"),
        ("count_if(sum(seats) > 1)", "10: misplaced-aggregate"),
        ("sum(stage)", "5: wrong-type"),
        ("max(closed_on)", "5: wrong-type"),
        ("count_if(seats)", "10: wrong-type"),
        ("count_if(outcome = 'win')", "20: unknown-choice"),
        ("count(stage)", "1: wrong-arguments"),
        ("sum_if(amount)", "1: wrong-arguments"),
        ("sum(amount) + count()", "15: wrong-type"),
        ("sum(amount) > 3", "1: not-a-number"),
        ("3", "1: no-aggregate"),
        ("sum(amuont)", "5: unknown-field"),
    ],
)
def test_a_measure_that_gathers_wrongly_is_refused(text: str, code: str) -> None:
    assert codes(text, a_measure) == [code]


def test_the_parts_of_an_aggregate_are_expressions_of_their_own() -> None:
    found = a_measure("sum_if(amount * (1 - probability), name in ('a, b', ')')) / count_if(is_first_win)")
    first, second = found.aggregates
    assert first.value is not None
    assert first.condition is not None
    assert (first.function, first.value.text, first.condition.text) == (
        "sum_if",
        "amount * (1 - probability)",
        "name in ('a, b', ')')",
    )
    assert (first.value.fields, first.value.type, first.value.place.column) == (
        frozenset({"amount", "probability"}),
        Type.MONEY,
        8,
    )
    assert (second.function, second.value, second.condition and second.condition.text) == (
        "count_if",
        None,
        "is_first_win",
    )


def test_an_aggregate_that_is_named_twice_is_gathered_once() -> None:
    assert [each.function for each in a_measure("sum(amount) / (sum(amount) + sum(list_price))").aggregates] == [
        "sum",
        "sum",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("probability < 70", ["70 is 7000%"]),
        ("70 >= probability", ["70 is 7000%"]),
        ("probability between 20 and 80.5", ["20 is 2000%", "80.5 is 8050%"]),
        ("probability in (0.5, 50)", ["50 is 5000%"]),
        ("probability < 0.7 or probability < 70% or probability = 1 or probability > 5", []),
        ("probability > 1200%", []),
        ("probability * 100 > 70", []),
        ("days_in_stage > 70", []),
    ],
)
def test_a_ratio_beside_what_is_hardly_one_is_pointed_out(text: str, told: list[str]) -> None:
    warnings = [each for each in a_condition(text).warnings if each.code == "bare-ratio"]
    assert [each.text.partition(": ")[2] for each in warnings] == told
    for each in warnings:
        assert text[each.place.column - 1 :].startswith(each.hint.split()[1].rstrip("%,"))


def test_a_measure_points_it_out_too() -> None:
    (warning,) = a_measure("count_if(probability > 50) / count()").warnings
    assert (warning.place.column, warning.hint) == (24, "write 50%, if that is meant")


def test_a_measure_warns_of_empty_fields_in_its_conditions() -> None:
    (warning,) = a_measure("count_if(stage <> 'x') / count()").warnings
    assert (warning.place.column, warning.code) == (10, "empty-left-out")


METRICS = {"bookings": Type.MONEY, "deals_won": Type.NUMBER, "win_rate": Type.RATIO}


def test_a_formula_names_its_metrics_in_order_of_first_mention() -> None:
    found = a_formula("(deals_won + deals_won) * bookings", METRICS)
    assert (found.inputs, found.type) == (("deals_won", "bookings"), Type.MONEY)
    assert [(each.function, each.type) for each in found.aggregates] == [
        ("metric", Type.NUMBER),
        ("metric", Type.MONEY),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bokings / deals_won", "1: unknown-metric"),
        ("bookings + deals_won", "12: wrong-type"),
        ("sum(bookings)", "1: misplaced-aggregate"),
        ("1 + 2", "1: no-metric"),
        ("bookings > 3", "1: not-a-number"),
    ],
)
def test_a_formula_obeys_the_same_rules(text: str, code: str) -> None:
    assert codes(text, lambda written: a_formula(written, METRICS)) == [code]


def test_every_function_has_a_sentence_and_a_form_for_each_place_it_is_used_in() -> None:
    for name, each in FUNCTIONS.items():
        assert name == each.name
        assert each.says
        assert each.signature.startswith(f"{name}(")
        if each.gathers:
            assert each.evaluate is None
        assert each.duckdb or each.of_targets
        assert not each.chooses or (each.gives is None and "{all}" in each.duckdb)


def test_the_average_of_some_and_a_percentile_are_aggregates() -> None:
    made = a_measure("avg_if(amount, outcome = 'won') / percentile(amount, 80%)")
    some, high = made.aggregates
    assert (some.function, some.value and some.value.text, some.condition and some.condition.text) == (
        "avg_if",
        "amount",
        "outcome = 'won'",
    )
    assert (high.function, high.value and high.value.text, high.condition, high.share) == (
        "percentile",
        "amount",
        None,
        Decimal("0.8"),
    )
    assert made.type is Type.RATIO


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("percentile(amount, 80)", "20: wrong-share"),
        ("percentile(amount, 180%)", "20: wrong-share"),
        ("percentile(amount, -10%)", "21: wrong-share"),
        ("percentile(amount, probability)", "20: wrong-share"),
        ("percentile(amount)", "1: wrong-arguments"),
        ("avg_if(outcome = 'won', amount)", "8: wrong-type"),
    ],
)
def test_a_percentile_takes_a_share_that_is_written_down(text: str, code: str) -> None:
    assert code in codes(text, a_measure)


def test_working_days_are_looked_up_where_records_are() -> None:
    found = a_measure("median(working_days_between(created_on, closed_on))")
    assert found.type is Type.DAYS
    value = found.aggregates[0].value
    assert value is not None
    assert value.sql(TODAY).count("FROM calendar") == 2
    assert a_condition("working_days_between(created_on, closed_on) > 3").type is Type.BOOLEAN


@pytest.mark.parametrize(
    ("text", "read", "code"),
    [
        ("working_days_between(started_on, '2026-11-25') > 3", _of_people, "1: misplaced-function"),
        ("count() / working_days_between('2026-01-01', '2026-02-01')", a_measure, "11: misplaced-function"),
        ("count() / days_since('2026-01-01')", a_measure, "11: misplaced-function"),
        ("target(amount) > 3", a_condition, "1: misplaced-function"),
        ("sum(amount) / target(amount)", a_measure, "15: misplaced-function"),
    ],
)
def test_what_no_record_and_no_table_can_answer_is_refused(text: str, read: object, code: str) -> None:
    assert codes(text, read) == [code]


def test_days_since_may_be_asked_of_people() -> None:
    assert codes("days_since(started_on) > 90", _of_people) == []


def test_a_formula_may_name_the_target_of_a_metric() -> None:
    found = a_formula("bookings / target(bookings)", METRICS)
    assert found.inputs == ("bookings", "target:bookings")
    assert found.type is Type.RATIO
    assert found.combine([Decimal(30), Decimal(40)]).value == Decimal("0.75")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("target(bookings)", "1: no-metric"),
        ("bookings / target(bokings)", "19: unknown-metric"),
        ("bookings / target(bookings + 1)", "28: wrong-arguments"),
        ("bookings / target()", "12: wrong-arguments"),
        ("bookings / working_days_between('2026-01-01', '2026-02-01')", "12: misplaced-function"),
    ],
)
def test_a_target_is_that_of_one_metric(text: str, code: str) -> None:
    assert [each.split(":", 1)[1] for each in codes(text, lambda written: a_formula(written, METRICS))] == [
        code.split(":", 1)[1]
    ]


def test_a_formula_obeys_the_name_that_a_metric_had_and_says_so() -> None:
    found = formula("revenue / deals_won", METRICS, locate, former={"revenue": "bookings"})
    assert found.inputs == ("bookings", "deals_won")
    assert [str(each) for each in found.warnings] == [
        "f:1:1: old-name: `revenue` is called `bookings` now\n  write `bookings`"
    ]


def test_an_expression_has_at_most_240_values_and_operations() -> None:
    assert codes(" or ".join(["not - seats < - seats"] * 40)) != []
    assert codes(" or ".join(["not seats < - seats"] * 40)) == []
