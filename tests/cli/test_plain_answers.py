"""Answers in a pipe are whole, and ordinary mistakes are the user's, with 2, and no bug of ours."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from connector.cli import terminal
from tests.cli.attain import Attain


@pytest.fixture
def fresh_console() -> None:
    terminal.out.cache_clear()  # it holds on to the stream that a test replaces


@pytest.mark.usefixtures("fresh_console")
def test_no_cell_is_cut_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    cells = ["r" * 200, "w" * 300, "a" * 150]
    terminal.table(("record", "why", "address"), [cells, ["short", "", "7"]], right=("address",))
    first, second, third = capsys.readouterr().out.splitlines()
    assert second.split() == cells
    assert first.split() == ["record", "why", "address"]
    assert third.endswith(" 7")


@pytest.mark.usefixtures("fresh_console")
def test_no_sign_of_an_answer_becomes_a_picture(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say('{"rule": "rules/metrics.yaml:100:3", "name": "Big :fire: deal"}')
    assert capsys.readouterr().out == '{"rule": "rules/metrics.yaml:100:3", "name": "Big :fire: deal"}\n'


@pytest.mark.parametrize(
    "script",
    [
        "from connector.cli.terminal import say\nfor _ in range(200_000): say('a line of an answer')",
        "from connector.cli.machines import print_csv\nprint_csv(['a line of an answer'], [['one more']] * 200_000)",
    ],
)
def test_whoever_has_read_enough_makes_no_failure(script: str) -> None:
    # The first line is read, and the pipe closed long before some megabytes are written.
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"a line of an answer\n"
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait(60)) == (b"", 0)
    process.stderr.close()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1899-12-31", "tomorrow"])
def test_a_day_out_of_the_calendar_is_a_typing_error(attain: Attain, day: str) -> None:
    ended = attain("lint", "--today", day)
    assert (ended.code, f"--today: `{day}` is not a day like 2026-11-25" in ended.err) == (2, True), ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sandbox", "generate", "afile"), "afile: it cannot be written"),
        (("sandbox", "generate", "company", "--activities", "-5"), "--activities"),
        (("sandbox", "serve", "--data", ".", "--salesforce-port", "99999"), "--salesforce-port"),
        (("demo", "--keep", "afile"), "afile is no folder; name a new one"),
        (("schema", "afile/here"), "afile/here: it cannot be written"),
        (("health", "--limit", "-3"), "--limit"),
    ],
)
def test_a_path_a_port_or_a_number_that_cannot_be_ends_with_2(
    attain: Attain, words: tuple[str, ...], said: str
) -> None:
    attain.write("afile", "")
    ended = attain(*words)
    assert (ended.code, said in ended.err) == (2, True), ended.err


def test_a_port_that_somebody_has_is_named(attain: Attain) -> None:
    assert attain("sandbox", "generate", "company", "--people", "8", "--deals", "10").code == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = attain("sandbox", "serve", "--data", "company", "--hubspot-port", str(taken.getsockname()[1]))
    assert (ended.code, ended.err) == (2, "the stand-ins cannot be served: Address already in use\n")
