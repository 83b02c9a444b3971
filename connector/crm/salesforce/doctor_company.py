"""What the org says of the company, held against the config: fiscal year, currencies, people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from connector.crm.salesforce import soql
from connector.crm.salesforce.corporate import CURRENCIES, cure
from connector.crm.salesforce.look import Look
from connector.crm.salesforce.streams import CUT_BY_HAND
from connector.errors import CrmUnavailable
from connector.model.fiscal import MONTHS
from connector.model.fiscal_said import PAST, SaidPeriod, as_config, differences, rule_for, years
from connector.model.periods import Grain
from connector.model.settings import Company
from connector.ports import Finding, Severity

_FISCAL = ("FiscalYearStartMonth", "UsesStartDateAsFiscalYearName")
_PERIODS = ("Type", "Number", "StartDate", "EndDate", "FullyQualifiedLabel", "FiscalYearSettings.Name")
_GRAINS = {"Year": Grain.YEAR, "Quarter": Grain.QUARTER, "Month": Grain.MONTH}


@dataclass(frozen=True, slots=True)
class CompanyDoctor(Look):
    """Every method raises what the org raises."""

    company: Company
    assumed: str  # the currency of amounts that say none, and that rates are against

    def fiscal_year(self) -> Iterator[Finding]:
        """Quarters that begin in other months than Salesforce's own would puzzle everybody who compares."""
        if said := self._said():
            yield from self._custom_years(said)
            return
        if not self.describer.shows("Organization", *_FISCAL):
            yield self.finding("fiscal year", Severity.NOTE, "the org does not tell when its fiscal year begins")
            return
        (row, *_) = self.org.all_rows(soql.select(_FISCAL, "Organization")) or [{}]
        month, ours = int(row.get("FiscalYearStartMonth") or 1), self.company.calendar
        if ours.weeks is not None:
            text = f"ours is made of weeks; the org's begins in {MONTHS[month - 1]}"
            yield self.finding("fiscal year", Severity.NOTE, text, "compare a quarter's first and last day by hand")
            return
        by_start = row.get("UsesStartDateAsFiscalYearName") is True
        named_alike = month == 1 or by_start == ours.named_by_start
        if (month, named_alike) == (ours.first_month, True):
            yield self.finding("fiscal year", Severity.OK, f"begins in {MONTHS[month - 1]}, here and there")
            return
        text = f"the org's begins in {MONTHS[month - 1]}, named by its {'start' if by_start else 'end'}"
        cure = f"set `company: fiscal_year_starts: {MONTHS[month - 1]}`, or leave it if targets follow another year"
        yield self.finding("fiscal year", Severity.WARNING, text, cure)

    def _custom_years(self, said: list[SaidPeriod]) -> Iterator[Finding]:
        """Years that an admin cut by hand follow no rule of months, and perhaps one of weeks."""
        cut, since = years(said), self.org.now().date() - PAST
        for each in cut:
            if each.ends_on >= since and len(each.months) != 12:
                text = f"{each.name} is made of {len(each.months)} periods there, ours of 12 months"
                yield self.finding("fiscal year", Severity.NOTE, f"{text}: quarters and years are compared")
        differing = differences(self.company.calendar, said, since)
        if not differing:
            text = f"cut by hand, {cut[0].name} to {cut[-1].name}, and ours are the same"
            yield self.finding("fiscal year", Severity.OK, text)
            return
        rule = rule_for(cut)
        cure = (
            f"write `{as_config(rule)}` under `company:` of config.yaml, or leave it if targets follow another year"
            if rule
            else "no `fiscal_year:` of config.yaml cuts all of them so: set targets by ours, and compare by year"
        )
        more = f", and {len(differing) - 1} more" if len(differing) > 1 else ""
        yield self.finding("fiscal year", Severity.WARNING, f"cut by hand: {differing[0]}{more}", cure)

    def _said(self) -> list[SaidPeriod]:
        """The periods of custom fiscal years; none where the org has none, or shows none."""
        if not self.describer.shows("Period", *_PERIODS, CUT_BY_HAND):
            return []
        where = [soql.truth(CUT_BY_HAND, is_set=False), soql.one_of("Type", list(_GRAINS))]
        rows = self.org.all_rows(soql.select(_PERIODS, "Period", where=where))
        try:
            return [_period(row) for row in rows]
        except (KeyError, TypeError, ValueError):
            raise CrmUnavailable(self.org.connection, "answered fiscal periods without their days") from None

    def currency(self) -> Iterator[Finding]:
        """Amounts are converted by the org's rates into the company's currency, which need not be the org's."""
        if not self.describer.shows(CURRENCIES, "IsoCode", "IsCorporate", "IsActive"):
            text = f"the org has one currency; every amount is taken for {self.assumed}"
            yield self.finding("currency", Severity.OK, text)
            return
        where = [soql.truth("IsActive", is_set=True)]
        rows = self.org.all_rows(soql.select(("IsoCode", "IsCorporate"), CURRENCIES, where=where))
        active = sorted(str(each["IsoCode"]) for each in rows)
        corporate = next((str(each["IsoCode"]) for each in rows if each.get("IsCorporate") is True), "none")
        said = f"{len(active)} active ({', '.join(active)}), the corporate one is {corporate}"
        if corporate not in ("none", self.assumed):
            text = f"{said}: rates are against it, and would be taken for {self.assumed}"
            yield self.finding("currency", Severity.ERROR, text, cure(corporate, self.company.currency))
        elif self.company.currency not in active:
            step = f"activate {self.company.currency} in Setup > Manage Currencies, or set `company: currency:`"
            yield self.finding("currency", Severity.ERROR, f"{said}; ours, {self.company.currency}, is not", step)
        else:
            dated = "DatedConversionRate" in self.describer.listing().names
            yield self.finding("currency", Severity.OK, f"{said}; rates are {'dated' if dated else 'one for all days'}")

    def people(self) -> Iterator[Finding]:
        """Whoever has no role or no manager shows up in no team, and nobody is told about them."""
        if not self.describer.shows("User", "IsActive", "UserType"):
            yield self.finding("users", Severity.ERROR, "users are not shown", "grant Read on User")
            return
        base = [soql.truth("IsActive", is_set=True), soql.equals("UserType", "Standard")]
        base += [soql.other_than("Id", self.org.user_id)] if self.org.user_id else []
        total = self.org.query(soql.count("User", base)).total
        parts = [f"{total} active people"]
        for name, what in (("UserRoleId", "role"), ("ManagerId", "manager")):
            if self.describer.field("User", name) is None:
                cure = "grant `View Roles and Role Hierarchy`" if what == "role" else "grant Read on User.ManagerId"
                yield self.finding(f"User.{name}", Severity.WARNING, "not shown: teams stay unknown", cure)
                continue
            parts.append(f"{self.org.query(soql.count('User', [*base, soql.empty(name)])).total} without a {what}")
        lost = total == 0
        cure = "grant View All Users, or look at the sharing of users" if lost else ""
        yield self.finding("users", Severity.WARNING if lost else Severity.OK, ", ".join(parts), cure)


def _period(row: Mapping[str, Any]) -> SaidPeriod:
    first, last = (date.fromisoformat(row[name]) for name in ("StartDate", "EndDate"))
    year, label = row["FiscalYearSettings"]["Name"], str(row.get("FullyQualifiedLabel") or "")
    return SaidPeriod(_GRAINS[row["Type"]], first, last, str(year), row.get("Number"), label)
