from __future__ import annotations

from connector.store import organisations
from connector.store.database import Store, open_store
from tests.store.made import MONDAY
from tests.store.test_upgrade import store_of


def test_each_connection_belongs_to_one(store: Store) -> None:
    with store.writing() as tx:
        assert organisations.of(tx, "emea") is None
        organisations.keep(tx, "emea", "00D000000000001", MONDAY)
        assert (organisations.of(tx, "emea"), organisations.of(tx, "smb")) == ("00D000000000001", None)


def test_a_store_of_before_belongs_to_nobody_yet(bare: str) -> None:
    store_of("0013", bare)
    opened = open_store(bare)
    with opened.reading() as tx:
        assert organisations.of(tx, "emea") is None
    opened.close()
