"""The organisation: its records, its shape, its settings, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from connector.sandbox.salesforce import permissions
from connector.sandbox.salesforce.database import Database, Stored
from connector.sandbox.salesforce.fields import Field, SObject, listed
from connector.sandbox.salesforce.flows import flow_objects
from connector.sandbox.salesforce.moments import stamp
from connector.sandbox.salesforce.schema import Schema
from connector.sandbox.salesforce.standard_activities import activity_objects
from connector.sandbox.salesforce.standard_deals import deal_objects, split_objects, team_objects, territory_objects
from connector.sandbox.salesforce.standard_people import currency_objects, people_objects
from connector.sandbox.wire import Clock, Switches

INTEGRATION_NAME = "Attain Integration"
INTEGRATION_USERNAME = "integration@attain.example"
FORECAST_NAMES = {
    "Omitted": "Omitted",
    "Pipeline": "Pipeline",
    "BestCase": "Best Case",
    "MostLikely": "Most Likely",
    "Forecast": "Commit",
    "Closed": "Closed",
}
TEAM_ROLES = (
    "Account Manager",
    "Channel Manager",
    "Executive Sponsor",
    "Pre-Sales Consultant",
    "Sales Manager",
    "Sales Rep",
)
_ISO = "CurrencyIsoCode picklist(3) :CUNDR Currency ISO Code"
_WITH_CURRENCY = (
    "Account",
    "Opportunity",
    "OpportunityHistory",
    "OpportunitySplit",
    "OpportunityTeamMember",
    "Task",
    "Event",
    "User",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A sales stage, as OpportunityStage keeps it."""

    name: str
    probability: float  # 0 to 100
    closed: bool
    won: bool
    forecast: str  # the API's word: "BestCase"


# What a new organisation comes with. Source: a describe of a real one (CumulusCI's recordings).
FIRST_STAGES = (
    Stage("Prospecting", 10, closed=False, won=False, forecast="Pipeline"),
    Stage("Qualification", 10, closed=False, won=False, forecast="Pipeline"),
    Stage("Needs Analysis", 20, closed=False, won=False, forecast="Pipeline"),
    Stage("Value Proposition", 50, closed=False, won=False, forecast="Pipeline"),
    Stage("Id. Decision Makers", 60, closed=False, won=False, forecast="Pipeline"),
    Stage("Perception Analysis", 70, closed=False, won=False, forecast="Pipeline"),
    Stage("Proposal/Price Quote", 75, closed=False, won=False, forecast="Pipeline"),
    Stage("Negotiation/Review", 90, closed=False, won=False, forecast="Pipeline"),
    Stage("Closed Won", 100, closed=True, won=True, forecast="Closed"),
    Stage("Closed Lost", 0, closed=True, won=False, forecast="Omitted"),
)


class Organisation:
    """Everything that lasts from one request to the next."""

    def __init__(self, now: Clock, switches: Switches, database: Database, currency: str) -> None:
        self.now, self.switches, self.database, self.currency = now, switches, database, currency
        self.schema = Schema()
        self.stages: dict[str, Stage] = {}
        self.erased: list[tuple[str, str, str]] = []  # object, id and moment, of what has no recycle bin
        self.refused_parts: dict[str, str] = {}  # components that this organisation will not have, and why
        self.rung: list[dict[str, object]] = []  # what rang the bell: the inputs of the notification action
        self.bulk_takes = timedelta(0)  # how long a job that reads is under way
        self.flows_arrive_inactive = False  # as in production, where nobody changed a setting
        self.fiscal_starts = 1
        self.integration_user = self.organization = ""
        for thing in [*people_objects(), *deal_objects(), *activity_objects(), *flow_objects()]:
            self.add(thing)
        _offer_standard_choices(self.schema)

    @property
    def stamp(self) -> str:
        """The moment, as records are stamped with it."""
        return stamp(self.now())

    @property
    def today(self) -> date:
        return self.now().astimezone(UTC).date()

    def add(self, thing: SObject) -> None:
        """An object, with its table."""
        self.schema.add(thing)
        self.database.match(thing)

    def add_fields(self, name: str, fields: list[Field]) -> None:
        self.schema.add_fields(name, fields)
        self.match()

    def match(self) -> None:
        """Give every object of the schema its columns."""
        for thing in self.schema.objects.values():
            self.database.match(thing)

    def switch_on_splits(self) -> None:
        for thing in split_objects():
            self.add(thing)

    def switch_on_teams(self) -> None:
        """Deals have teams; roles are those that a new organisation offers."""
        for thing in team_objects():
            self.add(thing)
        self.schema.offer("OpportunityTeamMember", "TeamMemberRole", TEAM_ROLES)

    def switch_on_territories(self) -> None:
        """Deals may lie in one, and people sit in some."""
        for thing in territory_objects():
            self.add(thing)
        self.add_fields("Opportunity", list(listed("Territory2Id reference(Territory2) :CUN Territory ID").values()))

    def switch_on_currencies(self) -> None:
        """Everything gets a currency of its own. It cannot be undone, there or here."""
        for thing in currency_objects():
            self.add(thing)
        for name in _WITH_CURRENCY:
            if name in self.schema.objects:
                self.add_fields(name, list(listed(_ISO).values()))
        self.add_fields("User", list(listed(_ISO.replace("Currency", "DefaultCurrency", 1)).values()))

    def set_stages(self, stages: tuple[Stage, ...]) -> None:
        """Replace the sales stages, in the order of the pipeline."""
        thing = self.schema.objects["OpportunityStage"]
        self.database.run('DELETE FROM "OpportunityStage"')
        for order, each in enumerate(stages, 1):
            self.database.insert(thing, self._stage_row(each, order))
        self.stages = {each.name: each for each in stages}
        self.schema.offer("Opportunity", "StageName", self.stages)

    def _stage_row(self, stage: Stage, order: int) -> Stored:
        return {
            "MasterLabel": stage.name,
            "ApiName": stage.name,
            "IsActive": 1,
            "SortOrder": order,
            "IsClosed": int(stage.closed),
            "IsWon": int(stage.won),
            "ForecastCategory": stage.forecast,
            "ForecastCategoryName": FORECAST_NAMES[stage.forecast],
            "DefaultProbability": stage.probability,
            "CreatedById": self.integration_user,
            "LastModifiedById": self.integration_user,
            **dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), self.stamp),
        }

    def found(self, name: str, zone: str) -> None:
        """Write the organisation's own row and the integration user's, once."""
        user = self.schema.objects["User"]
        row = {
            "Username": INTEGRATION_USERNAME,
            "FirstName": "Attain",
            "LastName": "Integration",
            "Name": INTEGRATION_NAME,
            "Alias": "attain",
            "Email": INTEGRATION_USERNAME,
            "IsActive": 1,
            "UserType": "Standard",
            "TimeZoneSidKey": zone,
            **self.audit(""),
        }
        self.integration_user = self.database.insert(user, row)
        mine = {"CreatedById": self.integration_user, "LastModifiedById": self.integration_user}
        self.database.update(user, self.integration_user, mine)
        organization = {
            "Name": name,
            "FiscalYearStartMonth": self.fiscal_starts,
            "TimeZoneSidKey": zone,
            "OrganizationType": "Enterprise Edition",
            "InstanceName": "SBX1",
            "IsSandbox": 1,
            "UsesStartDateAsFiscalYearName": 0,
            **self.audit(self.integration_user),
        }
        self.organization = self.database.insert(self.schema.objects["Organization"], organization)

    def restore(self) -> bool:
        """Take up again what a database file holds; False when it is new."""
        organization = self.database.run('SELECT "Id", "FiscalYearStartMonth" FROM "Organization"').fetchone()
        if organization is None:
            return False
        self.organization, self.fiscal_starts = organization
        (self.integration_user,) = self.database.run('SELECT "Id" FROM "User" ORDER BY row LIMIT 1').fetchone()
        tables = {name for (name,) in self.database.run("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "OpportunitySplit" in tables:
            self.switch_on_splits()
        if "OpportunityTeamMember" in tables:
            self.switch_on_teams()
        if "Territory2" in tables:
            self.switch_on_territories()
        if "CurrencyType" in tables:
            self.switch_on_currencies()
        if permissions.OBJECTS in tables:
            permissions.switch_on(self, ())
        names = '"ApiName", "DefaultProbability", "IsClosed", "IsWon", "ForecastCategory"'
        rows = self.database.run(f'SELECT {names} FROM "OpportunityStage" ORDER BY "SortOrder"').fetchall()
        self.stages = {
            name: Stage(name, probability, closed=bool(closed), won=bool(won), forecast=forecast)
            for name, probability, closed, won, forecast in rows
        }
        self.schema.offer("Opportunity", "StageName", self.stages)
        return True

    def audit(self, user: str, at: str | None = None) -> Stored:
        """Who and when, for a new row."""
        at = at or self.stamp
        return {
            "CreatedDate": at,
            "CreatedById": user,
            "LastModifiedDate": at,
            "LastModifiedById": user,
            "SystemModstamp": at,
        }

    def read_assignments(self) -> None:
        """Who holds which permission set, from the records that say so."""
        sql = (
            'SELECT a."AssigneeId", p."Name" FROM "PermissionSetAssignment" a '
            'JOIN "PermissionSet" p ON p."Id" = a."PermissionSetId"'
        )
        held: dict[str, frozenset[str]] = {}
        for user, name in self.database.run(sql):
            held[user] = held.get(user, frozenset()) | {name}
        self.schema.hold(held)

    def visible_from(self, id: str, at: str) -> str | None:
        """The stamp from which queries see this write; None: at once. A seeded tenth comes late."""
        lag = self.switches.late_commits
        if not lag or self.switches.random(f"late:{id}:{at}").random() >= 0.1:
            return None
        return stamp(datetime.fromisoformat(at) + lag)


def _offer_standard_choices(schema: Schema) -> None:
    schema.offer("Task", "Status", ["Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"])
    schema.offer("Task", "Priority", ("High", "Normal", "Low"))
    schema.offer("Task", "TaskSubtype", ("Task", "Email", "ListEmail", "Cadence", "Call", "LinkedIn"))
    schema.offer("Task", "Type", ("Call", "Meeting", "Other"))
    schema.offer("Task", "CallType", ("Internal", "Inbound", "Outbound"))
    schema.offer("Event", "ShowAs", ("Busy", "OutOfOffice", "Free"))
    schema.offer("Event", "EventSubtype", ("Event",))
    schema.offer("Event", "GroupEventType", ("0", "1", "2"))
    schema.offer("Opportunity", "ForecastCategory", FORECAST_NAMES)
    names = [name for name in FORECAST_NAMES.values() if name != "Most Likely"]
    schema.offer("Opportunity", "ForecastCategoryName", names)
    schema.offer("Opportunity", "LeadSource", ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"))
    schema.offer("Opportunity", "Type", ("New Customer", "Existing Customer - Upgrade"))
