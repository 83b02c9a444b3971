"""The zip we deploy, held against the metadata WSDL that comes with the SDK."""

from __future__ import annotations

import io
import zipfile
from importlib.resources import files
from typing import Any

import pytest
from lxml import etree  # type: ignore[import-untyped]

from connector.crm.salesforce.package import package
from connector.model.changes import Wanted, WantedField

OURS = "Attain_Attainment__c"
TYPES = ("text", "long_text", "number", "money", "ratio", "date", "moment", "choice", "person")
WANTED = Wanted(
    objects=((OURS, "Attainment"),),
    fields=(
        WantedField(OURS, "Attain_Key__c", "Key", "text", unique=True, length=120),
        *(WantedField(OURS, f"Of_{each}__c", each, each, choices=("A & B", "C")) for each in TYPES),
        WantedField("Task", "Attain_Key__c", "Attain key", "text", unique=True, length=40),
    ),
)
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_META = "{http://soap.sforce.com/2006/04/metadata}"


@pytest.fixture(scope="module")
def schema() -> Any:
    """The WSDL's types, with one root element for each kind of file we make."""
    wsdl = etree.fromstring(files("simple_salesforce").joinpath("metadata.wsdl").read_bytes())
    types = wsdl.find(f".//{_XSD}schema")
    for name in ("CustomObject", "PermissionSet", "Package"):
        etree.SubElement(types, f"{_XSD}element", name=name, type=f"tns:{name}")
    return etree.XMLSchema(etree.fromstring(etree.tostring(types)))


def unpacked(archive: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: etree.fromstring(opened.read(name)) for name in opened.namelist()}


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    return unpacked(package("66.0", WANTED, WANTED.fields, WANTED.objects))


def texts(node: Any, path: str) -> list[str]:
    return [each.text for each in node.findall("/".join(f"{_META}{part}" for part in path.split("/")))]


def test_holds_a_manifest_our_object_the_activity_field_and_the_permission_set(documents: dict[str, Any]) -> None:
    assert sorted(documents) == [
        "objects/Activity.object",
        "objects/Attain_Attainment__c.object",
        "package.xml",
        "permissionsets/Attain_Integration.permissionset",
    ]


# The WSDL's sequences are sorted by name while the service takes any order, so only what is unknown counts.
# `fullName` is inherited, and the WSDL puts it first.
@pytest.mark.parametrize(
    "path", ["objects/Activity.object", f"objects/{OURS}.object", "permissionsets/Attain_Integration.permissionset"]
)
def test_uses_only_words_that_the_metadata_api_knows(schema: Any, documents: dict[str, Any], path: str) -> None:
    document = etree.fromstring(etree.tostring(documents[path]))
    _sort(document)
    schema.assertValid(document)


def test_the_manifest_is_valid_as_it_stands(schema: Any, documents: dict[str, Any]) -> None:
    document = documents["package.xml"]
    _sort(document)
    schema.assertValid(document)
    assert texts(document, "version") == ["66.0"]
    assert "Activity.Attain_Key__c" in texts(document, "types/members")
    assert "Task.Attain_Key__c" not in texts(document, "types/members")


def test_a_word_that_the_metadata_api_does_not_know_is_caught(schema: Any, documents: dict[str, Any]) -> None:
    document = etree.fromstring(etree.tostring(documents[f"objects/{OURS}.object"]))
    etree.SubElement(document, f"{_META}sharingMood").text = "ReadWrite"
    _sort(document)
    assert not schema.validate(document)


def _sort(node: Any) -> None:
    for child in node:
        _sort(child)
    node[:] = sorted(node, key=lambda each: (each.tag != f"{_META}fullName", each.tag))


def test_the_key_is_an_external_id_and_unique(documents: dict[str, Any]) -> None:
    activity = documents["objects/Activity.object"]
    assert texts(activity, "fields/fullName") == ["Attain_Key__c"]
    assert texts(activity, "fields/externalId") == texts(activity, "fields/unique") == ["true"]
    assert texts(activity, "fields/length") == ["40"]


def test_every_type_we_ask_for_has_its_metadata(documents: dict[str, Any]) -> None:
    found = dict(
        zip(
            texts(documents[f"objects/{OURS}.object"], "fields/fullName"),
            texts(documents[f"objects/{OURS}.object"], "fields/type"),
            strict=True,
        )
    )
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


def test_permissions_name_the_task_where_the_field_lives_on_the_activity(documents: dict[str, Any]) -> None:
    granted = texts(documents["permissionsets/Attain_Integration.permissionset"], "fieldPermissions/field")
    assert "Task.Attain_Key__c" in granted
    assert not [each for each in granted if each.startswith("Activity.")]
    assert len(granted) == len(WANTED.fields)


def test_grants_everything_also_when_only_one_field_is_new() -> None:
    documents = unpacked(package("66.0", WANTED, WANTED.fields[-1:], ()))
    assert sorted(documents) == [
        "objects/Activity.object",
        "package.xml",
        "permissionsets/Attain_Integration.permissionset",
    ]
    granted = texts(documents["permissionsets/Attain_Integration.permissionset"], "fieldPermissions/field")
    assert len(granted) == len(WANTED.fields)


def test_escapes_what_an_admin_may_have_typed(documents: dict[str, Any]) -> None:
    labels = texts(documents[f"objects/{OURS}.object"], "fields/valueSet/valueSetDefinition/value/label")
    assert labels == ["A & B", "C"]


def test_the_same_wishes_give_the_same_bytes() -> None:
    assert package("66.0", WANTED, WANTED.fields, WANTED.objects) == package(
        "66.0", WANTED, WANTED.fields, WANTED.objects
    )
