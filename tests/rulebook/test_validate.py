"""From YAML to a model: complaints in plain words, at their places."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from connector.rulebook.notation import AFigure, Figure
from connector.rulebook.validate import Shape, validated
from connector.yamlfile import parse


class Inner(Shape):
    kind: Literal["salesforce", "hubspot"]
    write: bool = False
    login_url: str | None = None


class Outer(Shape):
    name: str
    connections: dict[str, Inner]
    days: list[Inner] = Field([])
    amount: AFigure = Figure(Decimal(0))
    from_: int | None = Field(None, alias="from")


def told(text: str) -> list[str]:
    found, problems = validated(parse(text, "c.yaml"), Outer)
    assert (found is None) is bool(problems)
    return [f"{each.place}: {each.code}: {each.text} | {each.hint}".removeprefix("c.yaml:") for each in problems]


def test_a_right_file_is_a_model() -> None:
    found, problems = validated(parse("name: x\nconnections: {a: {kind: hubspot}}\nfrom: 3", "c.yaml"), Outer)
    assert problems == []
    assert found is not None
    assert (found.connections["a"].kind, found.from_) == ("hubspot", 3)


def test_unknown_keys_are_told_at_the_key_with_the_keys_of_that_level() -> None:
    text = "name: x\nconnections:\n  a:\n    kind: hubspot\n    login_ulr: y\nform: 3\n"
    assert told(text) == [
        "5:5: unknown-key: there is no key `login_ulr` here | did you mean `login_url`?",
        "6:1: unknown-key: there is no key `form` here | did you mean `from`?",
    ]


def test_missing_keys_are_told_where_they_belong() -> None:
    assert told("name: x\nconnections:\n  a:\n    write: true\n") == ["3:3: missing-key: `kind` is missing | "]
    assert told("name: x\nconnections: {}\ndays:\n  - write: true\n") == ["4:5: missing-key: `kind` is missing | "]


def test_wrong_types_say_what_is_expected() -> None:
    assert told("name: 12\nconnections: []\n") == [
        '1:7: wrong-type: a text is expected here | write it between quotes: "12"',
        "2:14: wrong-type: names with values are expected here | ",
    ]
    assert told("name: x\nconnections: {a: {kind: hubspot, write: on}}\n") == [
        "2:41: wrong-type: true or false is expected here | "
    ]
    assert told("name: x\nconnections: {a: {kind: hubspots}}\n") == [
        "2:25: unknown-value: `hubspots` is not known here | did you mean `hubspot`?"
    ]


def test_a_key_without_a_value_is_told_once() -> None:
    assert told("name:\nconnections:\n  a: {kind: hubspot, login_url: }\n") == [
        "1:1: empty: `name` has no value | leave the key out, or give it a value",
        "3:22: empty: `login_url` has no value | leave the key out, or give it a value",
    ]


def test_an_empty_file_names_its_keys() -> None:
    assert told("# nothing\n") == [
        " empty: nothing stands here | known keys are `name`, `connections`, `days`, `amount`, `from`"
    ]


def test_a_complaint_of_our_own_keeps_its_code_and_braces() -> None:
    assert told("name: x\nconnections: {}\namount: '{x}'\n") == [
        "3:9: no-number: `{x}` is no number | write 250_000 EUR, 30% or 12"
    ]


def test_problems_of_the_yaml_come_first_and_leave_no_model() -> None:
    assert told("name: x\nname: y\nconnections: {}\n") == ["2:1: duplicate-key: `name` was given before, in line 1 | "]
    assert told("name: 'x\n")[0].startswith("1:7: yaml-syntax") or told("name: 'x\n")
