"""What has no day of its own is kept no longer than the rest."""

from __future__ import annotations

from sqlalchemy import select

from connector.flow.chores import chores
from connector.flow.house import House
from connector.flow.keep import read_again
from connector.model.records import RecordKind
from connector.ports import Source
from connector.service import wiring
from connector.store.tables import activities
from tests.cli.attain import Attain
from tests.faults.village import Village

TASKS = Source(RecordKind.ACTIVITY, "Task")


def test_a_task_that_is_due_at_no_time_leaves_when_nobody_touched_it_for_so_long(
    village: Village, attain: Attain
) -> None:
    village.cycle()
    somebody = village.soql("SELECT Id FROM User WHERE IsActive = true")[0]["Id"]
    made = village.edit("Task", {"Subject": "x", "Status": "Not Started", "OwnerId": somebody}, method="POST")
    ref = f"emea:Task/{made['id']}"
    village.time.sleep(3600)
    village.cycle()
    attain.edit("config.yaml", "  ranks: on ", "  keep: {activities: 1 month}\n  ranks: on ")

    def is_there(house: House) -> bool:
        with house.store.reading() as tx:
            alive = select(activities.c.happened_on).where(activities.c.ref == ref, activities.c.deleted_at.is_(None))
            days = tx.execute(alive).scalars().all()
        assert days in ([], [None])
        return bool(days)

    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        chores(house, house.today())
        assert is_there(house)
        village.time.sleep(40 * 24 * 3600)
        chores(house, house.today())
        assert not is_there(house)
        read_again(house, house.crms["emea"], TASKS, [made["id"]], house.today())
        assert not is_there(house), "what would be thrown away is not kept in the first place"
        village.edit(f"Task/{made['id']}", {"Status": "In Progress"})
        village.time.sleep(3600)
        read_again(house, house.crms["emea"], TASKS, [made["id"]], house.today())
        assert is_there(house), "somebody touched it"
