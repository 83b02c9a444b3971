"""What an expression may not say, and how that is told."""

from __future__ import annotations

import pytest
from sqlglot.dialects.duckdb import DuckDB

from connector.language.functions import FUNCTIONS
from connector.language.parse import RESERVED
from connector.model.catalogue import Field, Type, relation
from tests.language.reading import TODAY, a_condition, a_measure, codes, problems_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "1: empty-expression"),
        ("   ", "1: empty-expression"),
        ("-- nothing", "1: empty-expression"),
        ("is_first_win and", "14: syntax"),
        ("and is_first_win", "5: syntax"),
        ("(is_first_win", "14: syntax"),
        ("is_first_win)", "13: syntax"),
        ("outcome = ", "9: syntax"),
        ("outcome in", "1: syntax"),
        ("outcome in ()", "1: syntax"),
        ("outcome is_first_win", "9: syntax"),
        ("seats between 1", "15: syntax"),
        ("case when is_first_win then true", "33: syntax"),
        ("seats > 1 2", "11: syntax"),
        ("outcome = 'won", "11: unclosed-quote"),
        ("name = 'it''s' and name = 'x", "27: unclosed-quote"),
    ],
)
def test_what_is_incomplete_is_told_where_it_breaks_off(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("outcome == 'won'", 9),
        ("is_first_win; drop", 13),
        ("is_first_win ;", 14),
        ("deals.outcome = 'won'", 6),
        ("a.b.c.d = 1", 2),
        ("seats > .5", 9),
        ('outcome = "won"', 11),
        ("outcome = $1", 11),
        ("outcome = ?", 11),
        ("seats::text = 'x'", 6),
        ("seats in [1, 2]", 10),
        ("{{ outcome }}", 1),
        ("name || stage = 'x'", 6),
        ("seats // 2 > 1", 7),
        ("seats ** 2 > 1", 7),
        ("seats % 2 = 1", 7),
        ("is_first_win -- always", 13),
        ("/* never */ is_first_win", 25),
        ("is_first_win /* never */", 13),
        ("name like 'x' escape 'y'", 15),
        ("seats > 1 > 2", 13),
        ("outcome = 'won' = is_first_win", 19),
        ("is_first_win is true", 1),
        ("case outcome when 'won' then true end", 6),
        ("seats between symmetric 1 and 2", 25),
        ("seats between 1 5 and is_first_win", 17),
        ("name ilike 'x'", 6),
        ("name = e'x'", 8),
    ],
)
def test_what_is_no_part_of_the_language_is_refused_at_its_sign(text: str, column: int) -> None:
    (problem,) = problems_of(text)
    assert (problem.place.column, problem.code in ("not-in-language", "syntax")) == (column, True)


@pytest.mark.parametrize(
    "text",
    [
        "outcome in (select 1)",
        "select 1",
        "is_first_win union select 1",
        "exists (select 1)",
        "date '2026-01-01' < closed_on",
        "cast(seats as text) = 'x'",
        "current_date > closed_on",
        "closed_on + interval '1 day' > created_on",
        "pg_sleep(10)",
        "load_extension('x')",
        "if(is_first_win, true, false)",
        "ifnull(is_renewal, true)",
        "any(seats)",
        "not exists(seats)",
        "row_number() over ()",
        "sum(amount) filter (where is_first_win)",
        "count(distinct stage)",
        "count(*)",
        "list_value(1) = seats",
        "x -> 1",
        "x : int",
        "(seats, seats) = (1, 2)",
        "seats collate nocase = 1",
        "read_csv('/etc/passwd')",
        "count_if(is_first_win, seats)",
    ],
)
def test_sql_outside_the_language_has_no_way_in(text: str) -> None:
    assert codes(text)
    assert codes(text, a_measure)


def test_signs_inside_texts_are_only_text() -> None:
    assert codes("name in (';', '==', '-- x', '/* */', '{{ }}', '%', 'it''s', '\"', '# a')") == []


def test_sql_in_a_text_stays_a_text() -> None:
    assert a_condition("name = '''; drop table deals; --'").sql(TODAY) == "(\"name\" = '''; drop table deals; --')"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000 + "is_first_win" + ")" * 3000,
        "(" * 26 + "is_first_win" + ")" * 26,
        "not " * 250 + "is_first_win",
        "seats > " + "- " * 40 + "1",
        "case when is_first_win then " * 30 + "true" + " end" * 30,
        "seats > " + " + ".join(["seats"] * 149),
        "seats in (" + ", ".join(["1"] * 200) + ")",
        "name = '" + "x" * 2000 + "'",
    ],
)
def test_what_is_too_long_or_too_deep_is_refused_and_exhausts_nothing(text: str) -> None:
    (problem,) = problems_of(text)
    assert problem.code in ("too-deep", "too-long")


def test_a_long_chain_of_conditions_is_not_deep() -> None:
    assert codes(" or ".join(["seats = 1"] * 74)) == []


def test_control_characters_are_refused_wherever_they_stand() -> None:
    assert codes("\x00is_first_win") == ["1: control-character"]
    assert codes("is_\x00first_win") == ["4: control-character"]


def test_line_ends_of_a_block_are_spaces() -> None:
    assert a_condition("is_first_win\n\tand seats > 1\n").sql(TODAY) == '("is_first_win" AND ("seats" > 1))'


def test_a_misspelt_function_gets_a_suggestion() -> None:
    (problem,) = problems_of("days_betwen(created_on, closed_on) > 3")
    assert (problem.code, problem.hint) == ("unknown-function", "did you mean `days_between`?")


def test_functions_and_keywords_may_be_written_large() -> None:
    assert codes("OUTCOME = 'won'") == ["1: unknown-field"]
    assert codes("NOT is_first_win AND Coalesce(seats, 0) > 1") == []


def test_every_word_of_sql_is_a_good_name_for_a_field_unless_it_is_reserved() -> None:
    parser, tokenizer = DuckDB.Parser, DuckDB.Tokenizer
    sources = (tokenizer.KEYWORDS, parser.FUNCTIONS, parser.FUNCTION_PARSERS, parser.NO_PAREN_FUNCTION_PARSERS)
    words = {word.lower() for source in sources for word in source} | set(FUNCTIONS)
    words |= {"if", "map", "show", "set", "comment", "desc", "on", "for", "any", "date", "percent", "end_on"}
    names = sorted({word for word in words if word.isidentifier()} - RESERVED)
    over = relation("r", "", tuple(Field(name, Type.NUMBER, "") for name in names), dates=(), credits=())
    assert len(names) > 500
    for name in names:
        for text in ("{0} = 1", "1 < {0} and {0} in ({0}, 2)", "- {0} - {0} > 0", "{0} between {0} and {0}"):
            assert a_condition(text.format(name), over).fields == {name}


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_reserved_words_are_those_that_no_field_can_have(word: str) -> None:
    over = relation("r", "", (Field(word, Type.NUMBER, ""),), dates=(), credits=())
    assert codes(f"{word} = 1", lambda text: a_condition(text, over))
