"""The annex holds what a CRM was really asked and sent in cycles of a village, and says what holds and what does not."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from connector.model.settings import Privacy
from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from connector.service.annex import Annex, annex
from tests.cli.attain import Attain
from tests.faults.village import HUBSPOT, Village

SELECT = re.compile(r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)")
OF_RECORDS = re.compile(r"/crm/(?:objects/)?(?:v3|v4|\d{4}-\d{2})/(?:objects/)?(?P<object>[\w-]+)")
# What the annex says in a sentence: ids, stamps, deletions and merges of every record, and who is who among HubSpot's users.
BOOKKEEPING = {
    "Id", "SystemModstamp", "CreatedDate", "LastModifiedDate", "IsDeleted", "MasterRecordId", "What.Type",
    "hs_object_id", "hs_lastmodifieddate", "lastmodifieddate", "hs_merged_object_ids", "hs_internal_user_id",
    "hubspot_owner_id", "COUNT()",
}  # fmt: skip
# Of the org itself and of its settings: no record of anybody's.
SETTINGS = {"Organization", "Territory2Model", "PermissionSet", "PermissionSetAssignment", "EntityDefinition"}


@pytest.fixture
def village(tmp_path: Path) -> Village:
    found = Village.made(tmp_path / "village")
    found.approve()
    return found


class Seen:
    """Fields by object: those that were asked for, and those that were sent to be kept."""

    def __init__(self) -> None:
        self.asked, self.sent = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)

    def __call__(self, host: str, service: Service, request: Request) -> Response:
        if host == HUBSPOT:
            self._hubspot(request)
        else:
            self._salesforce(request)
        return service.answer(request)

    def _salesforce(self, request: Request) -> None:
        body, query = _body(request), dict(request.query).get("q", "")
        for text in (query, str(body.get("query", ""))):
            if found := SELECT.match(text):
                self.asked[found["object"]] |= {each.strip() for each in found["fields"].split(",")}
        for each in body.get("records", []):
            self.sent[each["attributes"]["type"]] |= each.keys() - {"attributes", "id", "Id"}

    def _hubspot(self, request: Request) -> None:
        found, body, query = OF_RECORDS.search(request.path), _body(request), dict(request.query)
        if not found or "/properties/" in request.path or "/schemas" in request.path:
            return
        given = body.get("properties")
        asked = {*(given if isinstance(given, list) else ()), *body.get("propertiesWithHistory", ())}
        for name in ("properties", "propertiesWithHistory"):
            asked |= {each for each in query.get(name, "").split(",") if each}
        self.asked[found["object"]] |= asked
        if any(each in request.path for each in ("/upsert", "/update", "/create")):
            for row in body.get("inputs", []):
                self.sent[found["object"]] |= row.get("properties", {}).keys()


def _body(request: Request) -> dict[str, list[dict[str, dict[str, str]]]]:
    try:
        found = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def of(village: Village, **privacy: object) -> Annex:
    checked = wiring.check(village.config, offline=True)
    if not privacy:
        return annex(checked.settings, checked.rules)
    from dataclasses import replace

    return annex(replace(checked.settings, privacy=Privacy(**privacy)), checked.rules)  # type: ignore[arg-type]


def test_the_annex_holds_whatever_was_asked_and_sent(village: Village) -> None:
    seen, found = Seen(), of(village)
    village.exchange = seen
    village.cycle()
    village.time.sleep(3600)
    village.cycle()
    read, shown = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for each in found.read:
        read[each.object.partition(".")[0]].add(each.field.removeprefix("users."))
        if each.field.startswith("users."):
            read["users"].add(each.field.removeprefix("users."))
    for written in found.shown:
        shown[written.object].add(written.field)
    assert {"User", "Opportunity", "Task", "deals", "meetings"} <= seen.asked.keys()
    missing = {
        obj: left
        for obj, fields in seen.asked.items()
        if obj not in SETTINGS and (left := fields - BOOKKEEPING - read[obj] - shown[obj])
    }
    assert missing == {}
    assert {"Attain_Attainment__c", "users"} <= seen.sent.keys()
    kept = {obj: fields - shown[obj] - BOOKKEEPING for obj, fields in seen.sent.items()}
    assert {obj: left for obj, left in kept.items() if left} == {}


def test_the_annex_names_tables_scorecards_bands_plans_and_answers(village: Village) -> None:
    (village.folder / "rules/incentives.yaml").write_text(INCENTIVES, encoding="utf-8")
    found = of(village)
    columns = {(each.object, each.field): each.of_people for each in found.read if each.connection == "files"}
    assert columns["absences.csv", "from"]
    assert columns["quotas.csv", "value"]
    assert columns["notes.csv", "text"]
    assert columns["people.csv", "manager"]
    assert not columns["market_index.csv", "value"]
    kinds = {each.what for each in found.made}
    assert {"number", "of every target", "scorecard", "badge", "level", "coaching plan", "payout", "alert"} <= kinds
    assert "bands" in next(each.purpose for each in found.made if each.what == "scorecard")
    shown = {(each.object, each.field): each.shows for each in found.shown}
    assert shown["Attain_Note__c", "Answer__c"] == "answer to a note"
    assert ("users", "attain_reports") in shown
    assert [field for obj, field in shown if obj == "users" and field.endswith("_quarter_score")]


def test_managers_see_their_reports_whatever_reps_see(village: Village) -> None:
    for seen in ("own", "team"):
        said = dict(of(village, reps_see=seen).settings)
        assert "managers those of whoever reports to them" in said["viewers"]
        assert ("those of their team" in said["viewers"]) is (seen == "team")
    assert "`--as PERSON`" in dict(of(village).settings)["viewers, at which doors"]


def test_a_team_of_one_is_said_where_activities_are_of_teams(village: Village) -> None:
    assert "a team of one" in dict(of(village, activities="team").settings)["small units"]
    assert "3 people" in dict(of(village, activities="team", least_team=3).settings)["small units"]
    assert "small units" not in dict(of(village).settings)
    assert "no country" in dict(of(village, hold_back=frozenset({"FR"})).settings)["held back, whom it cannot hold"]


INCENTIVES = """\
attain: 1
plans:
  ae: {title: AE, on: true, period: quarter, measures: [{metric: bookings, pays: marginal, tiers: [{from: 0%, rate: 8%}]}]}
badges:
  star: {title: Star, metric: bookings, period: quarter, when: attainment >= 100%}
levels:
  senior: {title: Senior, asks: [{metric: bookings, period: quarter, when: attainment >= 100%}]}
support:
  help: {title: Help, metric: bookings, period: quarter, when: attainment < 50%}
"""


@pytest.fixture
def attain(village: Village, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    return Attain.at(village.folder, village.time.world, monkeypatch, capsys)


def test_the_annex_is_printed(village: Village, attain: Attain) -> None:
    del village
    said = attain("privacy").out
    assert "What is made of it" in said
    assert "people.csv" in said
