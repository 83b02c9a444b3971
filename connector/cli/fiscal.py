"""What `attain periods --fiscal` says: the fiscal years of the CRMs beside the company's, and how to take them over."""

from __future__ import annotations

import json
from collections.abc import Iterator

from connector.cli.terminal import counted, say, table
from connector.flow.fiscal import CrmYears, crm_years
from connector.flow.house import House
from connector.model.calendar import Calendar

Row = tuple[str, str, str, str, str, str]
COLUMNS = ("connection", "there", "first day", "last day", "here", "the same")


def show(house: House, *, as_json: bool) -> None:
    """Each year, quarter and month that a CRM has, with ours; then the line for the config."""
    found = crm_years(house, house.today())
    calendar = house.settings.company.calendar
    rows = [row for each in found for row in _rows(each, calendar)]
    if as_json:
        said = {each.connection: {"take_over": each.take_over, "differ": len(each.differing)} for each in found}
        say(json.dumps({"crms": said, "periods": [dict(zip(COLUMNS, row, strict=True)) for row in rows]}, indent=2))
        return
    if not found:
        say("No CRM has fiscal years that were cut by hand; `attain doctor` compares the others.")
        return
    table(COLUMNS, rows)
    for each in found:
        say(_verdict(each))


def _rows(found: CrmYears, calendar: Calendar) -> Iterator[Row]:
    for year in found.years:
        for each in year.periods:
            ours, same = each.here(calendar)
            here = ours.id if same else f"{ours.id}: {ours.starts_on} to {ours.last_day}"
            yield found.connection, each.name, f"{each.starts_on}", f"{each.ends_on}", here, "yes" if same else "no"


def _verdict(found: CrmYears) -> str:
    if not found.differing:
        return f"{found.connection}: the company's fiscal years are the CRM's."
    begun = f"{found.connection}: {counted(len(found.differing), 'period')} of this year and those to come differ."
    if not found.take_over:
        return f"{begun} No `fiscal_year:` of config.yaml cuts all of these years so: targets and scores follow ours."
    return (
        f"{begun} To take the CRM's over, in place of what stands there now:\n\ncompany:\n  {found.take_over}\n\n"
        "Targets, quotas and scores of open periods follow it from the next cycle on; until then nothing does."
    )
