"""Whose a record is: `credit` of a metric, and the `roles` of a deal's team that it may be narrowed to."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from connector.measure.crediting import TEAM
from connector.model.catalogue import Relation, Teams
from connector.rulebook.page import Page
from connector.yamlfile import Trail, did_you_mean


def credit_of(page: Page, relation: Relation, written: str | None, trail: Trail) -> str | None:
    """The way to credit; None where it is wrong. `trail` is the metric's."""
    if written is None and relation.credits:
        return relation.credits[0]
    if written in relation.credits:
        land = relation.fields.get(written or "")
        if land and not land.mapped:
            text = f"no mapping says where `{land.name}` of {relation.name} comes from: nobody is credited"
            page.warn((*trail, "credit"), "not-mapped", text, f"map it: {land.hint or f'`{land.name}:`'} in mappings/")
        return written
    if not relation.credits:
        text = f"{relation.name} belong to nobody, and can be credited to nobody"
        page.refuse((*trail, "of"), "no-credit", text, "name the `person` of the table in its mapping")
        return None
    hint = did_you_mean(written or "", relation.credits) or f"known are {', '.join(relation.credits)}"
    page.refuse((*trail, "credit"), "unknown-credit", f"{relation.name} are not credited by `{written}`", hint)
    return None


def roles_of(
    page: Page, teams: Teams, credit: str | None, roles: Sequence[str] | None, trail: Trail
) -> tuple[str, ...]:
    """The roles that count; none: everybody on the team."""
    if credit == TEAM and not roles and not teams.mapped:
        text = "no mapping says who is on the team of a deal: only its owner is credited"
        page.warn((*trail, "credit"), "not-mapped", text, "map `team_members:`, or `team:` of deals, in mappings/")
    if roles is None:
        return ()
    if credit != TEAM:
        page.refuse_key((*trail, "roles"), "misplaced-key", "`roles` are those of a deal's team", "credit: team")
    elif not teams.roles:
        text = "no mapping says in which role somebody is on a deal's team: nobody is credited"
        page.warn((*trail, "roles"), "not-mapped", text, "map `role:` under `team_members:` in mappings/")
    else:
        for at, role in enumerate(roles):
            _known(page, teams, role, (*trail, "roles", at))
    return tuple(roles)


def _known(page: Page, teams: Teams, role: str, trail: Trail) -> None:
    """Roles are told apart in small letters."""
    if not teams.offered or role.strip().lower() in {each.strip().lower() for each in teams.offered}:
        return
    near = difflib.get_close_matches(role, teams.offered, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"they offer {', '.join(teams.offered)}"
    page.warn(trail, "not-offered", f"no CRM that is connected has a role `{role}` on a deal's team", hint)
