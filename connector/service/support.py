"""A bundle for whoever helps: versions, states, counts and shapes; no name, no address, no value, no secret."""

from __future__ import annotations

import json
import platform
import zipfile
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from connector.flow.house import House
from connector.service.logs import Scrubber
from connector.store import decisions, outbox, records, runs
from connector.store.database import HEAD
from connector.store.doing import Doing

LIBRARIES = ("duckdb", "sqlalchemy", "simple-salesforce", "hubspot-api-client", "apscheduler", "pydantic", "sqlglot")


def bundle(house: House, path: Path, now: datetime) -> list[str]:
    """Write the bundle; returns the names of what is in it."""
    parts = {
        "about.json": _about(house, now),
        "shapes.json": _shapes(house),
        "store.json": _store(house),
        "runs.json": _runs(house),
    }
    scrub = Scrubber(house.settings.secrets)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, scrub.text(json.dumps(part, indent=2, default=str, ensure_ascii=False)))
    return list(parts)


def _about(house: House, now: datetime) -> dict[str, Any]:
    return {
        "attain": version("attain"),
        "at": now,
        "python": platform.python_version(),
        "system": platform.system(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "database": house.store.engine.dialect.name,
        "schema": HEAD,
        "rules": house.rules.version,
        "connections": [
            {"type": each.type, "write": each.write, "approve": each.approve} for each in house.settings.connections
        ],
    }


def _shapes(house: House) -> dict[str, Any]:
    """How much of everything there is, and which of the CRMs' own fields are mapped; custom fields only by number."""
    rules = house.rules
    return {
        "metrics": len(rules.metrics),
        "targets": len(rules.targets),
        "alerts": len(rules.alerts),
        "scorecards": len(rules.scorecards),
        "mappings": [
            [{"kind": each.kind, "fields": len(each.fields), "custom": len(each.custom)} for each in mapping.sources]
            for mapping in rules.mappings.values()
        ],
    }


def _store(house: House) -> dict[str, Any]:
    """Counts by connection's number in the config: its name may say whose it is."""
    numbers = {each.name: f"connection {at}" for at, each in enumerate(house.settings.connections, 1)}
    doing = Doing(house.store)
    with house.store.reading() as tx:
        held = {f"{numbers.get(name, 'files')} {kind}": n for (name, kind), n in records.counts(tx).items()}
        states = {f"{numbers.get(name, '?')} {state}": n for (name, state), n in outbox.summary(tx).items()}
        aside = Counter(f"{each.kind}" for each in records.set_aside_list(tx))
        acts = Counter(each.what for each in decisions.made(tx))
    circuits = {numbers[name]: doing.circuit(name).is_open for name in numbers}
    return {"records": held, "outbox": states, "set_aside": aside, "decisions": acts, "circuits_open": circuits}


def _runs(house: House) -> list[Mapping[str, Any]]:
    """How the last runs ended: the kind of error, never its words, which may name a record."""
    with house.store.reading() as tx:
        found = runs.newest(tx, 100)
    return [
        {
            "id": each.id,
            "what": each.what,
            "started_at": each.started_at,
            "seconds": None if each.finished_at is None else (each.finished_at - each.started_at).total_seconds(),
            "rules": each.rules_version,
            "summary": each.summary,
            "failed": bool(each.error),
            "error": each.error.partition(":")[0] if each.error[:1].isupper() else "",
        }
        for each in found
    ]
