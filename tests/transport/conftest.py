"""The clock of these tests."""

from __future__ import annotations

import pytest

from tests.transport.test_patience import Time


@pytest.fixture
def time() -> Time:
    return Time()
