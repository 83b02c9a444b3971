"""Territories: who sits in which, and which accounts lie there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.sandbox.salesforce.database import Stored
from connector.sandbox.salesforce.organisation import Organisation

USERS, ACCOUNTS = "UserTerritory2Association", "ObjectTerritory2Association"


def seat(org: Organisation, territories: Mapping[str, Sequence[str]]) -> None:
    """Users by id; whoever is not named any more has left theirs, without a trace."""
    known = _territories(org, territories)
    org.database.run(f'DELETE FROM "{USERS}"')
    for user, names in territories.items():
        for name in names:
            row = {"UserId": user, "Territory2Id": known[name], "IsActive": 1, **_changed(org)}
            org.database.insert(org.schema.objects[USERS], row)


def lie(org: Organisation, territories: Mapping[str, Sequence[str]]) -> None:
    """Accounts by id, assigned by a rule."""
    known = _territories(org, territories)
    for account, names in territories.items():
        for name in names:
            row = {
                "ObjectId": account,
                "SobjectType": "Account",
                "Territory2Id": known[name],
                "AssociationCause": "Territory2AssignmentRule",
                "IsDeleted": 0,
                **_changed(org),
            }
            org.database.insert(org.schema.objects[ACCOUNTS], row)


def _territories(org: Organisation, wanted: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Name → id of every territory in force, those that are wanted made where they are missing."""
    org.switch_on_territories()
    model = _model(org)
    sql = 'SELECT "Name", "Id" FROM "Territory2" WHERE "Territory2ModelId" = ?'
    known: dict[str, str] = dict(org.database.run(sql, (model,)).fetchall())
    for name in (each for names in wanted.values() for each in names):
        if name not in known:
            row = {"Name": name, "DeveloperName": name.replace(" ", "_"), "Territory2ModelId": model}
            known[name] = org.database.insert(org.schema.objects["Territory2"], row | org.audit(org.integration_user))
    return known


def _model(org: Organisation) -> str:
    """The one model that is in force."""
    found = org.database.run('SELECT "Id" FROM "Territory2Model" WHERE "State" = \'Active\'').fetchone()
    if found:
        return str(found[0])
    row = {"Name": "Today", "DeveloperName": "Today", "State": "Active"}
    return org.database.insert(org.schema.objects["Territory2Model"], row | org.audit(org.integration_user))


def _changed(org: Organisation) -> Stored:
    """Associations know who changed them last, and not who made them."""
    stamps = org.audit(org.integration_user)
    return {name: stamps[name] for name in ("LastModifiedDate", "LastModifiedById", "SystemModstamp")}
