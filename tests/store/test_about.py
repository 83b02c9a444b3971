"""What is kept of Ana, who works in one CRM: every table with a login of hers, whatever it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from connector.model.calendar import Calendar
from connector.model.changes import Change, Row
from connector.model.closings import Closing
from connector.model.people import Assignment, Person
from connector.model.records import (
    Account,
    Activity,
    Deal,
    Outcome,
    Record,
    Ref,
    Split,
    StageChange,
    TeamMember,
    User,
)
from connector.store import closings, ledger, records
from connector.store.about import everything
from connector.store.database import Store
from connector.store.ledger import Acknowledged

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
DAY = date(2026, 11, 3)
LOGIN, OTHER = Ref("emea", "User", "005A"), Ref("emea", "User", "005B")
ANA = Person("p_ana", "Ana Roth", "ana@example.com", (LOGIN,), True, None, None, (Assignment(date(1, 1, 1), {}),))


def a_deal(name: str, owner: Ref, team: tuple[Ref, ...] = (), outcome: Outcome = Outcome.OPEN) -> Deal:
    ref = Ref("emea", "Opportunity", name)
    return Deal(ref, AT, name, outcome, "Won", None, None, owner, None, None, AT, DAY, DAY, team=team)


def an_activity(name: str, performer: Ref) -> Activity:
    return Activity(Ref("emea", "Task", name), AT, "call", "completed", performer, None, None, AT, DAY)


def theirs_and_others() -> list[Record]:
    mine, others = Ref("emea", "Opportunity", "mine"), Ref("emea", "Opportunity", "others")
    return [
        User(LOGIN, AT, ANA.email, ANA.name, active=True, human=True),
        User(OTHER, AT, "bea@example.com", "Bea", active=True, human=True, manager=LOGIN),
        User(Ref("emea", "User", "005C"), AT, "cem@example.com", "Cem", active=True, human=True),
        a_deal("mine", LOGIN, outcome=Outcome.WON),
        a_deal("helped", OTHER, team=(OTHER, LOGIN)),
        a_deal("others", OTHER, team=(Ref("emea", "User", "005A2"), OTHER)),
        *(an_activity(each, LOGIN) for each in ("one", "two", "three")),
        an_activity("four", OTHER),
        Account(Ref("emea", "Account", "a"), AT, "Acme", None, LOGIN, None, None, None),
        Account(Ref("emea", "Account", "b"), AT, "Bolt", None, OTHER, None, None, None),
        StageChange(Ref("emea", "OpportunityHistory", "h1"), AT, mine, "Won", AT, DAY, owner=LOGIN),
        StageChange(Ref("emea", "OpportunityHistory", "h2"), AT, others, "Won", AT, DAY, owner=OTHER),
        Split(Ref("emea", "OpportunitySplit", "s1"), AT, others, LOGIN, Decimal(40)),
        Split(Ref("emea", "OpportunitySplit", "s2"), AT, others, OTHER, Decimal(60)),
        TeamMember(Ref("emea", "OpportunityTeamMember", "t1"), AT, others, LOGIN, "Engineer"),
        TeamMember(Ref("emea", "OpportunityTeamMember", "t2"), AT, others, OTHER),
    ]


def test_what_we_wrote_of_them_is_found_by_its_key_and_in_their_own_record(store: Store) -> None:
    rows = {
        Row("emea", "Attain_Attainment__c", "Attain_Key__c", "attainment:bookings:p_ana:2026-Q4"): 7,
        Row("emea", "Attain_Attainment__c", "Attain_Key__c", "attainment:bookings:p_ana2:2026-Q4"): 8,
        Row("emea", "User", "Id", "005A"): 9,
        Row("emea", "User", "Id", "005B"): 10,
    }
    with store.writing() as tx:
        ledger.acknowledge(tx, [Acknowledged(Change(row, {"Actual__c": n}), None) for row, n in rows.items()], "r", AT)
    with store.reading() as tx:
        [kept] = everything(tx, ANA)
    assert (kept.table, {row["key"] for row in kept.rows}) == ("ledger", {"attainment:bookings:p_ana:2026-Q4", "005A"})


def test_every_table_with_a_login_of_theirs_is_looked_into(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, theirs_and_others(), DAY)
        quarter = Calendar().period("2026-Q3")
        closings.close(tx, Closing(quarter, "closed", AT, "Ana Roth"))
        closings.close(tx, Closing(Calendar().period("2026-Q2"), "closed", AT, "Bea", "as agreed with ana@example.com"))
        closings.close(tx, Closing(Calendar().period("2026-Q1"), "closed", AT, "Bea"))
    with store.reading() as tx:
        kept = {each.table: each.rows for each in everything(tx, ANA)}
    sizes = {name: len(rows) for name, rows in kept.items()}
    assert sizes == {
        "users": 2,  # her own, and Bea's, whose manager she is
        "sightings": 2,
        "deals": 2,  # her own, and the one on whose team she is
        "activities": 3,
        "accounts": 1,
        "stage_changes": 1,
        "splits": 1,
        "team_members": 1,
        "closings": 2,
    }
    assert {row["name"] for row in kept["deals"]} == {"mine", "helped"}
    assert list(kept) == sorted(kept)
