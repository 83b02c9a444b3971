"""The lines behind a number: each record once per subject, with the share of its money that is credited there.

Columns of a line: kind, subject, _ref, _day, _ok (false: chosen by the rule, but its credit is refused), one flag
per condition, one column per value, the credited part of each value of money, and the share in millionths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from connector.language.expression import Aggregate
from connector.measure.crediting import EACH, LANDS, SHARED, TERRITORY, WHOLE, joined
from connector.measure.metric import Metric
from connector.measure.seating import besides, seats, subjects
from connector.measure.sql import literal, quoted, table
from connector.model.calendar import Period
from connector.model.catalogue import Type

# Which column of the mirror says whose a record is; for deals it is the way of crediting that names it.
_HOLDERS = {"activities": "performer"} | dict.fromkeys(
    ("accounts", "stage_changes", "deal_changes", "account_periods"), "owner"
)

PERIOD = "period"  # what dates a relation that has rows per period: they lie on its first day


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a relation has to bring along for some metrics."""

    relation: str
    dated: str
    credit: str
    lower: date
    upper: date
    flags: tuple[str, ...]  # SQL, one per different condition
    values: tuple[str, ...]  # SQL, one per different value
    money: frozenset[int]  # which of the values are minor units
    as_of: date
    period: str = ""  # of a relation that has rows per period, the one to be read
    besides: bool = False  # whether somebody sits in more units than one of a level
    roles: tuple[str, ...] = ()  # only those on a deal's team in one of them are credited

    @classmethod
    def of(
        cls,
        metrics: Sequence[Metric],
        as_of: date,
        periods: Sequence[Period],
        *,
        bounded: bool = True,
        besides: bool = False,
    ) -> Scan:
        """The scan for metrics of one relation, date and credit; unbounded, it brings the days after `as_of` too."""
        first = metrics[0]
        assert first.date is not None
        values: dict[str, bool] = {}
        flags: dict[str, None] = {}
        for metric in metrics:
            flags[chosen(metric, as_of, bounded=bounded)] = None
            for each in metric.measure.aggregates:
                if each.condition:
                    flags[each.condition.sql(as_of)] = None
                if each.value:
                    values[_value(each, as_of)] = each.value.type is Type.MONEY
        money = frozenset(at for at, is_money in enumerate(values.values()) if is_money)
        lower, upper = min(each.starts_on for each in periods), max(each.ends_before for each in periods)
        only = periods[0].id if first.date == PERIOD else ""
        return cls(
            first.of, first.date, first.credit, lower, upper, tuple(flags), tuple(values), money, as_of, only, besides,
            first.roles,
        )  # fmt: skip

    @property
    def source(self) -> str:
        """The records, as SQL that can be selected from."""
        if not self.period:
            return table(self.relation)
        return f"(select * from {table(self.relation)} where period = {literal(self.period)})"

    def wanted(self, metric: Metric) -> str:
        """The flag of a metric's own condition."""
        return f"_f{self.flags.index(chosen(metric, self.as_of))}"

    def condition(self, aggregate: Aggregate) -> str:
        """The flag of `count_if` and `sum_if`."""
        assert aggregate.condition is not None
        return f"_f{self.flags.index(aggregate.condition.sql(self.as_of))}"

    def value(self, aggregate: Aggregate) -> str:
        """The column of a value; empty for a count."""
        return f"_v{self.values.index(_value(aggregate, self.as_of))}" if aggregate.value else ""

    def credited(self, aggregate: Aggregate) -> str:
        """The column of the credited part of a value of money."""
        return self.value(aggregate).replace("_v", "_m")

    def is_money(self, aggregate: Aggregate) -> bool:
        """Whether the value is in minor units."""
        return aggregate.value is not None and self.values.index(_value(aggregate, self.as_of)) in self.money

    def countable(self, metric: Metric) -> str:
        """Whether a record has every value that the metric asks of it; empty: it asks for none."""
        needs = [
            f"({self.value(each)} is not null" + (f" or not {self.condition(each)})" if each.condition else ")")
            for each in metric.measure.aggregates
            if each.value
        ]
        return " and ".join(needs)

    @property
    def shared(self) -> bool:
        """Whether a record may be shared, overlaid or refused; any other way to credit names one person."""
        return self.relation == "deals" and self.credit in SHARED

    @property
    def each(self) -> bool:
        """Whether everybody who is credited has the whole record, which their unit has once."""
        return self.relation == "deals" and self.credit in EACH

    def seated(self, levels: Sequence[str]) -> list[str]:
        """The levels whose units follow from where a person sat; a deal's territory follows from the deal."""
        return [each for each in levels if each != TERRITORY or self.credit not in LANDS]

    def _carried(self, alias: str = "p") -> list[str]:
        flags = [f"{alias}._f{at}" for at in range(len(self.flags))]
        return [*flags, *(f"{alias}._v{at}" for at in range(len(self.values)))]

    def ctes(self) -> str:
        """`picked`, `alone` and, where records are shared, `parted`: to stand after WITH."""
        return ", ".join([self._picked(), *(self._dealt() if self.shared else [self._held()])])

    def _holder(self) -> str:
        """Which column of the mirror says whose a record is: the whole of it, or what is shown of a refused one."""
        if self.relation == "deals":
            return "owner_at_close" if self.shared else self.credit
        return _HOLDERS.get(self.relation, "person")

    def _picked(self) -> str:
        """Every record that some metric wants, once."""
        day = quoted("starts_on" if self.period else self.dated)
        columns = [f"{quoted('ref')} as _ref", f"{day} as _day", f"{quoted(self._holder())} as _holder"]
        columns += [f"coalesce({sql}, false) as _f{at}" for at, sql in enumerate(self.flags)]
        columns += [f"{sql} as _v{at}" for at, sql in enumerate(self.values)]
        any_flag = " or ".join(f"_f{at}" for at in range(len(self.flags)))
        kept = "materialized " if self.shared else ""
        return (
            f"picked as {kept}(select * from (select {', '.join(columns)} from {self.source} "
            f"where {day} >= date '{self.lower}' and {day} < date '{self.upper}') "
            f"where {any_flag})"
        )

    def _held(self) -> str:
        """Records that are one person's, or nobody's that we know."""
        return f"alone as (select p._ref, p._day, p._holder as _person, {self._whole()} from picked p)"

    def _whole(self) -> str:
        """A line's columns where nothing is shared."""
        credited = [f"p._v{at} as _m{at}" for at in sorted(self.money)]
        return ", ".join([*self._carried(), *credited, f"{WHOLE} as _share", "true as _ok"])

    def _dealt(self) -> list[str]:
        """Deals with one credit of 100 % or none, apart from those that are shared, overlaid or refused."""
        chosen = f"_overlay or _part <> {WHOLE}"
        if self.each:
            chosen = "_ref in (select _ref from dealt group by _ref having count(*) > 1)"
        return [
            (
                "dealt as materialized (select p.*, c.person as _person, c.share as _part, c.overlay as _overlay, "
                f"c.pos as _pos from picked p {joined(self.credit, self.roles)})"
            ),
            # A deal with an owner, a fault and no credit at all is one whose splits were refused.
            (
                f"special as materialized (select distinct _ref from dealt where {chosen} "
                "or (_part is null and _holder is not null and _ref in (select ref from faults)))"
            ),
            (
                f"alone as materialized (select p._ref, p._day, p._person, {self._whole()} from dealt p "
                "anti join special s on s._ref = p._ref)"
            ),
            *([self._whole_to_each()] if self.each else self._parted()),
        ]

    def _whole_to_each(self) -> str:
        """Deals of several people, one row per person, each with all of it; a deal that nobody has is nobody's."""
        return (
            f"parted as materialized (select p._ref, p._day, p._person, false as _overlay, {self._whole()} "
            "from dealt p semi join special s on s._ref = p._ref)"
        )

    def _parted(self) -> list[str]:
        """Shared deals, one row per credit; parts of money re-add, by largest remainder over the primary shares."""
        carried = ", ".join(self._carried())
        measured = [(f"_v{at}", f"_m{at}") for at in sorted(self.money)] + [(str(WHOLE), "_share")]
        cut = ", ".join(
            f"abs({value})::hugeint * _part // _of as {name}_base, abs({value})::hugeint * _part % _of as {name}_rest"
            for value, name in measured
        )
        placed = ", ".join(
            f"abs({value})::hugeint - sum({name}_base) over mates as {name}_spare, "
            f"row_number() over (partition by _ref, _overlay order by {name}_rest desc, _pos, _person) as {name}_place"
            for value, name in measured
        )
        given = ", ".join(
            f"(sign({value})::hugeint * ({name}_base + case when _overlay then ({name}_rest * 2 >= _of)::int "
            f"else ({name}_place <= {name}_spare)::int end)) as {name}"
            for value, name in measured
        )
        columns = ", ".join(each.removeprefix("p.") for each in self._carried())
        nothing = ", ".join("null" for _ in measured)
        whole = f"case when p._overlay then {WHOLE} else sum(p._part) over (partition by p._ref, p._overlay) end"
        return [
            (
                "shares as (select p._ref, p._day, p._person, p._overlay, p._pos, p._part::hugeint as _part, "
                f"({whole})::hugeint as _of, {carried} from dealt p semi join special s on s._ref = p._ref "
                "where p._part is not null)"
            ),
            f"cut as (select *, {cut} from shares)",
            f"placed as (select *, {placed} from cut window mates as (partition by _ref, _overlay))",
            # Deals whose splits do not add up: shown to the owner at close, credited to nobody.
            (
                f"parted as materialized (select _ref, _day, _person, _overlay, true as _ok, {columns}, {given} "
                f"from placed union all select p._ref, p._day, p._holder, false, false, {carried}, {nothing} "
                "from dealt p semi join special s on s._ref = p._ref where p._part is null)"
            ),
        ]

    def lines(self, levels: Sequence[str]) -> str:
        """One SELECT of every line of every subject."""
        found = [f"select {subjects(self.seated(levels))}, alone.* from alone {seats(self.seated(levels))}"]
        found += [*self.more_lines(levels), *self.special_lines(levels)]
        return f"select * from ({' union all by name '.join(found)}) where subject is not null"

    def more_lines(self, levels: Sequence[str]) -> list[str]:
        """A SELECT of the lines of one person for the units that they sit in besides their seat."""
        placed = self.seated(levels)
        if not self.besides or not placed:
            return []
        return [f"select m.level as kind, m.unit as subject, alone.* from alone {besides(placed)}"]

    def special_lines(self, levels: Sequence[str]) -> list[str]:
        """A SELECT for people and units and one for the company, over shared deals: each deal once per subject.

        Overlays count for the person, and never in a unit or the company. A subject may be null: nobody.
        """
        if not self.shared:
            return []
        same = ", ".join(
            f"any_value({name}) as {name}" for name in (each.removeprefix("p.") for each in self._carried())
        )
        gathered = "any_value" if self.each else "sum"
        parts = [*(f"_m{at}" for at in sorted(self.money)), "_share"]
        added = ", ".join(f"{gathered}({name}) as {name}" for name in parts)
        placed = self.seated(levels)
        seated = [f"select {subjects(placed, company=False)}, parted.* from parted {seats(placed)}"]
        if self.besides and placed:
            seated.append(f"select m.level as kind, m.unit as subject, parted.* from parted {besides(placed)}")
        territories = []
        if len(placed) < len(levels):
            units = f"select d.ref, unnest(string_split(d.{self.credit}, ';')) as unit from deals d"
            land = (
                f"select '{TERRITORY}' as kind, trim(u.unit) as subject, p._ref, p._day, {self._whole()} from picked p"
            )
            territories = [f"select distinct * from ({land} join ({units}) u on u.ref = p._ref)"]
        return [
            *territories,
            (
                f"select kind, subject, _ref, _day, {same}, {added}, bool_or(_ok) as _ok "
                f"from ({' union all by name '.join(seated)}) "
                "where kind = 'person' or not _overlay group by kind, subject, _ref, _day"
            ),
            (
                f"select 'company' as kind, 'company' as subject, p._ref, p._day, {self._whole()} from picked p "
                "semi join special s on s._ref = p._ref"
            ),
        ]


def chosen(metric: Metric, as_of: date, *, bounded: bool = True) -> str:
    """A metric's own condition, with the bound on days that are still to come."""
    parts = [f"({metric.where.sql(as_of)})"] if metric.where else []
    if bounded and metric.through == "today" and metric.date != PERIOD:
        parts.append(f"{quoted(metric.date or '')} <= date '{as_of}'")
    return " and ".join(parts) or "true"


def _value(aggregate: Aggregate, as_of: date) -> str:
    """A value as SQL that adds up exactly: whole minor units, or decimals in place of floats."""
    assert aggregate.value is not None
    sql, kind = aggregate.value.sql(as_of), aggregate.value.type
    plain = aggregate.value.text.strip() in aggregate.value.fields
    if kind is Type.MONEY and not plain:
        return f"round({sql})::hugeint"
    if kind in (Type.NUMBER, Type.RATIO) and aggregate.function in ("sum", "sum_if", "avg", "avg_if"):
        return f"({sql})::decimal(28, 6)"
    return sql
