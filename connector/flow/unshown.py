"""Of whom nothing may stand in a CRM: people who were forgotten, and those of whom nothing is worked out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import Connection

from connector.appraisal.agreed import Agreed
from connector.appraisal.rules import Rules
from connector.decide.emptied import is_number
from connector.flow.house import House
from connector.flow.plan import Shown
from connector.model.changes import Change, Row
from connector.model.people import Roster
from connector.model.records import Ref
from connector.normalise.mapping import ScoreProperties, ScoreRows
from connector.store import pseudonyms, written
from connector.store.pseudonyms import Known

HELD_BACK = "nothing is worked out of them before their country agrees: `privacy: hold_back:`"
NOT_AGREED = "the `privacy:` block of the config keeps it from being shown"
FORGOTTEN = "somebody was forgotten"
RANKS = ("rank", "quartile", "field_size")
_ID = "p_"  # what a person's id begins with


@dataclass(frozen=True, slots=True)
class Unshown:
    """Whom a record is about, and whether that may stand there; and what of it may not."""

    agreed: Agreed = field(default_factory=Agreed)
    known: Known = field(default_factory=lambda: Known(0, {}))  # who was forgotten, by the id that they had
    told: frozenset[str] = frozenset()  # keys of alerts about them, or told to them
    records: frozenset[Ref] = frozenset()  # of either, with their numbers

    def is_forgotten(self, row: Row) -> bool:
        """Whether a record of our own is about somebody who was forgotten."""
        if not self.known or row.by_own_id:
            return False
        return row.key in self.told or any(self.known.login(each) for each in _people(row))

    def is_about(self, row: Row) -> bool:
        """Whether a record is about any of them, or is the one that carries their numbers."""
        if row.by_own_id:
            return Ref(row.connection, row.object, row.key) in self.records
        return self.is_forgotten(row) or not self.agreed.withheld.isdisjoint(_people(row))

    def erased(self, changes: Iterable[Change]) -> list[Change]:
        """The changes, those of them marked that are about anybody whom they can only take something away from."""
        return [replace(each, erases=True) if self.is_about(each.row) else each for each in changes]

    def taken_away(
        self, where: ScoreRows | ScoreProperties | None, shown: Shown, wanted: Iterable[Row]
    ) -> Iterator[Change]:
        """Changes that take what a connection shows of them away, where no other change does."""
        still = frozenset(wanted)
        for row, values in shown.items():
            said = {name: None for name, value in values.items() if value is not None}
            if row in still or not said:
                continue
            if self.is_forgotten(row):
                yield Change(row, said, because=FORGOTTEN, subject=row.place, gone=True)
            elif isinstance(where, ScoreProperties) and row.object == where.object and self.is_about(row):
                yield Change(row, said, because=NOT_AGREED, subject=row.place)

    def why_not(self, change: Change, rules: Rules) -> str:
        """Why a change must not be written that an earlier run or a file asks for; empty: it may."""
        if change.gone or change.erases or not self.is_about(change.row):
            return ""
        where = rules.mappings[change.row.connection].write.scores
        tells = any(is_number(where, *each) for each in change.fields.items())
        return (FORGOTTEN if self.is_forgotten(change.row) else HELD_BACK) if tells else ""

    def agreed_to(self, change: Change, rules: Rules) -> Change:
        """A change without the places and the metrics that nobody may know."""
        where = None if change.gone else rules.mappings[change.row.connection].write.scores
        if where is None or change.row.object != where.object:
            return change
        hidden = {rules.metrics[name].lasting_name for name in self.agreed.hidden}
        fields = {
            name: value
            for name, value in change.fields.items()
            if value is None or not _is_hidden(where, change.row, name, hidden, ranks=self.agreed.ranks)
        }
        return replace(change, fields=fields)


def _is_hidden(
    where: ScoreRows | ScoreProperties, row: Row, name: str, metrics: Collection[str], *, ranks: bool
) -> bool:
    """Whether a field is somebody's place, which nobody has, or says anything of these metrics."""
    if isinstance(where, ScoreRows):
        is_place, metric = where.fields.get(name) in RANKS, row.key.split(":")[1:2]
        is_metric = not frozenset(metrics).isdisjoint(metric) and is_number(where, name, "")
    else:
        is_place = any(name.endswith(f"_{each}") for each in RANKS)
        is_metric = any(name.startswith(f"{where.prefix}{metric}_") for metric in metrics)
    return is_metric or (is_place and not ranks)


def unshown(tx: Connection, house: House, roster: Roster, today: date) -> Unshown:
    """By what the store knows, and the `privacy:` block."""
    agreed, known = house.agreed(roster, today), pseudonyms.known(tx)
    logins = [each for id_ in agreed.withheld if (person := roster.get(id_)) for each in person.identities]
    logins += pseudonyms.logins(tx)
    carriers = written.carriers(tx, map(str, logins))
    return Unshown(
        agreed, known, frozenset(written.told_about(tx, pseudonyms.everybody(tx))), frozenset([*logins, *carriers])
    )


def _people(row: Row) -> list[str]:
    return [each for each in row.key.split(":") if each.startswith(_ID)]
