"""Two threads read rules at once: the runner, and whoever asks it something."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from connector.errors import Place
from connector.language import read
from connector.model.catalogue import DEALS

TEXT = "(count_if(outcome = 'won' and stage in ('a', 'b', 'c')) + count_if(probability > 40%)) / count()"
PLACE = Place("rules/metrics.yaml", 1)


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns far more often than usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_threads_do_not_read_into_each_others_expressions(hasty: None) -> None:
    def many(_: int) -> set[str]:
        found = [read.measure(TEXT, DEALS, "EUR", lambda at: replace(PLACE, column=at + 1)) for _ in range(50)]
        return {repr(each.tree) for each in found}

    with ThreadPoolExecutor(4) as threads:
        trees = set.union(*threads.map(many, range(4)))
    assert len(trees) == 1
