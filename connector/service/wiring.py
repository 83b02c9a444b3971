"""Everything is put together here, once: settings, rules, store, tables and connected CRMs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from connector import crm
from connector.appraisal.rules import Rules
from connector.crm.files import Tables, read_tables
from connector.errors import ConfigError, Place, Problem
from connector.model.settings import Settings
from connector.ports import Crm, World
from connector.rulebook.load import examine
from connector.service import config, logs
from connector.service.not_agreed import not_agreed
from connector.service.schemas import kept
from connector.service.secrets import is_reference
from connector.yamlfile import YamlFile

if TYPE_CHECKING:
    from connector.flow.house import House, Watch  # `attain check` needs no store, and answers without loading one

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
    if loaded.settings is None:
        raise ConfigError([_with_a_way_out(each) for each in loaded.problems])
    rules, wrong = _rules(loaded.settings, loaded.files_mapping)
    problems = [*loaded.problems, *wrong]
    try:
        tables = _tables(loaded.settings, loaded.file, rules)
    except ConfigError as error:
        problems += error.problems
    problems += not_agreed(loaded.settings, rules)
    if not loaded.problems:
        problems += _faults(loaded.settings, loaded.file, rules)
    if problems:
        raise ConfigError(problems)
    return Checked(loaded.settings, rules, tables)


def _faults(settings: Settings, file: YamlFile, rules: Rules) -> Iterator[Problem]:
    """What a CRM says of its connection's options; where they are not known yet, for they stand elsewhere, nothing."""
    for each in settings.connections:
        kind, mapping = crm.types()[each.type], rules.mappings.get(each.name)
        open_ones = {option.name for option in kind.options if not option.secret}
        unknown = any(is_reference(value) for name, value in each.options.items() if name in open_ones)
        if mapping is not None and not unknown:
            yield from kind.faults(each, mapping, partial(_place_of, file, each.name))


def _place_of(file: YamlFile, connection: str, option: str) -> Place:
    return file.place(("connections", connection, option))


def _with_a_way_out(problem: Problem) -> Problem:
    if problem.code != "missing-file":
        return problem
    return replace(problem, hint="`attain init` writes one; `--config` names another")


def _rules(settings: Settings, files_mapping: Path | None) -> tuple[Rules, list[Problem]]:
    mappings = {
        each.name: (each.type, each.mapping_file) for each in settings.connections if each.mapping_file is not None
    }
    return examine(settings.rules, settings.company, mappings, files_mapping, kept(settings.home, mappings))


def other_rules(path: Path, folder: Path, *, world: World = REAL) -> Rules:
    """The rules of another folder, read for the same company, mappings and tables. Raises ConfigError."""
    loaded = config.load(path, now=world.now(), offline=True)
    if loaded.settings is None:
        raise ConfigError(loaded.problems)
    rules, wrong = _rules(replace(loaded.settings, rules=folder), loaded.files_mapping)
    if wrong:
        raise ConfigError(wrong)
    return rules


def _tables(settings: Settings, file: YamlFile, rules: Rules) -> Tables:
    """The file tables, row by row as their columns are declared."""
    if settings.files is None:
        return Tables()
    if not settings.files.is_dir():
        text = f"there is no folder {settings.files}"
        raise ConfigError([Problem(file.place(("files",)), "missing-folder", text)])
    return read_tables(settings.files, rules.files, settings.company)


@contextmanager
def house(
    path: Path, *, world: World = REAL, watch: Watch | None = None, connect: bool = True, guarded: bool = True
) -> Iterator[House]:
    """A house ready to work in; connections are closed behind it. Raises ConfigError first of all.

    `guarded`: calls wait for a CRM that keeps failing to recover, and stay within our share of its calls of the day;
    without it, for somebody who looks around, none does.
    """
    from connector.flow.house import House, unwatched
    from connector.store.database import open_store
    from connector.store.doing import Doing
    from connector.transport.gate import Gatekeeper

    checked = check(path, world=world)
    logs.configure(checked.settings.secrets)
    connected: dict[str, Crm] = {}
    store = open_store(checked.settings.store)
    if guarded:
        shares = {each.name: each.share_of_calls for each in checked.settings.connections}
        world = replace(world, gate=world.gate or Gatekeeper(Doing(store), world.now, shares))
    try:
        if connect:
            for each in checked.settings.connections:
                mapping = checked.rules.mappings[each.name]
                connected[each.name] = crm.types()[each.type].connect(each, mapping, checked.settings.company, world)
        yield House(
            checked.settings,
            checked.rules,
            store,
            connected,
            checked.tables,
            world,
            watch or unwatched,
        )
    finally:
        for opened in connected.values():
            opened.close()
        store.close()
