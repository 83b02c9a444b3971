"""The account's home currency, held against the one that amounts without a currency are taken for.

HubSpot says rates and `amount_in_home_currency` in the account's home currency, and an amount without a code is in it too.
Where that is not the company's, the mapping must say so: taken for the company's, every such number would be wrong, and
look right. Source: HubSpot, "Currencies" and the deal's property `deal_currency_code`, read November 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connector.crm.hubspot.errors import MissingScope, Refused
from connector.crm.hubspot.fields import RATES
from connector.crm.hubspot.portal import Portal
from connector.crm.hubspot.rates import dispensable
from connector.errors import SchemaDrifted
from connector.model.records import RawRecord
from connector.model.settings import Company
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.ports import Finding, Page, Severity

SUBJECT = "currencies"


def cure(home: str, assumed: str) -> str:
    """What to do where the two differ."""
    return (
        f"Say `currency: {home}` at the top of the mapping, and keep a rate for {assumed} in HubSpot: "
        f"amounts are converted by its rates."
    )


def refusal(connection: str, home: str, assumed: str) -> SchemaDrifted:
    """Why nothing that depends on the home currency is read."""
    text = f"{connection}: the account counts in {home}, and its amounts would be taken for {assumed}"
    return SchemaDrifted(f"{text}\n  {cure(home, assumed)}")


@dataclass(slots=True)
class Home:
    """Looks at the account once, and only when a record depends on it."""

    connection: str
    portal: Portal
    assumed: str  # the mapping's `currency`, or the company's
    _told: list[str] = field(default_factory=list)

    def watched(self, given: SourceMap, pages: Iterable[Page]) -> Iterator[Page]:
        """The same pages. Raises SchemaDrifted before the first one that would be misread."""
        for page in pages:
            self.hold(given, page.records)
            yield page

    def hold(self, given: SourceMap, found: Iterable[RawRecord]) -> None:
        """Raises SchemaDrifted where one of these would be misread."""
        if any(_leans(given, each) for each in found) and self._currency() not in ("", self.assumed):
            raise refusal(self.connection, self._currency(), self.assumed)

    def hold_rates(self, pages: Iterable[Page]) -> Iterator[Page]:
        """The same pages of rates, which say themselves what they are in. Raises SchemaDrifted as `watched` does."""
        for page in pages:
            homes = {each.fields.get("companyCurrencyCode") or "" for each in page.records}
            for other in homes - {"", self.assumed}:
                raise refusal(self.connection, other, self.assumed)
            yield page

    def _currency(self) -> str:
        """Empty where HubSpot does not tell: then rates alone are held against it."""
        if not self._told:
            try:
                self._told.append(str(self.portal.remembered().get("companyCurrency") or ""))
            except (MissingScope, Refused):
                self._told.append("")
        return self._told[0]


def _leans(given: SourceMap, raw: RawRecord) -> bool:
    """Whether a record says an amount without its currency, or as the account converted it."""
    said = {name for name in ("amount", "amount_converted", "currency") if raw.fields.get(given.fields.get(name, ""))}
    named = "currency" in said or "currency" in given.constants
    return "amount_converted" in said or ("amount" in said and not named)


def findings(connection: str, portal: Portal, mapping: CrmMapping, company: Company) -> Iterator[Finding]:
    """Whether the account counts in what its amounts are taken for, and has the rates to convert them."""
    rated = any(each.object == RATES for each in mapping.sources)
    with dispensable():
        home = portal.company_currency() if rated else str(portal.remembered().get("companyCurrency") or "")
        rates = [each for page in portal.exchange_rates() for each in page] if rated else []
    assumed = mapping.assumed(company.currency)
    into = {str(each.get("fromCurrencyCode")) for each in rates if (each.get("toCurrencyCode") or home) == home}
    if rated:
        known = ", ".join(sorted(into)) or "none other"
        yield Finding(connection, SUBJECT, Severity.OK, f"{home} is the account's own; rates for {known}")
    if home and home != assumed:
        text = f"the account counts in {home}, and its amounts would be taken for {assumed}"
        yield Finding(connection, SUBJECT, Severity.ERROR, text, cure(home, assumed))
    elif home and home != company.currency and company.currency not in into:
        text = f"the account counts in {home}, and nothing says what that is in {company.currency}"
        remedy = f"Add {company.currency} with its rate in HubSpot, under Settings > Account Defaults > Currency"
        remedy += "." if rated else ", and `rates:` to the mapping."
        yield Finding(connection, SUBJECT, Severity.ERROR, text, remedy)
