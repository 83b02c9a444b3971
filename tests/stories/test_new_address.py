"""Somebody's e-mail address changes, and with it nothing else."""

from __future__ import annotations

import pytest

from connector.service import wiring
from connector.store import closings
from tests.cli.attain import Attain
from tests.faults.village import Village

pytestmark = pytest.mark.xdist_group("new address")


def test_who_has_a_new_address_is_told_nothing_twice_has_no_second_rows_and_no_true_ups(
    village: Village, attain: Attain
) -> None:
    village.cycle()
    assert attain("lock", "2026-Q3", "--by", "me").code == 0
    village.time.sleep(3600)
    village.cycle()
    for each in village.soql("SELECT Id FROM Task WHERE Attain_Key__c != null"):
        village.edit(f"Task/{each['Id']}", {"Status": "Completed"})
    won = "SELECT OwnerId FROM Opportunity WHERE IsWon = true AND CloseDate >= 2026-07-01 AND CloseDate <= 2026-09-30"
    sellers = {each["OwnerId"] for each in village.soql(won)}  # whose credits are locked
    assert sellers
    shown = village.shown()
    for seller in sorted(sellers):
        [known] = village.soql(f"SELECT Email FROM User WHERE Id = '{seller}'")
        village.edit(f"User/{seller}", {"Email": known["Email"].replace("@", "@new.")})
    village.time.sleep(3600)
    report = village.cycle()
    assert {each.connection: each.sent for each in report.written} == {"emea": 0, "smb": 0}
    assert village.shown() == shown
    with wiring.house(village.config, connect=False) as house, house.store.reading() as tx:
        assert closings.true_ups(tx) == []
    # Quotas and absences still say the old address.
    assert report.appraised is not None
    assert report.appraised.appraisal.problems == ()
