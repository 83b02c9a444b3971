"""The house keeps its promises: the README's tree is true, files have one subject, nothing speaks out of turn."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
SOURCE = sorted((HOME / "connector").rglob("*.py"))
LONGEST_FILE = 300
LONGEST_FUNCTION = 50
# The 57 keys of a field's description, one a line.
LONGER_FOR_A_REASON = {"described_field"}


def tracked() -> list[Path]:
    """Every file of the project, as git knows it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOME, capture_output=True, check=True).stdout.decode()
    return [HOME / name for name in listed.split("\0") if name and (HOME / name).is_file()]


def drawn() -> dict[str, str]:
    """What the README's tree says about each entry of `connector/`."""
    text = (HOME / "README.md").read_text(encoding="utf-8")
    tree = text.split("connector/\n", 1)[1].split("mappings/", 1)[0]
    found = re.findall(r"[├└]── ([\w.]+)/?\s{2,}(.+)", tree)
    return dict(found)


def first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n", 1)[0]


def test_the_readmes_tree_shows_every_room_and_no_other() -> None:
    rooms = {each.name for each in (HOME / "connector").iterdir() if (each / "__init__.py").exists()}
    rooms |= {each.name for each in (HOME / "connector").glob("*.py")} - {"__init__.py"}
    rooms |= {each.name for each in (HOME / "connector" / "crm").iterdir() if (each / "__init__.py").exists()}
    assert set(drawn()) == rooms


def test_a_room_says_about_itself_what_the_readme_says_about_it() -> None:
    for name, says in drawn().items():
        path = next(
            each
            for each in (
                HOME / "connector" / name,
                HOME / "connector" / name / "__init__.py",
                HOME / "connector" / "crm" / name / "__init__.py",
            )
            if each.is_file()
        )
        assert first_line(path) == says, name


@pytest.mark.parametrize("path", SOURCE, ids=lambda path: str(path.relative_to(HOME)))
def test_a_file_has_a_docstring_and_one_subject(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert first_line(path), "a module says what it is"
    assert len(text.splitlines()) <= LONGEST_FILE


def functions() -> Iterator[tuple[str, int]]:
    for path in SOURCE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                yield f"{path.relative_to(HOME)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_a_function_fits_on_a_screen() -> None:
    long = {
        name: lines
        for name, lines in functions()
        if lines > LONGEST_FUNCTION and name.split()[1] not in LONGER_FOR_A_REASON
    }
    assert long == {}


def test_no_file_names_a_registry_a_machine_path_or_the_folder_beside_us() -> None:
    # Put together here, so that this file does not accuse itself.
    forbidden = [
        "/work" + "/",
        "/" + "root/",
        "pypi" + ".org",
        "registry." + "npmjs",
        "files.python" + "hosted",
        "sha" + "red/",
    ]
    allowed = {HOME / ".ci" / "run"}
    guilty = []
    for path in tracked():
        if path in allowed or path.suffix in {".png", ".ico"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        guilty += [f"{path.relative_to(HOME)}: {word}" for word in forbidden if word in text]
    assert guilty == []


def test_an_unfinished_thought_names_an_issue() -> None:
    loose = re.compile(r"#\s*(TODO|FIXME|XXX)\b(?!\(#\d+\))")
    guilty = [str(path) for path in SOURCE if loose.search(path.read_text(encoding="utf-8"))]
    assert guilty == []


def test_the_readmes_reference_is_what_attain_functions_prints() -> None:
    from connector.cli.reference import markdown

    text = (HOME / "README.md").read_text(encoding="utf-8")
    shown = text.split("<!-- reference -->\n", 1)[1].split("\n<!-- /reference -->", 1)[0]
    assert shown == markdown()


def test_every_command_has_its_place_in_the_readme() -> None:
    from typer.main import get_command

    from connector.cli.app import app

    text = (HOME / "README.md").read_text(encoding="utf-8")
    group = get_command(app)
    missing = [
        name for name in getattr(group, "commands", {}) if f"attain {name}" not in text and f"make {name}" not in text
    ]
    assert missing == []
