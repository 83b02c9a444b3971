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
    "deals": "ref varchar, connection varchar, name varchar, account varchar, account_name varchar, owner_user varchar, "
    "owner varchar, pipeline varchar, stage varchar, outcome varchar, amount_raw bigint, currency varchar, amount bigint, "
    "probability double, forecast_category varchar, deal_type varchar, source varchar, next_step varchar, "
    "created_at timestamp, created_on date, closed_on date, owner_at_close varchar, is_first_win boolean, "
    "stage_entered_on date, last_activity_on date",
    "credits": "deal varchar, person varchar, basis varchar, share bigint, overlay boolean, pos integer",
    "faults": "ref varchar, what varchar",
    "activities": "ref varchar, connection varchar, type varchar, status varchar, performer varchar, deal varchar, "
    "account varchar, happened_at timestamp, happened_on date, minutes integer",
    "accounts": "ref varchar, connection varchar, name varchar, parent varchar, owner varchar, industry varchar, "
    "country varchar, created_on date, first_won_on date",
    "stage_changes": "ref varchar, connection varchar, deal varchar, stage varchar, changed_at timestamp, changed_on date, "
    "amount_raw bigint, currency varchar, closed_on date, owner varchar",
    "roster": "person varchar, starts_on date, ends_before date, manager varchar, team varchar, region varchar",
    "file_trainings": "ref varchar, person varchar, person_given varchar, training varchar, completed_on date, hours double",
}


def a_mirror(*records: Sequence[Record]) -> duckdb.DuckDBPyConnection:
    """A mirror that holds these records."""
    mirror = duckdb.connect(":memory:", config={"threads": 1})
    for name, columns in _TABLES.items():
        mirror.execute(f"create table {name} ({columns})")
    for table, row in (each for group in records for each in group):
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        mirror.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))
    return mirror
