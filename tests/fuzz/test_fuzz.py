"""A few seconds of fuzzing, the same texts every time; `make fuzz` looks for ten minutes at new ones."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.fuzz import texts
from tests.fuzz.promises import of_a_file, of_an_expression
from tests.fuzz.sentences import written

few = settings(
    max_examples=2_000,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@few
@given(texts.expressions)
def test_any_text_is_an_expression_or_is_refused_at_its_place(text: str) -> None:
    of_an_expression(text)


@few
@given(texts.files)
def test_any_text_is_a_file_or_is_refused_at_its_place(text: str) -> None:
    of_a_file(text)


def test_most_sentences_that_should_be_accepted_are() -> None:
    """Else the promises about accepted ones were kept by nobody."""
    accepted = sum(of_an_expression(written(number)) for number in range(300))
    assert accepted >= 270
