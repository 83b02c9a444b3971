"""Who is on a deal's team and where accounts lie: read where the org has it, and gone when it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import SchemaDrifted
from connector.model.changes import Wanted
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.ports import Cursor, Finding, Severity
from connector.sandbox.wire import Response
from tests.crm.salesforce.company import Place, place, shipped_mapping, write_company
from tests.crm.salesforce.conftest import Time

MEMBERS, LANDS = "OpportunityTeamMember", "ObjectTerritory2Association"
TEAMS = [{"deal": "d1", "person": "max", "role": "Executive Sponsor"}, {"deal": "d2", "person": "max", "role": ""}]


def asking() -> CrmMapping:
    """The shipped mapping with the sections that it leaves to ops."""
    known = shipped_mapping()
    names = {"deal": "OpportunityId", "user": "UserId", "role": "TeamMemberRole"}
    members = SourceMap(RecordKind.TEAM_MEMBER, MEMBERS, names)
    lands = SourceMap(RecordKind.ACCOUNT_TERRITORY, LANDS, {"account": "ObjectId", "territory": "Territory2.Name"})
    return replace(known, sources=(*known.sources, members, lands))


@pytest.fixture
def org(tmp_path: Path, time: Time, private_key: str) -> Iterator[Place]:
    with place(write_company(tmp_path, teams=TEAMS), time, private_key, mapping=asking()) as found:
        yield found


@pytest.fixture
def bare(tmp_path: Path, time: Time, private_key: str) -> Iterator[Place]:
    with place(write_company(tmp_path), time, private_key, mapping=asking()) as found:
        yield found


def globex(org: Place) -> str:
    return org.sandbox.id_of("account", "globex")


def finding(org: Place, subject: str) -> Finding:
    org.crm.doctor(Wanted())
    return next(each for each in org.crm.doctor(Wanted()) if each.subject == subject)


# Teams


def test_brings_who_is_on_a_team_in_which_role(org: Place) -> None:
    found = {each.fields["OpportunityId"]: each.fields for each in org.records(MEMBERS)}
    first, second = (org.sandbox.id_of("deal", each) for each in ("d1", "d2"))
    assert {each["UserId"] for each in found.values()} == {org.sandbox.id_of("person", "max")}
    assert (found[first]["TeamMemberRole"], found[second]["TeamMemberRole"]) == ("Executive Sponsor", None)


def test_a_new_member_arrives_though_the_deal_does_not_move(org: Place) -> None:
    deals, members = (org.pull(each)[-1].cursor for each in ("Opportunity", MEMBERS))
    org.time.now += timedelta(hours=1)
    row = {"OpportunityId": org.sandbox.id_of("deal", "d1"), "UserId": org.sandbox.id_of("person", "ana")}
    org.human("POST", f"sobjects/{MEMBERS}", row)
    org.time.now += timedelta(hours=1)
    assert org.records("Opportunity", deals) == []
    [record] = org.records(MEMBERS, members)
    assert record.fields["UserId"] == row["UserId"]
    assert not record.deleted


def test_who_is_taken_off_a_team_is_in_no_bin_and_told_of_by_the_list_of_deletions(org: Place) -> None:
    first, *_ = org.records(MEMBERS)
    cursor = org.pull(MEMBERS)[-1].cursor
    org.time.now += timedelta(hours=1)
    org.human("DELETE", f"sobjects/{MEMBERS}/{first.ref.id}")
    org.time.now += timedelta(hours=1)
    [record] = org.records(MEMBERS, cursor)
    assert (record.ref, record.deleted, record.fields) == (first.ref, True, {})
    assert org.crm.tells_of_deletions(org.source(MEMBERS))


def test_a_deleted_deal_takes_its_team_along(org: Place) -> None:
    cursor = org.pull(MEMBERS)[-1].cursor
    org.time.now += timedelta(hours=1)
    deal = org.sandbox.id_of("deal", "d1")
    org.human("DELETE", f"sobjects/Opportunity/{deal}")
    org.time.now += timedelta(hours=1)
    [record] = org.records(MEMBERS, cursor)
    assert (record.deleted, record.fields["OpportunityId"]) == (True, deal)


def test_ids_are_compared_daily_where_the_org_keeps_no_list_of_deletions(org: Place) -> None:
    def without_list(body: bytes) -> bytes:
        return body.replace(b'"replicateable": true', b'"replicateable": false').replace(
            b'"replicateable":true', b'"replicateable":false'
        )

    def instead(request: object) -> Response | None:
        if not str(getattr(request, "path", "")).endswith(f"/{MEMBERS}/describe"):
            return None
        real = org.sandbox.answer(request)  # type: ignore[arg-type]
        return Response(real.status, real.headers, without_list(real.body))

    org.heard.instead = instead
    assert not org.crm.tells_of_deletions(org.source(MEMBERS))


# Where the org has nothing of the kind


def test_is_left_out_where_it_is_switched_off_and_doctor_says_what_to_click(bare: Place) -> None:
    assert not {MEMBERS, LANDS} & {each.object for each in bare.crm.sources()}
    team, land = finding(bare, MEMBERS), finding(bare, LANDS)
    assert (team.severity, land.severity) == (Severity.WARNING, Severity.WARNING)
    assert "Setup > Opportunity Team Settings > Enable Team Selling" in team.cure
    assert "Setup > Territory Settings" in land.cure


def test_a_mapping_that_asks_for_neither_hears_nothing_of_them(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key) as org:
        assert not {MEMBERS, LANDS} & {each.subject for each in org.crm.doctor(Wanted())}


def test_doctor_is_content_once_it_is_switched_on(bare: Place) -> None:
    bare.sandbox.switch_on_teams()
    assert finding(bare, MEMBERS).severity is Severity.OK


# Territories of accounts


def test_brings_the_territories_of_accounts(org: Place) -> None:
    org.sandbox.lie({globex(org): ["Rhine", "Alps"]})
    org.time.now += timedelta(hours=1)
    found = [(each.fields["ObjectId"], each.fields["Territory2.Name"]) for each in org.records(LANDS)]
    assert sorted(found) == [(globex(org), "Alps"), (globex(org), "Rhine")]


def test_leaves_out_leads_and_territories_that_are_only_planned(org: Place) -> None:
    org.sandbox.lie({globex(org): ["Rhine"]})
    org.time.now += timedelta(hours=1)
    org.pull(LANDS)
    asked = next(each for each in reversed(org.heard.queries) if LANDS in each)
    assert "SobjectType = 'Account' AND Territory2.Territory2Model.State = 'Active'" in asked
    assert len(org.records(LANDS)) == 1
    database = org.sandbox._database
    database.run('UPDATE "Territory2Model" SET "State" = \'Archived\'')
    assert org.records(LANDS) == []


def test_an_account_that_left_a_territory_is_told_of_once(org: Place) -> None:
    org.sandbox.lie({globex(org): ["Rhine"]})
    org.time.now += timedelta(hours=1)
    [lies] = org.records(LANDS)
    cursor = org.pull(LANDS)[-1].cursor
    org.time.now += timedelta(hours=1)
    org.human("DELETE", f"sobjects/{LANDS}/{lies.ref.id}")
    org.time.now += timedelta(hours=1)
    [record] = org.records(LANDS, cursor)
    assert (record.ref, record.deleted) == (lies.ref, True)


def test_ids_are_compared_daily_and_names_read_again_since_a_new_model_stamps_nothing(org: Place) -> None:
    org.sandbox.lie({globex(org): ["Rhine"]})
    source = org.source(LANDS)
    assert not org.crm.tells_of_deletions(source)
    assert org.crm.calculates(source)
    listed = [each.id for page in org.crm.listing(source) or () for each in page]
    assert len(listed) == 1


def test_a_territory_without_a_name_that_we_may_see_pauses_its_source(org: Place) -> None:
    org.sandbox.lie({globex(org): ["Rhine"]})
    thing = org.sandbox._org.schema.objects["Territory2"]
    fields = {name: each for name, each in thing.fields.items() if name != "Name"}
    org.sandbox._org.schema.add(replace(thing, fields=fields))
    with pytest.raises(SchemaDrifted, match=r"Territory2\.Name"):
        org.pull(LANDS, Cursor(None))
