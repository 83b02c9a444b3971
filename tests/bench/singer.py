"""Taps from PyPI as they are run: a program that discovers, reads, and writes one JSON message a line.

They live in environments of their own (`make peers`) and are never imported. Source: Singer's specification, read November 2026.
"""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.report import stopwatch

LAUNCHER = Path(__file__).with_name("divert.py")
Json = dict[str, Any]


class TapFailed(RuntimeError):
    """The tap ended badly; the last line of what it said."""


@dataclass(frozen=True, slots=True)
class Read:
    """What one run brought: seconds from its start to its end, and how many records of each stream, repeats left out."""

    seconds: float
    rows: Mapping[str, int]


@dataclass(slots=True)
class Tap:
    """One tap, where its fixed host is led, and a folder for its files."""

    name: str  # the console program
    environment: Path
    host: str
    address: str
    folder: Path
    config: Json
    catalog_option: str = "--catalog"
    catalog: Json = field(default_factory=dict)
    state: Json | None = None

    @property
    def program(self) -> Path:
        return self.environment / "bin" / self.name

    def discover(self, wanted: Mapping[str, frozenset[str] | None]) -> None:
        """Have it look around, and choose streams and their fields; None: all it has. Raises TapFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write("config.json", self.config)
        self._run("--discover")
        self.catalog = json.loads(self._output.read_text(encoding="utf-8"))
        self.catalog["streams"] = [
            _chosen(each, wanted[each["stream"]]) for each in self.catalog["streams"] if each["stream"] in wanted
        ]
        self._write("catalog.json", self.catalog)

    def read(self) -> Read:
        """Read what is new since the last time, or everything. Raises TapFailed."""
        options = [self.catalog_option, str(self.folder / "catalog.json")]
        if self.state is not None:
            options += ["--state", str(self._write("state.json", self.state))]
        with stopwatch() as took:
            self._run(*options)
        keys: dict[str, set[str]] = defaultdict(set)
        with self._output.open(encoding="utf-8") as lines:
            for message in map(json.loads, lines):
                if message["type"] == "RECORD":
                    record = message["record"]
                    keys[message["stream"]].add(record.get("Id") or record["id"])
                elif message["type"] == "STATE":
                    self.state = message["value"]
        return Read(took(), {stream: len(some) for stream, some in keys.items()})

    @property
    def _output(self) -> Path:
        return self.folder / "output.jsonl"

    def _write(self, name: str, content: Json) -> Path:
        path = self.folder / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def _run(self, *options: str) -> None:
        hosts, config = json.dumps({self.host: self.address}), str(self.folder / "config.json")
        command: list[str | Path] = [self.environment / "bin" / "python", "-I", LAUNCHER, hosts, self.program]
        said = self.folder / "said.log"
        with self._output.open("wb") as output, said.open("wb") as log:
            done = subprocess.run(
                [*command, "--config", config, *options], stdout=output, stderr=log, env={}, check=False
            )
        if done.returncode:
            raise TapFailed(said.read_text(encoding="utf-8").strip().rpartition("\n")[2])


def _chosen(stream: Json, fields: frozenset[str] | None) -> Json:
    """A stream of a catalog, selected, with a bookmark where it can have one."""
    for each in stream["metadata"]:
        told = each["metadata"]
        if each["breadcrumb"]:
            told["selected"] = fields is None or each["breadcrumb"][-1] in fields
            continue
        told["selected"] = True
        if keys := told.get("valid-replication-keys"):
            told.update({"replication-method": "INCREMENTAL", "replication-key": keys[0]})
    return stream
