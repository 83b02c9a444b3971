"""Where an org refuses a unique key on activities: alerts lie in an object of ours, and a flow makes a task of each.

The upsert of the alert has one effect however often it is sent, and the flow runs when the row is created, so one task
comes of it. An admin may change the flow: ring the bell, send a message. Source: Salesforce, "Flow" metadata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connector.crm.salesforce.package.metadata import Node, Part
from connector.model.records import RecordKind
from connector.normalise.mapping import AlertTasks, CrmMapping

NAME = "Attain_Alert_Tell"
_TASK = {"person": "OwnerId", "title": "Subject", "text": "Description", "record": "WhatId", "due_on": "ActivityDate"}
_ALWAYS = {"Status": "Not Started", "Priority": "High"}


def tells(mapping: CrmMapping) -> AlertTasks | None:
    """The alerts that the flow makes tasks of; None where they are tasks already, or there are none."""
    where = mapping.write.alerts
    return where if where is not None and where.object.lower().startswith("attain_") else None


def alert_flow(version: str, mapping: CrmMapping) -> Iterator[Part]:
    """Nothing where alerts are tasks already."""
    where = tells(mapping)
    if where is None:
        return
    from_alert = {_TASK[each]: name for name, each in where.fields.items() if each in _TASK}
    if _is_marked(mapping, where.key_field):
        from_alert[where.key_field] = where.key_field
    yield Part("Flow", NAME, _flow(version, where.object, from_alert), over=where.object)


def _is_marked(mapping: CrmMapping, key: str) -> bool:
    """Whether tasks carry our key, by which they are told from people's own."""
    return any(each.kind is RecordKind.ACTIVITY and each.fields.get("key") == key for each in mapping.sources)


def _flow(version: str, obj: str, from_alert: Mapping[str, str]) -> list[Node]:
    copied: list[Node] = [
        ("inputAssignments", [("field", field), ("value", [("elementReference", f"$Record.{name}")])])
        for field, name in sorted(from_alert.items())
    ]
    fixed: list[Node] = [
        ("inputAssignments", [("field", field), ("value", [("stringValue", value)])])
        for field, value in sorted(_ALWAYS.items())
    ]
    create: list[Node] = [
        ("name", "Make_a_task"),
        ("label", "Make a task"),
        ("locationX", "176"),
        ("locationY", "287"),
        *copied,
        *fixed,
        ("object", "Task"),
        ("storeOutputAutomatically", "true"),
    ]
    start: list[Node] = [
        ("locationX", "50"),
        ("locationY", "0"),
        ("connector", [("targetReference", "Make_a_task")]),
        ("object", obj),
        ("recordTriggerType", "Create"),
        ("triggerType", "RecordAfterSave"),
    ]
    return [
        ("apiVersion", version),
        ("description", "Makes a task of every alert that Attain writes."),
        ("interviewLabel", "Attain alert {!$Flow.CurrentDateTime}"),
        ("label", "Attain: tell an alert"),
        ("processType", "AutoLaunchedFlow"),
        ("recordCreates", create),
        ("start", start),
        ("status", "Active"),
    ]
