"""Accounts that are merged, as a person or SOAP does it: REST has no way to."""

from __future__ import annotations

from collections.abc import Sequence

from connector.sandbox.salesforce.organisation import Organisation

# What leads to an account. Source: Salesforce, SOAP API Developer Guide, "merge()": the master becomes the new parent of the
# related records of its victims, which are deleted; `MasterRecordId` then names the master (Object Reference, Account).
_CHILDREN = (
    ("Opportunity", ("AccountId",)),
    ("Contact", ("AccountId",)),
    ("Account", ("ParentId",)),
    ("Task", ("WhatId", "AccountId")),
    ("Event", ("WhatId", "AccountId")),
)


def merge(org: Organisation, master: str, victims: Sequence[str], *, stamps: bool) -> None:
    """One account is left of several. `stamps`: whether those that belong to it move their stamps, which nobody documents."""
    at = org.stamp
    account = org.schema.objects["Account"]
    for victim in victims:
        for name, fields in _CHILDREN:
            for each in fields:
                moved = f", \"SystemModstamp\" = '{at}'" if stamps else ""
                sql = f'UPDATE "{name}" SET "{each}" = ?{moved} WHERE "{each}" = ? AND "Id" <> ?'
                org.database.run(sql, (master, victim, master))
        gone = {"IsDeleted": 1, "MasterRecordId": master, "LastModifiedDate": at, "SystemModstamp": at}
        org.database.update(account, victim, gone)
    org.database.run('UPDATE "Account" SET "ParentId" = NULL WHERE "Id" = "ParentId"')
    org.database.update(account, master, {"LastModifiedDate": at, "SystemModstamp": at})
