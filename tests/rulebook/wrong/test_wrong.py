"""Every wrong file is refused with a code that we declare, at its place; nothing else is ever raised."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.errors import Problem
from connector.service.config import load as load_config
from connector.service.starter import lay_out
from tests.rulebook.folder import FILES, MAPPING, Folder
from tests.rulebook.wrong.cases import GOOD_CONFIG, OF_CONFIG, RATES, Case, cases
from tests.rulebook.wrong.codes import OF_A_WHOLE_FILE, WARNINGS, declared
from tests.rulebook.wrong.desk import Desk, codes
from tests.rulebook.wrong.mutants import Mutant, mutants

HOME = Path(__file__).parents[3]
SHIPPED = (
    "rules/metrics.yaml", "rules/targets.yaml", "rules/alerts.yaml", "rules/messages/en.yaml", "rules/scorecards.yaml", "rules/health.yaml",
    "rules/incentives.yaml",
    "mappings/salesforce.yaml", "mappings/hubspot.yaml", "mappings/files.yaml",
)  # fmt: skip
CRMS = {"emea": ("salesforce", "mappings/salesforce.yaml"), "smb": ("hubspot", "mappings/hubspot.yaml")}
HAND_WRITTEN = list(cases())
GIVEN = {"ID": "x", "SECRET": "y", "TWO_LINES": "token\nexpires"}  # the environment


def spoilt(good: str, case: Case) -> str:
    if not case.old:
        return good + case.new
    assert good.count(case.old) == 1, f"{case.old!r} stands in {case.file} {good.count(case.old)} times"
    return good.replace(case.old, case.new)


def misplaced(problems: Iterable[Problem], text: str) -> list[str]:
    """Problems that point at nothing; those of a whole file have no line."""
    lines = text.splitlines() or [""]
    return [
        str(each)
        for each in problems
        if not (each.place.line or each.code in OF_A_WHOLE_FILE)
        or (each.place.line and each.place.column < 1)
        or each.place.line > len(lines) + 1
    ]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    home = tmp_path_factory.mktemp("small")
    Folder(home).write("files.yaml", FILES + RATES)
    return Desk.over(home, {"emea": ("salesforce", "mapping.yaml")}, "files.yaml"), home


def case_name(case: Case) -> str:
    return f"{case.code}-{Path(case.file).stem}"


@pytest.mark.parametrize("case", HAND_WRITTEN, ids=case_name)
def test_a_wrong_text_is_refused_with_its_code_and_place(small: tuple[Desk, Path], case: Case) -> None:
    desk, home = small
    text = spoilt((home / case.file).read_text(encoding="utf-8"), case)
    found = desk.problems(case.file, text)
    assert case.code in codes(found)
    assert set(codes(found)) <= declared()
    assert misplaced(found, text) == []


def of_config(home: Path, text: str) -> Sequence[Problem]:
    path = home / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, now=datetime(2026, 11, 25, tzinfo=UTC), environment=GIVEN).problems


def test_the_good_files_are_good(small: tuple[Desk, Path], tmp_path: Path) -> None:
    desk, home = small
    files = {case.file for case in HAND_WRITTEN}
    assert len(files) == 9
    for file in files:
        assert desk.problems(file, (home / file).read_text(encoding="utf-8")) == []
    assert of_config(tmp_path, GOOD_CONFIG) == ()


@pytest.mark.parametrize("case", OF_CONFIG, ids=case_name)
def test_a_wrong_config_is_refused_with_its_code_and_place(tmp_path: Path, case: Case) -> None:
    text = spoilt(GOOD_CONFIG, case)
    found = of_config(tmp_path, text)
    assert case.code in codes(found)
    assert set(codes(found)) <= declared()
    assert misplaced(found, text) == []


def conflicting_types(folder: Folder) -> None:
    folder.write("mapping.yaml", MAPPING.replace("outcome:", "    custom: {x: {field: X, type: text}}\noutcome:"))
    folder.write("other.yaml", MAPPING.replace("outcome:", "    custom: {x: {field: X, type: date}}\noutcome:"))
    folder.connections["smb"] = ("salesforce", "other.yaml")


def without_plan_rates(folder: Folder) -> None:
    folder.change("rules/metrics.yaml", "    measure: sum(amount)\n", "    measure: sum(amount)\n    rate: plan\n")


def paid_for_less(folder: Folder) -> None:
    folder.change("rules/metrics.yaml", "    measure: sum(amount)\n", "    measure: sum(amount)\n    better: lower\n")


WHOLE_FILES = {
    "missing-file": lambda folder: (folder.home / "rules/metrics.yaml").unlink(),
    "unreadable-file": lambda folder: ((folder.home / "mapping.yaml").unlink(), (folder.home / "mapping.yaml").mkdir()),
    "too-large": lambda folder: folder.write("rules/metrics.yaml", "#" * (1 << 20) + "\nmetrics: {}\n"),
    "not-utf-8": lambda folder: (folder.home / "rules/metrics.yaml").write_bytes(b"metrics:\n  caf\xe9: {}\n"),
    "unknown-file": lambda folder: folder.write("rules/target.yaml", "targets: []\n"),
    "empty": lambda folder: folder.write("rules/metrics.yaml", "# nothing yet\n"),
    "conflicting-type": conflicting_types,
    "no-plan-rates": without_plan_rates,
    "lower-is-better": paid_for_less,
}


@pytest.mark.parametrize("code", WHOLE_FILES)
def test_a_file_that_is_wrong_as_a_whole_is_refused_with_its_code(folder: Folder, code: str) -> None:
    WHOLE_FILES[code](folder)
    assert code in codes(folder.problems())


def test_every_code_has_a_case() -> None:
    covered = {case.code for case in (*HAND_WRITTEN, *OF_CONFIG)} | WHOLE_FILES.keys()
    assert declared() - covered == set()
    assert covered - declared() == set(), "a case for a code that nothing raises"
    assert len(declared()) > 80, "the source is read: a codes' list that is nearly empty proves nothing"
    assert WARNINGS.isdisjoint(declared())
    assert len(HAND_WRITTEN) + len(OF_CONFIG) + len(WHOLE_FILES) >= 300


@pytest.fixture(scope="module")
def shipped() -> dict[str, str]:
    return {name: (HOME / name).read_text(encoding="utf-8") for name in SHIPPED}


def test_spoilt_files_raise_nothing_but_declared_problems_at_their_places(shipped: dict[str, str]) -> None:
    desk = Desk.over(HOME, CRMS, "mappings/files.yaml")
    wrong: dict[str, int] = {}
    for mutant in mutants(shipped, 840, seed=3):
        found = desk.problems(mutant.file, mutant.text)
        told = f"{mutant.file}, {mutant.by}"
        assert set(codes(found)) <= declared(), told
        assert misplaced(found, mutant.text) == [], told
        wrong[mutant.by] = wrong.get(mutant.by, 0) + bool(found)
    assert len(wrong) == 10
    assert sum(wrong.values()) >= 400, wrong
    assert min(wrong.values()) >= 5, wrong


def test_a_letter_anywhere_in_a_key_is_noticed(shipped: dict[str, str]) -> None:
    """Keys are never ignored: each misspelt one is told, but for names that ops are free to choose."""
    desk = Desk.over(HOME, CRMS, "mappings/files.yaml")
    name = "rules/metrics.yaml"
    for key in ("title", "of", "where", "date", "measure", "unit", "credit", "better", "through", "formula"):
        text = shipped[name].replace(f"    {key}: ", f"    {key}x: ", 1)
        assert "unknown-key" in codes(desk.problems(name, text)), key


def wrong_starters(shipped: dict[str, str], desk: Desk) -> Iterator[Mutant]:
    """Twenty spoilt files that are wrong, every file and most hands among them."""
    spoilt_ones = (each for each in mutants(shipped, 2_000, seed=7) if desk.problems(each.file, each.text))
    yield from (each for each, _ in zip(spoilt_ones, range(20), strict=False))


def checked(home: Path) -> tuple[float, subprocess.CompletedProcess[str]]:
    began = time.perf_counter()
    command = [sys.executable, "-m", "connector", "check", "--offline", "--config", "config.yaml"]
    ended = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=60, check=False)
    return time.perf_counter() - began, ended


def test_attain_check_ends_with_2_and_no_traceback(shipped: dict[str, str], tmp_path: Path) -> None:
    desk = Desk.over(HOME, CRMS, "mappings/files.yaml")
    spoilt_ones = list(wrong_starters(shipped, desk))
    homes = [tmp_path / str(at) for at in range(len(spoilt_ones))]
    for home, mutant in zip(homes, spoilt_ones, strict=True):
        lay_out(home)
        (home / mutant.file).write_text(mutant.text, encoding="utf-8")
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(checked, homes))
    assert len(ended) == 20
    for mutant, (_, process) in zip(spoilt_ones, ended, strict=True):
        told = f"{mutant.file}, {mutant.by}:\n{process.stdout}{process.stderr}"
        assert process.returncode == 2, told
        assert "Traceback" not in process.stdout + process.stderr, told
        assert f"{mutant.file}:" in process.stderr, told
    slowest = max(range(20), key=lambda at: ended[at][0])
    print(f"slowest of 20: {ended[slowest][0]:.2f} s, {spoilt_ones[slowest].file}, {spoilt_ones[slowest].by}")
