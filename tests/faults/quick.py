"""Rule files that did not change are read once: a campaign opens the house some ten thousand times, all stories a thousand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from connector.model.settings import Settings
from connector.service import wiring


@contextmanager
def rules_read_once() -> Iterator[None]:
    """While this lasts, rules of the same text are the same; forked children inherit what their parent has read."""
    known: dict[str, Any] = {}
    plain = wiring._rules

    def remembered(settings: Settings, files_mapping: Path | None) -> Any:
        said = hashlib.sha256()
        for path in sorted([*settings.rules.rglob("*.yaml"), *settings.home.glob("mappings/*.yaml")]):
            said.update(path.name.encode() + path.read_bytes())
        said.update(repr((settings.company, [each.name for each in settings.connections])).encode())
        key = said.hexdigest()
        if key not in known:
            known[key] = plain(settings, files_mapping)
        return known[key]

    with mock.patch.object(wiring, "_rules", remembered):
        yield
