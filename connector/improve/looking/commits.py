"""Commit bias: what came of deals, over what their stages and close dates said in the middle of a period."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from connector.improve.looking.look import ACCIDENT, LEAST, SHOWN, Look
from connector.measure.standing import Stretch, likely
from connector.model.calendar import Period
from connector.score.commit_bias import OVER_PROMISING, SANDBAGGING, commit_bias, leaning

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror

NAME = "commit bias"
PERIODS_LEAST, AGAIN = 3, 0.75  # periods with both, and the share of them that must lean the same way
UNLIKE = 1.3  # the mean square of a deal, over its squared mean
FURTHER = Decimal("1.5")  # how much further than everybody else

_CAME = """
select p.s, d.owner_at_close, sum(d.amount)::bigint, list(d.ref order by d.amount desc)
from (select unnest($starts) as s, unnest($ends) as e) p
join deals d on d.closed_on >= p.s and d.closed_on < p.e
where d.outcome = 'won' and d.owner_at_close is not null and d.amount is not null group by 1, 2
"""


def commit_biases(
    mirror: DuckDBPyConnection, periods: Sequence[Period], without: Collection[str] = ()
) -> Iterator[Look]:
    """Whoever's deals bring far more, or far less, than they stood for, again and again.

    What stood is each open deal that was due in the rest of the period, by how many deals of its stage are won.
    People `without` are neither looked at nor compared with.
    """
    stretches = [_second_half(each) for each in periods]
    stood = likely(mirror, stretches)
    came = _came(mirror, stretches)
    people = sorted(
        {person for found in (*stood.values(), *came.values()) for person in found if person and person not in without}
    )
    pairs = {
        person: [
            (stood[each].get(person, Decimal(0)), came[each][person][0] if person in came[each] else Decimal(0))
            for each in stretches
        ]
        for person in people
    }
    biases = {person: bias for person in people if (bias := commit_bias(pairs[person])) is not None}
    # The middle one: a few large sellers would make a base of all amounts together that is nobody's.
    others = median(biases.values()) if biases else Decimal(0)
    if not others:
        return
    for person, bias in biases.items():
        own = [actual / commit / others for commit, actual in pairs[person] if commit]
        against = bias / others
        refs = [ref for each in stretches if person in came[each] for ref in came[each][person][1]]
        expected = sum((commit for commit, _ in pairs[person]), Decimal(0)) * others
        clear = len(refs) >= LEAST and _accident(expected, pairs[person], len(refs)) * len(people) <= ACCIDENT
        if clear and len(own) >= PERIODS_LEAST and _leans(own, bias, against):
            says = f"{leaning(against)}: won {bias:.0%} of what stood in the middle of {len(own)} periods (others {others:.0%})"
            yield Look(NAME, person, float(bias), float(others), len(refs), len(own), says, tuple(refs[:SHOWN]))


def _accident(expected: Decimal, pairs: Sequence[tuple[Decimal, Decimal]], wins: int) -> float:
    """How likely so much more, or less, would come by chance, if deals are won or lost each by itself.

    What comes then varies by what is expected times the usual size of a deal, and by how unlike deals are.
    """
    came = float(sum((actual for _, actual in pairs), Decimal(0)))
    variance = float(expected) * came / wins * UNLIKE
    return math.erfc(abs(came - float(expected)) / math.sqrt(2 * variance)) if variance > 0 else 1.0


def _leans(own: Sequence[Decimal], bias: Decimal, against: Decimal) -> bool:
    """Far from what stood, and from everybody else, and the same way in most periods."""
    if against >= FURTHER and bias > SANDBAGGING:
        same = [each for each in own if each > SANDBAGGING]
    elif against <= 1 / FURTHER and bias < OVER_PROMISING:
        same = [each for each in own if each < OVER_PROMISING]
    else:
        return False
    return len(same) >= AGAIN * len(own)


def _second_half(period: Period) -> Stretch:
    return Stretch(
        period.starts_on + timedelta(days=(period.ends_before - period.starts_on).days // 2), period.ends_before
    )


_Came = Mapping[Stretch, Mapping[str, tuple[Decimal, tuple[str, ...]]]]


def _came(mirror: DuckDBPyConnection, stretches: Sequence[Stretch]) -> _Came:
    """What was won in each stretch, by whoever owned it then, and which deals."""
    rows = mirror.execute(
        _CAME, {"starts": [each.on for each in stretches], "ends": [each.until for each in stretches]}
    ).fetchall()
    found: dict[Stretch, dict[str, tuple[Decimal, tuple[str, ...]]]] = {each: {} for each in stretches}
    by_start: dict[date, Stretch] = {each.on: each for each in stretches}
    for starts, person, amount, refs in rows:
        found[by_start[starts]][person] = Decimal(amount), tuple(refs)
    return found
