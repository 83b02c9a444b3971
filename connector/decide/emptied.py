"""Rows of our own that nothing is said in any more: somebody went on leave, a target was withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from connector.decide.attributes import MANAGER, OWNER, RIDING_TYPES
from connector.model.changes import Change, Row, Value
from connector.normalise.mapping import ScoreProperties, ScoreRows

GONE = "nothing is wanted any more, and nothing was measured"
# What a row is about stays; what it says goes.
_ABOUT = frozenset(
    {"person", OWNER, MANAGER, "metric", "metric_title", "unit", "period", "period_start", "period_end", "currency"}
)


def is_number(where: ScoreRows | ScoreProperties | None, name: str) -> bool:
    """Whether a field says anything of somebody's results, and not only what a row is about."""
    if not isinstance(where, ScoreRows):
        return True
    attribute = where.fields.get(name, "")
    return attribute not in _ABOUT and attribute != "reason" and attribute not in RIDING_TYPES


def emptied_rows(
    where: ScoreRows,
    shown: Mapping[Row, Mapping[str, Value]],
    wanted: Iterable[Row],
    periods: Collection[str],
    people: Collection[str],
) -> Iterator[Change]:
    """Changes that take last week's numbers out of rows that have none today, so that nobody is held to them.

    Only for the periods that are still written, and people who still work here: what somebody who left had reached
    stays as it was. The reason takes the place of the numbers.
    """
    still = set(wanted)
    fields = {name: each for name, each in where.fields.items() if each not in RIDING_TYPES}
    numbers = [name for name in fields if is_number(where, name)]
    for row, values in shown.items():
        if row in still or (row.object, row.key_field) != (where.object, where.key_field):
            continue
        *_, person, period = ("", *row.key.split(":"))
        if period in periods and person in people and any(values.get(each) is not None for each in numbers):
            said = {
                name: values.get(name) if each in _ABOUT else GONE if each == "reason" else None
                for name, each in fields.items()
            }
            yield Change(row, said, because=GONE, subject=row.key)
