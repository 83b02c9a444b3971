"""Raw records of both CRMs in, our records out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.model.calendar import Calendar
from connector.model.catalogue import Type
from connector.model.money import Money
from connector.model.records import (
    AccountTerritory,
    Activity,
    Deal,
    Outcome,
    Rate,
    RawRecord,
    Record,
    RecordKind,
    Ref,
    Rejection,
    Split,
    TeamMember,
    User,
)
from connector.model.settings import Company
from connector.normalise.fields import Context
from connector.normalise.mapping import (
    CrmMapping,
    CustomField,
    OutcomeMap,
    ScoreProperties,
    SourceMap,
    WriteMap,
)
from connector.normalise.records import normalise

COMPANY = Company("Example", "EUR", ZoneInfo("Europe/Berlin"), Calendar())
STAMP = datetime(2026, 11, 20, 8, 14, 3, tzinfo=UTC)
USER = SourceMap(RecordKind.USER, "User", {"email": "Email", "name": "Name", "active": "IsActive", "team": "Team"})
DEAL = SourceMap(
    RecordKind.DEAL,
    "Opportunity",
    {
        "name": "Name",
        "account": "AccountId",
        "owner": "OwnerId",
        "stage": "StageName",
        "amount": "Amount",
        "amount_converted": "Amount_Home__c",
        "currency": "CurrencyIsoCode",
        "probability": "Probability",
        "created_at": "CreatedDate",
        "closed_on": "CloseDate",
    },
    custom={"seats": CustomField("Seats__c", Type.NUMBER), "fee": CustomField("Fee__c", Type.MONEY)},
)
ACCOUNT = SourceMap(RecordKind.ACCOUNT, "Account", {"name": "Name"})
TASK = SourceMap(
    RecordKind.ACTIVITY,
    "Task",
    {
        "performer": "OwnerId",
        "about": "WhatId",
        "type": "TaskSubtype",
        "done": "IsClosed",
        "happened_on": "ActivityDate",
        "happened_at": "CompletedDateTime",
        "seconds": "CallDurationInSeconds",
        "key": "Attain_Key__c",
    },
    values={"type": {"Call": "call"}},
)
MAIL = SourceMap(
    RecordKind.ACTIVITY,
    "Mail",
    {"performer": "OwnerId", "counts": "Direction", "status": "Status"},
    constants={"type": "email"},
    values={
        "counts": {"OUT": "true", "IN": "false"},
        "status": {"SENT": "completed", "": "completed", "BOUNCED": "void"},
    },
)
SPLIT = SourceMap(
    RecordKind.SPLIT,
    "OpportunitySplit",
    {"deal": "D", "user": "U", "percent": "P", "counts": "SplitType.IsTotalValidated"},
)
MEMBER = SourceMap(
    RecordKind.TEAM_MEMBER,
    "OpportunityTeamMember",
    {"deal": "OpportunityId", "user": "UserId", "role": "TeamMemberRole"},
)
LIES = SourceMap(
    RecordKind.ACCOUNT_TERRITORY,
    "ObjectTerritory2Association",
    {"account": "ObjectId", "territory": "Territory2.Name"},
)
RATE = SourceMap(RecordKind.RATE, "CurrencyType", {"currency": "IsoCode", "rate": "ConversionRate", "worth": "worth"})
FLAGS = OutcomeMap(won_flag="IsWon", closed_flag="IsClosed")
ORG = Context(CrmMapping("salesforce", (USER, ACCOUNT, DEAL, TASK, SPLIT, MEMBER, LIES, RATE), FLAGS), COMPANY)


def read(source: SourceMap, fields: Mapping[str, Any], context: Context = ORG) -> Record | Rejection | None:
    raw = RawRecord(source.kind, Ref("emea", source.object, "006A"), STAMP, fields)
    found = normalise(raw, context)
    if isinstance(found, Rejection):
        return found
    return found[0] if found else None


def a_deal(**fields: Any) -> Deal:
    found = read(DEAL, {"Name": "Acme", "StageName": "Proposal", "IsWon": False, "IsClosed": False, **fields})
    assert isinstance(found, Deal)
    return found


def test_an_amount_keeps_its_cents_and_its_currency() -> None:
    assert a_deal(Amount=Decimal("50000.00"), CurrencyIsoCode="USD").amount == Money(5_000_000, "USD")
    assert a_deal(Amount="1234.505").amount == Money(123_451, "EUR")
    assert a_deal(Amount=Decimal(700), CurrencyIsoCode="JPY").amount == Money(700, "JPY")


def test_what_the_crm_converted_is_in_the_companys_currency_or_of_no_use() -> None:
    fields = {"Name": "Acme", "IsWon": True, "IsClosed": True, "CurrencyIsoCode": "USD", "Amount_Home__c": "2345.675"}
    assert a_deal(**fields).amount_converted == Money(2_345_68, "EUR")
    assert a_deal().amount_converted is None
    abroad = Context(replace(ORG.mapping, default_currency="GBP"), COMPANY)  # a CRM that converts into pounds
    found = read(DEAL, fields, abroad)
    assert isinstance(found, Deal)
    assert found.amount_converted is None


def test_a_type_of_the_crms_says_what_is_a_renewal() -> None:
    fields = {**DEAL.fields, "deal_type": "Type", "is_renewal": "Type", "term_starts_on": "Starts__c"}
    source = replace(DEAL, fields=fields, values={"is_renewal": {"Renewal": "true"}})
    org = Context(replace(ORG.mapping, sources=(source,)), COMPANY)
    found = [
        read(source, {"Name": "Acme", "Type": kind, "Starts__c": "2026-01-10", "IsWon": True, "IsClosed": True}, org)
        for kind in ("Renewal", "Add-On", None)
    ]
    assert [each.is_renewal for each in found if isinstance(each, Deal)] == [True, None, None]
    assert [each.deal_type for each in found if isinstance(each, Deal)] == ["Renewal", "Add-On", None]
    assert {each.term_starts_on for each in found if isinstance(each, Deal)} == {date(2026, 1, 10)}
    assert (a_deal().is_renewal, a_deal().term_starts_on) == (None, None)


def test_no_amount_is_not_zero() -> None:
    assert a_deal(Amount=None).amount is None
    assert a_deal(Amount=0).amount == Money(0, "EUR")


def test_the_crms_own_flags_say_how_a_deal_ended() -> None:
    assert a_deal(IsWon=True, IsClosed=True).outcome is Outcome.WON
    assert a_deal(IsClosed="true").outcome is Outcome.LOST
    assert a_deal(IsClosed="").outcome is Outcome.OPEN


def test_stages_may_say_it_instead() -> None:
    rule = OutcomeMap(field="StageName", won=frozenset({"Signed"}), lost=frozenset({"Gone"}))
    context = Context(CrmMapping("x", (DEAL,), rule), COMPANY)
    ended = [read(DEAL, {"StageName": stage}, context) for stage in ("Signed", "Gone", "Talking")]
    assert [each.outcome for each in ended if isinstance(each, Deal)] == [Outcome.WON, Outcome.LOST, Outcome.OPEN]


def test_a_creation_late_at_night_belongs_to_the_companys_day() -> None:
    assert a_deal(CreatedDate="2026-03-31T22:30:00.000+0000").created_on == date(2026, 4, 1)


def test_references_name_connection_and_object() -> None:
    deal = a_deal(AccountId="001X", OwnerId="005Y")
    assert (str(deal.account), str(deal.owner)) == ("emea:Account/001X", "emea:User/005Y")


def test_custom_fields_are_typed_by_the_mapping() -> None:
    assert a_deal(Seats__c="12", Fee__c="9.99").custom == {"seats": Decimal(12), "fee": 999}


def test_one_unreadable_value_rejects_the_record_and_names_the_field() -> None:
    found = read(DEAL, {"Name": "Acme", "Amount": "lots", "IsWon": False, "IsClosed": False})
    assert isinstance(found, Rejection)
    assert found.reason == "Amount is not a number"


def test_a_close_date_that_does_not_exist_is_a_rejection() -> None:
    found = read(DEAL, {"Name": "Acme", "CloseDate": "2026-02-30", "IsWon": False, "IsClosed": False})
    assert isinstance(found, Rejection)
    assert found.reason == "CloseDate is not a day"


def a_task(**fields: Any) -> Activity:
    found = read(TASK, {"IsClosed": True, **fields})
    assert isinstance(found, Activity)
    return found


def test_an_activity_is_about_a_deal_or_an_account_by_what_its_id_points_at() -> None:
    about_deal = a_task(WhatId="006A", **{"What.Type": "Opportunity"})
    about_account = a_task(WhatId="001A", **{"What.Type": "Account"})
    assert (str(about_deal.deal), about_deal.account) == ("emea:Opportunity/006A", None)
    assert (about_account.deal, str(about_account.account)) == (None, "emea:Account/001A")


def test_a_completed_task_happened_when_it_was_completed_and_an_open_one_when_it_is_due() -> None:
    times = {"ActivityDate": "2026-11-30", "CompletedDateTime": "2026-11-12T09:00:00.000+0000"}
    assert a_task(**times).happened_on == date(2026, 11, 12)
    planned = a_task(**times, IsClosed=False)
    assert (planned.status, planned.happened_on) == ("planned", date(2026, 11, 30))


def test_call_length_is_whole_minutes() -> None:
    assert a_task(TaskSubtype="Call", CallDurationInSeconds=185).minutes == 3


def test_an_activity_type_the_mapping_does_not_list_is_a_task() -> None:
    assert [a_task(TaskSubtype=each).type for each in ("Call", "Smoke", None)] == ["call", "task", "task"]


@pytest.mark.parametrize(
    ("counts", "status", "kept"),
    [
        ("OUT", "SENT", "completed"),
        ("OUT", None, "completed"),
        ("OUT", "", "completed"),
        ("OUT", "QUEUED", "planned"),  # not listed
        ("OUT", "BOUNCED", None),
        ("IN", "SENT", None),
        ("NEW", "SENT", None),  # not listed: nothing says that it counts
        (None, "SENT", None),  # nor does an empty field, unless the mapping says so
    ],
)
def test_an_activity_counts_and_is_completed_as_the_mapping_says_of_empty_values_too(
    counts: str | None, status: str | None, kept: str | None
) -> None:
    found = read(MAIL, {"Direction": counts, "Status": status}, Context(CrmMapping("salesforce", (MAIL,)), COMPANY))
    assert not isinstance(found, Rejection)
    assert (found.status if isinstance(found, Activity) else None) == kept


def test_our_own_alerts_are_nobodys_activity() -> None:
    assert read(TASK, {"IsClosed": True, "Attain_Key__c": "0f" * 16}) is None


def test_a_split_is_a_share_in_percent_and_an_overlay_where_totals_are_not_validated() -> None:
    given: dict[str, Any] = {"D": "006A", "U": "005Y", "P": Decimal("0.6")}
    share = read(SPLIT, given | {"SplitType.IsTotalValidated": True})
    overlay = read(SPLIT, given | {"SplitType.IsTotalValidated": False})
    assert isinstance(share, Split)
    assert isinstance(overlay, Split)
    assert (share.percent, share.overlay, overlay.overlay) == (Decimal(60), False, True)


@pytest.mark.parametrize(("kind", "overlay"), [("Revenue", False), ("Overlay", True), ("Services", None), (None, None)])
def test_where_split_types_are_listed_the_others_are_left_out(kind: str | None, overlay: bool | None) -> None:
    named = {"deal": "D", "user": "U", "percent": "P", "counts": "SplitType.DeveloperName"}
    listed = SourceMap(
        RecordKind.SPLIT, "OpportunitySplit", named, values={"counts": {"Revenue": "true", "Overlay": "false"}}
    )
    given: dict[str, Any] = {"D": "006A", "U": "005Y", "P": Decimal("0.6"), "SplitType.DeveloperName": kind}
    found = read(listed, given, Context(CrmMapping("salesforce", (USER, DEAL, listed)), COMPANY))
    assert not isinstance(found, Rejection)
    assert (found.overlay if isinstance(found, Split) else None) is overlay


def test_a_rate_is_foreign_units_for_one_of_ours_whichever_way_the_crm_says_it() -> None:
    direct = read(RATE, {"IsoCode": "USD", "ConversionRate": "1.25"})
    inverse = read(RATE, {"IsoCode": "USD", "worth": "0.8"})
    assert isinstance(direct, Rate)
    assert isinstance(inverse, Rate)
    assert direct.rate == inverse.rate == Decimal("1.25")
    assert read(RATE, {"IsoCode": "EUR", "ConversionRate": "1"}) is None


def test_a_user_keeps_levels_and_the_record_that_carries_the_numbers() -> None:
    write = WriteMap(ScoreProperties("users", "attain_", ("actual",)))
    context = Context(CrmMapping("hubspot", (USER,), write=write), COMPANY)
    found = read(USER, {"Email": "ANA@Example.com", "Name": "Ana", "Team": "East", "users.id": "901"}, context)
    assert isinstance(found, User)
    assert (found.email, found.levels, str(found.scores_on)) == ("ana@example.com", {"team": "East"}, "emea:users/901")


def test_a_member_of_a_team_belongs_to_a_deal_and_may_have_no_role() -> None:
    found = read(MEMBER, {"OpportunityId": "006B", "UserId": "005A", "TeamMemberRole": "Sales Engineer"})
    assert isinstance(found, TeamMember)
    assert (found.deal, found.user) == (Ref("emea", "Opportunity", "006B"), Ref("emea", "User", "005A"))
    assert found.role == "Sales Engineer"
    without = read(MEMBER, {"OpportunityId": "006B", "UserId": "005A", "TeamMemberRole": None})
    assert isinstance(without, TeamMember)
    assert without.role is None
    rejected = read(MEMBER, {"OpportunityId": "006B", "UserId": None})
    assert isinstance(rejected, Rejection)
    assert rejected.reason == "UserId is empty"


def test_an_account_lies_in_a_territory_by_name() -> None:
    found = read(LIES, {"ObjectId": "001A", "Territory2.Name": "Rhine"})
    assert isinstance(found, AccountTerritory)
    assert (found.account, found.territory) == (Ref("emea", "Account", "001A"), "Rhine")
    rejected = read(LIES, {"ObjectId": "001A", "Territory2.Name": None})
    assert isinstance(rejected, Rejection)


@pytest.mark.parametrize(
    ("said", "planned"), [("call Klaus", True), ("", False), (None, False), ("  ", False), (True, True), (False, False)]
)
def test_of_a_next_step_only_goes_on_that_there_is_one(said: object, planned: bool) -> None:
    source = replace(DEAL, fields={**DEAL.fields, "next_step": "NextStep"})
    found = read(
        source, {"NextStep": said, "StageName": "New"}, Context(CrmMapping("salesforce", (source,), FLAGS), COMPANY)
    )
    assert isinstance(found, Deal)
    assert (found.next_step, "Klaus" in repr(found)) == (planned, False)
