"""A part of `make stories`: 5,000 deals, changed 3,000 times while they are read."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest

from connector.crm.hubspot import history, objects
from connector.flow import pull
from connector.ports import Page
from tests.stories.busy import FEWEST_REQUESTS, MORE, at_work

pytestmark = pytest.mark.xdist_group("busy")


@pytest.fixture(scope="module", autouse=True)
def kind_of_store() -> str:
    """One kind of store is enough for what the windows bring."""
    return "sqlite"


@pytest.mark.parametrize(("deals", "edits", "fewest"), [(5_000, 3_000, 1_000), (1_000, 1_000, 10_000)])
def test_at_rest_the_store_is_what_both_crms_show(tmp_path: Path, deals: int, edits: int, fewest: int) -> None:
    """With the first pull as a job, and by queries."""
    told = at_work(tmp_path / "village", deals=deals, edits=edits, fewest=fewest)
    assert told.differing == []
    assert sum(told.edits.values()) >= edits
    assert min(told.calls.asked.values()) > FEWEST_REQUESTS
    assert told.calls.more("hubspot") <= MORE, str(told.calls)
    assert told.calls.more("salesforce") <= MORE, str(told.calls)
    assert {
        "salesforce edit",
        "salesforce create",
        "salesforce delete",
        "salesforce stamp",
        "hubspot edit",
    } <= told.edits.keys()


def test_it_would_be_seen_if_a_page_were_forgotten(tmp_path: Path) -> None:
    plain = pull._Pull._commit
    pages = iter(range(10_000))  # those that another one follows

    def forgetful(self: pull._Pull, page: Page, *rest: object) -> None:
        if page.last or next(pages) % 3:
            plain(self, page, *rest)  # type: ignore[arg-type]

    with mock.patch.object(pull._Pull, "_commit", forgetful):
        assert at_work(tmp_path / "village", deals=1_500, edits=300).differing


def test_it_would_be_seen_if_more_were_asked_than_needed(tmp_path: Path) -> None:
    with mock.patch.object(objects, "LINKS_BATCH", 200), mock.patch.object(history, "BATCH_WITH_HISTORY", 10):
        told = at_work(tmp_path / "village", deals=1_500, edits=600)
    assert told.differing == []
    assert told.calls.more("hubspot") > MORE
