"""Running the command in-process: what it said, and how it ended."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from connector.__main__ import main
from connector.cli import terminal
from connector.ports import World
from connector.service import wiring


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


class Attain:
    """The command, in a folder."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self.folder, self._patch, self._captured = folder, patch, captured
        patch.chdir(folder)

    @classmethod
    def at(cls, folder: Path, world: World, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> Attain:
        """In a folder, by somebody else's clock."""
        patch.setattr(wiring, "house", partial(wiring.house, world=world))
        return cls(folder, patch, captured)

    def __call__(self, *words: str) -> Ended:
        self._patch.setattr(sys, "argv", ["attain", *words])
        self._patch.setattr(threading, "excepthook", threading.excepthook)  # the command sets its own
        terminal.out.cache_clear()  # consoles hold on to the stream that a test replaces
        terminal.err.cache_clear()
        self._captured.readouterr()
        code, before = 0, os.umask(0o022)  # as a shell has it; the command sets its own
        try:
            main()
        except SystemExit as ending:
            code = int(ending.code or 0)
        finally:
            os.umask(before)
        said = self._captured.readouterr()
        return Ended(code, said.out, said.err)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
