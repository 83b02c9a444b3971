"""Which kind of disk a file lies on: SQLite's locks hold on one of this machine, and not across a network."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")  # Linux; elsewhere nothing is known, and nothing is refused
# Source: SQLite, "How To Corrupt An SQLite Database File", 2.1: locks are broken on many network file systems; and
# "Write-Ahead Logging": all processes must be on one machine, WAL does not work over a network.
NETWORK = frozenset({"nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "ncpfs", "fuse.sshfs"})
_OCTAL = re.compile(r"\\([0-7]{3})")


def network_kind(path: Path, mounts: Path = MOUNTS) -> str | None:
    """What a file's disk is called when it is reached over a network (`nfs4`); None where it is not, or nobody knows."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    kind, longest, whole = "", -1, path.resolve()
    for words in (line.split(" ") for line in lines):
        where = Path(_OCTAL.sub(lambda found: chr(int(found[1], 8)), words[1])) if len(words) > 2 else None
        # The last of several that are mounted at one place is the one that is seen.
        if where is not None and whole.is_relative_to(where) and len(where.parts) >= longest:
            kind, longest = words[2], len(where.parts)
    return kind if kind in NETWORK else None
