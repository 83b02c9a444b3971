"""People, policies and quota rows, with the boring facts filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connector.errors import Place
from connector.language.read import condition
from connector.model.calendar import Calendar, Grain
from connector.model.catalogue import PEOPLE
from connector.model.people import Absence, Assignment, Person, Roster
from connector.model.records import Reading, Ref
from connector.model.results import COMPANY, Subject, Target
from connector.targets.known import Known
from connector.targets.policy import TargetPolicy
from connector.targets.targets import Targets, targets

CALENDAR = Calendar()


@dataclass(frozen=True)
class Aim:
    """A metric, as targets see it."""

    unit: str = "money"
    better: str = "higher"
    accumulates: bool = True
    was: tuple[str, ...] = ()


METRICS = {
    "bookings": Aim(was=("sales",)),
    "meetings": Aim("meetings"),
    "win_rate": Aim("ratio", accumulates=False),
    "complaints": Aim("complaints", better="lower"),
}


def a_person(name: str = "ana", role: str = "AE", team: str | None = "East", **given: Any) -> Person:
    """Somebody who has always been here."""
    levels = {"role": role, "region": "North"} | ({"team": team} if team else {})
    row: dict[str, Any] = {
        "id": name,
        "name": name.capitalize(),
        "email": f"{name}@example.com",
        "identities": (Ref("emea", "User", f"005{name}"),),
        "active": True,
        "starts_on": None,
        "ends_on": None,
        "assignments": (Assignment(date(1, 1, 1), levels),),
    }
    return Person(**row | given)


def away(first: date, last: date) -> tuple[Absence, ...]:
    return (Absence(first, last),)


def a_policy(metric: str = "bookings", line: int = 1, **given: Any) -> TargetPolicy:
    """A policy; `for_` is written as ops write it."""
    chosen = given.pop("for_", None)
    place = Place("rules/targets.yaml", line)
    if "every" in given:
        given["every"] = Grain(given["every"])
    if chosen:
        given["for_"] = condition(chosen, PEOPLE, "EUR", lambda _: place)
    return TargetPolicy(metric, place, **given)


def a_quota(person: str, period: str, value: Any, metric: str = "bookings", key: str = "") -> Reading:
    """A row of files/quotas.csv; money in whole euros."""
    ref = Ref("files", "quotas", key or f"{person}|{metric}|{period}")
    return Reading(
        ref, datetime(2026, 1, 1, tzinfo=UTC), {"person": person, "metric": metric, "period": period, "value": value}
    )


def aimed(
    policies: Sequence[TargetPolicy],
    people: Sequence[Person],
    *periods: str,
    quotas: Sequence[Reading] = (),
    calendar: Calendar = CALENDAR,
) -> Targets:
    """Targets for periods by id."""
    asked = [calendar.period(each) for each in periods]
    roster = Roster.of(people)
    return targets(policies, roster, asked, calendar, Known({"quotas": quotas}), metrics=METRICS, currency="EUR")


def numbers(found: Targets, metric: str = "bookings", who: str | Subject = "ana") -> dict[str, Decimal]:
    """Values by period id."""
    subject = Subject("person", who) if isinstance(who, str) else who
    return {
        period: each.value for (name, whom, period), each in found.values.items() if (name, whom) == (metric, subject)
    }


def re_adds(target: Target) -> bool:
    """Whether each step follows from the one before, and the last one is the target."""
    running = Decimal(0)
    for step in target.steps:
        running += step.change
        if running != step.value:
            return False
    return running == target.value


__all__ = ["COMPANY", "a_person", "a_policy", "a_quota", "aimed", "away", "numbers", "re_adds"]
