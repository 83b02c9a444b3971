"""What a day asks of each connection: desired minus acknowledged, and what must not stand there any more."""

from __future__ import annotations

from collections.abc import Sequence

from connector.appraisal.appraise import Appraisal, desired
from connector.decide.emptied import emptied_rows
from connector.decide.health import emptied
from connector.flow.house import House
from connector.flow.plan import Plan, Shown, plan
from connector.flow.unshown import Unshown, unshown
from connector.model.changes import Change
from connector.model.people import Roster
from connector.normalise.mapping import ScoreRows
from connector.store import ledger


def plans_for(house: House, found: Appraisal, roster: Roster, run_id: str) -> tuple[Plan, ...]:
    """A plan for each connection."""
    wanted = desired(found, house.rules, roster, house.settings.company, run=run_id, computed_at=house.world.now())
    periods = {each.id for each in house.settings.company.calendar.current(found.today)}
    people = {each.id for each in roster.people if each.active}
    with house.store.reading() as tx:
        nobody = unshown(tx, house, roster, found.today)
        return tuple(
            _plan(house, each.name, wanted, ledger.shown(tx, each.name), nobody, periods=periods, people=people)
            for each in house.settings.connections
        )


def _plan(
    house: House,
    connection: str,
    wanted: Sequence[Change],
    shown: Shown,
    nobody: Unshown,
    *,
    periods: set[str],
    people: set[str],
) -> Plan:
    """One connection's plan; records that nothing is said of any more lose what we said."""
    found = [each for each in wanted if each.row.connection == connection]
    mapping, rows = house.rules.mappings[connection], [each.row for each in found]
    where = mapping.write.scores
    found += emptied(connection, mapping, shown, rows)
    if isinstance(where, ScoreRows):
        found += emptied_rows(where, shown, rows, periods, people)
    found += nobody.taken_away(where, shown, [each.row for each in found])
    return plan(connection, nobody.erased(found), shown)
