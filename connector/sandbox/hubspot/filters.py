"""Search filters, made into SQL conditions over a record `r`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.sandbox.hubspot import links
from connector.sandbox.hubspot.computed import text_sql
from connector.sandbox.hubspot.kinds import Kind, kind_called
from connector.sandbox.hubspot.moments import parse_stamp
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.replies import Json, invalid

_COMPARED = {"EQ": "=", "NEQ": "!=", "GT": ">", "GTE": ">=", "LT": "<", "LTE": "<="}
_LISTED = ("IN", "NOT_IN")
_PRESENT = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
_WORDED = ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
OPERATORS = frozenset((*_COMPARED, *_LISTED, *_PRESENT, *_WORDED, "BETWEEN"))
# The strictest of the published caps, so that nobody comes to rely on more.
GROUPS, PER_GROUP, IN_ALL = 5, 6, 18


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL and its values; `indexed` when it asks about nothing but id and modified stamp."""

    sql: str
    values: tuple[Any, ...] = ()
    indexed: bool = False
    floor: int = 0  # no record below this id can meet it


EVERYTHING = Condition("1", (), indexed=True)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a filter compares: its SQL, and what makes a filter's text comparable to it."""

    sql: str
    value: Callable[[str], Any]
    indexed: bool = False


def condition(portal: Portal, kind: Kind, body: Json) -> Condition:
    """All filter groups of a search: any group may hold, and in a group every filter must."""
    groups = body.get("filterGroups") or [{"filters": body.get("filters") or []}]
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise invalid("Invalid input JSON: filterGroups is a list of objects")
    filters = [group.get("filters") or [] for group in groups]
    if len(groups) > GROUPS or any(len(each) > PER_GROUP for each in filters) or sum(map(len, filters)) > IN_ALL:
        raise invalid(
            f"Too many filters: {GROUPS} groups, {PER_GROUP} filters in a group and {IN_ALL} filters in all are allowed"
        )
    return _joined([_joined([_filter(portal, kind, each) for each in group], "AND") for group in filters], "OR")


def _joined(parts: Sequence[Condition], word: str) -> Condition:
    if not parts:
        return EVERYTHING
    if len(parts) == 1:
        return parts[0]
    sql = f" {word} ".join(f"({part.sql})" for part in parts)
    values = tuple(value for part in parts for value in part.values)
    floors = [part.floor for part in parts]
    return Condition(sql, values, all(part.indexed for part in parts), max(floors) if word == "AND" else min(floors))


def _filter(portal: Portal, kind: Kind, body: Any) -> Condition:  # noqa: ANN401 - what the client sent
    if not isinstance(body, dict) or not isinstance(body.get("propertyName"), str):
        raise invalid("Invalid input JSON: a filter names a propertyName and an operator")
    name, operator = body["propertyName"], body.get("operator")
    if operator not in OPERATORS:
        raise invalid(f"{operator} is not an operator; there are {', '.join(sorted(OPERATORS))}")
    if name.startswith("associations."):
        return _linked(kind, name.removeprefix("associations."), operator, body)
    if name not in portal.definitions(kind):
        raise invalid(
            f'There was a problem with the request: property "{name}" does not exist',
            errors=[
                {
                    "message": f'Property "{name}" does not exist',
                    "code": "PROPERTY_DOESNT_EXIST",
                    "context": {"propertyName": [name]},
                }
            ],
        )
    return _compared(_subject(portal, kind, name), operator, body)


def _subject(portal: Portal, kind: Kind, name: str) -> Subject:
    if name == "hs_object_id":
        return Subject("r.id", _number(name), indexed=True)
    if name == kind.modified:
        return Subject("r.modified", _stamp(name), indexed=True)
    if name == kind.created:
        return Subject("r.created", _stamp(name))
    definition, text = portal.definitions(kind)[name], f"NULLIF({text_sql(kind, name)}, '')"
    if definition.type == "number":
        return Subject(f"CAST({text} AS REAL)", _number(name))
    if definition.type in ("date", "datetime"):
        return Subject(f"CAST(round((julianday({text}) - 2440587.5) * 86400000.0) AS INTEGER)", _stamp(name))
    # Enumerations are compared to the letter, text is not.
    return Subject(text, str) if definition.type == "enumeration" else Subject(f"lower({text})", str.lower)


def _compared(subject: Subject, operator: str, body: Json) -> Condition:
    sql = subject.sql
    if operator in _COMPARED:
        compared = f"{sql} {_COMPARED[operator]} ?"
        # What a record does not have is unequal to everything.
        text = f"({sql} IS NULL OR {compared})" if operator == "NEQ" else compared
        value = _value(subject, body, "value")
        floor = int(value) if sql == "r.id" and operator in ("GT", "GTE", "EQ") else 0
        return Condition(text, (value,), subject.indexed and operator != "NEQ", floor)
    if operator == "BETWEEN":
        bounds = (_value(subject, body, "value"), _value(subject, body, "highValue"))
        return Condition(f"{sql} BETWEEN ? AND ?", bounds, subject.indexed)
    if operator in _PRESENT:
        return Condition(f"{sql} IS {'NOT ' if operator == 'HAS_PROPERTY' else ''}NULL")
    if operator in _LISTED:
        values = _values(subject, body)
        among = f"{sql} IN ({','.join('?' * len(values))})"
        return Condition(f"({sql} IS NULL OR NOT {among})" if operator == "NOT_IN" else among, values, indexed=False)
    has = f"has_token({sql}, ?)"
    wanted = str(body.get("value") or "")
    return Condition(has if operator == "CONTAINS_TOKEN" else f"NOT {has}", (wanted,))


def _linked(kind: Kind, other: str, operator: str, body: Json) -> Condition:
    """The pseudo-property `associations.company`: linked to this id, or to anything."""
    target = kind_called(other)
    if target is None or not links.default_types(kind, target):
        raise invalid(f'There was a problem with the request: property "associations.{other}" does not exist')
    link = f"SELECT 1 FROM links WHERE from_kind = {kind.number} AND from_id = r.id AND to_kind = {target.number}"
    if operator in _PRESENT:
        return Condition(f"{'NOT ' if operator.startswith('NOT') else ''}EXISTS ({link})")
    if operator not in ("EQ", "IN"):
        raise invalid(f"{operator} is not supported for associations")
    ids = Subject("to_id", _number(f"associations.{other}"))
    values = (_value(ids, body, "value"),) if operator == "EQ" else _values(ids, body)
    return Condition(f"EXISTS ({link} AND to_id IN ({','.join('?' * len(values))}))", values)


def _value(subject: Subject, body: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - number or text
    given = body.get(key)
    if given is None:
        raise invalid(f"Invalid input JSON: operator {body.get('operator')} needs {key}")
    return subject.value(str(given))


def _values(subject: Subject, body: Mapping[str, Any]) -> tuple[Any, ...]:
    given = body.get("values")
    if not isinstance(given, list) or not given:
        raise invalid(f"Invalid input JSON: operator {body.get('operator')} needs values")
    return tuple(subject.value(str(each)) for each in given)


def _number(name: str) -> Callable[[str], float | int]:
    def number(text: str) -> float | int:
        try:
            return int(text) if text.lstrip("-").isdigit() else float(text)
        except ValueError:
            raise invalid(f"{text} is not a number, as {name} is") from None

    return number


def _stamp(name: str) -> Callable[[str], int]:
    def stamp(text: str) -> int:
        parsed = parse_stamp(text)
        if parsed is None:
            raise invalid(f"{text} is neither epoch milliseconds nor an ISO date, as {name} needs")
        return parsed

    return stamp
