"""The company's year is cut by hand in Salesforce. It is told of every day, obeyed never, and taken over by a line of a human's."""

from __future__ import annotations

import json
from datetime import date

import pytest

from connector.flow.chores import chores
from connector.service.wiring import house
from tests.cli.attain import Attain
from tests.faults.village import Village

pytestmark = pytest.mark.xdist_group("years")
RETAIL = ((4, 5, 4),) * 4
YEARS = {  # as the National Retail Federation cut them
    "FY 2025": (date(2025, 2, 2), RETAIL),
    "FY 2026": (date(2026, 2, 1), RETAIL),
    "FY 2027": (date(2027, 1, 31), RETAIL),
}
LINE = "fiscal_year: {pattern: 4-5-4, ends: saturday nearest january 31, named: start}"


def _notes(village: Village) -> list[str]:
    village.time.sleep(3600)
    return village.cycle().notes


def _quarters(village: Village) -> set[str]:
    rows = village.soql("SELECT Period_Label__c, Period_Start__c FROM Attain_Attainment__c")
    return {f"{each['Period_Label__c']} {each['Period_Start__c']}" for each in rows if "-Q" in each["Period_Label__c"]}


def test_years_of_the_crm_are_told_of_and_taken_over_by_a_human(village: Village, attain: Attain) -> None:
    assert village.cycle().notes == []
    before = _quarters(village)
    assert "2026-Q4 2026-10-01" in before

    village.salesforce.cut_years(YEARS)
    [note] = _notes(village)
    assert note.startswith("emea: the fiscal years of the CRM are not those of config.yaml: FY 2025 is 2025-02-02 to ")
    assert note.endswith("see `attain periods --fiscal`")
    assert _quarters(village) == before, "nobody's target moved"
    with house(village.config, world=village.time.world, connect=False) as ready:
        assert chores(ready, village.time.now().date()).notes == [note]
        assert chores(ready, village.time.now().date()).notes == [], "once a day"

    told = attain("periods", "--fiscal")
    assert told.code == 0
    assert f"company:\n  {LINE}\n" in told.out
    said = json.loads(attain("periods", "--fiscal", "--json").out)
    assert said["crms"]["emea"]["take_over"] == LINE
    third = next(each for each in said["periods"] if each["there"] == "Quarter 3 FY 2026")
    # 26 weeks after 1 February 2026 it is 2 August.
    assert (third["first day"], third["last day"], third["the same"]) == ("2026-08-02", "2026-10-31", "no")

    text = village.config.read_text(encoding="utf-8")
    village.config.write_text(text.replace("  fiscal_year_starts: january", f"  {LINE}"), encoding="utf-8")
    assert _notes(village) == []
    assert "the company's fiscal years are the CRM's" in attain("periods", "--fiscal").out
    assert "2026-Q4 2026-11-01" in _quarters(village)

    village.salesforce.cut_years({**YEARS, "FY 2026": (date(2026, 2, 1), ((4, 4, 5), *RETAIL[1:]))})
    [note] = _notes(village)
    assert (
        "Month 2 FY 2026 is 2026-03-01 to 2026-03-28 there, 2026-P02 2026-03-01 to 2026-04-04 here, and 1 more" in note
    )
    assert "No `fiscal_year:` of config.yaml cuts all of these years so" in attain("periods", "--fiscal").out

    village.salesforce.cut_years({})
    assert _notes(village) == []
    assert attain("periods", "--fiscal").out.startswith("No CRM has fiscal years that were cut by hand")
