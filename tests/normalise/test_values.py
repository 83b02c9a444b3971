"""Reading single values as CRMs write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connector.normalise import values

BERLIN = ZoneInfo("Europe/Berlin")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def test_reads_a_salesforce_moment_with_an_offset_without_colon() -> None:
    assert values.moment("2026-05-01T07:25:37.000+0000") == datetime(2026, 5, 1, 7, 25, 37, tzinfo=UTC)


def test_reads_a_hubspot_moment_and_milliseconds() -> None:
    expected = datetime(2026, 1, 1, tzinfo=UTC)
    assert values.moment("2026-01-01T00:00:00.000Z") == expected
    assert values.moment("1767225600000") == expected


def test_a_plain_date_is_never_shifted_whatever_the_zone() -> None:
    for zone in (BERLIN, LOS_ANGELES):
        assert values.day("2026-12-31", zone) == date(2026, 12, 31)
        assert values.day("2026-12-31T00:00:00Z", zone) == date(2026, 12, 31)


def test_a_moment_takes_its_day_from_the_companys_zone() -> None:
    assert values.day("2026-12-31T23:30:00Z", BERLIN) == date(2027, 1, 1)
    assert values.day("2026-12-31T23:30:00Z", LOS_ANGELES) == date(2026, 12, 31)


@pytest.mark.parametrize("value", ["", "   ", None])
def test_empty_is_none_and_not_zero(value: str | None) -> None:
    assert values.number(value) is None
    assert values.day(value, BERLIN) is None
    assert values.text(value) is None


@pytest.mark.parametrize("value", ["abc", "NaN", "Infinity", "1e400", "12,5", True])
def test_refuses_what_cannot_be_counted_with(value: object) -> None:
    with pytest.raises(values.Unreadable):
        values.number(value)


@pytest.mark.parametrize("value", ["2026-02-30", "yesterday", "2026-13-01T00:00:00Z"])
def test_refuses_days_that_do_not_exist(value: str) -> None:
    with pytest.raises(values.Unreadable):
        values.day(value, BERLIN)


def test_keeps_the_digits_of_a_binary_float_for_the_caller_to_round() -> None:
    shown = "0.40000000000000002220446049250313080847263336181640625"
    assert round(values.number(shown) or Decimal(0), 6) == Decimal("0.400000")


def test_drops_nul_bytes_which_postgresql_refuses() -> None:
    assert values.text("Ac\x00me ") == "Acme"


def test_a_share_is_a_number_or_a_percentage() -> None:
    assert [values.ratio(each) for each in ("0.2", " 20% ", "12.5 %", "", None)] == [
        Decimal("0.2"), Decimal("0.20"), Decimal("0.125"), None, None,
    ]  # fmt: skip
    with pytest.raises(values.Unreadable):
        values.ratio("much%")
