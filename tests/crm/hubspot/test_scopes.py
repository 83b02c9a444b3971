"""The scopes that we ask for: enough for a whole cycle, and none too many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.crm.hubspot.scopes import scopes
from connector.errors import CrmDenied
from connector.flow.cycle import run_cycle
from connector.flow.install import wanted_by
from connector.model.changes import Wanted
from connector.model.records import RecordKind
from connector.normalise.mapping import SourceMap
from connector.ports import Severity
from connector.sandbox.town import HUBSPOT_TOKEN
from connector.service.wiring import house
from tests.crm.hubspot.given import MAPPING
from tests.faults.village import Village
from tests.switching import switch_on_health

# `oauth` names the app and no call; teams come with the owners in every recorded reply, whatever the token may.
HOME = Path(__file__).parents[3]
UNTESTED = {"oauth", "settings.users.teams.read"}


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    found = Village.made(tmp_path_factory.mktemp("scopes") / "village", prepare=switch_on_health)
    found.approve()
    with found.wired():
        yield found


def _asked(village: Village) -> tuple[str, ...]:
    with house(village.config, world=village.time.world, connect=False) as ready:
        return scopes(ready.rules.mappings["smb"], wanted_by(ready, "smb"))


def _troubles(village: Village) -> list[str]:
    """What doctor, install and a cycle complain of."""
    with house(village.config, world=village.time.world, guarded=False) as ready:
        crm, wanted = ready.crms["smb"], wanted_by(ready, "smb")
        found = [each.text for each in crm.doctor(wanted) if each.severity is Severity.ERROR]
        try:
            crm.install(wanted, check=False)
        except CrmDenied as denied:
            found.append(denied.problem)
    with house(village.config, world=village.time.world) as ready:
        report = run_cycle(ready)
    return found + [f"{each}" for each in report.troubles if "smb" in f"{each}"]


def test_they_are_enough_for_doctor_install_and_a_whole_cycle(village: Village, tmp_path: Path) -> None:
    del tmp_path
    village.hubspot.allow(HUBSPOT_TOKEN, _asked(village))
    assert _troubles(village) == []
    assert village.shown()["people"], "numbers were written"


@pytest.mark.parametrize("kind", ["read"])
def test_without_any_one_of_those_to_read_somebody_is_told_its_name(village: Village, kind: str) -> None:
    asked = _asked(village)
    for scope in asked:
        if scope.endswith((f".{kind}", f"-{kind}")) and scope not in UNTESTED and not scope.startswith("crm.schemas"):
            village.hubspot.allow(HUBSPOT_TOKEN, [each for each in asked if each != scope])
            assert any(scope in each for each in _troubles(village)), scope
    village.hubspot.allow(HUBSPOT_TOKEN, asked)


@pytest.mark.parametrize("custom", ["2-123", "attain_orders"])
def test_deals_in_an_object_of_their_own_need_the_scopes_of_custom_objects(custom: str) -> None:
    sources = tuple(replace(each, object=custom) if each.object == "deals" else each for each in MAPPING.sources)
    found = scopes(replace(MAPPING, sources=sources), Wanted())
    assert {"crm.objects.custom.read", "crm.schemas.custom.read"} <= set(found)
    assert not [each for each in found if custom in each]


def test_the_scope_of_e_mails_is_asked_for_where_e_mails_are_read_and_nowhere_else() -> None:
    emails = SourceMap(RecordKind.ACTIVITY, "emails", {"happened_at": "hs_timestamp"})
    assert "sales-email-read" in scopes(replace(MAPPING, sources=(*MAPPING.sources, emails)), Wanted())
    assert "sales-email-read" not in scopes(MAPPING, Wanted())


def test_whoever_does_not_grant_the_scope_of_e_mails_is_told_the_other_way_out(village: Village) -> None:
    asked = _asked(village)
    village.hubspot.allow(HUBSPOT_TOKEN, [each for each in asked if each != "sales-email-read"])
    with house(village.config, world=village.time.world, guarded=False) as ready:
        found = [each for each in ready.crms["smb"].doctor(wanted_by(ready, "smb")) if each.subject == "emails"]
    village.hubspot.allow(HUBSPOT_TOKEN, asked)
    assert [each.severity for each in found] == [Severity.ERROR]
    assert "Add sales-email-read" in found[0].cure
    assert "take `emails` out of the mapping" in found[0].cure


def test_the_readme_names_exactly_those_of_the_shipped_mapping(tmp_path: Path) -> None:
    plain = Village.made(tmp_path / "village")
    section = (HOME / "README.md").read_text(encoding="utf-8").partition("**Scopes** that the shipped mapping")[2]
    named = set(
        re.findall(r"`((?:crm\.|settings\.|sales-)[a-z._-]+)`", section.partition("The exported project asks")[0])
    )
    assert named == {each for each in _asked(plain) if each != "oauth"}
