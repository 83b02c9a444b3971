"""A note from the app's page: who sends it, what it may say, and where it stands in HubSpot."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from connector.crm.hubspot.hints import Ear
from connector.crm.hubspot.typed import LONGEST, notes_at
from connector.crm.hubspot.whose import Whose
from connector.errors import CrmUnavailable, NotTrusted
from connector.model.changes import Wanted, WantedField
from connector.model.hints import Knock
from connector.model.notes import Typed
from connector.model.records import RecordKind
from connector.normalise.mapping import SourceMap
from connector.ports import Page, Source
from tests.crm.hubspot.given import MAPPING, Days, Portal, pulled, signed

SECRET, URL = "00000000-app-secret", "https://attain.example.com/hints/smb"
WHO = "userId=1&portalId=51234567&userEmail=ana@example.com&appId=7"
NOTE = {"kind": "dispute", "text": " this one is mine ", "metric": "bookings", "period": "2026-Q4", "deal": "10101"}


def _knock(days: Days, body: object = NOTE, query: str = WHO, url: str = f"{URL}/notes") -> Knock:
    text = json.dumps(body)
    return Knock("POST", query, signed(SECRET, text, f"{url}?{query}", days.time), text.encode())


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def ear(days: Days) -> Ear:
    return Ear(URL, SECRET, days.now, lambda: "51234567")


def _taken(ear: Ear, knock: Knock) -> list[Typed]:
    found: list[Typed] = []
    ear.typed(knock, found.append)
    return found


def test_what_the_page_sends_is_read_with_who_is_logged_in(ear: Ear, days: Days) -> None:
    assert _taken(ear, _knock(days)) == [
        Typed("ana@example.com", "dispute", "this one is mine", "bookings", "2026-Q4", "10101")
    ]
    assert _taken(ear, _knock(days)) == [], "the same request again"
    only = _knock(days, {"kind": "check_in", "text": "lunch?"})
    assert _taken(ear, only) == [Typed("ana@example.com", "check_in", "lunch?")]


def test_an_address_is_signed_with_its_escapes_taken_back(ear: Ear, days: Days) -> None:
    """HubSpot escapes the `@`, and signs it as it was."""
    knock = replace(_knock(days), query=WHO.replace("@", "%40"))
    assert _taken(ear, knock)[0].email == "ana@example.com"


def test_a_webhook_is_no_note_and_a_note_no_webhook(ear: Ear, days: Days) -> None:
    with pytest.raises(NotTrusted):
        _taken(ear, _knock(days, url=URL))
    with pytest.raises(NotTrusted):
        ear.hear(_knock(days), lambda _: None)


@pytest.mark.parametrize(
    "query", ["userId=1", f"{WHO}&userEmail=boss@example.com", f"userEmail=boss@example.com&{WHO}"]
)
def test_whoever_is_named_twice_or_not_at_all_is_nobody(ear: Ear, days: Days, query: str) -> None:
    with pytest.raises(NotTrusted, match="who is logged in"):
        _taken(ear, _knock(days, query=query))


@pytest.mark.parametrize("query", [WHO.replace("51234567", "999"), "userEmail=ana@example.com", f"{WHO}&portalId=999"])
def test_a_note_of_another_account_is_nobodys(ear: Ear, days: Days, query: str) -> None:
    """Ana may have a login in both: what she says there is not about her numbers here."""
    with pytest.raises(NotTrusted, match="another account"):
        _taken(ear, _knock(days, query=query))


def test_while_nobody_knows_the_account_no_note_is_taken_and_it_may_be_sent_again(days: Days) -> None:
    told: list[str] = []
    ear = Ear(URL, SECRET, days.now, Whose("smb", lambda: told and told[0], days.now).number)
    with pytest.raises(CrmUnavailable, match="which account"):
        _taken(ear, _knock(days))
    told.append("51234567")
    days.sleep(60)
    assert [each.email for each in _taken(ear, _knock(days))] == ["ana@example.com"]


@pytest.mark.parametrize(
    "body",
    [
        [NOTE],
        {},
        {"kind": "dispute"},
        {**NOTE, "kind": "rating"},
        {**NOTE, "kind": 5},
        {**NOTE, "text": "   "},
        {**NOTE, "text": "x" * (LONGEST + 1)},
        {**NOTE, "author": "70100001"},
        {**NOTE, "deal": "10101 or 1"},
        {**NOTE, "deal": "١٢"},
        {**NOTE, "metric": "m" * 101},
        {**NOTE, "period": None},
    ],
)
def test_anything_but_a_note_is_refused(ear: Ear, days: Days, body: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        _taken(ear, _knock(days, body))


def test_what_was_not_taken_may_be_sent_again(ear: Ear, days: Days) -> None:
    def busy(_: Typed) -> None:
        raise RuntimeError("not now")

    with pytest.raises(RuntimeError):
        ear.typed(_knock(days), busy)
    assert len(_taken(ear, _knock(days))) == 1


def test_without_a_door_there_is_no_address() -> None:
    assert notes_at("") == ""
    with Portal().connected() as crm, pytest.raises(NotTrusted, match="webhooks"):
        crm.typed(Knock("POST", WHO, {}, b"{}"), lambda _: None)


FIELDS = {
    "author": "updatedByUserId",
    "written_at": "timestamp",
    "deal": "attain_note_deal",
    "kind": "attain_note_kind",
    "text": "attain_note_text",
    "answer": "attain_note_answer",
}
OWN = Source(RecordKind.NOTE, "users.notes")
NOTED = replace(MAPPING, sources=(*MAPPING.sources, SourceMap(OWN.kind, OWN.object, FIELDS)))
WANTED = Wanted(
    fields=(
        WantedField("users", "attain_note_kind", "Kind", "choice", choices=("feedback", "dispute", "check_in")),
        WantedField("users", "attain_note_text", "Text", "long_text"),
        WantedField("users", "attain_note_deal", "Deal", "text"),
        WantedField("users", "attain_note_answer", "Answer", "long_text"),
    )
)


def _notes(pages: list[Page]) -> list[dict[str, str | None]]:
    return [dict(each.fields) for page in pages for each in page.records]


def test_on_a_persons_own_record_the_author_is_that_person_whoever_wrote_it() -> None:
    portal = Portal()
    with portal.connected(NOTED) as crm:
        crm.install(WANTED, check=False)
        user = portal.do("GET", "/crm/objects/2026-03/users?properties=hs_internal_user_id")["results"][0]
        portal.days.sleep(60)
        portal.change(
            "users", user["id"], attain_note_kind="feedback", attain_note_text="too high", attain_note_deal=""
        )
        portal.days.sleep(600)
        pages = pulled(crm, OWN)
    owners = portal.do("GET", "/crm/owners/2026-03")["results"]
    whose = next(each["id"] for each in owners if str(each["userId"]) == user["properties"]["hs_internal_user_id"])
    [note] = _notes(pages)
    assert note["updatedByUserId"] == whose
    assert (note["attain_note_text"], note["attain_note_deal"] or None) == ("too high", None)
    assert pages[0].records[0].ref.id == f"{user['id']}-1795608060000"  # 2026-11-25T12:01:00Z
