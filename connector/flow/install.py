"""What a connection must be able to hold, by its mapping and the metrics."""

from __future__ import annotations

from connector.decide.changes import wanted
from connector.flow.house import House
from connector.model.changes import Wanted
from connector.ports import Crm, Removal
from connector.store import ledger


def wanted_by(house: House, connection: str) -> Wanted:
    """The objects and fields that `install` creates and `doctor` looks for."""
    scorecards = {each.name: each for each in house.rules.scorecards}
    return wanted(house.rules.mappings[connection], house.rules.shown, scorecards)


def uninstall(house: House, crm: Crm) -> Removal:
    """Take our parts out of a CRM, and forget what they showed: a later install is written to anew.

    Alerts that were acknowledged stay known, so that none is told twice.
    """
    report = crm.uninstall(wanted_by(house, crm.name), check=False)
    alerts = house.rules.mappings[crm.name].write.alerts
    told = alerts.object if alerts else ""
    with house.store.writing() as tx:
        ledger.forget(tx, [row for row in ledger.shown(tx, crm.name) if row.object != told])
    return report
