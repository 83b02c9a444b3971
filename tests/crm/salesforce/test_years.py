"""Custom fiscal years of an org: pulled as data, and held against the config's by the doctor.

2 February 2025 to 31 January 2026 and 1 February 2026 to 30 January 2027 are the retail years of 2025 and 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.model.calendar import Calendar
from connector.model.changes import Wanted
from connector.model.fiscal import WeekYears
from connector.model.records import Reading, RecordKind
from connector.normalise.fields import Context
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.normalise.records import normalise
from connector.ports import Finding, Severity
from connector.sandbox.wire import Response
from tests.crm.salesforce.company import ACME, Place, place, shipped_mapping, write_company
from tests.crm.salesforce.conftest import Time

RETAIL = ((4, 5, 4),) * 4
YEARS = {"FY 2025": (date(2025, 2, 2), RETAIL), "FY 2026": (date(2026, 2, 1), RETAIL)}
NRF = Calendar(weeks=WeekYears((4, 5, 4), 5, 1, 31, named_by_start=True))
PERIODS = SourceMap(
    RecordKind.PERIOD,
    "Period",
    {
        "grain": "Type",
        "number": "Number",
        "starts_on": "StartDate",
        "ends_on": "EndDate",
        "label": "FullyQualifiedLabel",
        "year": "FiscalYearSettings.Name",
        "forecasts": "IsForecastPeriod",
    },
    values={"grain": {"Month": "month", "Quarter": "quarter", "Year": "year"}},
)


def mapping() -> CrmMapping:
    known = shipped_mapping()
    return replace(known, sources=(*known.sources, PERIODS))


@pytest.fixture
def org(tmp_path: Path, time: Time, private_key: str) -> Iterator[Place]:
    with place(write_company(tmp_path), time, private_key, mapping=mapping()) as found:
        found.sandbox.cut_years(YEARS)
        yield found


def read(org: Place) -> list[Reading]:
    context = Context(mapping(), ACME)
    found = list[Reading]()
    for raw in org.records("Period"):
        outcome = normalise(raw, context)
        assert isinstance(outcome, tuple), outcome
        found += (each for each in outcome if isinstance(each, Reading))
    return sorted(found, key=lambda each: (str(each.values["starts_on"]), str(each.values["grain"])))


def fiscal(findings: Sequence[Finding]) -> list[Finding]:
    return [each for each in findings if each.subject == "fiscal year"]


def test_brings_years_quarters_and_months_and_no_weeks(org: Place) -> None:
    org.time.now += timedelta(hours=1)
    found = read(org)
    assert len(found) == 2 * (1 + 4 + 12)
    assert {each.table for each in found} == {"emea.periods"}
    first = next(
        each.values for each in found if each.values["year"] == "FY 2026" and each.values["grain"] == "quarter"
    )
    assert first == {
        "grain": "quarter",
        "starts_on": date(2026, 2, 1),
        "ends_on": date(2026, 5, 2),
        "year": "FY 2026",
        "number": 1,
        "label": "Quarter 1 FY 2026",
        "forecasts": True,
    }


def test_a_standard_year_is_not_read_at_all(org: Place) -> None:
    org.sandbox._database.run('UPDATE "FiscalYearSettings" SET "IsStandardYear" = 1')
    assert org.records("Period") == []
    assert "WHERE FiscalYearSettings.IsStandardYear = false" in next(
        each for each in reversed(org.heard.queries) if "FROM Period" in each
    )


def test_is_read_in_full_each_time_so_that_a_year_that_was_taken_back_is_gone(org: Place) -> None:
    [page] = org.pull("Period")
    assert page.whole
    org.sandbox.cut_years({"FY 2026": YEARS["FY 2026"]})
    org.time.now += timedelta(hours=1)
    [page] = org.pull("Period", page.cursor)
    assert not [each for each in org.heard.requests if "/deleted/" in each.path], "nobody needs the list of deletions"
    assert {each.fields["FiscalYearSettings.Name"] for each in page.records} == {"FY 2026"}


@pytest.mark.parametrize("hidden", ["Period", "FiscalYearSettings"])
def test_an_org_that_does_not_show_its_periods_is_pulled_without(
    tmp_path: Path, time: Time, private_key: str, hidden: str
) -> None:
    with place(write_company(tmp_path), time, private_key, mapping=mapping()) as org:
        del org.sandbox._org.schema.objects[hidden]
        org.sandbox._org.schema._seen.clear()
        assert "Period" not in {each.object for each in org.crm.sources()}
        [finding] = fiscal(org.crm.doctor(Wanted()))
        assert (finding.severity, finding.text) == (Severity.OK, "begins in january, here and there")


def test_doctor_prints_the_line_that_would_take_the_years_over(org: Place) -> None:
    """All 17 parts of 2025 differ, and of 2026 all but its first month, which is February."""
    [finding] = fiscal(org.crm.doctor(Wanted()))
    assert finding.severity is Severity.WARNING
    assert finding.text == (
        "cut by hand: FY 2025 is 2025-02-02 to 2026-01-31 there, 2025 2025-01-01 to 2025-12-31 here, and 32 more"
    )
    assert (
        "`fiscal_year: {pattern: 4-5-4, ends: saturday nearest january 31, named: start}` under `company:`"
        in finding.cure
    )


def test_doctor_is_content_where_the_config_says_the_same(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key, company=replace(ACME, calendar=NRF)) as org:
        org.sandbox.cut_years(YEARS)
        [finding] = fiscal(org.crm.doctor(Wanted()))
        assert (finding.severity, finding.text) == (
            Severity.OK,
            "cut by hand, FY 2025 to FY 2026, and ours are the same",
        )
        moved = {**YEARS, "FY 2026": (date(2026, 2, 1), ((4, 4, 5), *RETAIL[1:]))}
        org.sandbox.cut_years(moved)
        [finding] = fiscal(org.crm.doctor(Wanted()))
        assert finding.severity is Severity.WARNING
        assert finding.text.startswith("cut by hand: Month 2 FY 2026 is 2026-03-01 to 2026-03-28 there, 2026-P02 ")
        assert "no `fiscal_year:` of config.yaml cuts all of them so" in finding.cure


def test_doctor_says_that_thirteen_periods_are_no_months(org: Place) -> None:
    org.sandbox.cut_years({"2026": (date(2026, 2, 1), ((4, 4, 4), (4, 4, 4), (4, 4, 4), (4, 4, 4, 4)))})
    note, warning = fiscal(org.crm.doctor(Wanted()))
    assert (note.severity, warning.severity) == (Severity.NOTE, Severity.WARNING)
    assert note.text == "2026 is made of 13 periods there, ours of 12 months: quarters and years are compared"


def test_an_answer_without_days_is_trouble_and_no_crash(org: Place) -> None:
    reply = Response(
        200, {"Content-Type": "application/json"}, b'{"totalSize":1,"done":true,"records":[{"Type":"Year"}]}'
    )
    org.heard.instead = lambda request: reply if "FROM Period" in (request.param("q") or "") else None
    [finding] = fiscal(org.crm.doctor(Wanted()))
    assert finding.severity is Severity.ERROR
