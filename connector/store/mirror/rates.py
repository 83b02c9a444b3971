"""Exchange rates against the company's currency: those of CRMs, also through a third one, and those of the plan."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa

from connector.model.records import Rate
from connector.model.settings import Company
from connector.store.mirror.given import columns_of

_RATES = {"connection": pa.string(), "currency": pa.string(), "starts_on": pa.date32(), "scaled": pa.string()}
_PLANNED = {"currency": pa.string(), "starts_on": pa.date32(), "ends_before": pa.date32(), "scaled": pa.string()}


_Row = tuple[str, str, date, str]  # connection, currency, first day, rate


def rates(known: Iterable[Rate], own: str, today: date | None) -> pa.Table:
    """Units of a currency for one of the company's (`own`), as whole numbers: 10^12 times the rate, in text.

    A connection that counts in another currency has its rates against that one; what it says of `own` leads across.
    Open deals are looked up at the end of time: what holds there is the rate of `today`, though later ones may be known.
    """
    rows: list[_Row] = []
    through: dict[tuple[str, str], list[Rate]] = defaultdict(list)
    for each in sorted(known, key=lambda rate: rate.ref):
        if each.base == own:
            rows.append((each.ref.connection, each.currency, each.starts_on, _scaled(each.rate)))
        else:
            through[each.ref.connection, each.base].append(each)
    said = {(connection, currency) for connection, currency, _, _ in rows}
    for (connection, base), some in through.items():
        for currency, day, rate in _across(base, some, own):
            if (connection, currency) not in said:
                rows.append((connection, currency, day, _scaled(rate)))
    return columns_of(_RATES, [*rows, *_held(rows, today)])


def _held(rows: Sequence[_Row], today: date | None) -> Iterator[_Row]:
    """Where later rates are known: the one that holds today, or else the first, as the last one."""
    if today is None:
        return
    courses: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for each in sorted(rows):
        courses[each[0], each[1]].append(each)
    for (connection, currency), course in courses.items():
        begun = bisect_right(course, today, key=lambda row: row[2])
        if begun < len(course):
            yield connection, currency, date.max, course[max(begun - 1, 0)][3]


def _across(base: str, some: Sequence[Rate], own: str) -> Iterator[tuple[str, date, Decimal]]:
    """What rates against another currency say against ours: nothing, unless one of them is of ours."""
    dated: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for each in some:
        dated[each.currency][each.starts_on] = each.rate
    ours = _Course(dated.pop(own, {}))
    yield from ((base, day, 1 / rate) for day, rate in ours.rates.items())
    for currency, given in dated.items():
        theirs = _Course(given)
        for day in sorted({*ours.days, *theirs.days}):  # either side may move
            one, other = theirs.on(day), ours.on(day)
            if one is not None and other is not None:
                yield currency, day, one / other


class _Course:
    """A rate over the days."""

    def __init__(self, rates: Mapping[date, Decimal]) -> None:
        """`rates`: each by the day that it holds from."""
        self.rates, self.days = rates, sorted(rates)

    def on(self, day: date) -> Decimal | None:
        """The rate that holds on a day; None: the first one begins later."""
        begun = bisect_right(self.days, day)
        return self.rates[self.days[begun - 1]] if begun else None


def plan_rates(company: Company) -> pa.Table:
    """Plan rates with the days of their fiscal year, as whole numbers like `rates`."""
    rows = []
    for each in company.plan_rates:
        year = company.calendar.period(each.year)
        rows.append((each.currency, year.starts_on, year.ends_before, _scaled(each.rate)))
    return columns_of(_PLANNED, rows)


def _scaled(rate: Decimal) -> str:
    return str(int(rate.scaleb(12).to_integral_value()))
