"""Judges replies by JSON Schemas that somebody else derived from HubSpot's SDK, with three named relaxations."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from jsonschema import Draft202012Validator

from connector.sandbox.wire import Response


class SchemaJudge:
    """Collects what does not fit; a reply without a schema is listed, not ignored."""

    def __init__(self, evidence: Path, relaxations: Sequence[str] | None = None) -> None:
        self._tool = _tool(evidence / "tools" / "hubspot_schemas.py")
        strict = [
            json.loads(file.read_text())
            for file in sorted((evidence / "contracts/hubspot/sdk-derived-apache2").glob("*.json"))
        ]
        names = tuple(self._tool.RELAXATIONS) if relaxations is None else relaxations
        self._documents = [self._tool.relaxed(document, names) for document in strict]
        self._validators: dict[str, Draft202012Validator] = {}
        self.wrong: list[str] = []
        self.judged: list[str] = []
        self.without_schema: set[str] = set()

    def __call__(self, method: str, target: str, response: Response) -> None:
        path = target.partition("?")[0]
        said = f"{method} {path} {response.status}"
        schema = self._tool.reply_schema(self._documents, method, _as_the_tool_knows(path), response.status)
        if schema is None or "json" not in response.headers.get("Content-Type", ""):
            self.without_schema.add(said)
            return
        key = f"{method} {self._tool.undated(path)} {response.status}"
        validator = self._validators.setdefault(
            key, Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        )
        self.judged.append(said)
        self.wrong += [
            f"{said}: {'/'.join(map(str, each.absolute_path))}: {each.message}"
            for each in validator.iter_errors(response.json())
        ]


def _as_the_tool_knows(path: str) -> str:
    return path + "/" if path.rstrip("/").endswith("/owners/2026-03") and not path.endswith("/") else path


def recorded(evidence: Path, name: str) -> Any:
    """A body that real traffic left behind."""
    folder = evidence / "contracts/recordings/amp-labs__connectors/providers/hubspot"
    return json.loads((folder / name).read_text(encoding="utf-8"))


def shape(body: Any) -> Any:
    """Keys and types of a JSON value, without its content; of a list, the shape of its first element."""
    if isinstance(body, dict):
        return {key: shape(value) for key, value in body.items()}
    if isinstance(body, list):
        return [shape(body[0])] if body else []
    return type(body).__name__


def _tool(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("hubspot_schemas", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
