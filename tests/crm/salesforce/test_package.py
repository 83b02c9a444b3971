"""The project that we deploy, held against the metadata WSDL and against Salesforce's own library."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree  # type: ignore[import-untyped]

from connector.crm.salesforce.package import PERMISSION_SET, Stages, project
from connector.crm.salesforce.package.metadata import BUNDLE
from connector.decide.changes import wanted
from connector.model.changes import Wanted, WantedField
from connector.normalise.mapping import AlertTasks, CrmMapping, OutcomeMap, ScoreRows, WriteMap
from connector.ports import Severity
from connector.sandbox.wire import Request
from tests.contracts.test_jsforce import node
from tests.crm.salesforce.company import place, write_company
from tests.crm.salesforce.conftest import Time
from tests.crm.salesforce.metadata import META, canonical, complaints, texts, unzipped
from tests.crm.salesforce.projects import whole_mapping, whole_project

OURS = "Attain_Attainment__c"
JS = Path(__file__).parents[2] / "js"
TYPES = ("text", "long_text", "number", "money", "ratio", "date", "moment", "choice", "person")
WANTED = Wanted(
    objects=((OURS, "Attainment"),),
    fields=(
        WantedField(OURS, "Attain_Key__c", "Key", "text", unique=True, length=120),
        *(WantedField(OURS, f"Of_{each}__c", each, each, choices=("A & B", "C")) for each in TYPES),
        WantedField("Task", "Attain_Key__c", "Attain key", "text", unique=True, length=40),
    ),
)
# A mapping that asks for little: no period, so nothing for people to open.
BARE = CrmMapping(
    "salesforce",
    (),
    OutcomeMap(),
    WriteMap(
        ScoreRows(OURS, "Attainment", "Attain_Key__c", {"Of_number__c": "actual"}),
        AlertTasks("Task", "Attain_Key__c", {}),
    ),
)


def bare() -> Stages:
    return project("66.0", BARE, WANTED)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return unzipped(whole_project().whole.archive())


@pytest.fixture(scope="module")
def store() -> dict[str, Any]:
    return {name: etree.fromstring(text) for name, text in unzipped(bare().store.archive()).items()}


def test_a_small_mapping_makes_objects_fields_and_one_grant(store: dict[str, Any]) -> None:
    assert sorted(store) == [
        "objects/Activity.object",
        "objects/Attain_Attainment__c.object",
        "package.xml",
        "permissionsets/Attain_Integration.permissionset",
    ]
    assert not [each for each in bare().pages.parts if each.kind in (BUNDLE, "Layout", "Report")]


def test_every_file_uses_only_words_that_the_metadata_api_knows(files: dict[str, bytes]) -> None:
    # Of a component's own files only the settings are metadata, and the WSDL has its targets as an opaque value.
    judged = {name: text for name, text in files.items() if not name.startswith("lwc/")}
    found = {name: complaints(text) for name, text in judged.items()}
    assert {name: each for name, each in found.items() if each} == {}
    assert len(judged) > 25


@pytest.mark.parametrize("stage", ["chinese", "client"])
def test_so_do_the_translations_and_the_templates_of_the_client_app(stage: str) -> None:
    found = {name: complaints(text) for name, text in unzipped(getattr(whole_project(), stage).archive()).items()}
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize(
    ("path", "right", "wrong"),
    [
        (f"objects/{OURS}.object", b"<sharingModel>Private", b"<sharingModel>Privat"),
        (f"objects/{OURS}.object", b"<enableReports>true</enableReports>", b"<enableRapports>true</enableRapports>"),
        ("dashboards/Attain/Attainment.dashboard", b"<componentType>Bar<", b"<componentType>Baar<"),
        ("permissionsets/Attain_Rep.permissionset", b"<visibility>Visible<", b"<visibility>Seen<"),
    ],
)
def test_a_word_that_it_does_not_know_is_caught(files: dict[str, bytes], path: str, right: bytes, wrong: bytes) -> None:
    assert right in files[path]
    assert complaints(files[path].replace(right, wrong))


def test_another_program_makes_of_the_exported_project_what_we_deploy(tmp_path: Path, files: dict[str, bytes]) -> None:
    """Salesforce's own converter: every component has the name and kind we gave it, every file says the same."""
    exported(whole_project(), tmp_path)
    source = tmp_path / "force-app"
    done = subprocess.run(
        [node(), JS / "convert.mjs", source, tmp_path / "converted"],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    theirs = {(each["kind"], each["name"]) for each in json.loads(done.stdout) if each["kind"] != "CustomLabel"}
    ours = {(kind, name) for kind, name in whole_project().whole.names}
    known = {("CustomObject", each) for each in ("Account", "Activity", "Opportunity")}  # where some of our fields live
    assert theirs - known == ours
    converted = {
        str(path.relative_to(tmp_path / "converted")): path.read_bytes()
        for path in (tmp_path / "converted").rglob("*")
        if path.is_file()
    }
    assert converted.keys() == files.keys()
    differing = [
        name
        for name, text in files.items()
        if name != "package.xml"
        and (canonical(text) != canonical(converted[name]) if _is_xml(name) else text != converted[name])
    ]
    assert differing == []


def test_the_exported_translations_convert_too(tmp_path: Path) -> None:
    exported(whole_project(), tmp_path)
    for folder, kinds in (
        ("translations", {"CustomObjectTranslation", "CustomFieldTranslation", "Translations"}),
        ("client-app", {kind for kind, _ in whole_project().client.names}),
    ):
        done = subprocess.run(
            [node(), JS / "convert.mjs", tmp_path / folder, tmp_path / f"{folder}-converted"],
            env={**os.environ, "HOME": str(tmp_path)},
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()
        assert {each["kind"] for each in json.loads(done.stdout)} == kinds


def test_lightning_components_in_every_state(tmp_path: Path) -> None:
    """sfdx-lwc-jest over the exported project; each test of tests/js/lwc is a line of its report."""
    exported(whole_project(), tmp_path)
    done = subprocess.run(
        [node(), JS / "node_modules/jest/bin/jest.js", "--config", JS / "lwc/jest.config.cjs", "--ci"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "ATTAIN_JEST_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        check=False,
        timeout=300,
    )
    report = done.stderr.decode()
    assert done.returncode == 0, report
    assert "40 passed, 40 total" in report


def test_a_component_names_only_labels_that_are_deployed(files: dict[str, bytes]) -> None:
    labels = files["labels/CustomLabels.labels"].decode()
    asked = files["lwc/attainLabels/attainLabels.js"].decode()
    names = [line.rpartition("c.")[2].rstrip('";') for line in asked.splitlines() if "@salesforce/label" in line]
    assert len(names) > 30
    assert [each for each in names if f"<fullName>{each}</fullName>" not in labels] == []


def test_every_word_has_a_translation() -> None:
    chinese = unzipped(whole_project().chinese.archive())
    said = etree.fromstring(chinese["translations/zh_CN.translation"])
    labels = etree.fromstring(unzipped(whole_project().pages.archive())["labels/CustomLabels.labels"])
    assert texts(said, "customLabels/name") == texts(labels, "labels/fullName")
    for name in (OURS, "Attain_Note__c"):
        fields = etree.fromstring(unzipped(whole_project().store.archive())[f"objects/{name}.object"])
        translated = etree.fromstring(chinese[f"objectTranslations/{name}-zh_CN.objectTranslation"])
        assert sorted(texts(translated, "fields/name")) == sorted(texts(fields, "fields/fullName"))


def test_the_key_is_an_external_id_and_unique(store: dict[str, Any]) -> None:
    activity = store["objects/Activity.object"]
    assert texts(activity, "fields/fullName") == ["Attain_Key__c"]
    assert texts(activity, "fields/externalId") == texts(activity, "fields/unique") == ["true"]
    assert texts(activity, "fields/length") == ["40"]


def test_every_type_we_ask_for_has_its_metadata(store: dict[str, Any]) -> None:
    fields = store[f"objects/{OURS}.object"]
    found = dict(zip(texts(fields, "fields/fullName"), texts(fields, "fields/type"), strict=True))
    assert found == {
        "Attain_Key__c": "Text",
        "Of_text__c": "Text",
        "Of_long_text__c": "LongTextArea",
        "Of_number__c": "Number",
        "Of_money__c": "Number",
        "Of_ratio__c": "Percent",
        "Of_date__c": "Date",
        "Of_moment__c": "DateTime",
        "Of_choice__c": "Picklist",
        "Of_person__c": "Lookup",
    }


def test_rows_are_private_and_the_integration_user_still_reaches_all_of_them(store: dict[str, Any]) -> None:
    assert texts(store[f"objects/{OURS}.object"], "sharingModel") == ["Private"]
    grant = store[f"permissionsets/{PERMISSION_SET}.permissionset"]
    assert texts(grant, "objectPermissions/modifyAllRecords") == ["true"]


def test_permissions_name_the_task_where_the_field_lives_on_the_activity(store: dict[str, Any]) -> None:
    granted = texts(store[f"permissionsets/{PERMISSION_SET}.permissionset"], "fieldPermissions/field")
    assert "Task.Attain_Key__c" in granted
    assert not [each for each in granted if each.startswith("Activity.")]
    assert len(granted) == len(WANTED.fields)


def test_a_rep_reads_numbers_and_writes_notes_but_not_our_answer(files: dict[str, bytes]) -> None:
    rep = etree.fromstring(files["permissionsets/Attain_Rep.permissionset"])
    may = {
        each.find(f"{META}object").text: {
            name: each.find(f"{META}{name}").text == "true" for name in ("allowCreate", "allowEdit", "viewAllRecords")
        }
        for each in rep.findall(f"{META}objectPermissions")
    }
    assert may == {
        OURS: {"allowCreate": False, "allowEdit": False, "viewAllRecords": False},
        "Attain_Note__c": {"allowCreate": True, "allowEdit": True, "viewAllRecords": False},
    }
    editable = {
        each.find(f"{META}field").text
        for each in rep.findall(f"{META}fieldPermissions")
        if each.find(f"{META}editable").text == "true"
    }
    assert "Attain_Note__c.Text__c" in editable
    assert "Attain_Note__c.Answer__c" not in editable
    assert not [each for each in editable if not each.startswith("Attain_Note__c.")]


def test_what_takes_it_away_names_everything_and_brings_nothing() -> None:
    files = unzipped(whole_project().whole.removal())
    assert sorted(files) == ["destructiveChanges.xml", "package.xml"]
    assert texts(etree.fromstring(files["package.xml"]), "types/members") == []
    gone = texts(etree.fromstring(files["destructiveChanges.xml"]), "types/members")
    assert sorted(gone) == sorted(name for _, name in whole_project().whole.names)
    assert complaints(files["destructiveChanges.xml"]) == []


# Alerts in an object of our own, for an org that refuses a unique key on activities.
ALERTS = AlertTasks(
    "Attain_Alert__c",
    "Attain_Key__c",
    {"User__c": "person", "Title__c": "title", "Text__c": "text", "Record_Id__c": "record", "Due__c": "due_on"},
)


def alerting() -> tuple[Stages, Wanted]:
    mapping = replace(whole_mapping(), write=replace(whole_mapping().write, alerts=ALERTS))
    return project("66.0", mapping, wanted(mapping, {})), wanted(mapping, {})


def test_alerts_of_our_own_come_with_a_flow_that_makes_a_task_of_each() -> None:
    files = unzipped(alerting()[0].store.archive())
    flow = etree.fromstring(files["flows/Attain_Alert_Tell.flow"])
    assert complaints(files["flows/Attain_Alert_Tell.flow"]) == []
    assert texts(flow, "start/object") == ["Attain_Alert__c"]
    assert texts(flow, "start/recordTriggerType") == ["Create"], (
        "a second upsert is an update, and makes no second task"
    )
    copied = dict(zip(texts(flow, "recordCreates/inputAssignments/field"), range(99), strict=False))
    assert set(copied) == {
        "OwnerId", "Subject", "Description", "WhatId", "ActivityDate", "Attain_Key__c", "Status", "Priority",
    }  # fmt: skip


def test_installing_their_object_brings_the_flow_along(tmp_path: Path, time: Time, private_key: str) -> None:
    mapping = replace(whole_mapping(), write=replace(whole_mapping().write, alerts=ALERTS))
    with place(write_company(tmp_path), time, private_key, mapping=mapping) as org:
        org.crm.install(alerting()[1], check=False)
        sent = [unzipped_part(each) for each in org.heard.requests if each.path.endswith("deployRequest")]
    assert "flows/Attain_Alert_Tell.flow" in sent[0]


def test_a_flow_that_arrived_inactive_is_told_with_what_to_click(tmp_path: Path, time: Time, private_key: str) -> None:
    """A production org takes flows in inactive, and then alerts are written that nobody hears of."""
    mapping = replace(whole_mapping(), write=replace(whole_mapping().write, alerts=ALERTS))
    wishes = alerting()[1]

    def told() -> list[tuple[Severity, str]]:
        return [(each.severity, each.cure) for each in org.crm.doctor(wishes) if each.subject == "Attain_Alert_Tell"]

    with place(write_company(tmp_path), time, private_key, mapping=mapping) as org:
        org.sandbox.be_production()
        assert told() == [], "there is nothing to switch on yet"
        [step] = org.crm.install(wishes, check=False).to_do
        assert "Activate" in step
        [(severity, cure)] = told()
        assert severity is Severity.ERROR
        assert "Deploy processes and flows as active" in cure
        org.sandbox.activate("Attain_Alert_Tell")
        assert told() == [(Severity.OK, "")]
        assert org.crm.install(wishes, check=False).to_do == ()


def test_a_flow_that_arrived_active_leaves_nothing_to_do(tmp_path: Path, time: Time, private_key: str) -> None:
    mapping = replace(whole_mapping(), write=replace(whole_mapping().write, alerts=ALERTS))
    with place(write_company(tmp_path), time, private_key, mapping=mapping) as org:
        assert org.crm.install(alerting()[1], check=False).to_do == ()


def unzipped_part(request: Request) -> dict[str, bytes]:
    """The zip inside a multipart request."""
    return unzipped(request.body[request.body.index(b"PK\x03\x04") :])


def test_their_key_is_unique_on_the_alert_and_plain_on_the_task() -> None:
    files = unzipped(alerting()[0].store.archive())
    alert, activity = (etree.fromstring(files[f"objects/{each}.object"]) for each in ("Attain_Alert__c", "Activity"))
    assert texts(alert, "fields/unique") == ["true"]
    assert texts(activity, "fields/fullName") == ["Attain_Key__c"]
    assert texts(activity, "fields/unique") == []


def test_alerts_as_tasks_need_no_flow(files: dict[str, bytes]) -> None:
    assert not [name for name in files if name.startswith("flows/")]


def test_escapes_what_an_admin_may_have_typed(store: dict[str, Any]) -> None:
    labels = texts(store[f"objects/{OURS}.object"], "fields/valueSet/valueSetDefinition/value/label")
    assert labels == ["A & B", "C"]


def test_the_same_wishes_give_the_same_bytes() -> None:
    assert whole_project().whole.archive() == whole_project().whole.archive()


def exported(stages: Stages, folder: Path) -> None:
    for name, content in stages.files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _is_xml(name: str) -> bool:
    return not name.endswith((".js", ".html", ".css"))
