"""Network disks are told from those of this machine, and no store is laid onto one."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.store import database
from connector.store.database import open_store
from connector.store.disks import network_kind

# As Linux writes /proc/self/mounts: what, where (blanks as \\040), kind, options.
MOUNTED = """\
/dev/sda1 / ext4 rw,relatime 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
/dev/sdb1 /home/local ext4 rw 0 0
//files/sales /mnt/our\\040files cifs rw 0 0
server:/old /srv nfs rw 0 0
/dev/sdc1 /srv xfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/attain/attain.db", None),
        ("/home/ana/attain.db", "nfs4"),
        ("/home/local/attain.db", None),
        ("/homes/attain.db", None),
        ("/mnt/our files/attain.db", "cifs"),
        ("/srv/attain.db", None),
    ],
)
def test_a_file_lies_on_what_is_mounted_nearest_above_it(tmp_path: Path, path: str, kind: str | None) -> None:
    (tmp_path / "mounts").write_text(MOUNTED)
    assert network_kind(Path(path), tmp_path / "mounts") == kind


def test_where_mounts_are_not_told_nothing_is_refused(tmp_path: Path) -> None:
    assert network_kind(Path("/home/ana/attain.db"), tmp_path / "none") is None


def test_no_store_is_laid_onto_a_network_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "network_kind", lambda _: "nfs4")
    with pytest.raises(ConfigError, match=r"network disk \(nfs4\)"):
        open_store(tmp_path / "attain.db")
    assert list(tmp_path.iterdir()) == []
