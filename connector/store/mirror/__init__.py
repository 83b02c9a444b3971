"""The mirror: a columnar copy of the facts, disposable, by which everybody is measured at once."""

from connector.store.mirror.bring_up import refresh
from connector.store.mirror.file import open_mirror, publish

__all__ = ["open_mirror", "publish", "refresh"]
