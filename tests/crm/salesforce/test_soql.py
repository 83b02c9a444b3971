"""Queries are built from checked names and quoted values, and parse; windows neither lose nor loop."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from connector.crm.salesforce import soql
from connector.crm.salesforce.window import Window, moment_of
from connector.model.records import RawRecord, RecordKind, Ref
from connector.ports import Cursor
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.salesforce.soql_parse import parse
from connector.sandbox.salesforce.soql_tree import Literal

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
QUARTER, TWO = timedelta(minutes=15), timedelta(minutes=2)


def test_the_gate_itself_lets_good_queries_pass_and_stops_bad_ones(evidence: Path) -> None:
    """Of 27 outside examples it may misjudge those that ask for meaning or that REST does not take."""
    examples = json.loads((evidence / "contracts/soql/soql.json").read_text())
    refused = [each for each in examples["good"] if not _parses(each)]
    passed = [each for each in examples["bad"] if _parses(each)]
    assert [each for each in refused if "ALL ROWS" not in each] == []
    assert [each for each in passed if "GROUP BY" not in each] == []


def _parses(text: str) -> bool:
    try:
        parse(text)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    "text", ["Amount; DROP", "Amount FROM User--", "", "1Amount", "Amount\n", "Owner..Name", "Owner.", "Id, Name"]
)
def test_takes_nothing_for_a_name_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        soql.select((text,), "Opportunity")


@given(some.lists(some.text(some.characters(codec="utf-8")), min_size=1, max_size=5))
def test_a_value_stays_a_value_whatever_it_holds(values: list[str]) -> None:
    query = parse(soql.select(("Id",), "Task", where=[soql.one_of("Attain_Key__c", values)]))
    members = query.where.right  # type: ignore[union-attr]
    assert isinstance(members, tuple)
    assert [each.value for each in members if isinstance(each, Literal)] == values


def test_an_empty_list_is_not_asked_for() -> None:
    with pytest.raises(ValueError, match="empty"):
        soql.one_of("Id", [])


def test_chunks_are_short_enough_for_an_address() -> None:
    keys = [f"target:bookings:p_{each:012x}:2026-Q4" for each in range(900)]
    chunks = list(soql.chunks(keys))
    assert [key for chunk in chunks for key in chunk] == keys
    assert max(map(len, chunks)) <= 200
    assert len(chunks) == 5


def test_chunks_count_what_percent_encoding_adds() -> None:
    # Each letter is nine bytes once encoded, so 100 letters and the quotes are 910: thirteen fit into 12,000.
    chunks = list(soql.chunks(["名" * 100] * 40))
    assert [len(chunk) for chunk in chunks] == [13, 13, 13, 1]


def test_moments_are_written_in_utc_and_to_the_millisecond() -> None:
    berlin = timezone(timedelta(hours=1))
    assert soql.moment(datetime(2026, 11, 25, 13, 0, tzinfo=berlin)) == "2026-11-25T12:00:00Z"
    assert soql.moment(datetime(2026, 11, 25, 12, 0, 0, 120_000, tzinfo=UTC)) == "2026-11-25T12:00:00.120Z"
    with pytest.raises(ValueError, match="zone"):
        soql.moment(datetime(2026, 11, 25, 12, 0))


@pytest.mark.parametrize("text", ["2026-05-01T07:25:37.000+0000", "2026-05-01T07:25:37Z", "2026-05-01T08:25:37+01:00"])
def test_reads_moments_in_every_form_that_salesforce_writes(text: str) -> None:
    assert moment_of(text) == datetime(2026, 5, 1, 7, 25, 37, tzinfo=UTC)


# Windows


def test_the_first_window_begins_at_the_beginning_and_ends_before_now() -> None:
    window = Window.of(None, NOON, QUARTER, TWO)
    assert window.conditions("SystemModstamp") == ["SystemModstamp < 2026-11-25T11:58:00Z"]


def test_a_later_window_reaches_back_before_what_was_covered() -> None:
    window = Window.of(Cursor(datetime(2026, 11, 25, 11, 0, tzinfo=UTC)), NOON, QUARTER, TWO)
    assert window.conditions("SystemModstamp") == [
        "SystemModstamp >= 2026-11-25T10:45:00Z",
        "SystemModstamp < 2026-11-25T11:58:00Z",
    ]


def test_a_window_never_ends_before_what_was_covered() -> None:
    covered = datetime(2026, 11, 25, 11, 59, tzinfo=UTC)
    assert Window.of(Cursor(covered), NOON, QUARTER, TWO).hi == covered


def test_an_open_window_is_read_to_its_own_end_from_behind_the_last_record() -> None:
    first = Window.of(Cursor(datetime(2026, 11, 25, 11, 0, tzinfo=UTC)), NOON, QUARTER, TWO)
    stamp = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
    record = RawRecord(RecordKind.DEAL, Ref("emea", "Opportunity", "0060000000000A1AAA"), stamp, {})
    later = Window.of(first.cursor(record), NOON + timedelta(hours=6), QUARTER, TWO)
    assert (later.lo, later.hi) == (first.lo, first.hi)
    query = soql.select(("Id",), "Opportunity", where=later.conditions("SystemModstamp"))
    assert query == (
        "SELECT Id FROM Opportunity WHERE SystemModstamp >= 2026-11-25T10:45:00Z AND SystemModstamp < 2026-11-25T11:58:00Z"
        " AND (SystemModstamp > 2026-11-25T11:30:00Z OR (SystemModstamp = 2026-11-25T11:30:00Z AND Id > '0060000000000A1AAA'))"
    )
    parse(query)
