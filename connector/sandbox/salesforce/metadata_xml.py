"""Metadata files: what a `.object` or `.permissionset` asks the organisation to become."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from connector.sandbox.salesforce.fields import Field, SObject, listed
from connector.sandbox.salesforce.standard_deals import AUDIT

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_CUSTOM = f"""
Id id :DI Record ID
OwnerId reference(User) :CUD Owner ID
IsDeleted boolean :D Deleted
Name string(80) :CUNDIn Name
{AUDIT.strip()}
LastViewedDate datetime :N Last Viewed Date
LastReferencedDate datetime :N Last Referenced Date
"""
# Metadata's word for a type → describe's. Source: Salesforce, "Metadata API Developer Guide", CustomField.
_TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Html": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Date": "date",
    "DateTime": "datetime",
    "Checkbox": "boolean",
    "Picklist": "picklist",
    "Lookup": "reference",
    "MasterDetail": "reference",
    "Url": "url",
    "Email": "email",
    "Phone": "phone",
    "AutoNumber": "string",
}
_NEEDS = {
    "Text": ("length",),
    "LongTextArea": ("length", "visibleLines"),
    "Html": ("length", "visibleLines"),
    "Number": ("precision", "scale"),
    "Currency": ("precision", "scale"),
    "Percent": ("precision", "scale"),
    "Checkbox": ("defaultValue",),
    "Lookup": ("referenceTo",),
    "MasterDetail": ("referenceTo", "relationshipName"),
}
_LENGTHS = {"TextArea": 255, "Url": 255, "Email": 80, "Phone": 40, "Picklist": 255, "AutoNumber": 30}

# Source: Salesforce, "PermissionSet" metadata, PermissionSetObjectPermissions.
POWERS = ("allowCreate", "allowDelete", "allowEdit", "allowRead", "modifyAllRecords", "viewAllRecords")
_VERBS = {"modifyAllRecords": "Modify All", "viewAllRecords": "View All"}
_NEEDED = {
    "allowCreate": ("allowRead",),
    "allowEdit": ("allowRead",),
    "allowDelete": ("allowRead", "allowEdit"),
    "viewAllRecords": ("allowRead",),
    "modifyAllRecords": ("allowRead", "allowEdit", "allowDelete", "viewAllRecords"),
}
# As many as somebody here asks for. Source: Salesforce, field reference of PermissionSet, without `Permissions` in front.
USER_PERMISSIONS = (
    "ActivitiesAccess",
    "EditEvent",
    "EditTask",
    "ModifyAllData",
    "SendCustomNotifications",
    "ViewAllData",
)


class Invalid(Exception):
    """A component that cannot be deployed, and why, in Salesforce's words where we know them."""


@dataclass(frozen=True, slots=True)
class ObjectFile:
    """One `.object`: a custom object of one's own, or fields for a known one."""

    name: str
    label: str
    plural: str
    name_field: Field | None  # only where the file describes the object itself
    fields: tuple[Element, ...]

    @property
    def is_whole(self) -> bool:
        return bool(self.label)


@dataclass(frozen=True, slots=True)
class PermissionFile:
    """One `.permissionset`."""

    name: str
    label: str
    objects: tuple[str, ...]  # those that may be read
    fields: tuple[tuple[str, str, bool], ...]  # object, field, may be edited
    powers: tuple[tuple[str, str], ...] = ()  # object and "allowEdit", of those that are granted
    user: tuple[str, ...] = ()  # "EditTask"


def read(text: bytes) -> Element:
    """Raises Invalid."""
    try:
        return ET.fromstring(text)  # noqa: S314 - see above
    except ET.ParseError as error:
        raise Invalid(f"Error parsing file: {error}") from None


def text_of(element: Element, name: str) -> str:
    """The text of the child with that name; empty when there is none."""
    found = element.find(NAMESPACE + name)
    return (found.text or "").strip() if found is not None else ""


def object_file(name: str, root: Element) -> ObjectFile:
    named = root.find(NAMESPACE + "nameField")
    name_field = None
    if named is not None:
        numbered = text_of(named, "type") == "AutoNumber"
        pattern = text_of(named, "displayFormat") if numbered else ""
        flags = "DIna" if numbered else "CUNDIn"
        name_field = Field("Name", "string", text_of(named, "label") or "Name", flags, 80, pattern=pattern)
    fields = tuple(root.findall(NAMESPACE + "fields"))
    return ObjectFile(name, text_of(root, "label"), text_of(root, "pluralLabel"), name_field, fields)


def custom_object(file: ObjectFile, prefix: str, *, currencies: bool) -> SObject:
    """The object with its system fields, before its own. Raises Invalid."""
    if not (file.label and file.plural):
        raise Invalid("Must specify a non-empty label for the CustomObject")
    if file.name_field is None:
        raise Invalid("Must specify a nameField of type Text or AutoNumber")
    more = "CurrencyIsoCode picklist(3) :CUNDR Currency ISO Code" if currencies else ""
    fields = listed(_CUSTOM + more) | {"Name": file.name_field}
    return SObject(file.name, file.label, file.plural, prefix, fields, custom=True)


def custom_field(element: Element) -> Field:
    """Raises Invalid for what the type needs and the file does not say."""
    name, kind = text_of(element, "fullName"), text_of(element, "type")
    if not name.endswith("__c"):
        raise Invalid(f"Custom field names must end in __c: {name}")
    if kind not in _TYPES:
        raise Invalid(f"'{kind}' is not a valid value for the enum 'FieldType'")
    formula = text_of(element, "formula") or None
    for each in () if formula else _NEEDS.get(kind, ()):
        if not text_of(element, each):
            raise Invalid(f"Must specify '{each}' for a CustomField of type {kind}")
    required = text_of(element, "required") == "true" or kind == "MasterDetail"
    target = text_of(element, "referenceTo")
    return Field(
        name,
        _TYPES[kind],
        text_of(element, "label") or name,
        _flags(element, kind, required=required, readonly=formula is not None or kind == "AutoNumber"),
        18 if target else int(text_of(element, "length") or _LENGTHS.get(kind, 0)),
        int(text_of(element, "precision") or (18 if kind in {"Number", "Currency", "Percent"} else 0)),
        int(text_of(element, "scale") or 0),
        (target,) if target else (),
        name.removesuffix("__c") + "__r" if target else None,
        tuple((value, value) for value in _picklist(element)),
        custom=True,
        external_id=text_of(element, "externalId") == "true",
        unique=text_of(element, "unique") == "true",
        case_sensitive=text_of(element, "caseSensitive") == "true",
        required=required,
        formula=formula,
        default=text_of(element, "defaultValue") == "true" if kind == "Checkbox" else None,
    )


def _flags(element: Element, kind: str, *, required: bool, readonly: bool) -> str:
    restricted = element.find(f"{NAMESPACE}valueSet/{NAMESPACE}restricted")
    flags = "" if readonly else "CU"
    flags += "" if required or kind == "Checkbox" else "N"
    flags += "" if required else "P"
    flags += "D" if kind == "Checkbox" else ""
    return flags + ("R" if restricted is not None and restricted.text == "true" else "")


def _picklist(element: Element) -> list[str]:
    values = element.iterfind(f"{NAMESPACE}valueSet/{NAMESPACE}valueSetDefinition/{NAMESPACE}value")
    return [text_of(each, "fullName") for each in values]


def permission_file(name: str, root: Element) -> PermissionFile:
    """Raises Invalid."""
    if not text_of(root, "label"):
        raise Invalid("Required field is missing: label")
    powers = _powers(root)
    fields = []
    for each in root.findall(NAMESPACE + "fieldPermissions"):
        thing, _, field = text_of(each, "field").partition(".")
        if text_of(each, "readable") == "true" or text_of(each, "editable") == "true":
            fields.append((thing, field, text_of(each, "editable") == "true"))
    read = tuple(thing for thing, power in powers if power == "allowRead")
    return PermissionFile(name, text_of(root, "label"), read, tuple(fields), powers, tuple(_user_permissions(root)))


def _powers(root: Element) -> tuple[tuple[str, str], ...]:
    """Object permissions. Raises Invalid for one that needs another."""
    found = [
        (text_of(each, "object"), power)
        for each in root.findall(NAMESPACE + "objectPermissions")
        for power in POWERS
        if text_of(each, power) == "true"
    ]
    for thing, power in found:
        needed = [(thing, each) for each in _NEEDED.get(power, ())]
        for other in [*needed, ("Account", "allowRead")] if thing == "Opportunity" else needed:
            if other not in found:
                raise Invalid(f"Permission {_said(thing, power)} depends on permission(s): {_said(*other)}")
    return tuple(found)


def _said(thing: str, power: str) -> str:
    return f"{_VERBS.get(power) or power.removeprefix('allow')} {thing}"


def _user_permissions(root: Element) -> list[str]:
    names = [
        text_of(each, "name")
        for each in root.findall(NAMESPACE + "userPermissions")
        if text_of(each, "enabled") == "true"
    ]
    for each in names:
        if each not in USER_PERMISSIONS:
            raise Invalid(f"Unknown user permission: {each}")
    return names
