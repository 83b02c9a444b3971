"""How connections are doing, kept through a restart."""

from __future__ import annotations

from datetime import timedelta

from connector.store import jobs
from connector.store.database import Store
from connector.store.doing import Doing
from connector.transport.circuit import Circuit
from tests.store.made import MONDAY, TODAY, TUESDAY


def test_a_circuit_comes_back_as_it_was_kept(store: Store) -> None:
    doing = Doing(store)
    assert doing.circuit("emea") == Circuit()
    kept = Circuit(7, "..xx", MONDAY, timedelta(minutes=4), "HTTP 503")
    doing.keep_circuit("emea", kept)
    assert (Doing(store).circuit("emea"), doing.circuit("smb")) == (kept, Circuit())
    doing.keep_circuit("emea", Circuit())
    assert Doing(store).circuit("emea") == Circuit()


def test_calls_add_up_by_connection_and_day(store: Store) -> None:
    doing = Doing(store)
    assert [doing.add_calls("emea", TODAY, 20) for _ in range(3)] == [20, 40, 60]
    assert doing.add_calls("smb", TODAY, 5) == 5
    assert doing.add_calls("emea", TODAY + timedelta(days=1), 1) == 1


def test_a_job_is_due_until_it_is_finished_and_then_in_the_next_bucket(store: Store) -> None:
    with store.writing() as tx:
        assert jobs.is_due(tx, "sweep emea", "2026-W48")
        jobs.begin(tx, "sweep emea", "2026-W48", MONDAY)
        assert jobs.is_due(tx, "sweep emea", "2026-W48")  # it died in the middle
        jobs.begin(tx, "sweep emea", "2026-W48", TUESDAY)
        jobs.finish(tx, "sweep emea", "2026-W48", TUESDAY)
        assert not jobs.is_due(tx, "sweep emea", "2026-W48")
        assert jobs.is_due(tx, "sweep emea", "2026-W49")
        assert jobs.is_due(tx, "sweep smb", "2026-W48")
