"""What each CRM last told of its fields, kept beside the config: `attain check` reads it, offline too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from connector.model.schema import CrmField, CrmSchema

FOLDER = Path(".attain") / "schemas"


def keep(home: Path, connection: str, schema: CrmSchema) -> None:
    """Write it down; a folder that cannot be written to is no reason to stop."""
    content = {
        obj: {name: asdict(field) for name, field in sorted(fields.items())}
        for obj, fields in sorted(schema.objects.items())
    }
    path = home / FOLDER / f"{connection}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    except OSError:
        return


def kept(home: Path, connections: Iterable[str]) -> Mapping[str, CrmSchema]:
    """What is known of each connection; one that was never looked at, or whose file is spoilt, is absent."""
    found: dict[str, CrmSchema] = {}
    for connection in connections:
        try:
            content = json.loads((home / FOLDER / f"{connection}.json").read_text(encoding="utf-8"))
            found[connection] = CrmSchema(
                {obj: {name: _field(each) for name, each in fields.items()} for obj, fields in content.items()}
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue
    return found


def _field(said: Mapping[str, object]) -> CrmField:
    choices = said["choices"]
    if not isinstance(choices, list):
        raise TypeError("choices are a list")
    return CrmField(
        name=str(said["name"]),
        label=str(said["label"]),
        type=str(said["type"]),
        choices=tuple(map(str, choices)),
        writable=said["writable"] is True,
        unique=said["unique"] is True,
        calculated=said["calculated"] is True,
    )
