"""What ops change on disk while `attain run` runs: rows of tables are taken over, rules and config wait for a restart.

Rows are data, and a day's quota or absence must not wait for a restart. Rules say what people's numbers mean: half of an edit of
several files would be another meaning, so whoever changes them says when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog

from connector.crm.files import Tables, read_tables
from connector.errors import ConfigError
from connector.flow.house import House

log = structlog.get_logger()

STILL_WRITTEN = timedelta(seconds=2)  # whoever saves a large file does so in several steps

Signature = tuple[tuple[str, int, int], ...]  # path, time in nanoseconds, bytes


class OnDisk:
    """The files of one installation, compared with what they were the last time."""

    def __init__(self, house: House, config: Path) -> None:
        self._config = config
        self._tables, self._rules = _signature(_tables(house)), _signature(_rules(house, config))

    def taken_over(self, house: House) -> House:
        """The house with the tables as they are now; as it was while they cannot be read, which is said once."""
        self._look_at_rules(house)
        now = _signature(_tables(house))
        if now == self._tables or _still_written(now, house):
            return house
        self._tables = now
        try:
            tables = _read(house)
        except (ConfigError, OSError) as problem:
            log.warning("tables_unreadable", problem=str(problem), until="they are mended, the rows read before count")
            return house
        log.info("tables_read", rows=sum(map(len, tables.rows.values())))
        return replace(house, tables=tables)

    def _look_at_rules(self, house: House) -> None:
        now = _signature(_rules(house, self._config))
        if now != self._rules:
            changed = sorted({path for path, *_ in set(now) ^ set(self._rules)})
            self._rules = now
            log.warning("changed_on_disk", files=changed, cure="restart `attain run` to take it over")


def _read(house: House) -> Tables:
    """Raises ConfigError for a row that cannot be read, and OSError for a file that has gone since the start."""
    folder = house.settings.files
    if folder is None:
        return house.tables
    found = read_tables(folder, house.rules.files, house.settings.company)
    for name in found.absent:
        if name not in house.tables.absent:
            raise FileNotFoundError(f"{folder / house.rules.files[name].file} is no longer there")
    return found


def _tables(house: House) -> Iterable[Path]:
    folder = house.settings.files
    return () if folder is None else (folder / each.file for each in house.rules.files.values())


def _rules(house: House, config: Path) -> Iterable[Path]:
    mappings = [each.mapping_file for each in house.settings.connections if each.mapping_file]
    return (config, *mappings, *house.settings.rules.rglob("*.y*ml"))


def _signature(files: Iterable[Path]) -> Signature:
    found = []
    for each in files:
        try:
            stat = each.stat()
        except OSError:
            continue  # not there, or for the moment not
        found.append((str(each), stat.st_mtime_ns, stat.st_size))
    return tuple(sorted(found))


def _still_written(signature: Signature, house: House) -> bool:
    now = house.world.now().timestamp()
    return any(0 <= now - stamp / 1e9 < STILL_WRITTEN.total_seconds() for _, stamp, _ in signature)
