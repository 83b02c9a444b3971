"""The door: who is let in, who is not, and what a caller hears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import httpx
import pytest
from starlette.applications import Starlette

from connector.errors import ConfigError, NotTrusted, StoreBusy
from connector.flow.taking import Taken
from connector.model.hints import Hint, Knock
from connector.model.notes import Typed
from connector.ports import Crm, World
from connector.store import hints
from connector.store.database import Store, open_store
from connector.web import door as the_door
from connector.web.door import LONGEST, door
from connector.web.serving import _bound

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
WORLD = World(lambda: NOON, lambda _seconds: None)


@dataclass
class Talkative:
    """A CRM whose requests are what their body says."""

    name: str = "smb"
    knocks: list[Knock] = field(default_factory=list)
    taken: Taken = Taken.QUEUED
    notes: list[Typed] = field(default_factory=list)

    def typed(self, knock: Knock, take: Callable[[Typed], None]) -> None:
        self.knocks.append(knock)
        if knock.body == b"forged":
            raise NotTrusted("the signature is not the app's")
        if knock.body == b"nonsense":
            raise ValueError("a note was expected")
        take(Typed("ana@example.com", "feedback", knock.body.decode()))

    def take(self, crm: Crm, typed: Typed) -> Taken:
        assert crm.name == self.name
        self.notes.append(typed)
        return self.taken

    def hear(self, knock: Knock, keep: Callable[[frozenset[Hint]], None]) -> None:
        self.knocks.append(knock)
        match knock.body:
            case b"forged":
                raise NotTrusted("the signature is not the app's")
            case b"nonsense":
                raise ValueError("a list was expected")
            case b"again":
                return
        keep(frozenset({Hint("deals", "77")}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = open_store(tmp_path / "door.db")
    yield found
    found.close()


@dataclass
class Standing:
    """A door with somebody behind it."""

    crm: Talkative
    app: Starlette
    woken: list[int]

    def say(self, body: bytes, path: str = "/hints/smb", method: str = "POST", **headers: str) -> int:
        async def said() -> int:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
                return (await client.request(method, path, content=body, headers=headers)).status_code

        return asyncio.run(said())


@pytest.fixture
def standing(store: Store, monkeypatch: pytest.MonkeyPatch) -> Standing:
    monkeypatch.setattr(the_door, "log", Mock())  # whoever logged before in this process may have closed its stream
    crm, woken = Talkative(), list[int]()
    app = door({"smb": crm}, crm.take, store, WORLD, lambda: woken.append(1))  # type: ignore[dict-item]
    return Standing(crm, app, woken)


def _waiting(store: Store) -> list[Hint]:
    with store.reading() as tx:
        return [each.hint for each in hints.waiting(tx, "smb")]


def test_whoever_is_recognised_is_kept_and_somebody_wakes(standing: Standing, store: Store) -> None:
    assert standing.say(b"[]", "/hints/smb?from=hubspot", **{"X-HubSpot-Signature-v3": "abc"}) == 200
    assert _waiting(store) == [Hint("deals", "77")]
    assert standing.woken == [1]
    [knock] = standing.crm.knocks
    assert (knock.method, knock.query, knock.body) == ("POST", "from=hubspot", b"[]")
    assert knock.headers["x-hubspot-signature-v3"] == "abc"


def test_everybody_else_hears_no_and_nothing_happens(standing: Standing, store: Store) -> None:
    assert standing.say(b"forged") == 401
    assert standing.say(b"nonsense") == 400
    assert standing.say(b"[]", "/hints/elsewhere") == 404
    assert standing.say(b"", method="GET") == 405
    assert standing.say(b"[]", "/") == 404
    assert standing.say(b"x" * (LONGEST + 1)) == 413
    assert (_waiting(store), standing.woken) == ([], [])


def test_what_was_said_before_is_answered_well_and_wakes_nobody(standing: Standing) -> None:
    assert standing.say(b"again") == 200
    assert standing.woken == []


def test_a_note_is_taken_and_somebody_wakes(standing: Standing, store: Store) -> None:
    assert standing.say(b"the territory was cut in half", "/hints/smb/notes?userEmail=ana@example.com") == 200
    assert standing.crm.notes == [Typed("ana@example.com", "feedback", "the territory was cut in half")]
    assert standing.crm.knocks[0].query == "userEmail=ana@example.com"
    assert standing.woken == [1]
    assert _waiting(store) == [], "a note is no hint"


@pytest.mark.parametrize(("taken", "status"), [(Taken.WAIT, 409), (Taken.NOBODY, 403), (Taken.NOWHERE, 404)])
def test_a_note_that_is_not_taken_is_told_so_and_wakes_nobody(standing: Standing, taken: Taken, status: int) -> None:
    standing.crm.taken = taken
    assert standing.say(b"hello", "/hints/smb/notes") == status
    assert standing.woken == []


def test_no_note_is_taken_from_somebody_else(standing: Standing) -> None:
    assert standing.say(b"forged", "/hints/smb/notes") == 401
    assert standing.say(b"nonsense", "/hints/smb/notes") == 400
    assert standing.say(b"hello", "/hints/elsewhere/notes") == 404
    assert standing.say(b"", "/hints/smb/notes", method="GET") == 405
    assert (standing.crm.notes, standing.woken) == ([], [])


def test_while_the_store_is_busy_the_caller_is_asked_to_come_again(
    standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise StoreBusy("another process")

    monkeypatch.setattr(hints, "note", busy)
    assert standing.say(b"[]") == 503
    assert standing.woken == []


def test_a_taken_port_is_told_at_once() -> None:
    first = _bound("127.0.0.1", 0)
    first.listen()
    try:
        with pytest.raises(ConfigError, match="nobody can listen"):
            _bound("127.0.0.1", first.getsockname()[1])
    finally:
        first.close()
