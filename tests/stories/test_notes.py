"""What people type in the CRM about their targets comes back: installed, typed with plain `requests`, pulled, listed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.flow.appraise import Tables, people_of
from connector.improve.notes import notes
from connector.model.notes import Note
from connector.sandbox.company import generate
from tests.rulebook.test_speaking import SWITCHED_OFF
from tests.stories.installed import Installation, installation

pytestmark = pytest.mark.xdist_group("notes")
OBJECT = "Attain_Note__c"


def switch_on(folder: Path) -> None:
    """Uncomment the section of the mapping, as an admin would."""
    mapping = folder / "mappings/salesforce.yaml"
    text = mapping.read_text(encoding="utf-8")
    start, end = text.index("# notes:"), text.index("# Which deals are won")
    mapping.write_text(text[:start] + SWITCHED_OFF.sub(r"\1", text[start:end]) + text[end:], encoding="utf-8")


def listed(installed: Installation) -> tuple[list[Note], list[str]]:
    with installed.house() as house:
        return notes(Tables(house), people_of(house))


def test_a_dispute_is_typed_answered_and_taken_back(tmp_path: Path) -> None:
    generate(tmp_path / "company", people=12, deals=60, activities=10, seed=6, today=date(2026, 11, 25))
    with installation(tmp_path / "company", datetime(2026, 11, 25, 18, tzinfo=UTC)) as installed:
        switch_on(installed.folder)
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
