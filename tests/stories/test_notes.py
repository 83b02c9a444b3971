"""What people type in the CRM about their targets comes back: installed, typed with plain `requests`, pulled, listed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.appraisal.notes import notes
from connector.flow.appraise import Tables, people_of
from connector.model.notes import Note
from connector.sandbox.company import generate
from tests.cli.attain import Attain
from tests.faults.village import Village
from tests.stories.installed import Installation, installation

pytestmark = pytest.mark.xdist_group("notes")
OBJECT = "Attain_Note__c"


def listed(installed: Installation) -> tuple[list[Note], list[str]]:
    with installed.house() as house:
        return notes(Tables(house), people_of(house))


def test_a_dispute_is_typed_answered_and_taken_back(tmp_path: Path) -> None:
    generate(tmp_path / "company", people=12, deals=60, activities=10, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as installed:
        installed.install()
        installed.sync()
        assert listed(installed) == ([], [])
        [rep, boss, *_] = installed.salesforce("SELECT Id, Email FROM User WHERE IsActive = true ORDER BY Email")
        [deal, *_] = installed.salesforce("SELECT Id FROM Opportunity LIMIT 1")
        dispute = installed.salesforce_create(
            OBJECT, {"Person__c": rep["Id"], "Kind__c": "dispute", "Metric__c": "bookings", "Deal__c": deal["Id"],
                     "Text__c": "this one is mine"},
        )  # fmt: skip
        installed.salesforce_create(
            OBJECT,
            {"Person__c": boss["Id"], "Kind__c": "action", "Text__c": "call the five oldest", "Due__c": "2026-12-04"},
        )
        odd = installed.salesforce_create(OBJECT, {"Person__c": rep["Id"], "Kind__c": "Gossip", "Text__c": "…"})
        installed.time.sleep(3600)
        installed.sync()
        found, problems = listed(installed)
        mine, action = sorted(found, key=lambda each: each.kind, reverse=True)
        assert (mine.kind, mine.metric, mine.text, mine.is_open) == ("dispute", "bookings", "this one is mine", True)
        assert mine.record == f"salesforce:Opportunity/{deal['Id']}" or mine.record.endswith(deal["Id"])
        assert mine.written_on == date(2026, 11, 25)
        assert (action.due_on, action.is_open) == (date(2026, 12, 4), True)
        assert len(problems) == 1
        assert "`gossip` is none of feedback, dispute" in problems[0]

        installed.salesforce_update(f"{OBJECT}/{dispute}", {"Answer__c": "yes: the split is corrected"})
        installed.salesforce_delete(f"{OBJECT}/{odd}")
        installed.time.sleep(3600)
        installed.sync()
        found, problems = listed(installed)
        assert problems == []
        assert [each.answer for each in found if each.kind == "dispute"] == ["yes: the split is corrected"]
        assert [each.is_open for each in found if each.kind == "dispute"] == [False]


def test_an_answer_goes_back_into_the_record_and_no_other_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generate(tmp_path / "company", people=12, deals=60, activities=10, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as installed:
        attain = Attain.at(installed.folder, installed.time.world, monkeypatch, capsys)
        installed.install()
        assert "Nobody noted anything." in attain("notes").out
        [rep, *_] = installed.salesforce("SELECT Id, Name FROM User WHERE IsActive = true ORDER BY Email")
        typed = {"Person__c": rep["Id"], "Kind__c": "feedback", "Text__c": "the territory was cut in half"}
        first, second = (installed.salesforce_create(OBJECT, typed) for _ in range(2))
        installed.time.sleep(3600)
        installed.sync()

        told = attain("notes")
        assert told.code == 0
        assert "the territory was cut in half" in told.out
        assert "2 notes, 2 of them waiting for an answer." in told.out

        assert attain("notes", "answer", "a0", "no").code == 2, "both begin so"
        assert attain("notes", "answer", first, "  ").code == 2
        installed.salesforce_update(f"{OBJECT}/{second}", {"Answer__c": "typed by hand meanwhile"})
        installed.time.sleep(3600)
        assert attain("notes", "answer", first, "lowered by a tenth").code == 0
        # Not pulled yet: the record is looked at, and what a human typed stays.
        assert attain("notes", "answer", second, "no").code == 1
        shown = {each["Id"]: each["Answer__c"] for each in installed.salesforce(f"SELECT Id, Answer__c FROM {OBJECT}")}
        assert shown == {first: "lowered by a tenth", second: "typed by hand meanwhile"}

        installed.time.sleep(3600)
        installed.sync()
        assert attain("notes", "answer", first, "again").code == 1
        assert "2 notes, 0 of them waiting for an answer." in attain("notes").out
        assert "lowered by a tenth" in attain("notes", "--all").out
        assert len(json.loads(attain("notes", "--all", "--json").out)) == 2


def test_a_hubspot_deal_has_room_for_one_note_and_each_of_them_is_answered(village: Village, attain: Attain) -> None:
    with village.wired():
        village.cycle()
        deal = village.objects("deals", "dealname")[0]["id"]
        user = int(village.objects("users", "hs_internal_user_id,hs_email")[0]["properties"]["hs_internal_user_id"])
        typed = {
            "attain_note_kind": "dispute",
            "attain_note_text": "I closed this one",
            "attain_note_metric": "bookings",
        }
        village.hubspot.typed("deals", deal, typed, user)
        village.time.sleep(3600)
        village.cycle()
        [first] = json.loads(attain("notes", "--json").out)
        assert (first["kind"], first["text"], first["metric"]) == ("dispute", "I closed this one", "bookings")
        assert first["record"].endswith(f"deals/{deal}")

        assert attain("notes", "answer", first["ref"], "split in half").code == 0
        shown = {each["id"]: each["properties"] for each in village.objects("deals", "attain_note_answer")}
        assert shown[deal]["attain_note_answer"] == "split in half"
        village.time.sleep(3600)
        village.cycle()
        assert json.loads(attain("notes", "--json").out) == [], "nobody waits"

        village.hubspot.typed("deals", deal, {"attain_note_text": "and the one before"}, user)
        village.time.sleep(3600)
        village.cycle()
        [second] = json.loads(attain("notes", "--json").out)
        assert second["text"] == "and the one before"
        assert attain("notes", "answer", second["ref"], "that one stays").code == 0, (
            "the answer there is the first note's"
        )
        village.time.sleep(3600)
        village.cycle()
        every = {each["text"]: each["answer"] for each in json.loads(attain("notes", "--all", "--json").out)}
        assert every == {"I closed this one": "split in half", "and the one before": "that one stays"}
