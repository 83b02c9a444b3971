"""The relations that rules may speak about, and the typed fields of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """What a value of the rule language is."""

    TEXT = "text"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    NUMBER = "number"
    RATIO = "ratio"
    MONEY = "money"  # minor units of the company's currency
    DAYS = "days"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Field:
    """A name that rules may use."""

    name: str
    type: Type
    says: str  # one line for the reference and for editors
    column: str = ""  # its SQL in the mirror, when it is not a column of that name; `{today}` is the day asked about
    nullable: bool = True
    choices: tuple[str, ...] = ()  # every value it can have, where these are ours; empty: the CRM decides

    @property
    def sql(self) -> str:
        """The column or expression to emit."""
        return self.column or f'"{self.name}"'


@dataclass(frozen=True, slots=True)
class Relation:
    """A table of the mirror that metrics are made `of`."""

    name: str
    says: str
    fields: Mapping[str, Field]
    dates: tuple[str, ...]  # fields that may say which period a record belongs to
    credits: tuple[str, ...]  # ways to credit a record to people; the first is the default


def relation(
    name: str, says: str, fields: tuple[Field, ...], *, dates: tuple[str, ...], credits: tuple[str, ...]
) -> Relation:
    """A relation from its fields, indexed by name."""
    return Relation(name, says, {each.name: each for each in fields}, dates, credits)


_T = Type

DEALS = relation(
    "deals",
    "Opportunities of every connection, open and closed.",
    (
        Field("name", _T.TEXT, "the deal's name"),
        Field("outcome", _T.CHOICE, "open, won or lost", nullable=False, choices=("open", "won", "lost")),
        Field("stage", _T.CHOICE, "the stage it is in, in the CRM's words"),
        Field("pipeline", _T.CHOICE, "the pipeline or record type"),
        Field("amount", _T.MONEY, "in the company's currency, at the rate of the close date"),
        Field("currency", _T.CHOICE, "the deal's own currency"),
        Field("probability", _T.RATIO, "the CRM's probability of winning"),
        Field("forecast_category", _T.CHOICE, "the CRM's forecast category"),
        Field("deal_type", _T.CHOICE, "new business, renewal, and so on"),
        Field("source", _T.CHOICE, "where the lead came from"),
        Field("next_step", _T.TEXT, "the planned next step"),
        Field("created_on", _T.DATE, "the day it was created"),
        Field("closed_on", _T.DATE, "the close date: expected while open, real once closed"),
        Field("account", _T.TEXT, "the account it belongs to"),
        Field("owner", _T.TEXT, "the person who owns it now"),
        Field("connection", _T.CHOICE, "the CRM connection it comes from", nullable=False),
        Field("is_first_win", _T.BOOLEAN, "the first won deal ever of its account", nullable=False),
        Field("stage_entered_on", _T.DATE, "the day it entered its present stage"),
        Field("days_in_stage", _T.DAYS, "days since it entered its present stage", '({today} - "stage_entered_on")'),
        Field("last_activity_on", _T.DATE, "the day of the last completed activity on it"),
    ),
    dates=("closed_on", "created_on", "stage_entered_on"),
    credits=("owner_at_close", "owner", "splits"),
)

ACTIVITIES = relation(
    "activities",
    "Calls, meetings, e-mails, tasks and notes.",
    (
        Field(
            "type",
            _T.CHOICE,
            "call, meeting, email, task or note",
            nullable=False,
            choices=("call", "meeting", "email", "task", "note"),
        ),
        Field("status", _T.CHOICE, "completed or planned", nullable=False, choices=("completed", "planned")),
        Field("happened_on", _T.DATE, "the day it happened or is planned for"),
        Field("minutes", _T.NUMBER, "how long it took"),
        Field("deal", _T.TEXT, "the deal it belongs to"),
        Field("account", _T.TEXT, "the account it belongs to"),
        Field("connection", _T.CHOICE, "the CRM connection it comes from", nullable=False),
    ),
    dates=("happened_on",),
    credits=("performer",),
)

ACCOUNTS = relation(
    "accounts",
    "Customers and prospects.",
    (
        Field("name", _T.TEXT, "the account's name"),
        Field("industry", _T.CHOICE, "its industry"),
        Field("country", _T.CHOICE, "its country"),
        Field("created_on", _T.DATE, "the day it was created"),
        Field("parent", _T.TEXT, "its parent account"),
        Field("owner", _T.TEXT, "the person who owns it"),
        Field("first_won_on", _T.DATE, "the close date of its first won deal"),
        Field("connection", _T.CHOICE, "the CRM connection it comes from", nullable=False),
    ),
    dates=("created_on", "first_won_on"),
    credits=("owner",),
)

STAGE_CHANGES = relation(
    "stage_changes",
    "Each time a deal entered a stage.",
    (
        Field("deal", _T.TEXT, "the deal"),
        Field("stage", _T.CHOICE, "the stage it entered"),
        Field("changed_on", _T.DATE, "the day it entered"),
        Field("connection", _T.CHOICE, "the CRM connection it comes from", nullable=False),
    ),
    dates=("changed_on",),
    credits=("owner",),
)

PEOPLE = relation(
    "people",
    "People, for `for:` conditions; levels of the company (team, region, role …) are added from the mapping.",
    (
        Field("name", _T.TEXT, "their name"),
        Field("email", _T.TEXT, "their e-mail address"),
        Field("role", _T.CHOICE, "their role"),
        Field("team", _T.CHOICE, "their team"),
        Field("region", _T.CHOICE, "their region"),
        Field("territory", _T.CHOICE, "their territory"),
        Field("started_on", _T.DATE, "their first day"),
        Field("ended_on", _T.DATE, "their last day"),
    ),
    dates=(),
    credits=(),
)

RELATIONS: Mapping[str, Relation] = {each.name: each for each in (DEALS, ACTIVITIES, ACCOUNTS, STAGE_CHANGES, PEOPLE)}

# Over one person's numbers: what an alert or a gate may compare.
SCORE_FIELDS: Mapping[str, Field] = {
    each.name: each
    for each in (
        Field("attainment", _T.RATIO, "actual / target, uncapped"),
        Field("pace", _T.RATIO, "actual / expected to date"),
        Field("elapsed_share", _T.RATIO, "working days over / working days of the period", nullable=False),
        Field("days_left", _T.DAYS, "working days still to come", nullable=False),
    )
}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The relations as one company knows them: the built-in ones, custom fields, file tables."""

    relations: Mapping[str, Relation]
    currency: str  # the company's

    def known(self, name: str) -> Relation | None:
        """The relation of that name, or None."""
        return self.relations.get(name)
