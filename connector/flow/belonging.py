"""A store belongs to the organisations that it was read from.

Cursors, what was read and what was approved go by the connection's name. Behind another login of the same name, of a trial
org's and then of the real one's, they would be somebody else's: records of one company, written into another's CRM.
"""

from __future__ import annotations

from collections.abc import Iterable

from connector.errors import AnotherOrganisation, CrmUnavailable, Place, Problem
from connector.flow.house import House
from connector.ports import Crm
from connector.store import organisations


def make_sure(house: House, crm: Crm) -> None:
    """Raise AnotherOrganisation where a connection leads elsewhere than this store was read from.

    Raises CrmUnavailable or CrmDenied where the CRM does not say who it is; a store that belongs to nobody yet stays so then.
    """
    with house.store.reading() as tx:
        known = organisations.of(tx, crm.name)
    found = crm.organisation()
    if known is not None and not found:
        raise CrmUnavailable(crm.name, f"it does not say which account it is, and this store was read from {known}")
    if known not in (None, found):
        where = house.store.path or house.store.url
        text = f"this login leads to {found}, and {where} was read from {known}"
        cure = f"log in to {known} again, or name another `store:` for {found}; nothing was read or written"
        raise AnotherOrganisation([Problem(Place(f"connections.{crm.name}"), "another-organisation", text, cure)])


def take_over(house: House, crms: Iterable[Crm]) -> None:
    """Those that this store was never read from, as far as anybody noted, are the ones that it belongs to from now on."""
    with house.store.reading() as tx:
        new = [each for each in crms if organisations.of(tx, each.name) is None]
    if new:
        with house.store.writing() as tx:
            for each in new:
                if found := each.organisation():
                    organisations.keep(tx, each.name, found, house.world.now())
