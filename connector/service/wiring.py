"""Everything is put together here, once: settings, rules, store, tables and connected CRMs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connector import crm
from connector.appraisal.rules import Rules
from connector.crm.files import Tables, read_tables
from connector.errors import ConfigError, Problem
from connector.flow.house import House, Watch, unwatched
from connector.model.settings import Settings
from connector.ports import World
from connector.rulebook.load import load as load_rules
from connector.service import config, logs
from connector.store.database import open_store

DEFAULT_CONFIG = Path("config.yaml")
REAL = World(now=lambda: datetime.now(UTC), sleep=time.sleep)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the files say, before anything is opened or connected."""

    settings: Settings
    rules: Rules
    tables: Tables


def check(path: Path, *, world: World = REAL, offline: bool = False) -> Checked:
    """Read every file. Raises ConfigError with the problems of all of them at once."""
    loaded = config.load(path, now=world.now(), offline=offline)
    settings = loaded.settings
    mappings = {
        each.name: (each.type, each.mapping_file) for each in settings.connections if each.mapping_file is not None
    }
    rules = load_rules(settings.rules, settings.company, mappings, loaded.files_mapping)
    tables = Tables()
    if settings.files is not None:
        if not settings.files.is_dir():
            place = loaded.file.place(("files",))
            raise ConfigError([Problem(place, "missing-folder", f"there is no folder {settings.files}")])
        tables = read_tables(settings.files, rules.files, settings.company)
    return Checked(settings, rules, tables)


@contextmanager
def house(path: Path, *, world: World = REAL, watch: Watch = unwatched, connect: bool = True) -> Iterator[House]:
    """A house ready to work in; connections are closed behind it. Raises ConfigError first of all."""
    checked = check(path, world=world)
    logs.configure(checked.settings.secrets)
    connected = {}
    try:
        if connect:
            for each in checked.settings.connections:
                mapping = checked.rules.mappings[each.name]
                connected[each.name] = crm.types()[each.type].connect(each, mapping, checked.settings.company, world)
        yield House(
            checked.settings,
            checked.rules,
            open_store(checked.settings.store),
            connected,
            checked.tables,
            world,
            watch,
        )
    finally:
        for each_crm in connected.values():
            each_crm.close()
