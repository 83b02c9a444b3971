"""Ops' own tests: they pass where the rules do what they say, and fail in words that name the line."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from connector.yamlfile import read
from tests.cli.attain import Attain

BEHIND, JOINER = "rules/trials/behind_pace.yaml", "rules/trials/joiner.yaml"


@pytest.fixture
def attain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    found = Attain(tmp_path, monkeypatch, capsys)
    assert found("init", ".").code == 0
    found.edit("config.yaml", "holidays: DE", "holidays: []")
    return found


def test_the_shipped_trials_pass(attain: Attain) -> None:
    ended = attain("try")
    assert ended.code == 0, ended.out
    assert "passed  A rep who stalls is told once, on the third working day" in ended.out
    assert "3 trials, 0 failed." in ended.out


def test_a_rule_that_was_changed_makes_its_trial_fail_at_the_line(attain: Attain) -> None:
    attain.edit("rules/alerts.yaml", "after: 3 working days", "after: 5 working days")
    ended = attain("try", BEHIND)
    assert ended.code == 1
    assert f"{BEHIND}:14:24: on 2026-11-05 alerts should be [behind_pace], and is []" in ended.out


def test_numbers_are_compared_to_the_digits_they_are_written_with(attain: Attain) -> None:
    # 60_000 of 250_000 is 24 %; on 3 November 23 of 66 working days are over: 60_000 / 87_121.21 is 68.87 %.
    attain.edit(
        BEHIND, "attainment: 24%,", "attainment: 24.0%, pace: 68.9%, actual: 60_000 EUR, target: 250_000.00 EUR,"
    )
    assert attain("try", BEHIND).code == 0
    attain.edit(BEHIND, "pace: 68.9%", "pace: 68.8%")
    ended = attain("try", BEHIND)
    assert ended.code == 1
    assert "pace should be 68.8%, and is 68.9%" in ended.out


def test_a_joiner_is_held_to_the_days_that_are_theirs_only_by_a_split_never_by_an_own_number(attain: Attain) -> None:
    attain.edit(BEHIND, "given:\n", "given:\n  person: {role: AE, start: 2026-11-02}\n")
    attain.edit(BEHIND, "attainment: 24%,", "target: 250_000 EUR,")
    assert "target should be" not in attain("try", BEHIND).out


def test_a_number_for_everybody_is_prorated_by_the_days_of_a_joiner(attain: Attain) -> None:
    # 126_000 a quarter are 42_000 a month. Employed from Monday 9 November: 16 of 21 working days, 32_000, and December.
    attain.edit(JOINER, "start: 2026-11-16", "start: 2026-11-09")
    assert "on 2026-11-16 target should be 64000 EUR, and is 74000 EUR" in attain("try", JOINER).out


def test_the_shipped_trials_fit_the_schema_that_editors_get(attain: Attain) -> None:
    assert attain("schema").code == 0
    schema = json.loads((attain.folder / "rules/.schema/trial.schema.json").read_text(encoding="utf-8"))
    judge = jsonschema.Draft202012Validator(schema)
    for path in (attain.folder / "rules/trials").glob("*.yaml"):
        wrong = [each.message for each in judge.iter_errors(read(path).value)]
        assert not wrong, (path, wrong)
    attain.edit(BEHIND, "metric: bookings", "metric: bookigns")
    assert not judge.is_valid(read(attain.folder / BEHIND).value)


WRONG = [
    ("metric: bookings", "metric: bookigns", "unknown-metric", "did you mean `bookings`?"),
    ("period: 2026-Q4", "period: 2026-Q5", "no-period", ""),
    ("reach: 250_000 EUR", "reach: 250_000 USD", "wrong-currency", "EUR"),
    ("outcome: won,", "outcome: one,", "unknown-value", "won"),
    ("closed_on: 2026-10-08", "closed_on: 2026-10-38", "no-day", "write 2026-11-25"),
    ("alerts: [behind_pace]}   ", "alerts: [behind_space]}   ", "unknown-alert", "behind_pace"),
    ("    reach: 250_000 EUR\n", "", "one-of", "`each`"),
    ("trial:", "trail:", "unknown-key", "did you mean `trial`?"),
]


@pytest.mark.parametrize(("old", "new", "code", "hint"), WRONG, ids=[each[2] for each in WRONG])
def test_a_trial_that_is_wrong_itself_is_shown_with_its_place(
    attain: Attain, old: str, new: str, code: str, hint: str
) -> None:
    attain.edit(BEHIND, old, new)
    ended = attain("try")
    assert ended.code == 2, ended.out
    assert f"{BEHIND}:" in ended.err
    assert code in ended.err
    assert hint in ended.err


def test_a_folder_that_is_not_there_is_said_so(attain: Attain) -> None:
    ended = attain("try", "rules/trails")
    assert (ended.code, "there is no rules/trails" in ended.err) == (2, True)
