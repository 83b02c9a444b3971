"""E-mails of the shipped mapping: what a rep sent counts, from wherever it was sent; what came in is nobody's activity.

Directions and statuses are those of HubSpot's guide "Activities | Email"; that logged mail has no status is seen in data
that others publish.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connector.model.records import Activity, RawRecord, Record, RecordKind
from connector.normalise.fields import Context
from connector.normalise.records import normalise
from connector.ports import Source
from tests.crm.hubspot.given import COMPANY, Portal, pulled
from tests.crm.hubspot.shipped import shipped

EMAILS = Source(RecordKind.ACTIVITY, "emails")


def _pulled(portal: Portal) -> Sequence[RawRecord]:
    mapping, _ = shipped()
    portal.days.sleep(600)
    with portal.connected(mapping) as crm:
        return [each for page in pulled(crm, EMAILS) for each in page.records]


def _kept(raw: RawRecord) -> Sequence[Record]:
    found = normalise(raw, Context(shipped()[0], COMPANY))
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize(
    ("direction", "status", "kept"),
    [
        ("EMAIL", "SENT", "completed"),
        ("EMAIL", "", "completed"),  # sent elsewhere, and logged
        ("EMAIL", "SENDING", "planned"),
        ("EMAIL", "SCHEDULED", "planned"),
        ("EMAIL", "BOUNCED", None),
        ("EMAIL", "FAILED", None),
        ("INCOMING_EMAIL", "", None),
        ("INCOMING_EMAIL", "SENT", None),
        ("FORWARDED_EMAIL", "", None),
        ("", "SENT", "completed"),  # logged by a program that says no direction
        ("", "", "completed"),
    ],
)
def test_what_was_sent_is_completed_and_what_was_received_or_came_back_is_nothing(
    direction: str, status: str, kept: str | None
) -> None:
    portal = Portal()
    given = {"hs_timestamp": "2026-11-25T09:00:00Z", "hs_email_direction": direction, "hs_email_status": status}
    portal.add("emails", **{name: value for name, value in given.items() if value})
    [raw] = _pulled(portal)
    assert [each.status for each in _kept(raw) if isinstance(each, Activity)] == ([kept] if kept else [])


def test_an_emptied_status_is_as_good_as_none() -> None:
    portal = Portal()
    email = portal.add(
        "emails", hs_timestamp="2026-11-25T09:00:00Z", hs_email_direction="EMAIL", hs_email_status="SENT"
    )
    portal.change("emails", email, hs_email_status="")
    [raw] = _pulled(portal)
    [found] = _kept(raw)
    assert isinstance(found, Activity)
    assert (found.type, found.status) == ("email", "completed")
