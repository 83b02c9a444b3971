"""What people write as a deal's next step is read, and kept nowhere."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from connector.service import wiring
from connector.store.tables import counters, deals
from tests.faults.village import Village


def kept(village: Village) -> bytes:
    """Everything that lies in the village's folder of the store and its mirror."""
    return b"".join(path.read_bytes() for path in village.folder.glob("attain.*db*"))


def marks(village: Village) -> set[str]:
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        return set(tx.execute(select(deals.c.next_step).where(deals.c.next_step.is_not(None))).scalars())


def test_a_next_step_is_a_mark_from_the_door_on_and_texts_of_before_go_with_the_next_cycle(village: Village) -> None:
    opportunity = village.soql("SELECT Id FROM Opportunity WHERE IsClosed = false")[0]["Id"]
    deal = village.objects("deals", "dealname")[0]["id"]
    village.edit(f"Opportunity/{opportunity}", {"NextStep": "ask about her divorce"})
    village.edit(f"deals/{deal}", {"hs_next_step": "ask about her divorce"})
    village.time.sleep(3600)
    village.cycle()
    assert (marks(village), b"divorce" in kept(village)) == ({"planned"}, False)
    with (
        wiring.house(village.config, world=village.time.world, connect=False) as house,
        house.store.writing() as tx,
    ):  # as an earlier version left it
        tx.execute(update(deals).where(deals.c.next_step.is_not(None)).values(next_step="ask about her divorce"))
        tx.execute(delete(counters).where(counters.c.name == "next steps"))
    assert marks(village) == {"ask about her divorce"}
    village.time.sleep(3600)
    assert village.cycle().notes == []
    assert (marks(village), b"divorce" in kept(village)) == ({"planned"}, False)
