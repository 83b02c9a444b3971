"""A mirror in memory with a few hand-made records, and metrics written as ops write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

import duckdb

from connector.errors import Place
from connector.language import read
from connector.measure.metric import Metric
from connector.model.catalogue import RELATIONS, Relation, Type, relation
from connector.model.catalogue import Field as CatalogueField

PLACE = Place("rules/metrics.yaml", 1)
TRAININGS = relation(
    "files.trainings",
    "Trainings.",
    (
        CatalogueField("training", Type.CHOICE, "which"),
        CatalogueField("completed_on", Type.DATE, "when"),
        CatalogueField("hours", Type.NUMBER, "how long"),
    ),
    dates=("completed_on",),
    credits=("person",),
)

Record = tuple[str, dict[str, Any]]  # a table of the mirror, and a row
_number = count(1)


def a_metric(name: str = "bookings", **written: Any) -> Metric:
    """A metric over deals, money credited to the owner at close unless said otherwise."""
    of = written.pop("of", "deals")
    source = TRAININGS if of == "files.trainings" else RELATIONS[of]
    source = source.at_rate(written["rate"]) if "rate" in written else source
    where = written.pop("where", None)
    dated = written.pop("date", source.dates[0])
    return Metric(
        name=name,
        title=written.pop("title", name.replace("_", " ").capitalize()),
        unit=written.pop("unit", "money"),
        place=PLACE,
        of=of,
        measure=read.measure(written.pop("measure", "sum(amount)"), source, "EUR", _at),
        date=dated,
        credit=written.pop("credit", source.credits[0]),
        where=read.condition(where, source, "EUR", _at) if where else None,
        **written,
    )


def a_formula(name: str, text: str, unit: str, **inputs: Type) -> Metric:
    """A metric made of other metrics."""
    formula = read.formula(text, inputs, _at, "EUR")
    return Metric(name, name, unit, PLACE, "deals", formula, None, "owner_at_close", inputs=formula.inputs)


def condition(text: str, over: Relation) -> Any:
    """A condition as ops write it."""
    return read.condition(text, over, "EUR", _at)


def _at(offset: int) -> Place:
    return replace(PLACE, column=offset + 1)


def a_deal(ref: str = "", owner: str | None = "ana", **given: Any) -> list[Record]:
    """A deal won on 2026-10-08 for 1,000.00 EUR, credited to its owner in every way. `amount` in minor units.

    `splits` are (person, millionths, overlay): none at all means the deal has no split.
    """
    ref = ref or f"emea:Opportunity/{next(_number)}"
    splits = given.pop("splits", None)
    faulty = given.pop("faulty", None)
    row = {
        "ref": ref,
        "connection": "emea",
        "name": f"Deal {ref[-1]}",
        "owner": owner,
        "owner_at_close": given.pop("owner_at_close", owner),
        "outcome": "won",
        "amount": 100_000,
        "closed_on": date(2026, 10, 8),
        "created_on": date(2026, 9, 1),
        "is_first_win": False,
        "currency": "EUR",
    }
    row |= given
    row.setdefault("amount_raw", row["amount"])
    records: list[Record] = [("deals", row)]
    holders = {"owner": row["owner"], "owner_at_close": row["owner_at_close"]}
    for basis, person in holders.items():
        if person:
            records.append(("credits", _credit(ref, person, basis)))
    if faulty:
        return [*records, ("faults", {"ref": ref, "what": faulty})]
    if splits is None:
        splits = [(row["owner_at_close"], 1_000_000, False)] if row["owner_at_close"] else []
    for pos, (person, share, overlay) in enumerate(splits):
        records.append(("credits", _credit(ref, person, "splits", share, overlay, pos)))
    return records


def _credit(
    deal: str, person: str, basis: str, share: int = 1_000_000, overlay: bool = False, pos: int = 0
) -> dict[str, Any]:
    return {"deal": deal, "person": person, "basis": basis, "share": share, "overlay": overlay, "pos": pos}


def an_activity(performer: str | None = "ana", **given: Any) -> list[Record]:
    """A completed call of 2026-10-08."""
    row = {
        "ref": f"emea:Task/{next(_number)}",
        "connection": "emea",
        "type": "call",
        "status": "completed",
        "performer": performer,
        "happened_on": date(2026, 10, 8),
    }
    return [("activities", row | given)]


def a_training(person: str | None = "ana", **given: Any) -> list[Record]:
    """A training completed on 2026-10-08."""
    row = {
        "ref": f"files:trainings/{next(_number)}",
        "person": person,
        "training": "Pricing",
        "completed_on": date(2026, 10, 8),
    }
    return [("file_trainings", row | given)]


def an_answer(score: int, person: str | None = "ana", **given: Any) -> list[Record]:
    """A customer's answer of 2026-10-08, on a scale of 1 to 5 unless said otherwise."""
    row = {
        "ref": f"files:satisfaction/{next(_number)}",
        "person": person,
        "survey": "csat",
        "answered_on": date(2026, 10, 8),
        "score": score,
    }
    return [("file_satisfaction", row | given)]


def a_skill(reached_on: date | None, person: str = "ana", **given: Any) -> list[Record]:
    """A skill that is to be reached by 2026-10-31."""
    row = {
        "ref": f"files:skills/{next(_number)}",
        "person": person,
        "skill": "Negotiation",
        "due_on": date(2026, 10, 31),
        "reached_on": reached_on,
    }
    return [("file_skills", row | given)]


def an_entry(position: int, furthest: int, owner: str | None = "ana", **given: Any) -> list[Record]:
    """A deal of its own that entered a stage on 2026-10-08 and came as far as `furthest`."""
    number = next(_number)
    row = {
        "ref": f"emea:OpportunityHistory/{number}",
        "connection": "emea",
        "deal": f"emea:Opportunity/{number}",
        "stage": f"Stage {position}",
        "changed_on": date(2026, 10, 8),
        "position": position,
        "furthest": furthest,
        "outcome": "open",
        "owner": owner,
    }
    return [("stage_changes", row | given)]


def a_push(owner: str | None = "ana", **given: Any) -> list[Record]:
    """An open deal of 1,000.00 EUR whose close date moved from 2026-12-15 into the next quarter."""
    number = next(_number)
    row = {
        "ref": f"emea:OpportunityHistory/{number}.closed_on",
        "connection": "emea",
        "deal": f"emea:Opportunity/{number}",
        "field": "closed_on",
        "changed_on": date(2026, 10, 8),
        "old_closed_on": date(2026, 12, 15),
        "new_closed_on": date(2027, 1, 15),
        "left_month": True,
        "left_quarter": True,
        "left_year": True,
        "amount": 100_000,
        "owner": owner,
    }
    return [("deal_changes", row | given)]


def an_account_period(start: int, end: int, owner: str | None = "ana", **given: Any) -> list[Record]:
    """What an account of its own paid per year at both ends of 2026-Q4, in minor units."""
    ref = f"emea:Account/{next(_number)}"
    row = {
        "ref": ref,
        "connection": "emea",
        "account": ref,
        "owner": owner,
        "period": "2026-Q4",
        "grain": "quarter",
        "starts_on": date(2026, 10, 1),
        "start_value": start,
        "end_value": end,
        "kept_value": min(start, end),
        "came_back": False,
    }
    return [("account_periods", row | given)]


def a_seat(person: str, team: str | None, region: str | None = "North", **given: Any) -> list[Record]:
    """Where somebody sits, for ever unless said otherwise."""
    row = {
        "person": person,
        "starts_on": date(1, 1, 1),
        "ends_before": date(9999, 12, 31),
        "team": team,
        "region": region,
    }
    return [("roster", row | given)]


_TABLES = {
    "deal_versions": "ref varchar, deal varchar, connection varchar, pipeline varchar, from_at timestamp, "
    "until_at timestamp, changed_on date, stage varchar, outcome varchar, amount_raw bigint, currency varchar, "
    "amount bigint, closed_on date, owner_user varchar, owner varchar, created_at timestamp, deleted_at timestamp",
    "deals": "ref varchar, connection varchar, name varchar, account varchar, account_name varchar, owner_user varchar, "
    "owner varchar, pipeline varchar, stage varchar, outcome varchar, amount_raw bigint, currency varchar, amount bigint, "
    "probability double, forecast_category varchar, deal_type varchar, source varchar, next_step boolean, "
    "created_at timestamp, created_on date, closed_on date, owner_at_close varchar, is_first_win boolean, "
    "stage_entered_on date, last_activity_on date, next_activity_on date, is_first_win_of_group boolean default false, "
    "first_closed_on date, pushes integer default 0, pulls integer default 0, raises integer default 0, "
    "cuts integer default 0, reopened integer default 0, own_probability double, stage_p75_days double, "
    "term_months bigint default 12, amount_at_plan bigint, amount_by_crm bigint, fx_effect bigint, territory varchar, "
    "account_territory varchar, term_starts_on date, is_renewal boolean default false",
    "credits": "deal varchar, person varchar, basis varchar, share bigint, overlay boolean, pos integer",
    "team_roles": "deal varchar, person varchar, role varchar",
    "faults": "ref varchar, what varchar",
    "activities": "ref varchar, connection varchar, type varchar, status varchar, performer varchar, deal varchar, "
    "account varchar, happened_at timestamp, happened_on date, minutes integer",
    "accounts": "ref varchar, connection varchar, name varchar, parent varchar, owner varchar, industry varchar, "
    "country varchar, created_on date, first_won_on date, last_won_on date, open_deals bigint, open_amount bigint, "
    "yearly_value bigint, yearly_value_before bigint, last_activity_on date, next_activity_on date",
    "stage_changes": "ref varchar, connection varchar, deal varchar, stage varchar, changed_at timestamp, changed_on date, "
    "left_on date, position integer, furthest integer, outcome varchar, amount bigint, amount_raw bigint, "
    "currency varchar, closed_on date, owner varchar",
    "deal_changes": "ref varchar, connection varchar, deal varchar, field varchar, changed_on date, old_closed_on date, "
    "new_closed_on date, left_month boolean, left_quarter boolean, left_year boolean, difference bigint, amount bigint, "
    "owner varchar",
    "account_periods": "ref varchar, connection varchar, account varchar, owner varchar, period varchar, grain varchar, "
    "starts_on date, start_value bigint, end_value bigint, kept_value bigint, came_back boolean",
    "memberships": "person varchar, level varchar, unit varchar, starts_on date, ends_before date",
    "roster": "person varchar, starts_on date, ends_before date, manager varchar, team varchar, region varchar",
    "file_trainings": "ref varchar, person varchar, person_given varchar, training varchar, completed_on date, hours double",
    "file_satisfaction": "ref varchar, person varchar, person_given varchar, customer varchar, survey varchar, "
    "answered_on date, score double",
    "file_skills": "ref varchar, person varchar, person_given varchar, skill varchar, due_on date, reached_on date",
}


def a_mirror(*records: Sequence[Record]) -> duckdb.DuckDBPyConnection:
    """A mirror that holds these records."""
    mirror = duckdb.connect(":memory:", config={"threads": 1})
    for name, columns in _TABLES.items():
        mirror.execute(f"create table {name} ({columns})")
    alike: dict[tuple[str, ...], list[list[Any]]] = {}
    for table, row in (each for group in records for each in group):
        alike.setdefault((table, *row), []).append(list(row.values()))
    for (table, *names), rows in alike.items():
        marks = f"({', '.join('?' * len(names))})"
        for at in range(0, len(rows), 200):
            some = rows[at : at + 200]
            values = [value for row in some for value in row]
            mirror.execute(f"insert into {table} ({', '.join(names)}) values {', '.join([marks] * len(some))}", values)
    return mirror
