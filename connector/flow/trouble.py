"""One connection's trouble is its own: it is noted, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from connector.errors import ConnectorError, CrmDenied, CrmUnavailable, SchemaDrifted

T = TypeVar("T")


def unless_in_trouble(troubles: list[ConnectorError], work: Callable[[], T]) -> T | None:
    """What came of one connection's part; None: its CRM denies it, or is not available, which is added to `troubles`."""
    try:
        return work()
    except (CrmDenied, CrmUnavailable, SchemaDrifted) as trouble:
        troubles.append(trouble)
        return None


def gravest(troubles: Iterable[ConnectorError | None]) -> int:
    """The exit code of the gravest trouble; 0 without any."""
    return min((each.exit_code for each in troubles if each is not None), default=0)
