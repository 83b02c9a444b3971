"""What may not be shown of somebody leaves the CRMs within a cycle, and comes back by no other door."""

from __future__ import annotations

import json
import re

import pytest

from connector.service import wiring
from connector.store import results
from tests.cli.attain import Attain
from tests.faults.village import Village
from tests.switching import at_home_in_france

BY_ROWS, BY_PROPERTIES = "elif.kaya@example.com", "grace.petrov@example.com"
PROPERTIES = "attain_bookings_quarter_actual,attain_bookings_quarter_target,attain_bookings_quarter_rank"


def id_of(attain: Attain, email: str) -> str:
    told = json.loads(attain("scores", "--metric", "bookings", "--json").out)
    return next(str(each["id"]) for each in told if each["email"] == email)


def shown(village: Village, person: str, email: str) -> list[object]:
    """Their numbers in both CRMs."""
    rows = village.soql("SELECT Attain_Key__c, Actual__c, Target__c, Rank__c FROM Attain_Attainment__c ORDER BY Id")
    mine = [each for each in rows if f":{person}:" in each["Attain_Key__c"]]
    found = [each[name] for each in mine for name in ("Actual__c", "Target__c", "Rank__c")]
    names = PROPERTIES.split(",")
    users = village.objects("users", f"hs_email,{PROPERTIES}")
    found += [
        each["properties"].get(name) for each in users if each["properties"]["hs_email"] == email for name in names
    ]
    return [each for each in found if each not in (None, "")]


def later(village: Village) -> str:
    """An hour passes, and a cycle runs; the run."""
    village.time.sleep(3600)
    return village.cycle().run_id


def held_back(village: Village, attain: Attain, email: str) -> None:
    """Their country has not agreed."""
    attain.edit("config.yaml", "  ranks: on ", "  hold_back: [FR]\n  ranks: on ")
    at_home_in_france(village.folder, email)


def another_target(village: Village) -> None:
    """Every target of the quarter is another one."""
    quotas = village.folder / "files" / "quotas.csv"
    text = quotas.read_text()
    quotas.write_text(
        re.sub(r",(20\d\d-Q\d|20\d\d-\d\d|20\d\d),(\d+)", lambda it: f",{it[1]},{int(it[2]) + 1000}", text)
    )


@pytest.mark.parametrize("email", [BY_ROWS, BY_PROPERTIES])
@pytest.mark.parametrize("undone", [False, True])
def test_whoever_is_forgotten_has_no_numbers_in_a_crm_any_more(
    village: Village, attain: Attain, email: str, undone: bool
) -> None:
    village.cycle()
    one = id_of(attain, email)
    if undone:  # records on hold, by the word of a human
        another_target(village)
        run = later(village)
        with village.wired():
            assert attain("undo", run, "--apply").code == 0
        later(village)
    assert shown(village, one, email)
    with wiring.house(village.config, connect=False) as house, house.store.reading() as tx:
        about = {each.alert.key for each in results.alerts(tx) if one in (each.alert.subject.id, each.alert.person)}
    others = set(village.told()) - about
    assert attain("forget", email, "--yes").code == 0
    village.time.sleep(3600)
    assert village.cycle().exit_code == 0
    assert shown(village, one, email) == []
    left = village.soql("SELECT Attain_Key__c FROM Attain_Attainment__c")
    assert [each for each in left if one in each["Attain_Key__c"]] == []
    tasks = {str(each["Attain_Key__c"]) for each in village.soql("SELECT Attain_Key__c FROM Task")}
    tasks |= set(village.told()) if email == BY_PROPERTIES else set()
    assert not about & tasks
    assert others <= set(village.told())
    later(village)
    assert shown(village, one, email) == []


@pytest.mark.parametrize("email", [BY_ROWS, BY_PROPERTIES])
def test_an_undo_shows_nobody_who_is_held_back_since(village: Village, attain: Attain, email: str) -> None:
    village.cycle()
    one = id_of(attain, email)
    assert shown(village, one, email)
    held_back(village, attain, email)
    run = later(village)
    assert shown(village, one, email) == []
    with village.wired():
        ended = attain("undo", run, "--apply")
    assert (ended.code, "before their country agrees" in ended.err) == (1, True), ended
    assert shown(village, one, email) == []


@pytest.mark.parametrize("email", [BY_ROWS, BY_PROPERTIES])
def test_what_an_undo_left_on_hold_goes_where_somebody_is_held_back(
    village: Village, attain: Attain, email: str
) -> None:
    village.cycle()
    one = id_of(attain, email)
    another_target(village)
    run = later(village)
    with village.wired():
        assert attain("undo", run, "--apply").code == 0
    held_back(village, attain, email)
    later(village)
    assert shown(village, one, email) == []


def test_an_undo_brings_back_no_place_once_nobody_has_one(village: Village, attain: Attain) -> None:
    def places() -> list[object]:
        rows = village.soql("SELECT Rank__c FROM Attain_Attainment__c WHERE Rank__c != null")
        users = village.objects("users", "attain_bookings_quarter_rank")
        return [*rows, *(each for each in users if each["properties"].get("attain_bookings_quarter_rank"))]

    village.cycle()
    assert places()
    attain.edit("config.yaml", "ranks: on  ", "ranks: off ")
    run = later(village)
    assert places() == []
    with village.wired():
        ended = attain("undo", run, "--apply")
    assert places() == []
    assert "the `privacy:` block of the config" in ended.err


def planned(village: Village, attain: Attain) -> None:
    """A plan of other targets lies in a file."""
    another_target(village)
    village.time.sleep(3600)
    with village.wired():
        assert attain("sync", "--only", "pull").code == 0
        assert attain("plan", "--out", "plan.json").code == 0


def test_a_plan_by_another_agreement_is_refused_whole(village: Village, attain: Attain) -> None:
    village.cycle()
    ids = {email: id_of(attain, email) for email in (BY_ROWS, BY_PROPERTIES)}
    before = {email: shown(village, ids[email], email) for email in ids}
    planned(village, attain)
    held_back(village, attain, BY_ROWS)
    with village.wired():
        ended = attain("apply", "plan.json")
    assert (ended.code, "the `privacy:` block of the config" in ended.err) == (1, True), ended
    assert {email: shown(village, ids[email], email) for email in ids} == before


@pytest.mark.parametrize("email", [BY_ROWS, BY_PROPERTIES])
def test_a_plan_shows_nothing_of_whoever_has_moved_to_where_nobody_agreed(
    village: Village, attain: Attain, email: str
) -> None:
    attain.edit("config.yaml", "  ranks: on ", "  hold_back: [FR]\n  ranks: on ")
    village.cycle()
    ids = {each: id_of(attain, each) for each in (BY_ROWS, BY_PROPERTIES)}
    before = {each: shown(village, id_, each) for each, id_ in ids.items()}
    planned(village, attain)
    at_home_in_france(village.folder, email)
    with village.wired():
        assert attain("sync", "--only", "pull").code == 0
        ended = attain("apply", "plan.json")
    assert (ended.code, "before their country agrees" in ended.err) == (1, True), ended
    after = {each: shown(village, id_, each) for each, id_ in ids.items()}
    assert {each for each in ids if after[each] != before[each]} == set(ids) - {email}
