"""The fiscal years that CRMs keep, as they were pulled, held against the company's own. Nothing here changes a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from connector.flow.house import House
from connector.model.fiscal_said import PAST, Difference, SaidPeriod, SaidYear, as_config, differences, rule_for, years
from connector.model.periods import Grain
from connector.model.records import PERIODS, Reading, table_of
from connector.store import records


@dataclass(frozen=True, slots=True)
class CrmYears:
    """What one CRM says of fiscal years, and how it differs from the company's."""

    connection: str
    years: tuple[SaidYear, ...]
    differing: tuple[Difference, ...]

    @property
    def take_over(self) -> str:
        """The line for `company:` of the config that cuts all of these years so; empty: no rule does."""
        rule = rule_for(self.years)
        return as_config(rule) if rule else ""


def crm_years(house: House, today: date) -> list[CrmYears]:
    """Connections that have years cut by hand, in config order."""
    found = []
    with house.store.reading() as tx:
        tables = {each.name: records.readings(tx, table_of(each.name, PERIODS)) for each in house.settings.connections}
    for name, rows in tables.items():
        said = list(_said(rows))
        if cut := years(said):
            differing = differences(house.settings.company.calendar, said, today - PAST)
            found.append(CrmYears(name, tuple(cut), tuple(differing)))
    return found


def notes(house: House, today: date) -> list[str]:
    """A sentence for each CRM whose periods are not the company's; it stays until a human made one follow the other."""
    return [
        f"{each.connection}: the fiscal years of the CRM are not those of config.yaml: {each.differing[0]}"
        + (f", and {len(each.differing) - 1} more" if len(each.differing) > 1 else "")
        + "; see `attain periods --fiscal`"
        for each in crm_years(house, today)
        if each.differing
    ]


def _said(rows: list[Reading]) -> Iterator[SaidPeriod]:
    for row in rows:
        given = row.values
        first, last, number = given["starts_on"], given["ends_on"], given["number"]
        if isinstance(first, date) and isinstance(last, date):
            place = number if isinstance(number, int) else None
            yield SaidPeriod(Grain(str(given["grain"])), first, last, str(given["year"]), place, str(given["label"]))
