"""HubSpot with people's numbers in an object of our own keeps the same promises about what is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connector.flow.house import House
from connector.model.changes import Change
from connector.ports import Crm
from connector.sandbox.company import generate
from tests.contracts import test_crm as promises
from tests.stories.installed import Installation, installation
from tests.stories.test_rep_rows import OBJECT
from tests.switching import switch_to_rows

pytestmark = pytest.mark.xdist_group("crm contract of rows")

changes = promises.changes
house = promises.house
test_one_receipt_per_change_in_order_and_again = promises.test_one_receipt_per_change_in_order_and_again
test_one_bad_record_is_a_refused_receipt_and_harms_nobody = (
    promises.test_one_bad_record_is_a_refused_receipt_and_harms_nobody
)
test_what_was_written_is_found_by_its_key_and_shows_what_was_sent = (
    promises.test_what_was_written_is_found_by_its_key_and_shows_what_was_sent
)
test_an_unknown_key_is_absent_and_no_error = promises.test_an_unknown_key_is_absent_and_no_error
test_a_second_install_finds_everything = promises.test_a_second_install_finds_everything
test_the_doctor_finds_no_error_in_a_good_installation = promises.test_the_doctor_finds_no_error_in_a_good_installation


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("rows") / "company"
    generate(folder, people=16, deals=300, activities=300, seed=4, today=promises.TODAY)
    with installation(folder, datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        switch_to_rows(folder)
        found.town.hubspot.upgrade()
        found.install()
        yield found


@pytest.fixture
def crm(house: House) -> Crm:
    return house.crms["smb"]


def test_they_are_about_rows_of_ours(changes: list[Change]) -> None:
    assert OBJECT in {each.row.object for each in changes}
