"""Notes that people type into a deal: each version of the text is one, with its moment and its author."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.crm.hubspot.window import SEARCHING
from connector.errors import ConfigError
from connector.model.changes import Wanted, WantedField
from connector.model.records import RecordKind
from connector.normalise.mapping import SourceMap
from connector.ports import Cursor, Page, Source
from tests.crm.hubspot.given import MAPPING, Days, Portal, a_deal, connected, pulled

NOTES = Source(RecordKind.NOTE, "deals.notes")
FIELDS = {
    "author": "updatedByUserId",
    "written_at": "timestamp",
    "deal": "record",
    "kind": "attain_note_kind",
    "text": "attain_note_text",
    "answer": "attain_note_answer",
}
NOTED = replace(MAPPING, sources=(*MAPPING.sources, SourceMap(RecordKind.NOTE, "deals.notes", FIELDS)))
KINDS = ("feedback", "dispute")
WANTED = Wanted(
    fields=(
        WantedField("deals", "attain_note_kind", "Kind", "choice", choices=KINDS),
        WantedField("deals", "attain_note_text", "Text", "long_text"),
        WantedField("deals", "attain_note_answer", "Answer", "long_text"),
    )
)
ANA, ANA_THE_OWNER = 11_200_003, "70100001"  # the stand-in's numbers of the first person


@pytest.fixture
def portal() -> Portal:
    return Portal()


def _notes(pages: list[Page]) -> list[dict[str, str | None]]:
    return [dict(each.fields) for page in pages for each in page.records]


def test_who_typed_what_and_when(portal: Portal) -> None:
    with portal.connected(NOTED) as crm:
        crm.install(WANTED, check=False)
        quiet, noted = a_deal(portal), a_deal(portal)
        portal.days.sleep(60)
        portal.box.typed("deals", noted, {"attain_note_kind": "dispute", "attain_note_text": "This is mine"}, ANA)
        portal.days.sleep(600)
        pages = pulled(crm, NOTES)
    assert quiet not in str(pages)
    assert _notes(pages) == [
        {
            "attain_note_kind": "dispute",
            "attain_note_text": "This is mine",
            "attain_note_answer": None,
            "record": noted,
            "timestamp": "2026-11-25T12:01:00.000Z",
            "updatedByUserId": ANA_THE_OWNER,
        }
    ]
    assert pages[0].records[0].ref.id == f"{noted}-1795608060000"  # 2026-11-25T12:01:00Z
    assert pages[0].records[0].ref.whole.object == "deals"


def test_another_text_is_another_note_and_an_old_answer_is_not_its(portal: Portal) -> None:
    with portal.connected(NOTED) as crm:
        crm.install(WANTED, check=False)
        deal = a_deal(portal)
        portal.box.typed("deals", deal, {"attain_note_kind": "dispute", "attain_note_text": "first"}, ANA)
        portal.days.sleep(600)
        portal.change("deals", deal, attain_note_answer="You are right")
        portal.days.sleep(3600)
        first = pulled(crm, NOTES)
        assert [each["attain_note_answer"] for each in _notes(first)] == ["You are right"]
        portal.box.typed("deals", deal, {"attain_note_text": "second"}, ANA)
        portal.days.sleep(600)
        second = pulled(crm, NOTES, first[-1].cursor)
    assert [(each["attain_note_text"], each["attain_note_answer"]) for each in _notes(second)] == [("second", None)]
    assert first[0].records[0].ref != second[0].records[0].ref


def test_two_notes_between_two_pulls_are_both_read_each_with_what_stood_beside_it(portal: Portal) -> None:
    with portal.connected(NOTED) as crm:
        crm.install(WANTED, check=False)
        deal = a_deal(portal)
        portal.days.sleep(600)
        before = pulled(crm, NOTES)
        portal.box.typed("deals", deal, {"attain_note_kind": "dispute"}, ANA)
        portal.days.sleep(10)
        portal.box.typed("deals", deal, {"attain_note_text": "This is mine"}, ANA)
        portal.days.sleep(60)
        portal.change("deals", deal, attain_note_answer="You are right")
        portal.days.sleep(60)
        portal.box.typed("deals", deal, {"attain_note_text": "And the target is too high"}, ANA)
        portal.box.typed("deals", deal, {"attain_note_kind": "feedback"}, ANA)
        portal.days.sleep(3600)  # beyond the overlap, in which everything is read again
        both = pulled(crm, NOTES, before[-1].cursor)
        portal.days.sleep(3600)
        portal.change("deals", deal, attain_note_answer="It is lowered")
        portal.days.sleep(600)
        newest = pulled(crm, NOTES, both[-1].cursor)
    said = [(each["attain_note_kind"], each["attain_note_text"], each["attain_note_answer"]) for each in _notes(both)]
    assert said == [
        ("feedback", "And the target is too high", None),
        ("dispute", "This is mine", "You are right"),
    ]
    assert len({each.ref for page in both for each in page.records}) == 2
    assert [(each["attain_note_text"], each["attain_note_answer"]) for each in _notes(newest)] == [
        ("And the target is too high", "It is lowered")
    ]


def test_what_no_person_typed_has_no_author_and_what_is_taken_out_is_no_note(portal: Portal) -> None:
    with portal.connected(NOTED) as crm:
        crm.install(WANTED, check=False)
        deal = a_deal(portal, attain_note_text="written by an import")
        portal.days.sleep(600)
        pages = pulled(crm, NOTES)
        assert [each["updatedByUserId"] for each in _notes(pages)] == [None]
        portal.change("deals", deal, attain_note_text="")
        portal.days.sleep(600)
        assert _notes(pulled(crm, NOTES, pages[-1].cursor)) == []


def test_before_install_and_in_a_quiet_hour_it_costs_two_calls(portal: Portal) -> None:
    with portal.connected(NOTED) as crm:
        assert pulled(crm, NOTES)[0].records == ()
        crm.install(WANTED, check=False)
        a_deal(portal)
        portal.days.sleep(600)
        portal.asked.clear()
        assert pulled(crm, NOTES, Cursor(portal.days.now() - timedelta(hours=1)))[0].records == ()
    assert [each.path.rpartition("/")[2] for each in portal.asked] == ["deals", "search"]
    filters = portal.asked[1].json()["filterGroups"][0]["filters"]
    assert {"propertyName": "attain_note_text", "operator": "HAS_PROPERTY"} in filters


def test_many_notes_are_read_fifty_at_a_time_and_an_interrupted_read_goes_on(portal: Portal) -> None:
    with portal.connected(NOTED) as crm:
        crm.install(WANTED, check=False)
        deals = [a_deal(portal, attain_note_text=f"note {at}") for at in range(230)]
        portal.days.sleep(600)
        pages = list(crm.changed(NOTES, None))
        assert [len(page.records) for page in pages] == [200, 30]
        assert pages[0].cursor.after == f"{SEARCHING}:{deals[199]}"
        rest = list(crm.changed(NOTES, pages[0].cursor))
        assert {each.ref.whole.id for page in rest for each in page.records} == set(deals[200:])
        sizes = [len(each.json()["inputs"]) for each in portal.asked if each.path.endswith("/batch/read")]
    assert max(sizes) == 50


def test_notes_without_a_text_are_refused_at_once() -> None:
    fields = {"author": "updatedByUserId", "kind": "attain_note_kind"}
    mapping = replace(MAPPING, sources=(SourceMap(RecordKind.NOTE, "deals.notes", fields),))
    with pytest.raises(ConfigError, match="without `text:`"):
        connected("http://127.0.0.1:1", Days(), mapping)


def test_of_a_deal_made_of_two_every_note_is_told_as_it_was_typed_and_once(portal: Portal) -> None:
    """One says "mine" and is disputed, the other "why?" a minute later; merged with the first as the primary one."""
    with portal.connected(NOTED) as crm:
        crm.install(WANTED, check=False)
        one, other = a_deal(portal), a_deal(portal)
        portal.days.sleep(60)
        portal.box.typed("deals", one, {"attain_note_kind": "dispute", "attain_note_text": "mine"}, ANA)
        portal.days.sleep(60)
        portal.box.typed("deals", other, {"attain_note_kind": "feedback", "attain_note_text": "why?"}, ANA)
        portal.days.sleep(24 * 3600)
        first = pulled(crm, NOTES)
        assert len(_notes(first)) == 2
        left = portal.merge("deals", one, other)
        portal.days.sleep(3600)
        second = pulled(crm, NOTES, first[-1].cursor)
        told = [(each["record"], each["attain_note_kind"], each["attain_note_text"]) for each in _notes(second)]
        assert told == [(left, "feedback", "why?"), (left, "dispute", "mine")]
        assert [each["timestamp"] for each in _notes(second)] == [
            "2026-11-25T12:02:00.000Z",
            "2026-11-25T12:01:00.000Z",
        ]
        portal.days.sleep(3600)
        portal.change("deals", left, dealname="Renamed")
        portal.days.sleep(3600)
        third = pulled(crm, NOTES, second[-1].cursor)
    assert [each["attain_note_text"] for each in _notes(third)] == ["why?"]  # the newest, as of any deal
