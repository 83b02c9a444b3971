"""Of a deal's next step it is kept whether there is one; the texts that earlier versions kept are taken out."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from connector.store import tables
from connector.store.database import Store
from connector.store.rows import PLANNED
from connector.store.upsert import counter, raised

_STEPS = "next steps"  # how far we came: 0 texts may stand in the store, 1 they may stand in its file, 2 they are gone
_GONE = 2


def forget_texts(store: Store) -> None:
    """Once in a store's life: marks instead of texts, and nothing of these left in its file.

    Raises StoreBusy where the file cannot be cleaned up now; the next call tries again.
    """
    with store.reading() as tx:
        if counter(tx, _STEPS) == _GONE:
            return
    with store.writing() as tx:
        if not counter(tx, _STEPS):
            raised(tx, _STEPS, by=1 if _marked(tx) else _GONE)
        if counter(tx, _STEPS) == _GONE:
            return
    store.compact()
    with store.writing() as tx:
        raised(tx, _STEPS)


def _marked(tx: Connection) -> bool:
    """Whether any text was replaced. No change is noted: the mirror copies marks, whatever stands there."""
    d = tables.deals.c
    texts = d.next_step.is_not(None) & (d.next_step != PLANNED)
    if tx.execute(select(d.ref).where(texts).limit(1)).first() is None:
        return False
    tx.execute(update(tables.deals).where(texts).values(next_step=PLANNED))
    return True
