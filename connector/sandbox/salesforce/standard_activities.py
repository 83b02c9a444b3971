"""The standard objects of activity: tasks and events."""

from __future__ import annotations

from connector.sandbox.salesforce.fields import SObject, listed
from connector.sandbox.salesforce.standard_deals import AUDIT

# Event follows a describe of a real organisation (CumulusCI's recordings, API 52), cut to what sales teams
# use; Task follows Salesforce's "Object Reference", read 2026-11-23.
TASK = f"""
Id id :DI Activity ID
WhoId reference(Contact Lead) :CUNPs Name ID
WhatId reference(Account Opportunity) :CUNPs Related To ID
WhoCount int :N Relation Count
WhatCount int :N Related To Count
Subject combobox(255) :CUNPn Subject
ActivityDate date :CUNP Due Date Only
Status picklist(255) :CUD Status
Priority picklist(255) :CUD Priority
IsHighPriority boolean :D High Priority
OwnerId reference(Group User) :CUD Assigned To ID
Description textarea(32000) :CUNP Description
Type picklist(40) :CUNP Type
IsDeleted boolean :D Deleted
AccountId reference(Account) :Ns Account ID
IsClosed boolean :D Closed
{AUDIT.strip()}
IsArchived boolean :D Archived
CallDurationInSeconds int :CUNP Call Duration
CallType picklist(40) :CUNPR Call Type
CallDisposition string(255) :CUNP Call Result
CallObject string(255) :CUNP Call Object Identifier
ReminderDateTime datetime :CUN Reminder Date/Time
IsReminderSet boolean :CUD Reminder Set
RecurrenceActivityId reference(Task) :Nr Recurrence Activity ID
IsRecurrence boolean :CD Create Recurring Series of Tasks
TaskSubtype picklist(40) :CNR Task Subtype
CompletedDateTime datetime :N Completed Date
"""

EVENT = f"""
Id id :DI Activity ID
WhoId reference(Contact Lead) :CUNPs Name ID
WhatId reference(Account Opportunity) :CUNPs Related To ID
Subject combobox(255) :CUNn Subject
Location string(255) :CUNP Location
IsAllDayEvent boolean :CUDP All-Day Event
ActivityDateTime datetime :CUN Due Date Time
ActivityDate date :CUN Due Date Only
DurationInMinutes int :CUN Duration
StartDateTime datetime :CUN Start Date Time
EndDateTime datetime :CUN End Date Time
EndDate date :N End Date
Description textarea(32000) :CUNP Description
AccountId reference(Account) :Ns Account ID
OwnerId reference(Calendar User) :CUD Assigned To ID
IsPrivate boolean :CUD Private
ShowAs picklist(40) :CUNDR Show Time As
IsDeleted boolean :D Deleted
IsChild boolean :D Is Child
IsGroupEvent boolean :D Is Group Event
GroupEventType picklist(40) :NDR Group Event Type
{AUDIT.strip()}
IsArchived boolean :D Archived
RecurrenceActivityId reference(Event) :Nr Recurrence Activity ID
IsRecurrence boolean :CD Create Recurring Series of Events
ReminderDateTime datetime :CUN Reminder Date/Time
IsReminderSet boolean :CUD Reminder Set
EventSubtype picklist(40) :CNR Event Subtype
"""


def activity_objects() -> list[SObject]:
    """What every organisation has."""
    return [
        SObject("Task", "Task", "Tasks", "00T", listed(TASK), activity=True),
        SObject("Event", "Event", "Events", "00U", listed(EVENT), activity=True),
    ]
