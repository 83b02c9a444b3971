"""A cycle may be killed anywhere and started again: nothing is lost, and nobody is told twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.errors import Fenced
from connector.flow import appraise, plans, write_back
from connector.flow.cycle import run_cycle
from connector.flow.house import House
from connector.model.changes import Change, Receipt
from connector.ports import Crm
from connector.sandbox.company import generate
from connector.service.wiring import house as open_house
from connector.store import outbox, records, results
from tests.faults.village import Village
from tests.stories.installed import Installation, installation

TODAY = date(2026, 11, 25)
pytestmark = pytest.mark.xdist_group("killed")


class Killed(BaseException):
    """The process is gone; nothing above catches it."""


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    generate(folder, people=16, deals=300, activities=600, seed=2, today=TODAY)
    with installation(folder, datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        found.install()
        yield found


def killed_when(house: House, connection: str, at: int, after: bool, patch: pytest.MonkeyPatch) -> None:
    """Let the process die in the middle of the n-th write to a CRM, before or after it took effect.

    A dead process settles nothing either: what it had claimed stays as it is.
    """
    crm = house.crms[connection]
    plain = crm.write
    count = 0

    def dead(*_: Any) -> None:
        raise Killed

    def dying(changes: Sequence[Change]) -> list[Receipt]:
        nonlocal count
        count += 1
        if count < at:
            return plain(changes)
        patch.setattr(outbox, "settle", dead)
        if after:
            plain(changes)
        raise Killed

    patch.setattr(crm, "write", dying)


def tasks(found: Installation) -> tuple[int, int]:
    """Alerts in both CRMs."""
    rows = found.salesforce("SELECT Id FROM Task WHERE Attain_Key__c != null")
    keyed = [each for each in found.hubspot("tasks", ["attain_alert_key"]) if each["properties"]["attain_alert_key"]]
    return len(rows), len(keyed)


def state(found: Installation) -> tuple[dict[tuple[str, str], int], int, tuple[int, int]]:
    rows = len(found.salesforce("SELECT Id FROM Attain_Attainment__c"))
    with found.house() as house, house.store.reading() as tx:
        return dict(records.counts(tx)), rows, tasks(found)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with installed(tmp_path_factory.mktemp("undisturbed") / "company") as found:
        found.sync()
        yield state(found)


@pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after the effect"])
@pytest.mark.parametrize(("connection", "at"), [("emea", 1), ("emea", 3), ("smb", 1)])
def test_killed_while_writing(
    tmp_path: Path, undisturbed: Any, monkeypatch: pytest.MonkeyPatch, connection: str, at: int, after: bool
) -> None:
    monkeypatch.setattr(write_back, "BATCH", 10)  # several claims, so that one can die between two
    with installed(tmp_path / "company") as found:
        with found.house() as house, monkeypatch.context() as patch:
            killed_when(house, connection, at, after, patch)
            with pytest.raises(Killed):
                run_cycle(house)
        found.time.sleep(60)
        second = found.sync()
        assert second.troubles == []
        found.time.sleep(60)
        third = found.sync()
        assert sum(each.sent for each in third.written) == 0
        assert state(found) == undisturbed
        with found.house() as house, house.store.reading() as tx:
            assert all(not outbox.open_entries(tx, name) for name in house.crms)


class Dying:
    """Pages of one source, with death between two of them."""

    def __init__(self, crm: Crm, pages: int) -> None:
        self._plain, self._left = crm.changed, pages

    def __call__(self, *given: Any) -> Iterator[Any]:
        for page in self._plain(*given):
            if self._left == 0:
                raise Killed
            self._left -= 1
            yield page


@pytest.mark.parametrize("pages", [0, 1, 4, 8])
@pytest.mark.parametrize("connection", ["emea", "smb"])
def test_killed_while_pulling(
    tmp_path: Path, undisturbed: Any, monkeypatch: pytest.MonkeyPatch, connection: str, pages: int
) -> None:
    with installed(tmp_path / "company") as found:
        with found.house() as house, monkeypatch.context() as patch:
            crm = house.crms[connection]
            patch.setattr(crm, "changed", Dying(crm, pages))
            with pytest.raises(Killed):
                run_cycle(house)
        found.time.sleep(60)
        assert found.sync().troubles == []
        assert state(found) == undisturbed


def test_whoever_was_replaced_with_a_day_worked_out_keeps_none_of_it(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "SELECT Id FROM Task WHERE Attain_Key__c != null"
    worked_out = plans.plans_for
    kept = list[tuple[object, ...]]()

    def all_that_is_kept(found: House) -> tuple[object, ...]:
        with found.store.reading() as tx:
            waiting = [each.change.row for name in ("emea", "smb") for each in outbox.open_entries(tx, name)]
            return results.scores(tx), results.alerts(tx), waiting

    def overtaken(*given: Any) -> Any:
        """Meanwhile everybody wins a deal that makes up for all, and another process does a whole cycle."""
        monkeypatch.setattr(appraise, "plans_for", worked_out)
        found = worked_out(*given)
        deals = {each["OwnerId"]: each["Id"] for each in village.soql("SELECT Id, OwnerId FROM Opportunity")}
        for deal in deals.values():
            won = {"Amount": 9_999_999, "CloseDate": "2026-11-20", "StageName": "Closed Won"}
            village.edit(f"Opportunity/{deal}", won)
        village.time.sleep(1_800)
        with open_house(village.config, world=village.time.world) as other:
            assert run_cycle(other, locked=True).troubles == []
            kept.append(all_that_is_kept(other))
        return found

    monkeypatch.setattr(appraise, "plans_for", overtaken)
    with village.wired(), open_house(village.config, world=village.time.world) as first:
        with pytest.raises(Fenced, match="took over"):
            run_cycle(first, locked=True)
        assert all_that_is_kept(first) == kept[0]
    village.time.sleep(900)
    village.cycle()
    assert village.soql(told) == []  # nobody is behind by now


def test_a_deleted_alert_does_not_come_back(tmp_path: Path) -> None:
    with installed(tmp_path / "company") as found:
        found.sync()
        before = tasks(found)
        assert sum(before) > 0
        for row in found.salesforce("SELECT Id FROM Task WHERE Attain_Key__c != null"):
            found.salesforce_delete(f"Task/{row['Id']}")
        found.time.sleep(3600)
        found.sync()
        assert tasks(found) == (0, before[1])


def written(receipts: Sequence[Receipt]) -> list[str]:
    return [str(each.settled) for each in receipts]


def test_writing_may_be_repeated(tmp_path: Path) -> None:
    with installed(tmp_path / "company") as found:
        sent: list[Sequence[Change]] = []
        with found.house() as house:
            for crm in house.crms.values():
                plain = crm.write
                crm.write = lambda changes, plain=plain: sent.append(changes) or plain(changes)  # type: ignore[method-assign, misc, func-returns-value]
            run_cycle(house)
        before = state(found)
        with found.house() as house:
            for changes in sent:
                crm = house.crms[changes[0].row.connection]
                assert set(written(crm.write(changes))) == {"written"}
        assert state(found) == before
