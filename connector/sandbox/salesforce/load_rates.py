"""Exchange rates out of the company folder."""

from __future__ import annotations

from itertools import pairwise

from connector.sandbox.salesforce.company_rows import rows
from connector.sandbox.salesforce.load_context import Context, Table

FOREVER = "9999-12-31"


def load_rates(context: Context) -> None:
    """Today's rate of every currency that is dealt in, and the dated ones."""
    if not context.has_currencies:
        return
    at, day = context.moment(""), context.today.isoformat()
    found = [(row["currency"], row["starts_on"], float(row["rate"])) for row in rows(context.folder, "rates")]
    dated = sorted(found)
    dealt = context.org.database.run('SELECT DISTINCT "CurrencyIsoCode" FROM "Opportunity" ORDER BY 1')
    rates = dict.fromkeys((code for (code,) in dealt), 1.0)  # what nobody rated is at par, as when one adds it there
    rates |= {code: rate for code, starts, rate in dated if starts <= day} | {context.currency: 1.0}
    types = Table(
        context.org, "CurrencyType", "IsoCode ConversionRate DecimalPlaces IsActive IsCorporate SystemModstamp"
    )
    types.add((None, code, rate, 2, 1, int(code == context.currency), at) for code, rate in sorted(rates.items()))
    following = {one: later[1] for one, later in pairwise(dated) if one[0] == later[0]}
    Table(context.org, "DatedConversionRate", "IsoCode StartDate ConversionRate NextStartDate SystemModstamp").add(
        (None, *each, following.get(each, FOREVER), at) for each in dated
    )
