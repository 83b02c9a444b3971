"""What CRMs show of scorecards and of health."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from connector.decide.changes import Shown, changes, wanted
from connector.decide.health import emptied, health_changes
from connector.errors import Place
from connector.model.calendar import Grain
from connector.model.changes import Change, Row, Value
from connector.model.people import Roster
from connector.model.results import Card, CardLine, Health, HealthReason, Subject
from connector.normalise.mapping import CrmMapping, RecordFields, ScoreRows
from connector.score.scorecard import Scorecard
from tests.decide.test_changes import ANA, CALENDAR, LED, METRICS, MIA, NOW, PROPERTIES, ROWS, a_score

AE = Scorecard("ae", "Account executive", Place("rules/scorecards.yaml", 4, 3), Grain.QUARTER, ())
FIELDS = {
    "User__c": "person",
    "Attainment_Pct__c": "attainment",
    "Band__c": "band",
    "Explanation__c": "explanation",
    "Pace__c": "pace",
}
OPPORTUNITY = RecordFields("Opportunity", {"Health__c": "health", "Why__c": "health_reasons", "Next__c": "next_step"})


def a_card(**given: Any) -> Card:
    lines = (
        CardLine("bookings", Decimal(60), Decimal("0.6"), Decimal("1.2"), Decimal("1.2")),
        CardLine("win_rate", Decimal(40), Decimal("0.4"), None, None, "nothing to measure: left out"),
    )
    row: dict[str, Any] = {"score": Decimal("0.79"), "band": "behind", "lines": lines, "held": ("stale_share > 50%",)}
    return Card("ae", Subject("person", "ana"), CALENDAR.period("2026-Q4"), NOW.date(), **row | given)


def shown(*cards: Card, scores: bool = False) -> list[Change]:
    assert isinstance(ROWS.write.scores, ScoreRows)
    rows = replace(ROWS, write=replace(ROWS.write, scores=replace(ROWS.write.scores, fields=FIELDS)))
    return changes(
        [a_score()] if scores else [],
        [],
        Roster.of([ANA]),
        {"emea": rows, "smb": PROPERTIES},
        METRICS,
        currency="EUR",
        run="r1",
        rules_version="abc",
        computed_at=NOW,
        besides=Shown(cards, {"ae": AE}),
    )


def test_a_scorecard_is_a_row_of_its_own_beside_the_metrics() -> None:
    row = shown(a_card())[0]
    assert row.row.key == "scorecard:ae:ana:2026-Q4"
    assert row.fields == {
        "User__c": "005A",
        "Attainment_Pct__c": Decimal("0.790000"),
        "Band__c": "behind",
        "Explanation__c": "bookings 120% x 60%; win_rate: nothing to measure: left out; held down by stale_share > 50%",
    }
    assert (row.because, row.subject) == ("rules/scorecards.yaml:4:3", "Ana · ae · 2026-Q4")


def test_a_scorecards_row_names_the_manager_like_those_of_the_metrics() -> None:
    assert isinstance(ROWS.write.scores, ScoreRows)
    fields = {"Manager__c": "manager"}
    rows = replace(ROWS, write=replace(ROWS.write, scores=replace(ROWS.write.scores, fields=fields)))
    card, number = changes(
        [a_score()], [], Roster.of([LED, MIA]), {"emea": rows}, METRICS,
        currency="EUR", run="r1", rules_version="abc", computed_at=NOW, besides=Shown([a_card()], {"ae": AE}),
    )  # fmt: skip
    assert [each.fields["Manager__c"] for each in (card, number)] == ["005M", "005M"]


def test_where_a_person_has_properties_the_scorecard_is_two_of_them() -> None:
    properties = shown(a_card())[-1]
    assert properties.fields["attain_ae_quarter_score"] == Decimal("0.790000")
    assert properties.fields["attain_ae_quarter_band"] == "behind"
    assert [each.name for each in wanted(PROPERTIES, {}, {"ae": AE}).fields][:2] == [
        "attain_ae_quarter_score",
        "attain_ae_quarter_band",
    ]


def test_a_scorecard_that_is_not_theirs_any_more_is_emptied() -> None:
    properties = shown(scores=True)[-1]
    assert properties.fields["attain_ae_quarter_score"] is None


def a_health(ref: str = "emea:Opportunity/006A", **given: Any) -> Health:
    reasons = (HealthReason(-25, "41 days in Proposal", "move it on"), HealthReason(15, "active this week"))
    row: dict[str, Any] = {"points": 50, "band": "watch", "reasons": reasons}
    return Health("deals", ref, "Fridges", "ana", **row | given)


def judged(mapping: CrmMapping, *found: Health) -> list[Change]:
    return list(health_changes({"emea": mapping}, found, {"deals": "rules/health.yaml:5:1"}))


NOTHING: dict[str, Value] = {"Health__c": None, "Why__c": None}
WITH_HEALTH = replace(ROWS, write=replace(ROWS.write, deals=OPPORTUNITY))


def test_health_goes_into_the_fields_of_the_deals_own_record() -> None:
    [change] = judged(WITH_HEALTH, a_health())
    assert change.row == Row("emea", "Opportunity", "Id", "006A")
    assert change.row.by_own_id
    assert change.fields == {
        "Health__c": 50,
        "Why__c": "41 days in Proposal (-25); active this week (+15)",
        "Next__c": "move it on",
    }


def test_without_fields_in_the_mapping_nothing_of_a_deal_is_touched() -> None:
    assert judged(ROWS, a_health()) == []
    assert judged(WITH_HEALTH, a_health("smb:deals/7")) == []


def test_many_reasons_are_cut_to_three_and_long_ones_to_what_a_field_holds() -> None:
    long = tuple(HealthReason(-5, "x" * 120) for _ in range(4))
    [change] = judged(WITH_HEALTH, a_health(reasons=long))
    text = change.fields["Why__c"]
    assert isinstance(text, str)
    assert (len(text), text[-1]) == (255, "…")


def test_a_deal_that_is_closed_loses_what_we_said_of_it_once() -> None:
    row = Row("emea", "Opportunity", "Id", "006A")
    ours = Row("emea", "Attain_Attainment__c", "Attain_Key__c", "attainment:bookings:ana:2026-Q4")
    known: dict[Row, dict[str, Value]] = {
        row: {"Health__c": 50, "Why__c": "late", "Next__c": None},
        ours: {"Actual__c": 1},
    }
    [change] = emptied("emea", WITH_HEALTH, known, [])
    assert (change.row, change.fields) == (row, {"Health__c": None, "Why__c": None})
    assert list(emptied("emea", WITH_HEALTH, known, [row])) == []
    assert list(emptied("emea", WITH_HEALTH, {row: NOTHING}, [])) == []


def test_the_fields_of_health_are_wanted_on_the_deal() -> None:
    fields = [each for each in wanted(WITH_HEALTH, {}).fields if each.object == "Opportunity"]
    assert [(each.name, each.type) for each in fields] == [
        ("Health__c", "number"),
        ("Why__c", "text"),
        ("Next__c", "text"),
    ]
