"""Tasks and events as Salesforce keeps them, read by the mapping that ships: whose they are, and on which day they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.model.records import Activity
from connector.model.settings import Company
from connector.normalise.fields import Context
from connector.normalise.records import normalise
from tests.crm.salesforce.company import ACME, Place, place, shipped_mapping, write_company
from tests.crm.salesforce.conftest import Time


@pytest.fixture
def org(tmp_path: Path, time: Time, private_key: str) -> Iterator[Place]:
    with place(write_company(tmp_path), time, private_key) as found:
        found.records("User")  # logs in, which people's own requests need
        yield found


def made(org: Place, name: str, **fields: object) -> str:
    answer = org.human("POST", f"sobjects/{name}", fields)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


def activity(org: Place, name: str, id: str, company: Company = ACME) -> Activity:
    """One of them, as we have it after a first pull."""
    [raw] = [each for each in org.records(name) if each.ref.id == id]
    [found] = normalise(raw, Context(shipped_mapping(), company))  # type: ignore[misc] # no rejection
    assert isinstance(found, Activity)
    return found


def globex(org: Place) -> str:
    [account] = [each for each in org.records("Account") if each.fields["Name"] == "Globex"]
    return account.ref.id


# Whose an activity is: its AccountId, which Salesforce keeps. Source: Object Reference, Task and Event.


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Task", {"Subject": "Call", "Status": "Completed", "TaskSubtype": "Call"}),
        ("Task", {"Subject": "Email", "Status": "Completed", "TaskSubtype": "Email"}),
        ("Event", {"Subject": "Lunch", "StartDateTime": "2026-11-24T11:00:00Z", "DurationInMinutes": 60}),
    ],
)
def test_what_is_logged_on_a_contact_counts_for_the_contacts_account(
    org: Place, name: str, fields: dict[str, object]
) -> None:
    account = globex(org)
    contact = made(org, "Contact", LastName="Okafor", AccountId=account)
    logged = made(org, name, WhoId=contact, **fields)
    org.time.sleep(600)
    found = activity(org, name, logged)
    assert (found.deal, str(found.account)) == (None, f"emea:Account/{account}")


def test_what_is_logged_on_a_deal_counts_for_the_deals_account_whoever_the_contact_is(org: Place) -> None:
    elsewhere = made(org, "Account", Name="Initech")
    contact = made(org, "Contact", LastName="Lumbergh", AccountId=elsewhere)
    [deal] = [each.ref.id for each in org.records("Opportunity") if each.fields["Name"] == "Globex pilot"]
    task = made(org, "Task", Subject="Call", Status="Completed", WhatId=deal, WhoId=contact)
    org.time.sleep(600)
    found = activity(org, "Task", task)
    assert (str(found.deal), str(found.account)) == (f"emea:Opportunity/{deal}", f"emea:Account/{globex(org)}")


def test_what_is_logged_on_nothing_is_nobodys(org: Place) -> None:
    task = made(org, "Task", Subject="Prepare", Status="Completed")
    org.time.sleep(600)
    found = activity(org, "Task", task)
    assert (found.deal, found.account) == (None, None)


# On which day an event is


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Pacific/Auckland"])
def test_an_event_that_lasts_all_day_is_on_that_day_everywhere(org: Place, zone: str) -> None:
    # Salesforce keeps it as 2026-10-01T00:00Z, which is the evening before in New York.
    fair = made(org, "Event", Subject="Fair", IsAllDayEvent=True, ActivityDate="2026-10-01")
    org.time.sleep(600)
    found = activity(org, "Event", fair, replace(ACME, zone=ZoneInfo(zone)))
    assert (found.happened_on, found.happened_at) == (date(2026, 10, 1), None)


def test_an_event_with_an_hour_is_on_the_companys_day(org: Place) -> None:
    dinner = made(org, "Event", Subject="Dinner", StartDateTime="2026-10-01T00:00:00Z", DurationInMinutes=60)
    org.time.sleep(600)
    found = activity(org, "Event", dinner, replace(ACME, zone=ZoneInfo("America/New_York")))
    assert (found.happened_on, found.happened_at) == (date(2026, 9, 30), datetime(2026, 10, 1, tzinfo=UTC))


# What Salesforce archives after a year is what it was


@pytest.mark.parametrize("name", ["Task", "Event"])
def test_an_archived_activity_is_listed_as_before_and_one_in_the_bin_is_not(org: Place, name: str) -> None:
    when = {"StartDateTime": "2025-11-01T09:00:00Z", "DurationInMinutes": 30} if name == "Event" else {}
    old, deleted = (made(org, name, Subject="Call", **when) for _ in range(2))
    before = listed(org, name)
    org.sandbox.archive(name, [old])
    org.human("DELETE", f"sobjects/{name}/{deleted}")
    assert (old in before, deleted in before) == (True, True)
    assert listed(org, name) == before - {deleted}
    seen = org.human("GET", f"query?q=SELECT+Id+FROM+{name}").json()
    assert old not in {each["Id"] for each in seen["records"]}


def listed(org: Place, name: str) -> set[str]:
    return {each.id for page in org.crm.listing(org.source(name)) or () for each in page}
