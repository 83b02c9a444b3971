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


def test_the_doctor_tells_of_logins_in_use_that_have_one_address(village: Village, attain: Attain) -> None:
    logins = village.soql("SELECT Id, Email FROM User WHERE IsActive = true AND UserType = 'Standard' ORDER BY Id")
    first, second, third = logins[3:6]  # who work in Salesforce alone
    village.edit(f"User/{second['Id']}", {"Email": first["Email"]})
    village.time.sleep(3600)
    village.cycle()
    with village.wired():
        told = attain("doctor").out
    pair = f"emea:User/{first['Id']}, emea:User/{second['Id']}: one e-mail address, and all in use"
    assert (pair in told, told.count("one e-mail address")) == (True, 1)
    # The third is known already as somebody else.
    village.edit(f"User/{second['Id']}", {"IsActive": False})
    village.edit(f"User/{third['Id']}", {"Email": first["Email"]})
    village.time.sleep(3600)
    village.cycle()
    with village.wired():
        told = attain("doctor").out
    pair = f"emea:User/{first['Id']}, emea:User/{third['Id']}: one e-mail address, and 2 people"
    assert (pair in told, told.count("one e-mail address")) == (True, 1)
