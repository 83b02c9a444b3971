"""People of a sandbox company: each becomes an owner, a platform user and a record of the users object."""

from __future__ import annotations

import json
from pathlib import Path

from connector.sandbox.hubspot.kinds import USERS
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.rows import filled, lines
from connector.sandbox.hubspot.store import Row

# Three numbers for one person, and no two of them alike: that is how HubSpot has it.
_FIRST_OWNER, _FIRST_USER_ID, _FIRST_USER = 70_100_001, 11_200_003, 3_051
_STEP = {"owner": 7, "user_id": 13, "user": 50}


def load_people(portal: Portal, folder: Path, today: int) -> None:
    """People who left stay as archived owners; the team is the primary one."""
    owners: list[Row] = []
    users: list[Row] = []
    origins: list[Row] = []
    teams: dict[str, str] = {}
    for place, line in enumerate(each for each in lines(folder / "people.csv") if each.here()):
        owner, user_id, user = (
            first + place * _STEP[what]
            for what, first in (("owner", _FIRST_OWNER), ("user_id", _FIRST_USER_ID), ("user", _FIRST_USER))
        )
        first, _, last = line["name"].partition(" ")
        active = line["active"].lower() != "false"
        since, left = line.stamp("start") or today, line.stamp("end")
        changed = since if active else max(left or since, since)
        team = teams.setdefault(line["team"], str(40_001 + len(teams)))
        of_person = [{"id": team, "name": line["team"], "primary": True}] if line["team"] else []
        owners.append((owner, user_id, line["email"], first, last, since, changed, active, json.dumps(of_person)))
        values = {
            "hs_email": line["email"],
            "hs_given_name": first,
            "hs_family_name": last,
            "hs_job_title": line["role"],
            "hs_internal_user_id": str(user_id),
            "hubspot_owner_id": str(owner),
            "hs_deactivated": "false" if active else "true",
        }
        users.append((user, since, changed, None, json.dumps(filled(values), ensure_ascii=False)))
        origins += [("owner", line["id"], owner), ("user", line["id"], user), ("user_id", line["id"], user_id)]
    portal.store.many("INSERT OR REPLACE INTO owners VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", owners)
    portal.store.many(f"INSERT OR REPLACE INTO {USERS.table} VALUES (?, ?, ?, ?, ?)", users)
    portal.store.many("INSERT OR REPLACE INTO origins VALUES (?, ?, ?)", origins)
