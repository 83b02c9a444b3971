"""What a CRM told of its fields, held against a rule: values that it does not offer, fields that it works out itself."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from connector.errors import Place, Problem
from connector.language.refused import Locate
from connector.language.tree import Constant, Name, Node, Operation, every
from connector.model.catalogue import Field, Relation, Type


def remarks(trees: Iterable[Node], relation: Relation, locate: Locate) -> Iterator[Problem]:
    """Warnings, each at its place; silent about fields of which nobody has looked what a CRM offers."""
    told: set[str] = set()
    for tree in trees:
        for node in every(tree):
            if isinstance(node, Operation) and node.word in ("=", "<>", "in"):
                yield from _not_offered(node, relation, locate)
            if isinstance(node, Name) and node.name not in told:
                told.add(node.name)
                yield from _of_field(_field(node, relation), relation, locate(node.at))


def _of_field(field: Field, relation: Relation, place: Place) -> Iterator[Problem]:
    """What is odd about using a field at all."""
    if not field.mapped:
        text = f"no mapping says where `{field.name}` of {relation.name} comes from: it is empty everywhere"
        where = field.hint or f"`{field.name}:` under {relation.name}"
        yield Problem(place, "not-mapped", text, f"map it: {where} in mappings/")
    if field.calculated:
        text = f"`{field.name}` is worked out by the CRM, which does not say when it changes: it may lag behind"
        yield Problem(place, "calculated-field", text, "use the fields that it is made of")


def _not_offered(node: Operation, relation: Relation, locate: Locate) -> Iterator[Problem]:
    """Words compared with a field whose CRM offers others."""
    fields = [_field(each, relation) for each in node.operands if isinstance(each, Name)]
    if len(fields) != 1 or fields[0].type is not Type.CHOICE or not fields[0].offered:
        return
    [field] = fields
    for word in node.operands:
        if isinstance(word, Constant) and isinstance(word.value, str) and word.value not in field.offered:
            near = difflib.get_close_matches(word.value, field.offered, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"it offers {_listed(field.offered)}"
            text = f"`{field.name}` is never `{word.value}` in any CRM that is connected"
            yield Problem(locate(word.at), "not-offered", text, hint)


def _field(name: Name, relation: Relation) -> Field:
    return relation.fields.get(name.name) or Field(name.name, name.type, "")


def _listed(words: tuple[str, ...], most: int = 8) -> str:
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" and {rest} more" if rest > 0 else "")
