"""Of whom nothing may stand in a CRM: people who were forgotten, and those of whom nothing is worked out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from connector.appraisal.agreed import WITHHELD, Agreed
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

NOT_AGREED = "the `privacy:` block of the config keeps it from being shown"
FORGOTTEN = "it is about somebody who was forgotten"
RANKS = ("rank", "quartile", "field_size")
_ID = "p_"  # what a person's id begins with


@dataclass(frozen=True, slots=True)
class Unshown:
    """Whom a record is about, and whether that may stand there; and what of it may not."""

    agreed: Agreed
    known: Known  # who was forgotten, by the id that they had
    told: frozenset[str]  # keys of alerts about them, or told to them
    records: Mapping[Ref, str]  # that carry the numbers of either, and why nothing may stand there

    def why(self, row: Row) -> str:
        """Why nothing may stand in a record: whom it is about, or whose numbers it carries; empty: it may."""
        if row.by_own_id:
            return self.records.get(Ref(row.connection, row.object, row.key), "")
        people = [each for each in row.key.split(":") if each.startswith(_ID)]
        if row.key in self.told or (self.known and any(map(self.known.login, people))):
            return FORGOTTEN
        return "" if self.agreed.withheld.isdisjoint(people) else WITHHELD

    def erased(self, changes: Iterable[Change]) -> list[Change]:
        """The changes, those of them marked that are about anybody whom they can only take something away from."""
        return [replace(each, erases=True) if self.why(each.row) else each for each in changes]

    def taken_away(
        self, where: ScoreRows | ScoreProperties | None, shown: Shown, wanted: Iterable[Row]
    ) -> Iterator[Change]:
        """Changes that take what a connection shows of them away, where no other change does.

        Records of our own about somebody who was forgotten leave; the record that carries numbers of theirs is emptied.
        """
        still = frozenset(wanted)
        carrier = where.object if isinstance(where, ScoreProperties) else None
        for row, values in shown.items():
            if row in still or not (why := self.why(row)):
                continue
            gone = why == FORGOTTEN and not row.by_own_id
            said = {name: None for name, value in values.items() if value is not None}
            if said and (gone or row.object == carrier):
                yield Change(row, said, because=why, subject=row.place, gone=gone)

    def why_not(self, change: Change, rules: Rules) -> str:
        """Why a change must not be written that an earlier run or a file asks for; empty: it may."""
        why = "" if change.gone or change.erases else self.why(change.row)
        if not why:
            return ""
        where = rules.mappings[change.row.connection].write.scores
        tells = any(value is not None and is_number(where, name) for name, value in change.fields.items())
        return why if tells else ""

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
        is_metric = not frozenset(metrics).isdisjoint(metric) and is_number(where, name)
    else:
        is_place = any(name.endswith(f"_{each}") for each in RANKS)
        is_metric = any(name.startswith(f"{where.prefix}{metric}_") for metric in metrics)
    return is_metric or (is_place and not ranks)


def unshown(tx: Connection, house: House, roster: Roster, today: date) -> Unshown:
    """By what the store knows, and the `privacy:` block."""
    agreed, forgotten = house.agreed(roster, today), pseudonyms.everybody(tx)
    held_back = [each for id_ in agreed.withheld if (person := roster.get(id_)) for each in person.identities]
    records = {
        each: why
        for logins, why in ((held_back, WITHHELD), (pseudonyms.logins(tx, forgotten.values()), FORGOTTEN))
        for each in (*logins, *written.carriers(tx, map(str, logins)))
    }
    return Unshown(agreed, pseudonyms.known(tx), frozenset(written.told_about(tx, forgotten)), records)
