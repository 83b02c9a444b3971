"""The records behind one number: what was counted, with which share, and what was left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.language.calls import TARGET
from connector.language.expression import Aggregate
from connector.measure.compile import weighs
from connector.measure.crediting import WHOLE
from connector.measure.formulas import Key, family
from connector.measure.lines import PERIOD, Scan, chosen
from connector.measure.measure import measure
from connector.measure.metric import Metric
from connector.measure.seating import sits_twice
from connector.measure.sql import literal, quoted
from connector.model.calendar import Period
from connector.model.catalogue import DEALS, Type
from connector.model.results import Subject

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

# What a record is called, in SQL; a row of a file table has no name but its reference.
_NAMES = {
    "deals": "r.name",
    "accounts": "r.name",
    "activities": "r.type",
    "stage_changes": "r.stage",
    "deal_changes": "(select d.name from deals d where d.ref = r.deal)",
    "account_periods": "(select a.name from accounts a where a.ref = r.account)",
}

# The column of a deal's amount at each rate, and what is said where it is empty though there is an amount.
_AMOUNTS = {rate: columns.get("amount", "amount") for rate, columns in DEALS.rates.items()}
_NO_RATES = {"at_close": "no rate for", "plan": "no plan rate for", "crm": "the CRM has not converted its"}


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A record that was counted.

    `value` and `credited` are minor units where the metric is money, else None; the credited parts of all lines
    add up to the measurement of a sum of money. For a count, each line counts one.
    """

    ref: str
    name: str
    happened_on: date
    value: Decimal | None
    share: int  # millionths of the record that belong to the subject
    credited: Decimal | None
    note: str = ""  # "57 days", "outcome = 'won'", "no known owner: counts for the company only"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that the rule chose, and that was not counted."""

    ref: str
    name: str
    reason: str  # "no amount", "no rate for CHF", "dated after 2026-11-03"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything behind one number; a formula has the evidence of each input instead of lines.

    The input `target:bookings` of a formula is a target, and has neither.
    """

    metric: str
    subject: Subject
    period: Period
    total: Decimal | None  # the measurement's value
    lines: tuple[EvidenceLine, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    inputs: tuple[Evidence, ...] = ()
    more: int = 0  # counted records beyond the limit that was asked for


def evidence(
    mirror: DuckDBPyConnection,
    metric: Metric,
    subject: Subject,
    period: Period,
    as_of: date,
    *,
    limit: int | None = None,
    metrics: Mapping[str, Metric] | None = None,
    targets: Mapping[Key, Decimal] | None = None,
) -> Evidence:
    """What is behind one number, newest record first.

    Where the metric is a formula, `metrics` has its inputs, and `targets` those that it names.
    """
    known = {**(metrics or {}), metric.name: metric}
    aims = targets or {}
    measured = measure(mirror, family(metric, known, former=True), [period], _levels(subject), as_of, targets=aims)
    inforce = metric.on(period.starts_on)
    if inforce is None:
        return Evidence(metric.name, subject, period, None)
    metric = inforce
    found = measured.get(metric.name, subject, period.id)
    total = found.value if found else None
    if metric.inputs:
        inputs = tuple(
            Evidence(name, subject, period, aims.get((name.removeprefix(TARGET), subject, period.id)))
            if name.startswith(TARGET)
            else evidence(mirror, known[name], subject, period, as_of, limit=limit, metrics=known, targets=aims)
            for name in metric.inputs
        )
        return Evidence(metric.name, subject, period, total, inputs=inputs)
    rows = _rows(mirror, metric, subject, period, as_of)
    counted = [row for row in rows if row["counts"]]
    left_out = [LeftOut(row["ref"], row["name"], _reason(metric, row)) for row in rows if not row["counts"]]
    left_out += _later(mirror, metric, subject, period, as_of)
    lines = tuple(_line(metric, row) for row in counted[:limit])
    return Evidence(metric.name, subject, period, total, lines, tuple(left_out), more=len(counted) - len(lines))


def listed(
    mirror: DuckDBPyConnection, metric: Metric, period: Period, as_of: date, *, each: int
) -> dict[str, Evidence]:
    """The newest records behind everybody's number, by person id: at most `each` counted and as many left out.

    One statement for all people; a formula has no records of its own, and nobody is among the keys.
    """
    standing = metric.on(period.starts_on)
    if standing is None or standing.inputs:
        return {}
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(mirror, standing, None, period, as_of, each=each):
        rows.setdefault(row["subject"], []).append(row)
    found: dict[str, Evidence] = {}
    for person, mine in rows.items():
        lines = tuple(_line(standing, row) for row in mine if row["counts"])
        left_out = tuple(LeftOut(row["ref"], row["name"], _reason(standing, row)) for row in mine if not row["counts"])
        found[person] = Evidence(metric.name, Subject("person", person), period, None, lines, left_out)
    return found


def _levels(subject: Subject) -> list[str]:
    return [] if subject.kind in ("person", "company") else [subject.kind]


def _rows(
    mirror: DuckDBPyConnection,
    metric: Metric,
    subject: Subject | None,
    period: Period,
    as_of: date,
    *,
    each: int | None = None,
) -> list[dict[str, Any]]:
    """The subject's lines for one metric, with what a reader wants to know about each record.

    Without a subject everybody's, by person, the newest `each` of either kind.
    """
    levels = _levels(subject) if subject else []
    scan = Scan.of([metric], as_of, [period], besides=sits_twice(mirror, levels))
    kinds = scan.lines(levels)
    columns = _columns(scan, metric)
    wanted = ", ".join(f"{sql} as {quoted(name)}" for name, sql in columns.items())
    whose, values = (
        ("l.kind = ? and l.subject = ?", [subject.kind, subject.id]) if subject else ("l.kind = 'person'", [])
    )
    newest = f"row_number() over (partition by l.subject, {columns['counts']} order by l._day desc, l._ref)"
    few = "" if each is None else f"qualify {newest} <= {int(each)} "
    found = mirror.execute(
        f"with {scan.ctes()}, lines as ({kinds}) select {wanted} from lines l "
        f"join {scan.source} r on r.ref = l._ref "
        f"where {whose} and l.{scan.wanted(metric)} {few}order by l._day desc, l._ref",
        values,
    )
    names = [each[0] for each in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _columns(scan: Scan, metric: Metric) -> dict[str, str]:
    """What a reader wants to know about each record, in SQL by name."""
    columns = {
        "subject": "l.subject",
        "ref": "l._ref",
        "name": called(metric),
        "day": "l._day",
        "share": "l._share",
        "ok": "l._ok",
    }
    columns["counts"] = f"l._ok and {scan.countable(metric) or 'true'}"
    columns["faults"] = "(select string_agg(what, '; ' order by what) from faults f where f.ref = l._ref)"
    columns["unowned"] = (
        "l.kind = 'company' and not exists (select 1 from lines o where o._ref = l._ref and o.kind = 'person' and o._ok)"
    )
    for at, one in enumerate(metric.measure.aggregates):
        columns[f"value{at}"] = scan.value(one) or "null"
        columns[f"credited{at}"] = scan.credited(one) if scan.is_money(one) else "null"
        columns[f"met{at}"] = scan.condition(one) if one.condition else "true"
    if metric.of == "deals":
        columns |= {
            "currency": "r.currency",
            "unpriced": f"r.amount_raw is not null and r.{_AMOUNTS[metric.rate]} is null",
        }
    return columns


def called(metric: Metric) -> str:
    """What a record of the metric's relation is called, in SQL over it as `r`; empty where it has no name."""
    name = _NAMES.get(metric.of)
    return f"coalesce({name}, '')" if name else literal("")


def _line(metric: Metric, row: Mapping[str, Any]) -> EvidenceLine:
    """A counted record; money that does not weigh by share is credited whole."""
    money = [
        at
        for at, each in enumerate(metric.measure.aggregates if metric.is_money else ())
        if each.value and each.value.type is Type.MONEY and row[f"met{at}"]
    ]
    value = _made(metric, {at: row[f"value{at}"] for at in money})
    credited = _made(metric, {at: row[f"credited{at}"] for at in money}) if weighs(metric) else value
    share = WHOLE if row["share"] is None else int(row["share"])
    return EvidenceLine(row["ref"], row["name"], row["day"], value, share, credited, _note(metric, row))


def _made(metric: Metric, values: Mapping[int, int]) -> Decimal | None:
    """What one record brings to the number; where the measure is no sum of records, what it brings to its parts."""
    if not values:
        return None
    parts = [Decimal(values.get(at, 0)) for at in range(len(metric.measure.aggregates))]
    return metric.measure.combine(parts).value if metric.accumulates else sum(parts, Decimal(0))


def _note(metric: Metric, row: Mapping[str, Any]) -> str:
    notes = [noted for at, each in enumerate(metric.measure.aggregates) if (noted := _said(each, row, at, metric.unit))]
    if row["unowned"]:
        notes.append(f"{row['faults'] or 'no known owner'}: counts for the company only")
    return ", ".join(dict.fromkeys(notes))


def _said(aggregate: Aggregate, row: Mapping[str, Any], at: int, unit: str) -> str:
    if aggregate.condition:
        return aggregate.condition.text if row[f"met{at}"] else ""
    if aggregate.value is None or aggregate.value.type is Type.MONEY:
        return ""
    value = row[f"value{at}"]
    return f"{value} {unit}" if unit == "days" else f"{aggregate.value.text} {value}"


def _reason(metric: Metric, row: Mapping[str, Any]) -> str:
    """Why a chosen record was not counted."""
    if not row["ok"]:
        return row["faults"] or "its credit is refused"
    for at, each in enumerate(metric.measure.aggregates):
        if each.value and row[f"met{at}"] and row[f"value{at}"] is None:
            if each.value.type is Type.MONEY and row.get("unpriced"):
                return f"{_NO_RATES[metric.rate]} {row['currency']}"
            return "no " + (", ".join(sorted(each.value.fields)) or each.value.text)
    return "nothing to count"


def _later(mirror: DuckDBPyConnection, metric: Metric, subject: Subject, period: Period, as_of: date) -> list[LeftOut]:
    """Records of the period that would count, were they not dated after the day asked about."""
    if metric.through != "today" or metric.date == PERIOD or period.last_day <= as_of:
        return []
    twice = sits_twice(mirror, _levels(subject))
    scan = Scan.of([metric], as_of, [period], bounded=False, besides=twice)
    kinds = scan.lines(_levels(subject))
    flag = f"_f{scan.flags.index(chosen(metric, as_of, bounded=False))}"
    found = mirror.execute(
        f"with {scan.ctes()}, lines as ({kinds}) select l._ref, {called(metric)} from lines l "
        f"join {scan.source} r on r.ref = l._ref "
        f"where l.kind = ? and l.subject = ? and l.{flag} and l._day > ? order by l._day, l._ref",
        [subject.kind, subject.id, as_of],
    )
    return [LeftOut(ref, name, f"dated after {as_of}") for ref, name in found.fetchall()]
