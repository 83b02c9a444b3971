"""What the CRMs should show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connector.decide.attributes import RIDING_TYPES, SCORE_ATTRIBUTES
from connector.decide.changes import changes, wanted
from connector.model.calendar import Calendar
from connector.model.changes import Change, Row, Value
from connector.model.people import Person, Roster
from connector.model.records import RecordKind, Ref
from connector.model.results import Alert, Score, Subject
from connector.normalise.mapping import AlertTasks, CrmMapping, ScoreProperties, ScoreRows, SourceMap, WriteMap
from connector.rulebook import mapped_names
from tests.measure.mirror import a_metric
from tests.targets.policies import a_person

CALENDAR = Calendar()
NOW = datetime(2026, 11, 3, 6, tzinfo=UTC)
METRICS = {
    "bookings": a_metric(title="Closed-won revenue"),
    "win_rate": a_metric("win_rate", measure="count_if(outcome = 'won') / count()", unit="ratio"),
}
ROWS = CrmMapping(
    "salesforce",
    (SourceMap(RecordKind.USER, "User", {}),),
    write=WriteMap(
        ScoreRows(
            "Attain_Attainment__c",
            "Attainment",
            "Attain_Key__c",
            {
                "User__c": "person",
                "Actual__c": "actual",
                "Attainment_Pct__c": "attainment",
                "Pace__c": "pace",
                "Rank__c": "rank",
                "Explanation__c": "explanation",
                "Computed_At__c": "computed_at",
            },
        ),
        AlertTasks(
            "Task",
            "Attain_Key__c",
            {"OwnerId": "person", "Subject": "title", "ActivityDate": "due_on", "Priority": "= High"},
        ),
    ),
)
PROPERTIES = CrmMapping(
    "hubspot",
    (),
    write=WriteMap(
        ScoreProperties("users", "attain_", ("actual", "attainment")),
        AlertTasks("tasks", "attain_alert_key", {"hubspot_owner_id": "person", "hs_timestamp": "due_at"}),
    ),
)
ANA = a_person(
    identities=(Ref("emea", "User", "005A"), Ref("smb", "owners", "77")), scores_on=(Ref("smb", "users", "9001"),)
)


MIA = a_person("mia", identities=(Ref("emea", "User", "005M"),))
LED = replace(ANA, assignments=(replace(ANA.assignments[0], manager="mia"),))


def a_score(metric: str = "bookings", period: str = "2026-Q4", who: str = "ana", **given: Any) -> Score:
    row: dict[str, Any] = {
        "unit": METRICS[metric].unit,
        "actual": Decimal(6_000_000),
        "target": Decimal(25_000_000),
        "attainment": Decimal("0.24"),
        "gap": Decimal(19_000_000),
        "expected": Decimal("8712121.21"),
        "pace": Decimal("0.68869565"),
        "elapsed": 23,
        "working_days": 66,
        "records": 1,
    }
    return Score(metric, Subject("person", who), CALENDAR.period(period), date(2026, 11, 3), **row | given)


def an_alert(person: str = "ana") -> Alert:
    subject = Subject("person", "ana")
    return Alert(
        "0" * 32,
        "behind_pace",
        subject,
        CALENDAR.period("2026-Q4"),
        "behind",
        "bookings",
        date(2026, 11, 3),
        person,
        "Behind",
        "…",
    )


def shown(*scores: Score, alerts: tuple[Alert, ...] = (), person: Person = ANA) -> list[Change]:
    return changes(
        scores,
        alerts,
        Roster.of([person]),
        {"emea": ROWS, "smb": PROPERTIES},
        METRICS,
        currency="EUR",
        run="r1",
        rules_version="abc",
        computed_at=NOW,
    )


def test_the_same_numbers_go_to_every_connection_where_a_person_has_a_user() -> None:
    row, properties = shown(a_score())
    assert row.row == Row("emea", "Attain_Attainment__c", "Attain_Key__c", "attainment:bookings:ana:2026-Q4")
    assert properties.row == Row("smb", "users", "hs_object_id", "9001")
    assert row.fields["Actual__c"] == properties.fields["attain_bookings_quarter_actual"] == Decimal("60000.00")
    assert row.fields["Attainment_Pct__c"] == properties.fields["attain_bookings_quarter_attainment"] == Decimal("0.24")


def test_a_metric_that_was_renamed_twice_keeps_the_row_and_the_property_of_its_first_name() -> None:
    metric = replace(METRICS["bookings"], name="sales", was=("revenue", "bookings"))
    row, properties = changes(
        [replace(a_score(), metric="sales")], (), Roster.of([ANA]), {"emea": ROWS, "smb": PROPERTIES}, {"sales": metric},
        currency="EUR", run="r1", rules_version="abc", computed_at=NOW,
    )  # fmt: skip
    assert row.row.key == "attainment:bookings:ana:2026-Q4"
    assert "attain_bookings_quarter_actual" in properties.fields


def test_a_row_names_the_connections_own_user_and_rounds_ratios_to_six_digits() -> None:
    fields = shown(a_score())[0].fields
    assert fields["User__c"] == "005A"
    assert fields["Pace__c"] == Decimal("0.688696")
    assert fields["Rank__c"] is None


def _manager(*people: Person, connection: str = "emea") -> Value:
    """What a row says of Ana's manager."""
    assert isinstance(ROWS.write.scores, ScoreRows)
    where = replace(ROWS.write.scores, fields={"Manager__c": "manager"})
    rows = replace(ROWS, write=replace(ROWS.write, scores=where))
    [row] = changes(
        [a_score()], (), Roster.of(people), {connection: rows}, METRICS,
        currency="EUR", run="r1", rules_version="abc", computed_at=NOW,
    )  # fmt: skip
    return row.fields["Manager__c"]


def test_a_row_names_the_manager_of_today_by_their_user_there() -> None:
    earlier = replace(LED.assignments[0], manager="joe")
    now = replace(LED.assignments[0], manager="mia", starts_on=date(2026, 11, 1))
    joe = a_person("joe", identities=(Ref("emea", "User", "005J"),))
    assert _manager(LED, MIA) == "005M"
    assert _manager(replace(LED, assignments=(earlier, now)), MIA, joe) == "005M"


def test_a_row_names_no_manager_where_there_is_none_or_none_there_or_one_who_left() -> None:
    assert _manager(ANA, MIA) is None
    assert _manager(LED) is None
    assert _manager(LED, MIA, connection="smb") is None
    assert _manager(LED, replace(MIA, active=False)) is None


def test_a_mapping_of_any_crm_may_name_exactly_what_there_is_a_value_for() -> None:
    assert set(mapped_names.SCORE_ATTRIBUTES) == {*SCORE_ATTRIBUTES, *RIDING_TYPES}


def test_what_rides_along_is_not_compared() -> None:
    row = shown(a_score())[0]
    assert "Computed_At__c" not in row.fields
    assert row.riding == {"Computed_At__c": NOW}


def test_the_explanation_says_what_was_counted_and_what_was_not() -> None:
    row = shown(a_score(left_out=2, pace=None, reason="nothing is expected yet"))[0]
    assert row.fields["Explanation__c"] == (
        "1 counted; 2 left out; 87 121 EUR expected after 23 of 66 working days; nothing is expected yet"
    )


def test_rows_are_one_per_metric_and_period_and_properties_one_per_person() -> None:
    found = shown(a_score(), a_score(period="2026-11"), a_score("win_rate", actual=Decimal("0.5"), target=None))
    assert [each.row.connection for each in found] == ["emea", "emea", "emea", "smb"]
    assert found[-1].fields["attain_win_rate_quarter_actual"] == Decimal("0.5")


def test_a_property_without_a_score_is_emptied_so_that_last_months_number_goes() -> None:
    fields = shown(a_score())[1].fields
    assert len(fields) == 2 * 3 * 2  # metrics, grains, attributes
    assert fields["attain_bookings_month_actual"] is None


def test_whoever_is_inactive_or_has_no_user_is_shown_nowhere() -> None:
    assert shown(a_score(), person=a_person(active=False)) == []
    assert shown(a_score(), person=a_person(identities=())) == []


def test_units_and_the_company_are_not_written_to_people() -> None:
    company = a_score()
    assert shown(Score(**{**_fields(company), "subject": Subject("team", "East")})) == []


def _fields(score: Score) -> dict[str, Any]:
    return {name: getattr(score, name) for name in Score.__slots__}


def test_an_alert_goes_to_the_home_connection_only_and_once() -> None:
    (task,) = shown(alerts=(an_alert(),))
    assert task.row == Row("emea", "Task", "Attain_Key__c", "0" * 32)
    assert task.once
    assert task.fields == {
        "OwnerId": "005A",
        "Subject": "Behind",
        "ActivityDate": date(2026, 11, 3),
        "Priority": "High",
    }


def test_an_alert_goes_where_its_reader_is_at_home() -> None:
    at_home = a_person(identities=ANA.identities, home="smb")
    (task,) = shown(alerts=(an_alert(),), person=at_home)
    assert task.row.connection == "smb"
    assert task.fields == {"hubspot_owner_id": "77", "hs_timestamp": datetime(2026, 11, 3, 12, tzinfo=UTC)}


def test_rows_need_their_object_their_key_and_typed_fields() -> None:
    found = wanted(ROWS, METRICS)
    assert found.objects == (("Attain_Attainment__c", "Attainment"),)
    by_name = {(each.object, each.name): each for each in found.fields}
    key = by_name["Attain_Attainment__c", "Attain_Key__c"]
    assert (key.type, key.unique, key.length) == ("text", True, 120)
    assert by_name["Attain_Attainment__c", "User__c"].points_at == "User"
    assert by_name["Attain_Attainment__c", "Actual__c"].type == "number"
    assert by_name["Attain_Attainment__c", "Attainment_Pct__c"].type == "ratio"
    assert by_name["Attain_Attainment__c", "Computed_At__c"].type == "moment"
    assert (by_name["Task", "Attain_Key__c"].unique, by_name["Task", "Attain_Key__c"].length) == (True, 40)


def test_properties_have_the_type_of_their_metric() -> None:
    types = {each.name: each.type for each in wanted(PROPERTIES, METRICS).fields}
    assert len(types) == 2 * 3 * 2 + 1
    assert types["attain_bookings_month_actual"] == "money"
    assert types["attain_win_rate_year_actual"] == "ratio"


def test_everything_that_is_written_is_wanted() -> None:
    for mapping, change in zip((ROWS, PROPERTIES), shown(a_score()), strict=True):
        names = {each.name for each in wanted(mapping, METRICS).fields}
        assert names >= {*change.fields, *change.riding, change.row.key_field} - {"hs_object_id"}


def test_a_managers_record_names_the_records_of_those_who_report_to_them_and_of_nobody_else() -> None:
    where = ScoreProperties("users", "attain_", ("actual",), reports="attain_reports")
    mapping = replace(PROPERTIES, write=WriteMap(where))
    boss = a_person("boss", identities=(Ref("smb", "owners", "70"),), scores_on=(Ref("smb", "users", "9000"),))
    mine = [
        a_person(
            name,
            identities=(Ref("smb", "owners", name),),
            scores_on=(Ref("smb", "users", number),),
            assignments=(replace(ANA.assignments[-1], manager=manager),),
        )
        for name, number, manager in (("bo", "9002", "boss"), ("cy", "9003", "bo"), ("di", "9001", "boss"))
    ]
    left = replace(mine[0], id="ed", active=False)
    found = changes(
        [], [], Roster.of([boss, *mine, left]), {"smb": mapping}, METRICS,
        currency="EUR", run="r", rules_version="v", computed_at=NOW,
    )  # fmt: skip
    assert {each.row.key: each.fields["attain_reports"] for each in found} == {"9000": "9001;9002", "9002": "9003"}
    assert "attain_reports" in {each.name for each in wanted(mapping, METRICS).fields}


def test_an_alert_points_at_its_record_where_no_field_does() -> None:
    (task,) = shown(alerts=(replace(an_alert(), record="smb:deals/77"),))
    assert (task.row.connection, task.links) == ("smb", {"deals": "77"})
    at_home = a_person(identities=ANA.identities[1:], home="smb")
    (task,) = shown(alerts=(replace(an_alert(), record="emea:Opportunity/006A"),), person=at_home)
    assert (task.row.connection, task.links) == ("smb", {})
    with_record = AlertTasks("Task", "Attain_Key__c", {"OwnerId": "person", "WhatId": "record"})
    (task,) = changes(
        [], [replace(an_alert(), record="emea:Opportunity/006A")], Roster.of([ANA]),
        {"emea": replace(ROWS, write=WriteMap(alerts=with_record))}, METRICS,
        currency="EUR", run="r", rules_version="v", computed_at=NOW,
    )  # fmt: skip
    assert (task.links, task.fields["WhatId"]) == ({}, "006A")
