"""Asking a CRM for what nothing hangs on: a permission that is missing for it stops nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connector.errors import CrmDenied


@contextmanager
def optional() -> Iterator[None]:
    """What is denied inside stays unknown. Raises CrmDenied where the login itself is refused."""
    try:
        yield
    except CrmDenied as denied:
        if denied.login:
            raise
