"""Every story is told twice: once with a file to remember by, once with a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories import stores


@pytest.fixture(scope="module", params=stores.KINDS, autouse=True)
def kind_of_store(request: pytest.FixtureRequest) -> Iterator[str]:
    """Installations of this module are made on this kind of store."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    with stores.told_on(server):
        yield request.param
