"""What a call, meeting, e-mail, task or note of a sandbox company looks like in HubSpot."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connector.sandbox.hubspot.moments import value_text
from connector.sandbox.hubspot.rows import Line, filled

_MINUTE = 60_000


def properties_of(line: Line, at: int, owner: str) -> dict[str, str]:
    """The record's properties; `at` is when it happened or is due."""
    done = line["status"] != "planned"
    shared = {"hs_timestamp": value_text(at), "hubspot_owner_id": owner}
    return filled(shared | _BY_TYPE[line["type"]](at, line["minutes"], done))


def _call(_at: int, minutes: str, done: bool) -> dict[str, str]:
    length = str(round(float(minutes) * _MINUTE)) if minutes else ""
    return {
        "hs_call_title": "Call",
        "hs_call_duration": length,
        "hs_call_direction": "OUTBOUND",
        "hs_call_status": "COMPLETED" if done else "QUEUED",
    }


def _meeting(at: int, minutes: str, done: bool) -> dict[str, str]:
    return {
        "hs_meeting_title": "Meeting",
        "hs_meeting_start_time": value_text(at),
        "hs_meeting_end_time": value_text(at + round(float(minutes) * _MINUTE)) if minutes else "",
        "hs_meeting_outcome": "COMPLETED" if done else "SCHEDULED",
    }


def _email(_at: int, _minutes: str, done: bool) -> dict[str, str]:
    return {
        "hs_email_subject": "E-mail",
        "hs_email_direction": "EMAIL",
        "hs_email_status": "SENT" if done else "SCHEDULED",
    }


def _task(at: int, _minutes: str, done: bool) -> dict[str, str]:
    return {
        "hs_task_subject": "Task",
        "hs_task_type": "TODO",
        "hs_task_priority": "NONE",
        "hs_task_status": "COMPLETED" if done else "NOT_STARTED",
        "hs_task_completion_date": value_text(at) if done else "",
    }


def _note(_at: int, _minutes: str, _done: bool) -> dict[str, str]:
    return {"hs_note_body": "Note"}


_BY_TYPE: Mapping[str, Callable[[int, str, bool], dict[str, str]]] = {
    "call": _call,
    "meeting": _meeting,
    "email": _email,
    "task": _task,
    "note": _note,
}
