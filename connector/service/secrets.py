"""Secrets come by reference: `${env:NAME}` or `${file:path}`; never from the config file itself."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

_REFERENCE = re.compile(r"\$\{(?P<kind>[a-z]+):(?P<name>[^}]+)\}")


class Unresolved(ValueError):
    """A reference that leads nowhere; the text says what to do about it."""


def is_reference(text: str) -> bool:
    """Whether the value is a reference as a whole."""
    return _REFERENCE.fullmatch(text.strip()) is not None


def resolve(text: str, home: Path, environment: Mapping[str, str] = os.environ) -> str:
    """The value behind a reference; text without one is returned as it is. Raises Unresolved.

    Files are relative to the config file and must be readable by their owner alone.
    """
    found = _REFERENCE.fullmatch(text.strip())
    if not found:
        return text
    kind, name = found["kind"], found["name"].strip()
    if kind == "env":
        if not environment.get(name):
            raise Unresolved(f"the environment variable {name} is not set")
        return environment[name]
    if kind == "file":
        return _from_file(home / Path(name).expanduser())
    raise Unresolved(f"`{kind}` is no source of secrets; use env or file")


def _from_file(path: Path) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise Unresolved(f"{path} can be read by others (mode {mode:o}); say `chmod 600 {path}`")
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise Unresolved(f"there is no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unresolved(f"{path} cannot be read: {error}") from None
