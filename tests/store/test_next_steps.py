"""Of a next step a mark is kept: texts of earlier versions leave the rows, the file and the mirror."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, update

from connector.store import tables
from connector.store.database import Store, open_store
from connector.store.next_steps import forget_texts
from tests.store.made import deal
from tests.store.mirrored import Mirrored

TEXT = "call Klaus about his divorce, "


def said_by_an_earlier_version(store: Store) -> None:
    """Texts, as it kept them, in a store without any mark."""
    d = tables.deals
    with store.writing() as tx:
        for (ref,) in tx.execute(select(d.c.ref).where(d.c.next_step.is_not(None))).all():
            tx.execute(update(d).where(d.c.ref == ref).values(next_step=TEXT * 8))


def steps(store: Store) -> list[str | None]:
    with store.reading() as tx:
        return list(tx.execute(select(tables.deals.c.next_step).order_by(tables.deals.c.ref)).scalars())


def test_texts_become_marks_once_and_are_seen_as_there_before_that(mirrored: Mirrored) -> None:
    store = mirrored.store
    mirrored.save(deal("d1", next_step=True), deal("d2"), deal("d3", next_step=True))
    said_by_an_earlier_version(store)
    assert mirrored.look("select ref, next_step from deals order by ref") == [
        ("emea:Opportunity/d1", True),
        ("emea:Opportunity/d2", None),
        ("emea:Opportunity/d3", True),
    ]
    assert b"Klaus" not in mirrored.path.read_bytes(), "the mirror copies marks, whatever stands in the store"
    forget_texts(store)
    assert steps(store) == ["planned", None, "planned"]
    said_by_an_earlier_version(store)
    forget_texts(store)
    assert steps(store)[0] == TEXT * 8, "looked at once in a store's life, not in every cycle"


def test_nothing_of_them_is_left_in_the_file(tmp_path: Path) -> None:
    store = open_store(tmp_path / "attain.db")
    mirrored = Mirrored(store, tmp_path / "mirror.duckdb")
    mirrored.save(*(deal(f"d{at}", next_step=True) for at in range(400)))
    said_by_an_earlier_version(store)

    def held() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("attain.db*"))

    assert b"Klaus" in held()
    forget_texts(store)
    assert b"Klaus" not in held()
    store.close()
