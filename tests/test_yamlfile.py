"""YAML with places: what is read, what is refused, and where each thing stands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connector.yamlfile import YamlFile, did_you_mean, parse, read


def problems(text: str) -> list[str]:
    return [f"{each.place}: {each.code}" for each in parse(text, "f.yaml").problems]


def characters(file: YamlFile, key: str) -> dict[str, str]:
    """Each character of a value that occurs once in it, and where it stands."""
    assert isinstance(file.value, dict)
    value = file.value[key]
    once = [at for at, sign in enumerate(value) if value.count(sign) == 1 and not sign.isspace()]
    return {value[at]: str(file.place_in((key,), at)) for at in once}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("12:30", "12:30"),
        ("010", "010"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("2026-02-30", "2026-02-30"),
        ("250_000 EUR", "250_000 EUR"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("-12", -12),
        ("0.1", Decimal("0.1")),
        ("1e3", Decimal(1000)),
        ("'12'", "12"),
        ("9999999999999999999", "9999999999999999999"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written: str, value: object) -> None:
    found = parse(f"key: {written}", "f.yaml")
    assert found.value == {"key": value}
    assert isinstance(found.value, dict)
    assert type(found.value["key"]) is type(value)


def test_an_empty_file_is_nothing_and_no_problem() -> None:
    assert (parse("# only a comment\n", "f.yaml").value, problems("")) == (None, [])


def test_every_value_and_every_key_has_a_place() -> None:
    found = parse("a:\n  - b: 1\n    c: [x, yy]\n", "f.yaml")
    assert str(found.place(("a", 0, "b"))) == "f.yaml:2:8"
    assert str(found.place_of_key(("a", 0, "b"))) == "f.yaml:2:5"
    assert str(found.place(("a", 0, "c", 1))) == "f.yaml:3:12"
    assert found.place(("a", 0, "c", 1)).source == "    c: [x, yy]"


def test_the_place_of_what_is_missing_is_that_of_what_surrounds_it() -> None:
    found = parse("a:\n  b: 1\n", "f.yaml")
    assert str(found.place(("a", "zz", 3))) == "f.yaml:2:3"


def test_a_place_inside_a_plain_text_counts_from_its_first_character() -> None:
    assert str(parse("when: pace < 70%  # or so", "f.yaml").place_in(("when",), 7)) == "f.yaml:1:14"


def test_a_place_inside_quotes_knows_doubled_quotes_and_escapes() -> None:
    found = parse("s: 'it''s x'\nd: \"a\\\"b\\u00e9c\\\n  d\"\n", "f.yaml")
    assert found.value == {"s": "it's x", "d": 'a"bécd'}
    assert characters(found, "s") == {
        "i": "f.yaml:1:5",
        "t": "f.yaml:1:6",
        "'": "f.yaml:1:7",
        "s": "f.yaml:1:9",
        "x": "f.yaml:1:11",
    }
    assert characters(found, "d") == {
        "a": "f.yaml:2:5",
        '"': "f.yaml:2:6",
        "b": "f.yaml:2:8",
        "é": "f.yaml:2:9",
        "c": "f.yaml:2:15",
        "d": "f.yaml:3:3",
    }


def test_a_place_inside_a_block_is_on_its_own_line() -> None:
    found = parse("l: |\n  ab\n   c\nf: >-   # folded\n    de\n    fg\n\n    h\np: ij\n  k\n", "f.yaml")
    assert found.value == {"l": "ab\n c\n", "f": "de fg\nh", "p": "ij k"}
    assert characters(found, "l") == {"a": "f.yaml:2:3", "b": "f.yaml:2:4", "c": "f.yaml:3:4"}
    assert characters(found, "f") == {
        "d": "f.yaml:5:5",
        "e": "f.yaml:5:6",
        "f": "f.yaml:6:5",
        "g": "f.yaml:6:6",
        "h": "f.yaml:8:5",
    }
    assert characters(found, "p") == {"i": "f.yaml:9:4", "j": "f.yaml:9:5", "k": "f.yaml:10:3"}


def test_lines_are_counted_the_same_with_windows_line_ends_and_wide_characters() -> None:
    found = parse("é: 1\r\n'\U0001f600': x\r\nb: y\r\n", "f.yaml")
    assert str(found.place(("\U0001f600",))) == "f.yaml:2:6"
    assert str(found.place(("b",))) == "f.yaml:3:4"
    assert found.place(("b",)).source == "b: y"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate-key"),
        ("a: {b: 1, b: 2}\n", "f.yaml:1:11: duplicate-key"),
        ("1: x\n", "f.yaml:1:1: key-not-text"),
        ("true: x\n", "f.yaml:1:1: key-not-text"),
        ("? [a]\n: x\n", "f.yaml:1:3: key-not-text"),
        ("a: &x 1\nb: *x\n", "f.yaml:1:4: yaml-reference"),
        ("a: *x\n", "f.yaml:1:4: yaml-reference"),
        ("a: !!python/object:os.system x\n", "f.yaml:1:4: yaml-reference"),
        ("a: 'x' = y\n", "f.yaml:1:8: yaml-syntax"),
        ("a: name = 'b: c'\n", "f.yaml:1:13: yaml-syntax"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: yaml-syntax"),
        ("a: {when: days_between(x, y) > 3}\n", "f.yaml:1:27: split-by-comma"),
        ("a: b\x07\n", "f.yaml:1:5: control-character"),
        ("a: " + "[" * 41 + "]" * 41, "f.yaml:1:43: too-deep"),
    ],
)
def test_what_is_refused_is_named_at_its_place(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_all_duplicate_keys_are_told_and_the_rest_is_read() -> None:
    found = parse("a: 1\na: 2\nb: {c: 3, c: 4}\n", "f.yaml")
    assert found.value == {"a": 1, "b": {"c": 3}}
    assert [each.code for each in found.problems] == ["duplicate-key", "duplicate-key"]


def test_a_text_that_a_comma_split_is_mended_so_that_it_is_told_once() -> None:
    found = parse("a: {when: days_between(x, y) > 3, b: 1}\n", "f.yaml")
    assert found.value == {"a": {"when": "days_between(x, y) > 3", "b": 1}}
    assert "block form" in found.problems[0].hint


def test_a_bomb_of_aliases_or_brackets_is_refused_before_it_is_built() -> None:
    bomb = "a: &a [x]\n" + "\n".join(f"k{at}: [*a,*a,*a]" for at in range(1000))
    assert len(problems(bomb)) == len(problems("[" * 100_000)) == 1


def test_a_hint_names_the_double_quotes_that_a_condition_needs() -> None:
    assert "double quotes" in parse("a: 'x' = y\n", "f.yaml").problems[0].hint


def test_files_that_cannot_be_read_are_problems_too(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_bytes(b"a: 1\nb: \xff\n")
    (tmp_path / "large.yaml").write_text("# " + "x" * (1 << 20), encoding="utf-8")
    codes = {name: read(tmp_path / name).problems[0] for name in ("rules.yaml", "large.yaml", "rule.yaml", ".")}
    assert [each.code for each in codes.values()] == ["not-utf-8", "too-large", "missing-file", "unreadable-file"]
    assert codes["rules.yaml"].place.line == 2
    assert codes["rule.yaml"].hint == "did you mean `rules.yaml`?"


def test_a_file_is_called_as_ops_would_type_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text("\ufeffa: 1", encoding="utf-8")
    assert read(tmp_path / "rules" / "a.yaml").name == str(tmp_path / "rules" / "a.yaml")
    monkeypatch.chdir(tmp_path)
    found = read(tmp_path / "rules" / "a.yaml")
    assert (found.name, found.value, str(found.place(("a",)))) == ("rules/a.yaml", {"a": 1}, "rules/a.yaml:1:4")


def test_a_suggestion_is_made_only_where_a_word_is_close() -> None:
    assert did_you_mean("Amuont", ["amount", "stage"]) == "did you mean `amount`?"
    assert did_you_mean("zebra", ["amount", "stage"]) == ""
