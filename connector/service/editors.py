"""JSON Schemas on disk, which editors find by the first line of each file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import ConfigError
from connector.improve.trial_file import trial_schema
from connector.rulebook.schema import Known, schemas
from connector.service.config_file import config_schema

if TYPE_CHECKING:
    from connector.service.wiring import Checked

FOLDER = Path("rules") / ".schema"
_LEVELS = ("role", "team", "region", "territory", "country")
_MOST = 200  # names that an editor is given


def write_schemas(folder: Path, found: Checked | None) -> list[Path]:
    """Write a schema per kind of file; with checked files they know this company's names. Returns what was written."""
    rules = found.rules if found else None
    content: dict[str, Mapping[str, object]] = dict(schemas(rules, _known(found.settings.mirror) if found else Known()))
    content |= {"trial": trial_schema(rules), "config": config_schema()}
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in content.items():
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written


def _known(mirror: Path) -> Known:
    """Who there is and where they sit, as of the last sync; nobody before the first one."""
    if not mirror.exists():
        return Known()
    from connector.store.mirror import open_mirror

    try:
        opened = open_mirror(mirror)
    except ConfigError:
        return Known()
    with closing(opened):
        people = opened.execute(f"select name from people where active order by name limit {_MOST}").fetchall()
        columns = {
            name
            for (name,) in opened.execute(
                "select column_name from duckdb_columns() where table_name = 'roster'"
            ).fetchall()
        }
        units = {
            level: tuple(
                unit
                for (unit,) in opened.execute(
                    f'select distinct "{level}" from roster where "{level}" is not null order by 1 limit {_MOST}'
                ).fetchall()
            )
            for level in _LEVELS
            if level in columns
        }
    return Known(tuple(name for (name,) in people), units)
