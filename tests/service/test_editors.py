"""The schemas that editors find: the first line of every shipped file leads to one, and the file fits it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connector.service.editors import FOLDER, write_schemas
from connector.service.starter import PARTS, lay_out, starter_folder
from connector.yamlfile import read

HOME = starter_folder()
SHIPPED = sorted(
    each.relative_to(HOME)
    for part in PARTS
    for each in ([HOME / part] if part.endswith(".yaml") else (HOME / part).rglob("*.yaml"))
)
MARK = "# yaml-language-server: $schema="


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("installed")
    lay_out(home)
    write_schemas(home / FOLDER, None)
    return home


def plain(value: object) -> Any:
    return json.loads(json.dumps(value, default=lambda each: float(each) if isinstance(each, Decimal) else str(each)))


@pytest.mark.parametrize("file", SHIPPED, ids=str)
def test_the_first_line_of_a_file_leads_to_the_schema_that_it_fits(installed: Path, file: Path) -> None:
    first = (installed / file).read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(MARK)
    schema = json.loads(((installed / file).parent / first.removeprefix(MARK)).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(plain(read(installed / file).value))


def test_every_kind_of_file_that_is_shipped_is_among_them() -> None:
    assert len(SHIPPED) >= 12
    assert {each.parts[0] for each in SHIPPED} == {"rules", "mappings", "config.example.yaml"}
