"""A task that is about a deal is found on it in the end, whatever happens between writing and linking."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connector.flow.write_back import Written, write_back
from connector.model.changes import Change, Row
from connector.sandbox.wire import Request, Response, Service
from connector.service.wiring import house
from connector.store import outbox, streams, wishes
from connector.store.entries import Terms
from tests.faults.points import Killed
from tests.faults.village import Village
from tests.faults.wire import Lost

UPSERT, LINK = "/tasks/batch/upsert", "/tasks/deals/batch/create"
Trouble = Callable[[Service, Request], Response]
pytestmark = pytest.mark.xdist_group("linked")


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Village:
    return Village.made(tmp_path_factory.mktemp("linked") / "village", people=6, deals=20, activities=20)


def calm(service: Service, request: Request) -> Response:
    return service.answer(request)


def lost_answer(service: Service, request: Request) -> Response:
    service.answer(request)
    raise Lost("after its effect")


def busy(_service: Service, _request: Request) -> Response:
    return Response(503, {"Content-Type": "application/json"}, b'{"status":"error","message":"busy"}')


def death(_service: Service, _request: Request) -> Response:
    raise Killed


def delivered(village: Village, where: str, trouble: Trouble) -> tuple[list[str], Written | None]:
    """What leaves for tasks in one delivery, and its report; None: the process died."""
    left: list[str] = []

    def exchange(_host: str, service: Service, request: Request) -> Response:
        left.extend(each for each in (UPSERT, LINK) if request.path.endswith(each))
        return trouble(service, request) if request.path.endswith(where) else service.answer(request)

    village.exchange = exchange
    with village.wired(), house(village.config, world=village.time.world) as ready:
        with ready.store.writing() as tx:
            epoch = streams.take(tx, "smb")
        try:
            return left, write_back(ready, ready.crms["smb"], epoch, "run")
        except Killed:
            return left, None
        finally:
            village.time.sleep(3700)  # beyond every wait of the outbox and the circuit
            village.exchange = lambda _host, service, request: service.answer(request)


@pytest.mark.parametrize(
    ("where", "trouble"), [("nowhere", calm), (UPSERT, lost_answer), (LINK, busy), (LINK, death), (LINK, lost_answer)]
)
def test_every_alert_that_is_acknowledged_is_linked_and_told_once(
    village: Village, where: str, trouble: Trouble, request: pytest.FixtureRequest
) -> None:
    deal, key = village.objects("deals", "dealname")[0]["id"], request.node.name
    fields = {"hs_task_subject": "Look", "hs_timestamp": "2026-11-26T09:00:00Z"}
    alert = Change(Row("smb", "tasks", "attain_alert_key", key), fields, links={"deals": deal}, once=True)
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.writing() as tx:
        wishes.enqueue(tx, [alert], "run", village.time.now(), Terms(approval="a human"))
    delivered(village, where, trouble)
    for task in village.objects("tasks", "attain_alert_key"):
        if task["properties"].get("attain_alert_key") == key:
            village.edit(f"tasks/{task['id']}", {"hs_task_status": "COMPLETED"})
    left, report = delivered(village, "nowhere", calm)
    assert report is not None
    assert UPSERT not in left  # a rep completed it: only the link may still be made
    assert village.linked()[key]["deals"] == [deal]
    assert village.told()[key] == 1
    assert delivered(village, "nowhere", calm)[0] == []
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        assert outbox.open_entries(tx, "smb") == []
