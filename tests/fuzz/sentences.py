"""Sentences whose types fit: most of them are accepted, so that what is accepted can be held to its promises."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import strategies as st

_FIELDS = {
    "money": ("amount", "list_price"),
    "number": ("seats", "3", "2.5", "0"),
    "ratio": ("probability", "80%", "0.5"),
    "days": ("days_in_stage",),
    "date": ("created_on", "closed_on", "'2026-11-25'"),
    "text": ("name", "stage", "'Acme'"),
    "boolean": ("is_first_win", "is_renewal", "true"),
}
_ORDERED = ("money", "number", "ratio", "days", "date")


class _Writer:
    """Writes one sentence, the same one for the same chance."""

    def __init__(self, chance: Random, depth: int) -> None:
        self.chance, self.depth = chance, depth

    def a(self, kind: str) -> str:
        """Something of a kind, at most so deep."""
        if self.depth <= 0 or self.chance.random() < 0.25:
            return self.chance.choice(_FIELDS[kind])
        self.depth -= 1
        others = [self._condition] * 4 if kind == "boolean" else [self._reckoned] * 2
        found: str = self.chance.choice([self._chosen, *others])(kind)
        self.depth += 1
        return found

    def _chosen(self, kind: str) -> str:
        forms = ["coalesce({0}, {1})", "case when {2} then {0} else {1} end", "case when {2} then {0} end", "({0})"]
        if kind in _ORDERED:
            forms += ["least({0}, {1})", "greatest({0}, {1}, {0})"]
        return self.chance.choice(forms).format(self.a(kind), self.a(kind), self.a("boolean"))

    def _reckoned(self, kind: str) -> str:
        if kind == "text":
            return f"lower({self.a('text')})"
        if kind == "date":
            return self.a("date")
        if kind == "days" and self.chance.random() < 0.6:
            word = self.chance.choice(("days_between", "working_days_between"))
            both = (f"{word}({self.a('date')}, {self.a('date')})", f"days_since({self.a('date')})")
            return self.chance.choice(both)
        if kind == "ratio" and self.chance.random() < 0.5:
            return f"{self._field('money')} / {self._field('money')}"
        forms = ["{0} + {1}", "{0} - {1}", "- {0}", "abs({0})", "{0} * 2", "{0} / 4", "({0} + {1}) / 3"]
        return self.chance.choice(forms).format(self.a(kind), self.a(kind))

    def _condition(self, _: str) -> str:
        kind = self.chance.choice(_ORDERED)
        forms = (
            "{0} {sign} {1}", "{0} between {1} and {2}", "{0} in ({1}, {2})", "{0} is null", "{0} is not null",
            "({3} and {4})", "({3} or {4})", "not {3}", "{5} like 'A%'", "{5} not like '_b%'", "{5} = {6}", "{5} <> 'x'",
            "outcome in ('won', 'lost')",
        )  # fmt: skip
        sign = self.chance.choice(("=", "<>", "<", "<=", ">", ">="))
        some = [
            self._field(kind),
            self.a(kind),
            self.a(kind),
            self.a("boolean"),
            self.a("boolean"),
            self.a("text"),
            self.a("text"),
        ]
        return self.chance.choice(forms).format(*some, sign=sign)

    def _field(self, kind: str) -> str:
        """One that has a type of its own: between two mere numbers, nothing says what they are."""
        return self.chance.choice([each for each in _FIELDS[kind] if each[0].isalpha()])

    def a_measure(self) -> str:
        """Aggregates, and arithmetic between them."""
        kind = self.chance.choice(("money", "number", "ratio", "days"))
        forms = (
            "sum({0})", "avg({0})", "median({0})", "max({0})", "percentile({0}, 80%)", "sum_if({0}, {1})", "avg_if({0}, {1})",
            "sum({0}) / count()", "count_if({1}) / count()", "coalesce(sum({0}), 0) + max({0})", "count_distinct({2})",
            "case when count() > 3 then sum({0}) end", "abs(min({0}) - max({0}))", "round(count() / 3, 1)",
        )  # fmt: skip
        return self.chance.choice(forms).format(self.a(kind), self.a("boolean"), self.a("text"))

    def a_formula(self) -> str:
        """Metrics, and arithmetic between them."""
        forms = (
            "bookings / deals_won", "bookings / target(bookings)", "revenue - bookings * {0}", "coalesce(bookings, 0)",
            "case when deals_won > {0} then win_rate else 0 end", "greatest(sales_cycle, {0}) / 2", "- revenue / (deals_won + {0})",
        )  # fmt: skip
        return self.chance.choice(forms).format(self.chance.choice(("1", "2.5", "1_000")))


def written(number: int) -> str:
    """The sentence of a number."""
    chance = Random(number)
    writer = _Writer(chance, chance.randrange(1, 5))
    kinds: list[Callable[[], str]] = [lambda: writer.a("boolean")] * 4
    kinds += [lambda: writer.a(chance.choice(_ORDERED)), writer.a_measure, writer.a_measure, writer.a_formula]
    return chance.choice(kinds)()


fitting = st.integers(0, 1 << 40).map(written)
