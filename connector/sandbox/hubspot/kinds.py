"""The kinds of record that the portal keeps, and what HubSpot shows of each when nobody asks for anything."""

from __future__ import annotations

from dataclasses import dataclass

CUSTOM = 2  # first half of the ids of objects that a portal made itself


@dataclass(frozen=True, slots=True)
class Kind:
    """One object type; `number` is the second half of its id (deals are 0-3), 2 the first half where a portal made it."""

    number: int
    singular: str
    plural: str
    label: str  # as error messages shout it
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    shown: tuple[str, ...] = ()  # beside id and stamps, when no properties are asked for
    searched: tuple[str, ...] = ()  # what `query` looks through
    required: tuple[str, ...] = ()  # without these nothing is created
    lists_archived: bool = True
    group: str = ""  # where its own properties stand
    meta: int = 0

    @property
    def type_id(self) -> str:
        return f"{self.meta}-{self.number}"

    @property
    def granted(self) -> str:
        """What scopes call it."""
        return "custom" if self.meta == CUSTOM else self.plural

    @property
    def table(self) -> str:
        return f"record_{self.number}"

    @property
    def shadow(self) -> str:
        """The table of what the search index still believes."""
        return f"shadow_{self.number}"

    @property
    def always_shown(self) -> tuple[str, ...]:
        return (self.created, self.modified, "hs_object_id")


CONTACTS = Kind(
    1,
    "contact",
    "contacts",
    "CONTACT",
    created="createdate",
    modified="lastmodifieddate",
    shown=("email", "firstname", "lastname"),
    searched=("email", "firstname", "lastname"),
    group="contactinformation",
)
COMPANIES = Kind(
    2,
    "company",
    "companies",
    "COMPANY",
    created="createdate",
    shown=("domain", "name"),
    searched=("name", "domain"),
    group="companyinformation",
)
DEALS = Kind(
    3,
    "deal",
    "deals",
    "DEAL",
    created="createdate",
    shown=("amount", "closedate", "dealname", "dealstage", "pipeline"),
    searched=("dealname",),
    group="dealinformation",
)
TASKS = Kind(
    27, "task", "tasks", "TASK", searched=("hs_task_subject", "hs_task_body"), required=("hs_timestamp",), group="task"
)
NOTES = Kind(46, "note", "notes", "NOTE", searched=("hs_note_body",), required=("hs_timestamp",), group="note")
MEETINGS = Kind(
    47,
    "meeting",
    "meetings",
    "MEETING_EVENT",
    searched=("hs_meeting_title",),
    required=("hs_timestamp",),
    lists_archived=False,
    group="meeting",
)
CALLS = Kind(48, "call", "calls", "CALL", searched=("hs_call_title",), required=("hs_timestamp",), group="call")
EMAILS = Kind(49, "email", "emails", "EMAIL", searched=("hs_email_subject",), required=("hs_timestamp",), group="email")
GOALS = Kind(
    74,
    "goal_target",
    "goal_targets",
    "GOAL_TARGET",
    searched=("hs_goal_name",),
    required=("hs_goal_name",),
    group="goal",
)
USERS = Kind(115, "user", "users", "USER", searched=("hs_email",), group="userinformation")

KINDS = (CONTACTS, COMPANIES, DEALS, TASKS, NOTES, MEETINGS, CALLS, EMAILS, GOALS, USERS)
ACTIVITIES = {kind.singular: kind for kind in (CALLS, MEETINGS, EMAILS, TASKS, NOTES)}
BY_NUMBER = {kind.number: kind for kind in KINDS}

_NAMES = {name: kind for kind in KINDS for name in (kind.singular, kind.plural, kind.type_id)}


def kind_called(name: str) -> Kind | None:
    """Plural, singular and type id all mean the same kind, in any case; None: no such kind."""
    return _NAMES.get(name.lower())
