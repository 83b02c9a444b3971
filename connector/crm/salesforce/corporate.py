"""The currency that an org's rates are told in.

`ConversionRate` of CurrencyType and DatedConversionRate is so many units of a currency for one of the corporate one (source:
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_currencytype.htm),
and a rate says nothing of it: taken for a rate of another currency, every amount would be converted wrongly.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.crm.salesforce import soql
from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.org import Org
from connector.errors import SchemaDrifted

CURRENCIES = "CurrencyType"


def cure(corporate: str, own: str) -> str:
    """What to do where amounts are taken for another currency; `own`: the company's."""
    said = f"say `currency: {corporate}` at the top of the mapping"
    if corporate == own:
        return said
    return f"{said}, and keep a rate for {own} in the org: amounts are converted by its rates"


@dataclass(slots=True)
class Corporate:
    """Asks the org once, and only when rates are read."""

    org: Org
    describer: Describer
    assumed: str  # what rates are taken to be against: the mapping's `currency`, or the company's
    own: str  # the company's
    _told: list[str] = field(default_factory=list)

    def code(self) -> str:
        """Its ISO code; empty where the org has one currency only, or does not tell. Raises what the org raises."""
        if not self._told:
            self._told.append(self._asked())
        return self._told[0]

    def hold(self) -> None:
        """Raises SchemaDrifted where rates would be misread."""
        if (code := self.code()) not in ("", self.assumed):
            text = f"{self.org.connection}: the org's rates are against {code}, and would be taken for {self.assumed}"
            raise SchemaDrifted(f"{text}\n  {cure(code, self.own)}")

    def _asked(self) -> str:
        if not self.describer.shows(CURRENCIES):
            return ""
        where = [soql.truth("IsCorporate", is_set=True)]
        rows = self.org.all_rows(soql.select(("IsoCode",), CURRENCIES, where=where))
        return next((str(each["IsoCode"]) for each in rows), "")
