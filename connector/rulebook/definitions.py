"""Dated definitions of one metric: which one holds from when on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field as Key
from pydantic import PlainValidator, WithJsonSchema

from connector.model.calendar import Calendar
from connector.rulebook.notation import Text
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape, complaint
from connector.yamlfile import Trail


def _written(value: object) -> str:
    """As ops wrote it; what it means, the company's calendar says. Raises a complaint."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise complaint("no-period", f"`{value}` is no period and no day", "write FY2027, 2026-Q3 or 2026-07-01")
    return str(value)


Effective = Annotated[
    str,
    PlainValidator(_written),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "integer"}], "description": "FY2027, 2026-Q3 or 2026-07-01"}
    ),
]


Roles = Annotated[list[Text], Key(min_length=1)] | None


class FormerEntry(Shape):
    """A definition that the metric had before; its title, unit and direction are the metric's."""

    of: str | None = Key(None, description="the relation it was made of")
    where: str | None = Key(None, description="which records counted")
    date: str | None = Key(None, description="the field that said which period a record belonged to")
    measure: str | None = Key(None, description="one number made of many records")
    formula: str | None = Key(None, description="arithmetic over other metrics")
    credit: str | None = Key(None, description="who got a record")
    roles: Roles = Key(None, description="who of a deal's team got it")
    through: Literal["today", "period_end"] = "today"
    weighted: bool = Key(default=False, description="counts, medians and ratios weighed by share too")
    rate: Literal["at_close", "plan", "crm", "period_start"] | None = None
    least: Annotated[int, Key(ge=1)] | None = None
    mixed: bool = False
    effective: Effective | None = Key(None, description="from when on it held; the oldest may have held always")
    because: str = ""


def day_of(page: Page, calendar: Calendar, written: str | None, trail: Trail) -> date | None:
    """The first day of a definition; None where nothing is written, or what is written is no period."""
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        pass
    try:
        return calendar.period(written).starts_on
    except ValueError as error:
        page.refuse((*trail, "effective"), "no-period", str(error), "or a day: 2026-07-01")
        return None


def in_order(page: Page, days: Sequence[date | None], trail: Trail) -> None:
    """Check that definitions stand newest first, and that only the oldest has held always."""
    for at, (newer, older) in enumerate(pairwise(days)):
        where: Trail = trail if at == 0 else (*trail, "before", at - 1)
        if newer is None:
            page.refuse_key(
                where, "missing-key", "`effective` is missing: when did it follow the one before?", "effective: FY2027"
            )
        elif older is not None and older >= newer:
            text = f"it holds from {older} on, and what followed it from {newer}"
            page.refuse((*trail, "before", at, "effective"), "wrong-order", text, "the newest definition stands first")
