"""Rules as they are in a folder, or as they were in a git revision."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import ConfigError, Place, Problem


@contextmanager
def rules_folder(given: str, rules: Path) -> Iterator[Path]:
    """The folder that `given` names: a folder of rules, or a revision of the repository that `rules` lies in.

    A revision is laid out beside nothing of ours, and is gone afterwards. Raises ConfigError.
    """
    folder = Path(given)
    if folder.is_dir():
        yield folder / "rules" if (folder / "rules").is_dir() and not (folder / "metrics.yaml").exists() else folder
        return
    with tempfile.TemporaryDirectory(prefix="attain-rules-") as home:
        _unpack(_archived(given, rules), Path(home))
        yield Path(home)


def _archived(revision: str, rules: Path) -> bytes:
    """The folder of rules in a revision, as a tar file."""
    if revision.startswith("-"):
        raise _unknown(revision, "it is no folder, and no revision")
    command = ["git", "-C", str(rules), "archive", "--format=tar", revision, "."]
    try:
        ended = subprocess.run(command, capture_output=True, check=False, timeout=60)  # noqa: S603 - no shell, no option
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unknown(revision, f"it is no folder, and git cannot be asked: {error}") from None
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        raise _unknown(revision, f"it is no folder, and git says: {said[-1] if said else 'nothing'}")
    return ended.stdout


def _unpack(archive: bytes, home: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(home, filter="data")


def _unknown(given: str, text: str) -> ConfigError:
    hint = "name a folder of rules, or a revision of the repository that your rules are kept in"
    return ConfigError([Problem(Place(given), "no-rules", text, hint)])
