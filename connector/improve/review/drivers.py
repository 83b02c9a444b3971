"""What moved the number: how many deals were closed, how many of them won, and how large they were."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from connector.decide.wording import number
from connector.improve.review.parts import Back, Section, Table

DRIVERS = ("deals closed", "win rate", "average deal")

_SQL = """
with periods as (select unnest($names) as period, unnest($starts) as s, unnest($ends) as e)
select p.period, d.owner_at_close, count(*), count(*) filter (outcome = 'won'),
    coalesce(sum(d.amount) filter (outcome = 'won'), 0)::bigint
from deals d join periods p on d.closed_on >= p.s and d.closed_on < p.e
where d.outcome in ('won', 'lost') group by 1, 2
"""


@dataclass(frozen=True, slots=True)
class Closed:
    """Deals that were closed; of a past, the mean of some periods. Money in minor units."""

    closed: float = 0
    won: float = 0
    value: float = 0

    def plus(self, other: Closed) -> Closed:
        """Both together."""
        return Closed(self.closed + other.closed, self.won + other.won, self.value + other.value)

    def over(self, many: int) -> Closed:
        """The mean of so many."""
        return Closed(self.closed / many, self.won / many, self.value / many)

    @property
    def factors(self) -> tuple[float, float, float] | None:
        """Their product is the value; None where nothing was won."""
        if not self.won or not self.value:
            return None
        return self.closed, self.won / self.closed, self.value / self.won


def parts(before: Closed, now: Closed) -> tuple[float, float, float] | None:
    """What each driver did to the value; together exactly the difference. None where either side won nothing.

    By logarithms: each factor counts by its own ratio, weighed with the logarithmic mean of both values (LMDI-I, Ang 2005),
    so that no rest is left and the order does not matter.
    """
    old, new = before.factors, now.factors
    if old is None or new is None:
        return None
    ratio = now.value / before.value
    mean = before.value if abs(ratio - 1) < 1e-12 else (now.value - before.value) / math.log(ratio)
    one, two, three = (mean * math.log(b / a) for a, b in zip(old, new, strict=True))
    return one, two, three


def section(back: Back) -> Section:
    """For the company and each team: the change against the mean of the periods before, taken apart."""
    now, before = _closed(back)
    rows = list[tuple[str, ...]]()

    def shown(value: float) -> str:
        return number(Decimal(round(value)), "money", back.company.currency)

    for team in sorted(now.keys() | before.keys()):
        came, past = now.get(team, Closed()), before.get(team, Closed())
        found = parts(past, came)
        each = tuple(f"{'+' if part > 0 else ''}{shown(part)}" for part in found) if found else ("—",) * 3
        rows.append((team or "the company", shown(past.value), *each, shown(came.value)))
    if not rows:
        return Section("What moved it", ("No deal was closed in this period, nor in those before.",))
    head = ("team", "usually won", *DRIVERS, "won now")
    says = f"Won value against the mean of the {len(back.before)} periods before: the drivers add up to the difference."
    return Section("What moved it", (says,), (Table(head, tuple(rows), head[1:]),))


def _closed(back: Back) -> tuple[Mapping[str, Closed], Mapping[str, Closed]]:
    """By team, the company's under an empty name: now, and the mean of the periods before that have records."""
    now, before, known = dict[str, Closed](), dict[str, Closed](), set[str]()
    for period, owner, closed, won, value in back.mirror.execute(_SQL, back.spans).fetchall():
        side = now if period == back.period.id else before
        if side is before:
            known.add(period)
        for team in dict.fromkeys(("", back.team(owner))):
            side[team] = side.get(team, Closed()).plus(Closed(closed, won, value))
    return now, {team: each.over(len(known)) for team, each in before.items()}
