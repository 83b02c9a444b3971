"""JSON Schemas for editors: they accept what we accept, and know the names."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connector.rulebook.schema import schemas
from connector.yamlfile import read
from tests.rulebook.folder import Folder
from tests.rulebook.test_load import HOME

SHIPPED = {
    "rules/metrics.yaml": "metrics",
    "rules/targets.yaml": "targets",
    "rules/alerts.yaml": "alerts",
    "rules/messages/en.yaml": "messages",
    "rules/scorecards.yaml": "scorecards",
    "rules/health.yaml": "health",
    "rules/incentives.yaml": "incentives",
    "mappings/salesforce.yaml": "mapping",
    "mappings/hubspot.yaml": "mapping",
    "mappings/files.yaml": "files",
}


def as_json(value: object) -> Any:
    return json.loads(json.dumps(value, default=lambda each: float(each) if isinstance(each, Decimal) else str(each)))


@pytest.mark.parametrize(("file", "kind"), SHIPPED.items())
def test_the_shipped_files_fit_their_schemas(file: str, kind: str) -> None:
    schema = schemas(None)[kind]
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(as_json(read(HOME / file).value))


def test_editors_are_told_of_unknown_keys_and_metrics(folder: Folder) -> None:
    known = schemas(folder.load())
    alert = {"metric": "bookings", "period": "quarter", "when": "pace < 70%", "tell": ["rep"], "say": "x"}
    validator = Draft202012Validator(known["alerts"])
    assert validator.is_valid({"alerts": {"a": alert}})
    assert not validator.is_valid({"alerts": {"a": {**alert, "metric": "bookigns"}}})
    assert not validator.is_valid({"alerts": {"a": {**alert, "whenn": "x"}}})
    assert not validator.is_valid({"alerts": {"a": {**alert, "period": "week"}}})


@pytest.mark.parametrize("entry", ["MetricEntry", "FormerEntry"])
def test_editors_are_shown_fields_functions_and_tables(folder: Folder, entry: str) -> None:
    metric = schemas(folder.load())["metrics"]["$defs"][entry]["properties"]
    assert "files.trainings" in metric["of"]["enum"]
    assert "closed_on" in metric["date"]["enum"]
    assert "is_first_win" in metric["where"]["description"]
    assert "count_if(condition): how many records meet a condition" in metric["measure"]["description"]
