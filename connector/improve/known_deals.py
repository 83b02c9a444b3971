"""The deals that the rows of a report may mean, deleted and uncounted ones too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from connector.improve.report_file import ReportLine
from connector.measure.metric import Metric
from connector.model.money import Money

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A deal of Salesforce is known by 18 characters, and by the first 15 of them alone.
_KNOWN = """
with asked as (select unnest(?::varchar[]) as handle),
held as (
    select *, split_part(ref, '/', 2) as id, lower(trim(regexp_replace(name, '\\s+', ' ', 'g'))) as plain
    from raw.deals
),
wanted as (
    select * from held where ref in (from asked) or id in (from asked) or plain in (from asked)
        or (length(id) = 18 and left(id, 15) in (from asked))
),
shared as (
    select deal, count(*) as sharers from credits where basis = 'splits' and not overlay group by deal
),
measured as (select ref, amount, {where} as chosen, {dated} as dated, owner from deals)
select w.ref, w.name, w.outcome, w.stage, w.closed_on, w.deleted_at is not null, w.amount, w.currency,
    w.currency is distinct from {base}, coalesce(m.chosen, false), m.dated, p.name, p.email, coalesce(s.sharers, 0)
from wanted w
left join measured m on m.ref = w.ref
left join people p on p.person = m.owner
left join shared s on s.deal = w.ref
order by w.ref
"""


@dataclass(frozen=True, slots=True)
class KnownDeal:
    """What we hold of a deal, whether it counts or not."""

    ref: str
    name: str
    outcome: str
    stage: str
    closed_on: date | None
    deleted: bool
    raw: Money | None  # as the CRM has it
    converted: bool  # its currency is not the company's
    chosen: bool  # the metric's condition holds
    dated: date | None  # the day by which the metric counts it
    owned_by: frozenset[str]  # name and address of its owner, in small letters
    sharers: int


@dataclass(frozen=True, slots=True)
class Known:
    """Deals by whatever a report may call them."""

    deals: Mapping[str, KnownDeal]
    _by_handle: Mapping[str, list[KnownDeal]] = field(repr=False)

    def candidates(self, line: ReportLine) -> list[KnownDeal]:
        """The deals that a row may mean: by what is surest and known at all; empty: none."""
        for handle in line.handles:
            found = self._by_handle.get(handle) or self._by_handle.get(plain(handle))
            if found:
                return found
        return []


def known_deals(mirror: DuckDBPyConnection, metric: Metric, today: date, handles: Sequence[str]) -> Known:
    """Look up every deal that one of the handles may mean: references, ids of the CRM, names."""
    asked = sorted({each for handle in handles for each in (handle, plain(handle))})
    sql = _KNOWN.format(
        where=f"({metric.where.sql(today)})" if metric.where else "true",
        dated=f'"{metric.date}"',
        base="(select value from meta where key = 'currency')",
    )
    deals: dict[str, KnownDeal] = {}
    by_handle: dict[str, list[KnownDeal]] = defaultdict(list)
    for ref, name, outcome, stage, closed_on, deleted, amount, currency, *rest in mirror.execute(
        sql, [asked]
    ).fetchall():
        converted, chosen, dated, owner, email, sharers = rest
        raw = None if amount is None else Money(amount, currency)
        owned_by = frozenset(each.lower() for each in (owner, email) if each)
        deal = KnownDeal(
            ref, name or "", outcome, stage or "", closed_on, deleted, raw, converted, chosen, dated, owned_by, sharers
        )
        deals[ref] = deal
        for handle in dict.fromkeys((ref, *bare_ids(ref), plain(deal.name))):
            by_handle[handle].append(deal)
    return Known(deals, by_handle)


def bare_ids(ref: str) -> tuple[str, ...]:
    """What a CRM itself calls a record: its id, and the short form of an id of 18 characters."""
    found = ref.partition("/")[2]
    return (found, found[:15]) if len(found) == 18 else (found,)


def plain(name: str) -> str:
    """A name as it is compared: small letters, single spaces."""
    return " ".join(name.lower().split())
