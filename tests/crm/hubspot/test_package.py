"""The project that we hand to HubSpot's own tool: its files as documented, its pages as they are built and rendered."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connector.crm.hubspot.package import Account, project
from connector.crm.hubspot.package.generated import OURS
from connector.crm.hubspot.package.manifest import webhooks
from connector.crm.hubspot.package.places import places
from connector.crm.words import WORDS
from connector.model.changes import Wanted
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, ScoreRows, SourceMap, WriteMap
from tests.contracts.test_jsforce import node
from tests.crm.hubspot import documented
from tests.crm.hubspot.shipped import shipped

JS = Path(__file__).parents[2] / "js"
ACCOUNT = Account("app.hubspot.com", "EUR")
Asked = tuple[CrmMapping, Wanted]
Exported = tuple[Path, str, int]  # the project, its tests, and how many they are
TRIED = {"users": ("*.test.tsx", 28), "rows": ("in_rows/*.test.tsx", 21)}


@pytest.fixture(scope="module")
def asked() -> Asked:
    return shipped()


@pytest.fixture(scope="module")
def files(asked: Asked) -> Mapping[str, bytes]:
    return project(*asked, ACCOUNT)


@pytest.fixture(scope="module")
def in_rows() -> Mapping[str, bytes]:
    """The project of an account that keeps people's numbers in an object of our own."""
    return project(*shipped(in_rows=True), ACCOUNT)


@pytest.fixture(scope="module", params=["users", "rows"])
def exported(
    request: pytest.FixtureRequest,
    files: Mapping[str, bytes],
    in_rows: Mapping[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> Exported:
    folder = tmp_path_factory.mktemp("project")
    for name, content in (in_rows if request.param == "rows" else files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "node_modules").symlink_to(JS / "node_modules")
    return folder, *TRIED[request.param]


def _complaints(schema: dict[str, Any], body: object) -> list[str]:
    return [each.message for each in Draft202012Validator(schema).iter_errors(body)]


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("hsproject.json", documented.PROJECT),
        ("src/app/app-hsmeta.json", documented.APP),
        ("src/app/cards/deal-hsmeta.json", documented.CARD),
        ("src/app/cards/company-hsmeta.json", documented.CARD),
        ("src/app/pages/pages-hsmeta.json", documented.PAGES),
        ("src/app/settings/settings-hsmeta.json", documented.SETTINGS),
    ],
)
def test_every_json_file_is_as_documented_and_leads_to_a_file(
    files: Mapping[str, bytes], path: str, schema: dict[str, Any]
) -> None:
    body = json.loads(files[path])
    assert _complaints(schema, body) == []
    assert _complaints(schema, {**body, "stray": 1}) != [], "the schema is closed"
    if entry := body.get("config", {}).get("entrypoint"):
        assert f"src{entry}" in files


def test_nothing_is_told_of_that_is_not_listed_here(files: Mapping[str, bytes]) -> None:
    assert {name for name in files if name.endswith("-hsmeta.json")} == {
        "src/app/app-hsmeta.json",
        "src/app/cards/deal-hsmeta.json",
        "src/app/cards/company-hsmeta.json",
        "src/app/pages/pages-hsmeta.json",
        "src/app/settings/settings-hsmeta.json",
    }
    uids = [json.loads(content)["uid"] for name, content in files.items() if name.endswith("-hsmeta.json")]
    assert len(set(uids)) == len(uids)


def test_webhooks_are_told_of_as_documented() -> None:
    body = webhooks("https://attain.example.com/hubspot/smb", [("deal", ("amount", "dealstage"))])
    assert _complaints(documented.WEBHOOKS, body) == []
    assert len(body["config"]["subscriptions"]["crmObjects"]) == 5 + 2


def test_types_hold_in_every_part(exported: Exported) -> None:
    """`tsc --strict` against HubSpot's own types, in each folder as HubSpot builds it."""
    folder, *_ = exported
    for part in ("cards", "pages", "settings"):
        done = subprocess.run(
            [node(), JS / "node_modules/typescript/bin/tsc", "-p", "."],
            cwd=folder / "src/app" / part,
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout.decode()


def test_cards_and_pages_in_every_state(exported: Exported, tmp_path: Path) -> None:
    """HubSpot's own renderer over the exported project; each test of tests/js/hubspot is a line of its report."""
    folder, tests, count = exported
    told = {"ATTAIN_PROJECT": str(folder), "ATTAIN_TESTS": tests, "HOME": str(tmp_path), "NO_COLOR": "1"}
    done = subprocess.run(
        [node(), JS / "node_modules/vitest/vitest.mjs", "run", "--config", "hubspot/vitest.config.mjs"],
        cwd=JS,
        env={**os.environ, **told},
        capture_output=True,
        check=False,
        timeout=120,
    )
    report = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 0, report
    assert f"{count} passed ({count})" in report


def test_a_mapping_that_asks_for_little_gets_little(asked: Asked) -> None:
    mapping, _ = asked
    bare = project(replace(mapping, write=WriteMap(), sources=mapping.sources[:2]), Wanted(), ACCOUNT)
    assert [name for name in bare if name.endswith("-hsmeta.json")] == [
        "src/app/app-hsmeta.json",
        "src/app/settings/settings-hsmeta.json",
    ]
    scopes = json.loads(bare["src/app/app-hsmeta.json"])["config"]["auth"]["requiredScopes"]
    assert not [each for each in scopes if each.endswith(".write")]


def test_numbers_in_an_object_of_our_own_bring_the_same_parts_and_no_other_scope_than_writing_them(
    files: Mapping[str, bytes], in_rows: Mapping[str, bytes]
) -> None:
    assert {name for name in in_rows if "/rows/" in name or "/users/" in name} == set()
    assert set(in_rows) - set(files) == {f"src/app/{part}/common/periods.ts" for part in ("cards", "pages", "settings")}
    assert set(files) - set(in_rows) == set()
    mine, theirs = (
        set(json.loads(each["src/app/app-hsmeta.json"])["config"]["auth"]["requiredScopes"])
        for each in (in_rows, files)
    )
    assert mine - theirs == {f"crm.{what}.custom.{may}" for what in ("objects", "schemas") for may in ("read", "write")}


def test_records_of_our_own_that_do_not_say_whose_or_when_bring_no_pages() -> None:
    mapping, wanted = shipped(in_rows=True)
    rows = mapping.write.scores
    assert isinstance(rows, ScoreRows)
    for needed in ("metric", "period"):
        fields = {theirs: ours for theirs, ours in rows.fields.items() if ours != needed}
        found = places(replace(mapping, write=replace(mapping.write, scores=replace(rows, fields=fields))), wanted)
        assert (found.rows, found.of_people) == (None, ())
    owned = {theirs: ours for theirs, ours in rows.fields.items() if ours not in {"person", "manager", "period_end"}}
    found = places(replace(mapping, write=replace(mapping.write, scores=replace(rows, fields=owned))), wanted)
    assert found.rows
    assert (found.rows.person, found.rows.manager, found.rows.ends) == ("hubspot_owner_id", None, None)


def test_pages_of_records_name_only_properties_that_install_makes(in_rows: Mapping[str, bytes]) -> None:
    _, wanted = shipped(in_rows=True)
    made = {each.name for each in wanted.fields} | {name for name, _ in wanted.objects}
    named = set(re.findall(r'"(attain_\w+)"', in_rows["src/app/pages/common/schema.ts"].decode()))
    assert len(named) > 20
    assert named - made == set()


def test_pages_name_only_properties_that_install_makes(asked: Asked, files: Mapping[str, bytes]) -> None:
    made = {each.name for each in asked[1].fields}
    text = files["src/app/cards/common/schema.ts"].decode()
    named = set(re.findall(r'"(attain_\w+)"', text))
    assert len(named) > 60
    assert named - made == set()


def _schema(files: Mapping[str, bytes]) -> str:
    return files["src/app/pages/common/schema.ts"].decode()


def _permitted(files: Mapping[str, bytes]) -> object:
    return json.loads(files["src/app/app-hsmeta.json"])["config"]["permittedUrls"]


def test_no_page_asks_a_server_of_anybody(files: Mapping[str, bytes]) -> None:
    assert _permitted(files) == {"fetch": [], "iframe": [], "img": []}
    sources = {name: content.decode() for name, content in files.items() if name.endswith((".ts", ".tsx"))}
    asking = {name for name, text in sources.items() if "fetch(" in text or "serverless(" in text}
    assert asking == {"src/app/pages/PageNote.tsx"}
    assert "PAGE_NOTE: PageNotePlace | null = null" in _schema(files), "and that one is not shown"


def test_a_note_from_the_page_goes_to_our_door_where_there_is_one(asked: Asked) -> None:
    mapping, wanted = asked
    fields = {"text": "attain_note_text", "kind": "attain_note_kind", "answer": "attain_note_answer"}
    noting = replace(mapping, sources=(*mapping.sources, SourceMap(RecordKind.NOTE, "users.notes", fields)))
    door = replace(ACCOUNT, told_at="https://attain.example.com/hints/smb")
    with_door = project(noting, wanted, door)
    address = "https://attain.example.com/hints/smb/notes"
    assert _permitted(with_door) == {"fetch": [address], "iframe": [], "img": []}
    assert _complaints(documented.APP, json.loads(with_door["src/app/app-hsmeta.json"])) == []
    place = json.dumps({"url": address, "text": "attain_note_text", "answer": "attain_note_answer"})
    assert f"PAGE_NOTE: PageNotePlace | null = {place};" in _schema(with_door)
    for without in (project(noting, wanted, ACCOUNT), project(mapping, wanted, door)):
        assert _permitted(without) == {"fetch": [], "iframe": [], "img": []}
        assert "PAGE_NOTE: PageNotePlace | null = null" in _schema(without)


def test_every_word_is_said_in_both_languages() -> None:
    both = {**WORDS, **OURS}
    assert [name for name, (english, chinese) in both.items() if not english or not chinese] == []
    assert [
        name for name, (_, chinese) in both.items() if not any("\u4e00" <= each <= "\u9fff" for each in chinese)
    ] == []
