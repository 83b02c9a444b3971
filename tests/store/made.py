"""Records made for tests: say only what matters."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connector.model.changes import Change, Row
from connector.model.money import Money
from connector.model.records import (
    Account,
    AccountTerritory,
    Activity,
    Deal,
    Outcome,
    Rate,
    RawRecord,
    Reading,
    RecordKind,
    Ref,
    Rejection,
    Split,
    StageChange,
    TeamMember,
    User,
)

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)


def user_ref(name: str) -> Ref:
    return Ref("emea", "User", name)


def deal_ref(name: str) -> Ref:
    return Ref("emea", "Opportunity", name)


def account_ref(name: str) -> Ref:
    return Ref("emea", "Account", name)


def deal(name: str = "d1", /, **said: Any) -> Deal:
    usual: dict[str, Any] = {
        "ref": deal_ref(name),
        "modified_at": MONDAY,
        "name": f"Deal {name}",
        "outcome": Outcome.OPEN,
        "stage": "Proposal",
        "pipeline": None,
        "account": None,
        "owner": user_ref("ana"),
        "amount": Money(100_00, "EUR"),
        "probability": Decimal("0.4"),
        "created_at": datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
        "created_on": date(2026, 1, 5),
        "closed_on": date(2026, 12, 1),
    }
    return Deal(**(usual | said))


def won(name: str, closed_on: date, **said: Any) -> Deal:
    return deal(name, **({"outcome": Outcome.WON, "stage": "Closed Won", "closed_on": closed_on} | said))


def user(name: str, /, **said: Any) -> User:
    usual: dict[str, Any] = {
        "ref": user_ref(name),
        "modified_at": MONDAY,
        "email": f"{name}@example.com",
        "name": name.title(),
        "active": True,
        "human": True,
        "levels": {"team": "East"},
    }
    return User(**(usual | said))


def account(name: str, /, **said: Any) -> Account:
    usual: dict[str, Any] = {
        "ref": account_ref(name),
        "modified_at": MONDAY,
        "name": f"Account {name}",
        "parent": None,
        "owner": user_ref("ana"),
        "industry": None,
        "country": None,
        "created_on": None,
    }
    return Account(**(usual | said))


def activity(name: str, /, **said: Any) -> Activity:
    usual: dict[str, Any] = {
        "ref": Ref("emea", "Task", name),
        "modified_at": MONDAY,
        "type": "call",
        "status": "completed",
        "performer": user_ref("ana"),
        "deal": deal_ref("d1"),
        "account": None,
        "happened_at": MONDAY,
        "happened_on": MONDAY.date(),
    }
    return Activity(**(usual | said))


def member(name: str, person: str, role: str | None = None, **said: Any) -> TeamMember:
    usual: dict[str, Any] = {
        "ref": Ref("emea", "OpportunityTeamMember", name),
        "modified_at": MONDAY,
        "deal": deal_ref("d1"),
        "user": user_ref(person),
        "role": role,
    }
    return TeamMember(**(usual | said))


def lies(name: str, account: str, territory: str, **said: Any) -> AccountTerritory:
    usual: dict[str, Any] = {
        "ref": Ref("emea", "ObjectTerritory2Association", name),
        "modified_at": MONDAY,
        "account": account_ref(account),
        "territory": territory,
    }
    return AccountTerritory(**(usual | said))


def split(name: str, person: str, percent: str, **said: Any) -> Split:
    usual: dict[str, Any] = {
        "ref": Ref("emea", "OpportunitySplit", name),
        "modified_at": MONDAY,
        "deal": deal_ref("d1"),
        "user": user_ref(person),
        "percent": Decimal(percent),
    }
    return Split(**(usual | said))


def entered(name: str, stage: str, at: datetime, deal_name: str = "d1") -> StageChange:
    return StageChange(Ref("emea", "OpportunityHistory", name), at, deal_ref(deal_name), stage, at, at.date())


def rate(currency: str, base: str, starts_on: date, units: str) -> Rate:
    name = f"{currency}-{base}-{starts_on}"
    return Rate(Ref("emea", "DatedConversionRate", name), MONDAY, currency, base, starts_on, Decimal(units))


def reading(table: str, key: str, **values: Any) -> Reading:
    return Reading(Ref("files", table, key), MONDAY, values)


def rejection(name: str, reason: str) -> Rejection:
    return Rejection(RawRecord(RecordKind.DEAL, deal_ref(name), MONDAY, {"Amount": "secret"}), reason)


def change(key: str, **fields: Any) -> Change:
    return Change(Row("emea", "Attain_Attainment__c", "Attain_Key__c", key), fields)
