"""When somebody's time in the company ended, as far as files and logins tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from connector.model.people import Sighting
from connector.model.records import Scalar, User


def ends_on(rows: Sequence[Mapping[str, Scalar]], history: Sequence[tuple[User, list[Sighting]]]) -> date | None:
    """The last day: as the files say; else the day before every login was seen switched off.

    A login that was off when we first saw it counts as off since its last change in the CRM.
    """
    said = [each for each in (day(row.get("end")) for row in rows) if each]
    if said:
        return max(said)
    if not history or any(user.active for user, _ in history):
        return None
    return max(_switched_off(user, sightings) for user, sightings in history) - timedelta(days=1)


def _switched_off(user: User, sightings: Sequence[Sighting]) -> date:
    last_active = max((at for at, each in enumerate(sightings) if each.active), default=-1)
    if 0 <= last_active < len(sightings) - 1:
        return sightings[last_active + 1].seen_on
    return user.modified_at.date()


def day(value: Scalar) -> date | None:
    """A cell that holds a day; None: it is empty, or something else."""
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
