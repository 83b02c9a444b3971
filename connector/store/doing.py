"""How connections are doing: what the transport wants to know after the process has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from connector.store import tables
from connector.store.database import Store
from connector.store.upsert import insert_into
from connector.transport.circuit import Circuit


@dataclass(frozen=True, slots=True)
class Doing:
    """The transport's memory, in the store."""

    store: Store

    def circuit(self, connection: str) -> Circuit:
        """As it was kept; a closed one where nothing was."""
        c = tables.circuits.c
        chosen = select(c.in_a_row, c.recent, c.probe_at, c.wait, c.reason).where(c.connection == connection)
        with self.store.reading() as tx:
            row = tx.execute(chosen).first()
        if row is None:
            return Circuit()
        return Circuit(row.in_a_row, row.recent, row.probe_at, timedelta(seconds=row.wait), row.reason)

    def keep_circuit(self, connection: str, circuit: Circuit) -> None:
        """Keep it, in a transaction of its own: it is true whatever becomes of the cycle."""
        said = {
            "in_a_row": circuit.in_a_row,
            "recent": circuit.recent,
            "probe_at": circuit.probe_at,
            "wait": int(circuit.wait.total_seconds()),
            "reason": circuit.reason,
        }
        with self.store.writing() as tx:
            insert = insert_into(tx, tables.circuits).values(connection=connection, **said)
            tx.execute(insert.on_conflict_do_update(index_elements=["connection"], set_=said))

    def add_calls(self, connection: str, day: date, calls: int) -> int:
        """Note calls before they are made; returns ours of that day."""
        c = tables.calls.c
        with self.store.writing() as tx:
            insert = insert_into(tx, tables.calls).values(connection=connection, day=day, made=calls)
            again = insert.on_conflict_do_update(index_elements=["connection", "day"], set_={"made": c.made + calls})
            return int(tx.execute(again.returning(c.made)).scalar_one())
