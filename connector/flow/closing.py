"""Closing and locking a period, and noting what changed in a locked one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from connector.appraisal.agreed import Agreed
from connector.appraisal.appraise import Appraisal
from connector.appraisal.true_ups import changed_since, credits_of, kinds, lockable
from connector.errors import ConfigError, Place, Problem
from connector.flow.house import House
from connector.model.calendar import Calendar, Period
from connector.model.closings import CLOSED, LOCKED, Closed, Closing, LockedCredit, TrueUp
from connector.model.people import Roster
from connector.model.periods import AIMED
from connector.store import closings, results
from connector.store.cards import save_cards

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def refuse_closing(house: House, period: Period, state: str, today: date) -> None:
    """Raises ConfigError where a period cannot be closed or locked."""
    with house.store.reading() as tx:
        before = next((each for each in closings.closings(tx) if each.period.id == period.id), None)
    if period.grain not in AIMED:
        raise _refused(period, f"a {period.grain} has no targets, and nothing to close")
    if period.ends_before > today:
        raise _refused(period, f"it is not over: its last day is {period.last_day}")
    if before and before.state in (LOCKED, state):
        raise _refused(period, f"it was {before.state} on {before.at:%Y-%m-%d} by {before.by or 'nobody named'}")


def close(
    house: House,
    appraisal: Appraisal,
    period: Period,
    state: str,
    *,
    by: str,
    note: str = "",
    kept: Sequence[LockedCredit] = (),
    of: tuple[str, ...] = (),
) -> Closing:
    """Keep what a period came to, with the credits behind it and whose they are, and close it, all in one commit.

    `appraisal` has the period.
    """
    now, calendar = house.world.now(), _calendar(house.settings.company.calendar)
    inputs = _digest(kept) if state == LOCKED else ""
    closing = Closing(period, state, now, by, note, house.rules.version, inputs, calendar, of)
    run = f"{state}-{period.id}"
    with house.store.writing() as tx:
        targets = [each for each in appraisal.targets if each.period.id == period.id]
        scores = [each for each in appraisal.scores if each.period.id == period.id]
        results.save_numbers(tx, run, appraisal.today, targets, scores)
        save_cards(tx, run, [each for each in appraisal.cards if each.period.id == period.id])
        closings.keep_credits(tx, kept)
        closings.close(tx, closing)
    return closing


def lock(
    house: House,
    mirror: DuckDBPyConnection,
    appraisal: Appraisal,
    period: Period,
    roster: Roster,
    *,
    agreed: Agreed,
    by: str,
    note: str = "",
) -> Closing:
    """Close for good: from here on the period is read with its credits, and never worked out again."""
    kept = list(credits_of(mirror, lockable(house.rules), period, roster, appraisal.today, agreed=agreed))
    return close(house, appraisal, period, LOCKED, by=by, note=note, kept=kept, of=kinds(roster))


def closed_now(house: House, mirror: DuckDBPyConnection, roster: Roster, today: date) -> tuple[Closed, list[TrueUp]]:
    """What is closed, with true-ups up to this moment; and those of them that nobody noted yet."""
    with house.store.reading() as tx:
        known = closings.known(tx)
        credits_ = {each: closings.locked_credits(tx, each) for each in known.locked}
    agreed = house.agreed(roster, today)
    new = [
        found
        for each, locked in known.locked.items()
        for found in changed_since(
            mirror, house.rules, locked, credits_[each], known.true_ups, roster=roster, today=today, agreed=agreed
        )
    ]
    return replace(known, true_ups=(*known.true_ups, *new)), new


def _digest(credits_: Sequence[LockedCredit]) -> str:
    lines = sorted(
        f"{each.metric}|{each.subject.kind}:{each.subject.id}|{each.ref}|{each.credited}" for each in credits_
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def _calendar(calendar: Calendar) -> str:
    said = (
        calendar.first_month,
        sorted(calendar.working_weekdays),
        sorted(map(str, calendar.holidays)),
        calendar.weeks,
    )
    return hashlib.sha256(repr((*said, calendar.named_by_start)).encode()).hexdigest()[:12]


def _refused(period: Period, text: str) -> ConfigError:
    return ConfigError([Problem(Place(period.id), "not-closed", text)])


__all__ = ["CLOSED", "LOCKED", "close", "closed_now", "lock", "refuse_closing"]
