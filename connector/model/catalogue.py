"""The relations that rules may speak about, and the typed fields of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    offered: tuple[str, ...] = ()  # the values that the CRMs offered when somebody last looked; empty: nobody knows
    calculated: bool = False  # a CRM works it out, and does not say when it changes
    mapped: bool = True  # False: no mapping says where it comes from, and it is empty everywhere
    hint: str = ""  # what to map where it is not the name itself under the relation: "`account_territories:`"

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
    rates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What money is converted at → fields that have a column of their own then; the first is the default."""

    def at_rate(self, rate: str) -> Relation:
        """The same relation, in which money is converted otherwise. Raises KeyError."""
        columns = self.rates[rate]
        if not columns:
            return self
        moved = {name: replace(self.fields[name], column=f'"{column}"') for name, column in columns.items()}
        return replace(self, fields={**self.fields, **moved})


def relation(
    name: str,
    says: str,
    fields: tuple[Field, ...],
    *,
    dates: tuple[str, ...],
    credits: tuple[str, ...],
    rates: Mapping[str, Mapping[str, str]] | None = None,
) -> Relation:
    """A relation from its fields, indexed by name."""
    return Relation(name, says, {each.name: each for each in fields}, dates, credits, rates or {})


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
        Field("next_step", _T.BOOLEAN, "yes where a next step is planned, else empty; its text is not kept"),
        Field("created_on", _T.DATE, "the day it was created"),
        Field("closed_on", _T.DATE, "the close date: expected while open, real once closed"),
        Field("account", _T.TEXT, "the account it belongs to"),
        Field("territory", _T.CHOICE, "its territory when it closed, else the present one; several are set apart by ;"),
        Field("account_territory", _T.CHOICE, "the territory of its account today; several are set apart by ;"),
        Field("owner", _T.TEXT, "the person who owns it now"),
        Field("connection", _T.CHOICE, "the CRM connection it comes from", nullable=False),
        Field("is_first_win", _T.BOOLEAN, "the first won deal ever of its account", nullable=False),
        Field("stage_entered_on", _T.DATE, "the day it entered its present stage"),
        Field("days_in_stage", _T.DAYS, "days since it entered its present stage", '({today} - "stage_entered_on")'),
        Field("last_activity_on", _T.DATE, "the day of the last completed activity on it"),
        Field("next_activity_on", _T.DATE, "the day of the next planned activity on it"),
        Field("is_first_win_of_group", _T.BOOLEAN, "the first won deal ever of its ultimate parent", nullable=False),
        Field("first_closed_on", _T.DATE, "the close date it was created with"),
        Field("pushes", _T.NUMBER, "how often its close date moved later while open", nullable=False),
        Field("pulls", _T.NUMBER, "how often its close date moved earlier while open", nullable=False),
        Field("raises", _T.NUMBER, "how often its amount went up", nullable=False),
        Field("cuts", _T.NUMBER, "how often its amount went down", nullable=False),
        Field("reopened", _T.NUMBER, "how often it was opened again after closing", nullable=False),
        Field("own_probability", _T.RATIO, "of past deals that were ever in its stage, the share that was won"),
        Field("stage_p75_days", _T.DAYS, "three of four won deals spent at most so long in its stage"),
        Field("term_months", _T.NUMBER, "for how many months it is paid; 12 unless mapped", nullable=False),
        Field(
            "term_starts_on", _T.DATE, "the first day that is paid for: mapped, the end of what it renews, or the close"
        ),
        Field(
            "is_renewal", _T.BOOLEAN, "it goes on with what its account has already; no, unless mapped", nullable=False
        ),
        Field("fx_effect", _T.MONEY, "amount, less the amount at the plan rate of its fiscal year"),
    ),
    dates=("closed_on", "created_on", "stage_entered_on", "first_closed_on"),
    credits=("owner_at_close", "owner", "splits", "team", "territory", "account_territory"),
    rates={"at_close": {}, "plan": {"amount": "amount_at_plan"}, "crm": {"amount": "amount_by_crm"}},
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
        Field("territory", _T.CHOICE, "the territory it lies in today; several are set apart by ;"),
        Field("first_won_on", _T.DATE, "the close date of its first won deal"),
        Field("last_won_on", _T.DATE, "the close date of its last won deal"),
        Field("open_deals", _T.NUMBER, "how many of its deals are open", nullable=False),
        Field("open_amount", _T.MONEY, "what they are worth together", nullable=False),
        Field("yearly_value", _T.MONEY, "what its won deals pay a year, those in their term today", nullable=False),
        Field("yearly_value_before", _T.MONEY, "the same a year ago", nullable=False),
        Field(
            "retention",
            _T.RATIO,
            "yearly_value / yearly_value_before; empty for who was no customer a year ago",
            '("yearly_value"::double / nullif("yearly_value_before", 0))',
        ),
        Field("last_activity_on", _T.DATE, "the last day something was done with it, or on one of its deals"),
        Field("next_activity_on", _T.DATE, "the next day something is planned"),
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
        Field("left_on", _T.DATE, "the day it left again; empty while it is there"),
        Field("days", _T.DAYS, "how long it stayed, up to today", '(coalesce("left_on", {today}) - "changed_on")'),
        Field("position", _T.NUMBER, "the place of the stage in its pipeline, from 1"),
        Field("furthest", _T.NUMBER, "the furthest place that the deal ever reached; won counts beyond all"),
        Field("outcome", _T.CHOICE, "how the deal stands now", nullable=False, choices=("open", "won", "lost")),
        Field("amount", _T.MONEY, "the deal's amount, in the company's currency"),
        Field("connection", _T.CHOICE, "the CRM connection it comes from", nullable=False),
    ),
    dates=("changed_on", "left_on"),
    credits=("owner",),
    rates={"at_close": {}},
)

DEAL_CHANGES = relation(
    "deal_changes",
    "Each time the close date, amount or owner of a deal changed while it was open.",
    (
        Field("deal", _T.TEXT, "the deal"),
        Field("field", _T.CHOICE, "what changed", nullable=False, choices=("closed_on", "amount", "owner")),
        Field("changed_on", _T.DATE, "the day it changed"),
        Field("old_closed_on", _T.DATE, "the close date before"),
        Field("new_closed_on", _T.DATE, "the close date after"),
        Field("left_month", _T.BOOLEAN, "the close date moved past the end of its month", nullable=False),
        Field("left_quarter", _T.BOOLEAN, "the close date moved past the end of its quarter", nullable=False),
        Field("left_year", _T.BOOLEAN, "the close date moved past the end of its fiscal year", nullable=False),
        Field("difference", _T.MONEY, "the new amount less the old, in the company's currency"),
        Field("amount", _T.MONEY, "the deal's amount after the change, in the company's currency"),
        Field("connection", _T.CHOICE, "the CRM connection it comes from", nullable=False),
    ),
    dates=("changed_on", "old_closed_on"),
    credits=("owner",),
    rates={"at_close": {}},
)

ACCOUNT_PERIODS = relation(
    "account_periods",
    "Each account in each month, quarter and year: what it paid per year at the start and at the end.",
    (
        Field("account", _T.TEXT, "the account"),
        Field(
            "start_value", _T.MONEY, "yearly value of won deals in their term when the period starts", nullable=False
        ),
        Field("end_value", _T.MONEY, "the same when it ends, or today while it lasts", nullable=False),
        Field("kept_value", _T.MONEY, "the smaller of both: what was kept, without any growth", nullable=False),
        Field(
            "came_back", _T.BOOLEAN, "nothing at the start, something at the end, and a customer before", nullable=False
        ),
        Field("connection", _T.CHOICE, "the CRM connection it comes from", nullable=False),
    ),
    dates=("period",),
    credits=("owner",),
    rates={"period_start": {}},  # of both ends: what a currency does is no growth and no loss
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

RELATIONS: Mapping[str, Relation] = {
    each.name: each for each in (DEALS, ACTIVITIES, ACCOUNTS, STAGE_CHANGES, DEAL_CHANGES, ACCOUNT_PERIODS, PEOPLE)
}

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
class Teams:
    """What is known of the teams of deals."""

    mapped: bool = True  # False: no mapping says who is on them besides the owner
    roles: bool = True  # False: no mapping says who is on them in which role
    offered: tuple[str, ...] = ()  # the roles that the CRMs offered when somebody last looked; empty: nobody knows


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The relations as one company knows them: the built-in ones, custom fields, file tables."""

    relations: Mapping[str, Relation]
    currency: str  # the company's
    teams: Teams = Teams()

    def known(self, name: str) -> Relation | None:
        """The relation of that name, or None."""
        return self.relations.get(name)
