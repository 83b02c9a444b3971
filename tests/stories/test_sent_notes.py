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
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from hubspot.utils.signature import Signature
from sqlalchemy import select
from sqlmodel import SQLModel

from connector.flow.install import wanted_by
from connector.flow.taking import take
from connector.service.wiring import house
from connector.store import outbox
from connector.web.door import door
from tests.cli.attain import Attain
from tests.faults.village import Village
from tests.faults.violations import Violations, settle

pytestmark = pytest.mark.xdist_group("notes")
SECRET, HINTS = "the-app-secret", "https://attain.example.com/hints/smb"
FIELDS = "attain_note_kind,attain_note_text,attain_note_metric,attain_note_period,attain_note_deal,attain_note_answer"


def _switch_on(folder: Path) -> None:
    """As ops would: the commented source of the shipped mapping, and the door in the config."""
    mapping = folder / "mappings/hubspot.yaml"
    shown = mapping.read_text(encoding="utf-8")
    block = re.search(r"  # - from: users\.notes\n(  #  .*\n)+", shown)
    assert block
    mapping.write_text(shown.replace(block[0], re.sub(r"^  # ", "  ", block[0], flags=re.MULTILINE)), encoding="utf-8")
    config = folder / "config.yaml"
    text = config.read_text(encoding="utf-8")
    told = f"type: hubspot\n    webhooks: {HINTS}\n    app_secret: ${{env:ATTAIN_TEST_SECRET}}"
    opened = text.replace("\nconnections:", "\ndoor: 127.0.0.1:8710\n\nconnections:")
    config.write_text(opened.replace("type: hubspot", told), encoding="utf-8")


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
        query = urlencode({"userId": 1, "portalId": 51234567, "userEmail": login or self.login, "appId": 1})
        at = str(int(self.village.time.now().timestamp() * 1000))
        url = f"{HINTS}/notes?{query}"
        signature = Signature.get_signature(SECRET, body, "v3", url.replace("%40", "@"), "POST", at)
        headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": at}
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
    _switch_on(village.folder)
    with village.wired():
        with house(village.config, world=village.time.world) as ready:
            ready.crms["smb"].install(wanted_by(ready, "smb"), check=False)
        village.cycle()
        person = village.objects("users", "hs_email,attain_bookings_quarter_target")[0]
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


def test_whoever_is_forgotten_takes_their_words_along(page: Page, attain: Attain) -> None:
    assert page.send(kind="feedback", text="the territory was cut in half") == 200
    page.village.cycle()
    page.village.time.sleep(3600)
    page.village.cycle()
    [note] = json.loads(attain("notes", "--json").out)
    assert attain("notes", "answer", note["ref"], "lowered by a tenth").code == 0
    assert page.send(kind="feedback", text="and the other half") == 200
    assert _holding(page.village, "half") != []
    assert attain("forget", note["person"], "--yes").code == 0
    assert [_holding(page.village, each) for each in ("cut in half", "lowered", "other half")] == [[], [], []]


def _holding(village: Village, word: str) -> list[str]:
    """Tables in which a word stands."""
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        tables = SQLModel.metadata.sorted_tables
        return [table.name for table in tables if any(word in str(tuple(row)) for row in tx.execute(select(table)))]


def test_a_death_after_the_door_answered_loses_no_note(page: Page) -> None:
    """It is in the store before the page hears "sent"."""
    assert page.send(kind="feedback", text="remember me") == 200
    with house(page.village.config, world=page.village.time.world, connect=False) as ready, ready.store.reading() as tx:
        [entry] = [each for each in outbox.open_entries(tx, "smb") if "attain_note_text" in each.change.fields]
    assert (entry.state, entry.change.fields["attain_note_text"]) == ("pending", "remember me")
