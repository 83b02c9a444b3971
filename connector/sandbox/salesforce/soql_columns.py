"""Field paths of a query, resolved against what the user sees, with the joins they need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connector.sandbox.salesforce.fields import Field, SObject
from connector.sandbox.salesforce.json_sql import quoted
from connector.sandbox.salesforce.refusal import Refused
from connector.sandbox.salesforce.schema import Sight
from connector.sandbox.salesforce.soql_tree import Path
from connector.sandbox.salesforce.soql_words import pointed

_POLYMORPHIC = {"type": Field("Type", "picklist", "Type"), "name": Field("Name", "string", "Name")}
_WORDING = "Please reference your WSDL or the describe call for the appropriate names."  # ends most refusals of a name


@dataclass(frozen=True, slots=True)
class Column:
    """A field where it stands in the SQL."""

    sql: str
    field: Field
    parents: tuple[Parent, ...] = ()  # from the entity to the object that holds the field


@dataclass(frozen=True, slots=True)
class Parent:
    """One step up: `Owner`."""

    relationship: str
    id_sql: str
    kind: str  # the type its attributes state
    table_sql: str  # the object's name in its url, as SQL


@dataclass(slots=True)
class Columns:
    """Resolves paths from one entity; collects the joins on the way."""

    sight: Sight
    entity: SObject
    text: str
    alias: str
    table: Callable[[str], str]  # an object's name → what to read it from
    joins: dict[tuple[str, ...], tuple[str, SObject, str]] = field(default_factory=dict)

    def resolve(self, path: Path) -> Column:
        """Raises Refused: INVALID_FIELD."""
        steps = path.steps
        if len(steps) > 1 and steps[0].lower() == self.entity.name.lower():
            steps = steps[1:]
        alias, thing = self.alias, self.entity
        parents: tuple[Parent, ...] = ()
        for depth, step in enumerate(steps[:-1]):
            reference = thing.by_relationship(step)
            if reference is None:
                raise self._no_relationship(path, step)
            id_sql = f'{alias}."{reference.name}"'
            if len(reference.to) > 1:
                return self._polymorphic(path, reference, id_sql, parents, steps[depth + 1 :])
            target = self.sight.find(reference.to[0])
            if target is None:
                raise self._no_relationship(path, step)
            alias = self._join(steps[: depth + 1], id_sql, target)
            up = Parent(reference.relationship or "", f'{alias}."Id"', target.name, quoted(target.name))
            thing, parents = target, (*parents, up)
        found = thing.find(steps[-1])
        if found is None:
            raise self._no_column(path, steps[-1], thing)
        return Column(f'{alias}."{found.name}"', found, parents)

    def base(self) -> str:
        return f"{self.table(self.entity.name)} AS {self.alias}"

    def join_clause(self) -> str:
        """The joins that the paths resolved so far need."""
        return "".join(
            f' LEFT JOIN {self.table(target.name)} AS {alias} ON {alias}."Id" = {id_sql}'
            for alias, target, id_sql in self.joins.values()
        )

    def _join(self, steps: tuple[str, ...], id_sql: str, target: SObject) -> str:
        key = tuple(step.lower() for step in steps)
        if key not in self.joins:
            self.joins[key] = (f"{self.alias}_{len(self.joins)}", target, id_sql)
        return self.joins[key][0]

    def _polymorphic(
        self, path: Path, reference: Field, id_sql: str, parents: tuple[Parent, ...], rest: tuple[str, ...]
    ) -> Column:
        """`What.Type` and `What.Name`: all that one may ask of a parent of several kinds, short of TYPEOF."""
        kinds = [each for each in map(self.sight.find, reference.to) if each is not None]
        cases = " ".join(f"WHEN '{each.prefix}' THEN '{each.name}'" for each in kinds)
        kind = f"CASE substr({id_sql}, 1, 3) {cases} END"
        up = Parent(reference.relationship or "", id_sql, "Name", kind)
        wanted = rest[0].lower() if len(rest) == 1 else ""
        if wanted == "id":
            return Column(id_sql, Field("Id", "id", "Id"), (*parents, up))
        if wanted not in _POLYMORPHIC:
            raise self._no_column(path, ".".join(rest), SObject("Name", "Name", "Names", ""))
        if wanted == "type":
            return Column(kind, _POLYMORPHIC["type"], (*parents, up))
        names = " UNION ALL ".join(f'SELECT "Name" FROM "{each.name}" WHERE "Id" = {id_sql}' for each in kinds)
        return Column(f"({names})", _POLYMORPHIC["name"], (*parents, up))

    def _no_column(self, path: Path, name: str, thing: SObject) -> Refused:
        reason = (
            f"No such column '{name}' on entity '{thing.name}'. If you are attempting to use a custom field, "
            f"be sure to append the '__c' after the custom field name. {_WORDING}"
        )
        return pointed("INVALID_FIELD", self.text, path.at, reason)

    def _no_relationship(self, path: Path, step: str) -> Refused:
        reason = (
            f"Didn't understand relationship '{step}' in field path. If you are attempting to use a custom "
            f"relationship, be sure to append the '__r' after the custom relationship name. {_WORDING}"
        )
        return pointed("INVALID_FIELD", self.text, path.at, reason)


def entity_of(sight: Sight, name: str, text: str, at: int) -> SObject:
    """Raises Refused: INVALID_TYPE, in the recorded wording."""
    found = sight.find(name)
    if found is None:
        reason = (
            f"sObject type '{name}' is not supported. If you are attempting to use a custom object, "
            f"be sure to append the '__c' after the entity name. {_WORDING}"
        )
        raise pointed("INVALID_TYPE", text, at, reason)
    return found
