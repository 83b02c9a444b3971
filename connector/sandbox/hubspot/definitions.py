"""Property definitions: the built-in ones, and what becomes of the ones that clients create."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.sandbox.hubspot.kinds import (
    CALLS,
    COMPANIES,
    CONTACTS,
    DEALS,
    EMAILS,
    GOALS,
    MEETINGS,
    NOTES,
    TASKS,
    USERS,
    Kind,
)
from connector.sandbox.hubspot.replies import Json, invalid

FIELD_TYPES: Mapping[str, frozenset[str]] = {
    "string": frozenset({"text", "textarea", "file", "html", "phonenumber", "calculation_equation"}),
    "number": frozenset({"number", "calculation_equation", "calculation_rollup", "calculation_score"}),
    "bool": frozenset({"booleancheckbox", "calculation_equation"}),
    "enumeration": frozenset({"booleancheckbox", "checkbox", "radio", "select", "calculation_equation"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"date", "calculation_read_time"}),
    "phone_number": frozenset({"phonenumber"}),
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
# Echoed when the client gave them; everything else that HubSpot may know of a property is left out.
_OPTIONAL = ("numberDisplayHint", "dateDisplayHint", "showCurrencySymbol", "currencyPropertyName", "calculationFormula")


@dataclass(frozen=True, slots=True)
class Definition:
    """One property of one kind, as far as values are concerned."""

    name: str
    type: str  # "string", "number", "bool", "enumeration", "date", "datetime", "phone_number"
    options: frozenset[str] | None  # None: anything goes, or the options live elsewhere
    read_only: bool
    unique: bool

    @classmethod
    def of(cls, body: Json) -> Definition:
        listed = frozenset(option["value"] for option in body["options"])
        return cls(
            body["name"],
            body["type"],
            (listed or None) if body["type"] == "enumeration" and not body["externalOptions"] else None,
            body["modificationMetadata"]["readOnlyValue"],
            body["hasUniqueValue"],
        )


_ACTIVITY = "hs_timestamp:datetime hubspot_owner_id:owner"
_SYSTEM = "hs_object_id:number! hs_object_source:string! hs_object_source_id:string! hs_object_source_label:string!"

# name:type, `!` for values that HubSpot computes, `=a|b` for the options, `*` for options kept elsewhere.
_BUILT_IN: Mapping[Kind, str] = {
    CONTACTS: "email:string firstname:string lastname:string phone:string company:string hubspot_owner_id:owner "
    "lifecyclestage:enumeration=subscriber|lead|opportunity|customer hs_merged_object_ids:string! createdate:datetime lastmodifieddate:datetime!",
    COMPANIES: "name:string domain:string industry:enumeration= country:string phone:string website:string "
    "hubspot_owner_id:owner hs_parent_company_id:number hs_merged_object_ids:string! createdate:datetime hs_lastmodifieddate:datetime!",
    DEALS: "dealname:string amount:number amount_in_home_currency:number! deal_currency_code:enumeration* "
    "hs_exchange_rate:number! dealstage:enumeration* pipeline:enumeration* closedate:datetime createdate:datetime "
    "hubspot_owner_id:owner hubspot_team_id:enumeration* dealtype:enumeration=newbusiness|existingbusiness "
    "hs_is_closed:bool! hs_is_closed_won:bool! hs_is_closed_lost:bool! hs_deal_stage_probability:number! "
    "hs_manual_forecast_category:enumeration=OMIT|PIPELINE|BEST_CASE|COMMIT|CLOSED hs_next_step:string "
    "lead_source:string hs_merged_object_ids:string! hs_lastmodifieddate:datetime!",
    TASKS: f"{_ACTIVITY} hs_task_subject:string hs_task_body:string hs_task_completion_date:datetime "
    "hs_task_status:enumeration=NOT_STARTED|IN_PROGRESS|WAITING|DEFERRED|COMPLETED "
    "hs_task_priority:enumeration=NONE|LOW|MEDIUM|HIGH hs_task_type:enumeration=TODO|CALL|EMAIL "
    "hs_createdate:datetime! hs_lastmodifieddate:datetime!",
    NOTES: f"{_ACTIVITY} hs_note_body:string hs_createdate:datetime! hs_lastmodifieddate:datetime!",
    MEETINGS: f"{_ACTIVITY} hs_meeting_title:string hs_meeting_body:string hs_meeting_start_time:datetime "
    "hs_meeting_end_time:datetime hs_meeting_outcome:enumeration=SCHEDULED|COMPLETED|RESCHEDULED|NO_SHOW|CANCELED "
    "hs_createdate:datetime! hs_lastmodifieddate:datetime!",
    CALLS: f"{_ACTIVITY} hs_call_title:string hs_call_body:string hs_call_duration:number "
    "hs_call_direction:enumeration=INBOUND|OUTBOUND hs_call_disposition:string "
    "hs_call_status:enumeration=BUSY|CALLING_CRM_USER|CANCELED|COMPLETED|CONNECTING|FAILED|IN_PROGRESS|MISSED|NO_ANSWER"
    "|QUEUED|RINGING hs_createdate:datetime! hs_lastmodifieddate:datetime!",
    EMAILS: f"{_ACTIVITY} hs_email_subject:string hs_email_text:string "
    "hs_email_direction:enumeration=EMAIL|INCOMING_EMAIL|FORWARDED_EMAIL "
    "hs_email_status:enumeration=BOUNCED|FAILED|SCHEDULED|SENDING|SENT hs_createdate:datetime! hs_lastmodifieddate:datetime!",
    GOALS: "hs_goal_name:string hs_target_amount:number hs_start_datetime:datetime hs_end_datetime:datetime "
    "hs_assignee_user_id:number hs_assignee_team_id:number hubspot_owner_id:owner hs_kpi_value:number! "
    "hs_createdate:datetime! hs_lastmodifieddate:datetime!",
    USERS: "hs_email:string! hs_given_name:string! hs_family_name:string! hs_job_title:string hs_internal_user_id:number! "
    "hubspot_owner_id:number! hs_deactivated:bool! hs_availability_status:enumeration=available|away "
    "hs_createdate:datetime! hs_lastmodifieddate:datetime!",
}
_CUSTOM = "hubspot_owner_id:owner hs_createdate:datetime! hs_lastmodifieddate:datetime!"  # of what a portal made itself
_FIELD_TYPE = {
    "string": "text",
    "number": "number",
    "bool": "booleancheckbox",
    "enumeration": "select",
    "date": "date",
    "datetime": "date",
}
_ALWAYS = "1970-01-01T00:00:00Z"
_ENTRY = re.compile(r"([a-z0-9_]+):([a-z]+)(!?)(\*?)(?:=(\S*))?")


def built_in(kind: Kind) -> list[Json]:
    """The definitions that every portal has."""
    return [_built_in(kind, entry) for entry in f"{_BUILT_IN.get(kind, _CUSTOM)} {_SYSTEM}".split()]


def _built_in(kind: Kind, entry: str) -> Json:
    found = _ENTRY.fullmatch(entry)
    assert found is not None, entry
    name, type_, computed, elsewhere, options = found.groups()
    owner = type_ == "owner"
    body = _definition(
        name=name,
        label=name.removeprefix("hs_").replace("_", " ").capitalize(),
        type="enumeration" if owner else type_,
        field_type="select" if owner else _FIELD_TYPE[type_],
        group=kind.group,
        options=[_option(value, value, place) for place, value in enumerate(filter(None, (options or "").split("|")))],
    )
    # Contacts are the exception among built-in kinds: their address names them.
    unique = (kind, name) == (CONTACTS, "email")
    return (
        body
        | {
            "createdAt": _ALWAYS,
            "updatedAt": _ALWAYS,
            "calculated": bool(computed) and not name.startswith("hs_object"),
            "externalOptions": owner or bool(elsewhere),
            "hasUniqueValue": unique,
            "hubspotDefined": True,
            "modificationMetadata": {"archivable": True, "readOnlyDefinition": True, "readOnlyValue": bool(computed)},
        }
        | ({"referencedObjectType": "OWNER"} if owner else {})
    )


def stage_entered(stage: str, label: str) -> Json:
    """The computed property that says when a deal came into a stage."""
    body = _definition(
        name=f"hs_v2_date_entered_{stage}",
        label=f'Date entered "{label}"',
        type="datetime",
        field_type="calculation_read_time",
        group=DEALS.group,
        options=[],
    )
    metadata = {"archivable": True, "readOnlyDefinition": True, "readOnlyValue": True}
    return body | {"calculated": True, "hubspotDefined": True, "modificationMetadata": metadata}


def created(body: Any, groups: Mapping[str, Json], stamp: str) -> Json:  # noqa: ANN401 - what the client sent
    """The definition that a client asks for. Raises Refused where it asks for something that cannot be."""
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON: a property definition is an object")
    for needed in ("name", "label", "groupName", "type", "fieldType"):
        if not isinstance(body.get(needed), str) or not body[needed]:
            raise invalid(
                f"Invalid input JSON: Some required fields were not set: [{needed}]", context={"fields": [needed]}
            )
    if not _NAME.fullmatch(body["name"]):
        raise invalid(f"Property name {body['name']} is invalid: lower-case letters, digits and underscores only")
    if body["fieldType"] not in FIELD_TYPES.get(body["type"], frozenset()):
        raise invalid(f"Property {body['name']}: fieldType {body['fieldType']} does not fit type {body['type']}")
    if body["groupName"] not in groups:
        raise invalid(f"Property group {body['groupName']} does not exist", context={"groupName": [body["groupName"]]})
    return _custom(body, stamp)


def _custom(body: Json, stamp: str) -> Json:
    definition = _definition(
        name=body["name"],
        label=body["label"],
        type=body["type"],
        field_type=body["fieldType"],
        group=body["groupName"],
        options=_options(body.get("options") or (), needed=body["type"] == "enumeration"),
    )
    given = {key: body[key] for key in _OPTIONAL if body.get(key) is not None}
    return (
        definition
        | given
        | {
            "createdAt": stamp,
            "updatedAt": stamp,
            "description": body.get("description") or "",
            "displayOrder": body.get("displayOrder", -1),
            "hasUniqueValue": body.get("hasUniqueValue") is True,
            "hidden": body.get("hidden") is True,
            "formField": body.get("formField") is True,
            "archived": False,
        }
    )


def _options(given: Sequence[Any], *, needed: bool) -> list[Json]:
    if needed and not given:
        raise invalid("Invalid input JSON: an enumeration needs options", context={"fields": ["options"]})
    if not all(isinstance(option, dict) and {"label", "value"} <= option.keys() for option in given):
        raise invalid("Invalid input JSON: an option needs a label and a value", context={"fields": ["options"]})
    return [
        _option(
            option["value"], option["label"], option.get("displayOrder", place), hidden=option.get("hidden") is True
        )
        | ({"description": option["description"]} if option.get("description") else {})
        for place, option in enumerate(given)
    ]


def _option(value: str, label: str, place: int, *, hidden: bool = False) -> Json:
    return {"label": label, "value": value, "displayOrder": place, "hidden": hidden}


def _definition(*, name: str, label: str, type: str, field_type: str, group: str, options: list[Json]) -> Json:
    return {
        "name": name,
        "label": label,
        "type": type,
        "fieldType": field_type,
        "description": "",
        "groupName": group,
        "options": options,
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": False,
        "hasUniqueValue": False,
        "hidden": False,
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False},
        "formField": False,
        "dataSensitivity": "non_sensitive",
    }
