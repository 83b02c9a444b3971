"""Every adapter keeps the promises of `ports.Crm`, over HTTP against its stand-in; a new one is found by its folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connector import crm as crm_room
from connector.errors import CrmDenied, CrmUnavailable
from connector.flow.appraise import plan_day
from connector.flow.house import House
from connector.flow.install import wanted_by
from connector.model.changes import Change, Settled
from connector.model.records import RecordKind
from connector.ports import Crm, Page, Severity, Source
from connector.sandbox.company import generate
from connector.sandbox.wire import Switches
from tests.stories.installed import Installation, installation

TODAY = date(2026, 11, 25)
CONNECTIONS = {"salesforce": "emea", "hubspot": "smb"}
pytestmark = pytest.mark.xdist_group("crm contract")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("contract") / "company"
    generate(folder, people=16, deals=900, activities=1200, seed=4, today=TODAY)
    with installation(folder, datetime(2026, 11, 25, 18, tzinfo=UTC)) as found:
        found.install()
        yield found


@pytest.fixture
def house(installed: Installation) -> Iterator[House]:
    with installed.house() as found:
        yield found


@pytest.fixture(params=sorted(crm_room.types()))
def crm(request: pytest.FixtureRequest, house: House) -> Crm:
    return house.crms[CONNECTIONS[request.param]]


def pages(crm: Crm, source: Source) -> list[Page]:
    return list(crm.changed(source, None))


def everything(crm: Crm) -> list[Page]:
    return [page for source in crm.sources() for page in crm.changed(source, None)]


def deals(crm: Crm) -> Source:
    return next(each for each in crm.sources() if each.kind is RecordKind.DEAL)


def test_every_login_to_an_account_names_the_same_organisation(crm: Crm, installed: Installation) -> None:
    with installed.house() as second:
        assert crm.organisation() == crm.organisation() == second.crms[crm.name].organisation() != ""


def test_users_come_before_what_they_own(crm: Crm) -> None:
    kinds = [each.kind for each in crm.sources()]
    assert kinds[0] is RecordKind.USER
    assert kinds.index(RecordKind.ACCOUNT) < kinds.index(RecordKind.DEAL) < kinds.index(RecordKind.ACTIVITY)


def test_the_last_page_of_every_source_says_how_far_it_reaches(crm: Crm) -> None:
    for source in crm.sources():
        found = pages(crm, source)
        assert [each.last for each in found] == [False] * (len(found) - 1) + [True], source
        assert found[-1].cursor.covered is not None, source
        assert found[-1].cursor.after == "", source


def test_no_record_comes_twice_in_one_read(crm: Crm) -> None:
    for source in crm.sources():
        refs = [raw.ref for page in pages(crm, source) for raw in page.records if not raw.deleted]
        assert len(refs) == len(set(refs)), source
        assert all(ref.connection == crm.name and ref.object == source.object for ref in refs), source


def test_a_read_goes_on_from_any_pages_cursor(crm: Crm) -> None:
    """Whoever dies after a page resumes behind it: with what was stored before, nothing is missing."""
    whole = {raw.ref for page in pages(crm, deals(crm)) for raw in page.records}
    before: set[object] = set()
    for page in pages(crm, deals(crm))[:-1]:
        before |= {raw.ref for raw in page.records}
        rest = {raw.ref for each in crm.changed(deals(crm), page.cursor) for raw in each.records}
        assert before | rest == whole


def test_a_quiet_crm_has_nothing_new_after_the_overlap(installed: Installation, crm: Crm) -> None:
    [*_, last] = pages(crm, deals(crm))
    installed.time.at += timedelta(hours=2)
    [*_, later] = crm.changed(deals(crm), last.cursor)
    installed.time.at += timedelta(hours=2)
    records = [raw for page in crm.changed(deals(crm), later.cursor) for raw in page.records if not raw.deleted]
    assert records == []


def changes_for(house: House, crm: Crm) -> list[Change]:
    plans = {each.connection: each for each in plan_day(house, TODAY)}
    return list(plans[crm.name].changes)


@pytest.fixture
def changes(installed: Installation, house: House, crm: Crm) -> list[Change]:
    installed.config.write_text(installed.config.read_text().replace("write: on", "write: off"))
    installed.sync()
    found = changes_for(house, crm)
    assert len(found) > 3
    return found


def test_one_receipt_per_change_in_order_and_again(crm: Crm, changes: list[Change]) -> None:
    for _ in range(2):
        receipts = crm.write(changes)
        assert [each.row for each in receipts] == [each.row for each in changes]
        assert {each.settled for each in receipts} == {Settled.WRITTEN}, {each.reason for each in receipts}
        assert all(each.remote_id for each in receipts)


def test_what_stands_may_be_linked_again_without_being_written(crm: Crm, changes: list[Change]) -> None:
    made = [(change, str(each.remote_id)) for change, each in zip(changes, crm.write(changes), strict=True)]
    for _ in range(2):
        receipts = crm.link(made)
        assert [(each.row, each.remote_id) for each in receipts] == [(change.row, id_) for change, id_ in made]
        assert {(each.settled, each.created, each.reason) for each in receipts} == {(Settled.WRITTEN, True, "")}


def test_one_bad_record_is_a_refused_receipt_and_harms_nobody(crm: Crm, changes: list[Change]) -> None:
    name = next(iter(changes[1].fields))
    bad = replace(changes[1], fields={**changes[1].fields, f"{name}_that_does_not_exist": "x"})
    receipts = crm.write([changes[0], bad, *changes[2:]])
    assert [each.settled for each in receipts][1] is Settled.REFUSED
    assert receipts[1].reason
    assert {each.settled for at, each in enumerate(receipts) if at != 1} == {Settled.WRITTEN}


def test_what_was_written_is_found_by_its_key_and_shows_what_was_sent(crm: Crm, changes: list[Change]) -> None:
    receipts = crm.write(changes)
    rows = [each.row for each in changes]
    found = crm.look_up(rows)
    assert found == {each.row: each.remote_id for each in receipts}
    for change in changes[:5]:
        shown = crm.current([change.row], list(change.fields))[change.row]
        assert {str(value) for value in shown.values() if value is not None}


def test_an_unknown_key_is_absent_and_no_error(crm: Crm, changes: list[Change]) -> None:
    stranger = replace(changes[0].row, key="999999999999" if changes[0].row.by_own_id else "f" * 32)
    assert crm.look_up([stranger]) == {}
    assert crm.current([stranger], list(changes[0].fields)) == {}


def test_a_second_install_finds_everything(house: House, crm: Crm) -> None:
    report = crm.install(wanted_by(house, crm.name), check=False)
    assert (report.created, report.missing) == ((), ())
    assert report.present


def test_the_doctor_finds_no_error_in_a_good_installation(house: House, crm: Crm) -> None:
    findings = crm.doctor(wanted_by(house, crm.name))
    assert [each for each in findings if each.severity is Severity.ERROR] == []
    assert any(each.subject == "login" and each.severity is Severity.OK for each in findings)


def test_volumes_count_what_a_first_pull_brings(crm: Crm) -> None:
    volumes = {each.source: each.records for each in crm.volumes()}
    for source in (deals(crm),):
        brought = sum(not raw.deleted for page in pages(crm, source) for raw in page.records)
        assert volumes[source] in range(brought, brought + 10)  # the bin may be counted, and is never scored


def test_every_record_has_an_address(crm: Crm) -> None:
    for source in crm.sources():
        for page in pages(crm, source)[:1]:
            for raw in page.records[:1]:
                assert crm.url(raw.ref).startswith("https://"), source


@pytest.mark.parametrize("fault", ["429", "503", "lost", "cut"])
@pytest.mark.parametrize("name", sorted(crm_room.types()))
def test_a_crm_that_never_answers_well_raises_what_was_promised(tmp_path: Path, name: str, fault: str) -> None:
    generate(tmp_path / "company", people=8, deals=20, activities=20, seed=4, today=TODAY)
    switches = Switches(seed=1, fail={fault: 1.0})
    with (
        installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC), switches) as found,
        found.house() as house,
    ):
        broken = house.crms[CONNECTIONS[name]]
        with pytest.raises((CrmUnavailable, CrmDenied)):
            everything(broken)
