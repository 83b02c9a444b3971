"""Every function of the rule language; a new one is one more entry in this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TypeAlias

from connector.model.catalogue import Type

Types: TypeAlias = frozenset[Type]

NUMBERS: Types = frozenset({Type.NUMBER, Type.RATIO, Type.DAYS})
AMOUNTS: Types = NUMBERS | {Type.MONEY}
TEXTS: Types = frozenset({Type.TEXT, Type.CHOICE})
DATES: Types = frozenset({Type.DATE})
CONDITION: Types = frozenset({Type.BOOLEAN})
ORDERED: Types = AMOUNTS | DATES | {Type.MOMENT}
ANYTHING: Types = frozenset(Type)
SHARE: Types = frozenset({Type.RATIO})


# How many working days there were up to a day. No field begins with `_`, so none is taken for the calendar's.
_NUMBERED = "(SELECT _n FROM (SELECT day AS _d, working_number AS _n FROM calendar) WHERE _d = {})"


def _rounded(value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    with localcontext(prec=60):  # more than any number and its decimals have
        return value.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)


def _days(start: date, end: date) -> Decimal:
    return Decimal((end - start).days)


@dataclass(frozen=True, slots=True)
class Function:
    """One word of the rule language, complete where it stands.

    A function that `chooses` gives back one of its arguments, which are then all of one type, and
    takes two or more; it is null only when they all are. Every other function is null when
    any argument is.
    """

    name: str  # as ops write it: "count_if"
    takes: tuple[Types, ...]  # the types that each argument may have
    gives: Type | None  # None: the type of its first argument
    duckdb: str  # its form in the mirror: {0} and {1} are the arguments, {all} all of them, {today} the day asked about
    says: str  # for the docs: "how many records meet a condition"
    gathers: bool = False  # True: makes one number out of many records
    optional: int = 0  # how many of the last arguments may be left out
    chooses: bool = False
    of_targets: bool = False  # True: takes a metric, and stands in formulas only
    evaluate: Callable[..., object] | None = None  # over one person's numbers; {today} comes last, where it is used

    @property
    def signature(self) -> str:
        """How it is called: `days_between(date, date)`."""
        words = [_called(each) for each in self.takes]
        for at in range(len(words) - self.optional, len(words)):
            words[at] = f"[{words[at]}]"
        return f"{self.name}({', '.join(words)}{', …' if self.chooses else ''})"


def _called(types: Types) -> str:
    """What an argument is, in one word."""
    known = {
        NUMBERS: "number",
        AMOUNTS: "number",
        TEXTS: "text",
        CONDITION: "condition",
        DATES: "date",
        SHARE: "share",
    }
    return known.get(types, "value")


_ALL = (
    Function("sum", (AMOUNTS,), None, "sum({0})", "the total of a field", gathers=True),
    Function("count", (), Type.NUMBER, "count(*)", "how many records there are", gathers=True),
    Function(
        "count_distinct",
        (ANYTHING,),
        Type.NUMBER,
        "count(DISTINCT {0})",
        "how many different values a field has; empty ones are not counted",
        gathers=True,
    ),
    Function("avg", (AMOUNTS,), None, "avg({0})", "the mean of a field, over records where it is filled", gathers=True),
    Function("median", (AMOUNTS,), None, "median({0})", "the middle value of a field", gathers=True),
    Function(
        "percentile",
        (AMOUNTS, SHARE),
        None,
        "quantile_cont({0}, {1})",
        "the value that a share of records stays below: percentile(amount, 80%)",
        gathers=True,
    ),
    Function("min", (AMOUNTS,), None, "min({0})", "the smallest value of a field", gathers=True),
    Function("max", (AMOUNTS,), None, "max({0})", "the largest value of a field", gathers=True),
    Function(
        "count_if",
        (CONDITION,),
        Type.NUMBER,
        "count(*) FILTER (WHERE {0})",
        "how many records meet a condition",
        gathers=True,
    ),
    Function(
        "sum_if",
        (AMOUNTS, CONDITION),
        None,
        "sum({0}) FILTER (WHERE {1})",
        "the total of a field, over records that meet a condition",
        gathers=True,
    ),
    Function(
        "avg_if",
        (AMOUNTS, CONDITION),
        None,
        "avg({0}) FILTER (WHERE {1})",
        "the mean of a field, over records that meet a condition",
        gathers=True,
    ),
    Function(
        "coalesce",
        (ANYTHING, ANYTHING),
        None,
        "coalesce({all})",
        "the first of its values that is not empty",
        chooses=True,
        evaluate=lambda *values: values[0],
    ),
    Function(
        "least",
        (ORDERED, ORDERED),
        None,
        "least({all})",
        "the smallest of its values, empty ones aside",
        chooses=True,
        evaluate=min,
    ),
    Function(
        "greatest",
        (ORDERED, ORDERED),
        None,
        "greatest({all})",
        "the largest of its values, empty ones aside",
        chooses=True,
        evaluate=max,
    ),
    Function(
        "days_between",
        (DATES, DATES),
        Type.DAYS,
        "({1} - {0})",
        "calendar days from one day to another",
        evaluate=_days,
    ),
    Function(
        "days_since",
        (DATES,),
        Type.DAYS,
        "({today} - {0})",
        "calendar days from a day to the day asked about",
        evaluate=_days,
    ),
    Function(
        "working_days_between",
        (DATES, DATES),
        Type.DAYS,
        f"({_NUMBERED.format('{1}')} - {_NUMBERED.format('{0}')})",
        "working days of the company from one day to another, over records only",
    ),
    Function(
        "target",
        (AMOUNTS,),
        None,
        "",
        "the target of a metric for the same person and period, in a formula only",
        of_targets=True,
    ),
    Function("lower", (TEXTS,), Type.TEXT, "lower({0})", "a text in small letters", evaluate=str.lower),
    Function("abs", (AMOUNTS,), None, "abs({0})", "a number without its sign", evaluate=abs),
    Function(
        "round",
        (NUMBERS, frozenset({Type.NUMBER})),
        None,
        "round({all})",
        "a number rounded half away from zero, to whole numbers or to so many decimals",
        optional=1,
        evaluate=_rounded,
    ),
)

FUNCTIONS: Mapping[str, Function] = {each.name: each for each in _ALL}
