"""A note is sent from the app's page in HubSpot: through our door into the person's record, to ops, and its answer back.

Signed by HubSpot's own SDK, as HubSpot signs what it passes on for a page.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import SQLModel

from connector.flow.install import wanted_by
from connector.flow.taking import take
from connector.service.wiring import house
from connector.store import outbox, tables
from connector.web.door import door
from tests.cli.attain import Attain
from tests.crm.hubspot.given import signed
from tests.faults.village import Village
from tests.faults.violations import Violations, settle
from tests.switching import knocked_at, uncomment

pytestmark = pytest.mark.xdist_group("notes")
SECRET, HINTS = "the-app-secret", "https://attain.example.com/hints/smb"
FIELDS = "attain_note_kind,attain_note_text,attain_note_metric,attain_note_period,attain_note_deal,attain_note_answer"


@dataclass(frozen=True)
class Page:
    """The app's page, as far as it sends; and what the CRM shows of the person."""

    village: Village
    login: str
    record: str
    woken: list[int]

    def send(self, login: str = "", **note: str) -> int:
        """The status that the page sees."""
        body = json.dumps(note)
        who = {"userId": 1, "portalId": self.village.portal(), "userEmail": login or self.login, "appId": 1}
        query = urlencode(who)
        headers = signed(SECRET, body, f"{HINTS}/notes?{query}".replace("%40", "@"), self.village.time.now())
        with self.village.wired(), house(self.village.config, world=self.village.time.world) as ready:
            app = door(ready.crms, partial(take, ready), ready.store, ready.world, lambda: self.woken.append(1))

            async def said() -> int:
                transport = httpx.ASGITransport(app=app)
                async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
                    asked = f"/hints/smb/notes?{query}"
                    return (await client.post(asked, content=body, headers=headers)).status_code

            return asyncio.run(said())

    def shown(self) -> dict[str, str | None]:
        found = {each["id"]: each["properties"] for each in self.village.objects("users", FIELDS)}[self.record]
        return {name: found.get(name) or None for name in FIELDS.split(",")}


@pytest.fixture
def page(village: Village, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setenv("ATTAIN_TEST_SECRET", SECRET)
    uncomment(village.folder / "mappings/hubspot.yaml", r"  # - from: users\.notes\n(  #  .*\n)+")
    knocked_at(village.config, HINTS)
    with village.wired():
        with house(village.config, world=village.time.world) as ready:
            ready.crms["smb"].install(wanted_by(ready, "smb"), check=False)
        village.cycle()
        person = village.objects("users", "hs_email")[0]
        yield Page(village, person["properties"]["hs_email"], person["id"], [])


def test_a_note_reaches_ops_and_its_answer_the_person(page: Page, attain: Attain) -> None:
    village = page.village
    deal = village.objects("deals", "dealname")[0]["id"]
    assert page.send(kind="dispute", text="I closed this one", metric="bookings", period="2026-Q4", deal=deal) == 200
    assert page.woken == [1]
    assert page.shown()["attain_note_text"] is None, "the door itself writes nothing"
    village.cycle()
    assert page.shown() == {
        "attain_note_kind": "dispute",
        "attain_note_text": "I closed this one",
        "attain_note_metric": "bookings",
        "attain_note_period": "2026-Q4",
        "attain_note_deal": deal,
        "attain_note_answer": None,
    }
    village.time.sleep(3600)
    village.cycle()
    [first] = json.loads(attain("notes", "--json").out)
    assert (first["kind"], first["text"], first["metric"], first["period"]) == (
        "dispute", "I closed this one", "bookings", "2026-Q4",
    )  # fmt: skip
    assert first["record"].endswith(f"deals/{deal}")
    assert first["author"] == first["person"]

    assert attain("notes", "answer", first["ref"], "split in half").code == 0
    assert page.shown()["attain_note_answer"] == "split in half"
    village.time.sleep(3600)
    village.cycle()
    assert json.loads(attain("notes", "--json").out) == []

    assert page.send(kind="check_in", text="lunch on Friday?") == 200
    village.cycle()
    second = page.shown()
    assert (second["attain_note_text"], second["attain_note_deal"]) == ("lunch on Friday?", None)
    assert second["attain_note_answer"] is None, "the answer was to the note before"
    village.time.sleep(3600)
    village.cycle()
    every = {each["text"]: each["answer"] for each in json.loads(attain("notes", "--all", "--json").out)}
    assert every == {"I closed this one": "split in half", "lunch on Friday?": ""}


def test_a_note_waits_for_the_one_before_and_none_is_lost(page: Page) -> None:
    assert page.send(kind="feedback", text="first") == 200
    page.village.time.sleep(1)
    assert page.send(kind="feedback", text="second") == 409
    page.village.cycle()
    assert page.shown()["attain_note_text"] == "first"
    assert page.send(kind="feedback", text="second") == 200
    page.village.cycle()
    assert page.shown()["attain_note_text"] == "second"
    quiet = Violations()
    settle(page.village, quiet)
    assert not quiet, quiet.words


def test_whoever_is_unknown_or_says_more_than_a_note_hears_no(page: Page) -> None:
    assert page.send("somebody@else.example", kind="feedback", text="hello") == 403
    assert page.send(kind="rating", text="5") == 400
    assert page.send(kind="feedback", text="hello", owner="70100001") == 400
    assert page.woken == []


def test_where_the_mapping_has_no_place_nothing_is_taken(page: Page) -> None:
    mapping = page.village.folder / "mappings/hubspot.yaml"
    text = mapping.read_text(encoding="utf-8")
    block = re.search(r"  - from: users\.notes\n(    .*\n)+", text)
    assert block
    mapping.write_text(text.replace(block[0], ""), encoding="utf-8")
    assert page.send(kind="feedback", text="hello") == 404


def test_notes_about_companies_are_no_place_for_it(page: Page) -> None:
    """The id of a person's record is that of another one elsewhere."""
    mapping = page.village.folder / "mappings/hubspot.yaml"
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace("  - from: users.notes", "  - from: companies.notes"), encoding="utf-8")
    assert page.send(kind="feedback", text="hello") == 404


@pytest.mark.parametrize("active", [True, False])
def test_whoever_is_forgotten_takes_their_words_along(page: Page, attain: Attain, active: bool) -> None:
    assert page.send(kind="feedback", text="the territory was cut in half") == 200
    page.village.cycle()
    page.village.time.sleep(3600)
    page.village.cycle()
    [note] = json.loads(attain("notes", "--json").out)
    assert attain("notes", "answer", note["ref"], "lowered by a tenth").code == 0
    assert page.send(kind="feedback", text="and the other half") == 200
    assert _holding(page.village, "half") != []
    if not active:  # they left, which is when people are forgotten
        world, left = page.village.time.world, tables.users.c.scores_on == f"smb:users/{page.record}"
        with house(page.village.config, world=world, connect=False) as ready, ready.store.writing() as tx:
            tx.execute(update(tables.users).where(left).values(active=False))
    assert attain("forget", note["person"], "--yes").code == 0
    assert [_holding(page.village, each) for each in ("cut in half", "lowered", "other half")] == [[], [], []]


def _holding(village: Village, word: str) -> list[str]:
    """Tables in which a word stands."""
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        known = SQLModel.metadata.sorted_tables
        return [table.name for table in known if any(word in str(tuple(row)) for row in tx.execute(select(table)))]


def test_a_death_after_the_door_answered_loses_no_note(page: Page) -> None:
    """It is in the store before the page hears "sent"."""
    assert page.send(kind="feedback", text="remember me") == 200
    with house(page.village.config, world=page.village.time.world, connect=False) as ready, ready.store.reading() as tx:
        [entry] = [each for each in outbox.open_entries(tx, "smb") if "attain_note_text" in each.change.fields]
    assert (entry.state, entry.change.fields["attain_note_text"]) == ("pending", "remember me")
