"""Which stage loses most value and time, per team, against the team's own past."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from connector.decide.wording import number
from connector.improve.looking.look import at_least
from connector.improve.review.parts import Back, Section, Table

LEAKS, LEAST = 1.3, 8  # times as many of a stage's deals lost as before, and so many lost ones at least
ACCIDENT = 0.001  # how likely it may be that such a share is lost by chance

# Each stay of a deal in an open stage that ended in a period, with where it led to: on, or out of the pipeline for good.
_SQL = """
with periods as (select unnest($names) as period, unnest($starts) as s, unnest($ends) as e),
stays as (
    select c.deal, c.stage, c.changed_on, c.left_on, d.owner, coalesce(d.amount, 0) as amount,
        d.outcome = 'lost' and row_number() over (partition by c.deal order by c.changed_at desc) = 1 as is_lost
    from stage_changes c
    join deals d on d.ref = c.deal
    join stages g on g.connection = c.connection and g.pipeline is not distinct from d.pipeline and g.stage = c.stage
    where g.outcome = 'open'
)
select p.period, y.owner, y.stage, count(*), count(*) filter (is_lost), sum(y.amount)::bigint,
    coalesce(sum(y.amount) filter (is_lost), 0)::bigint, sum(y.left_on - y.changed_on)::bigint
from stays y join periods p on y.left_on >= p.s and y.left_on < p.e
where y.owner is not null group by 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Flow:
    """What left a stage in a period; money in minor units."""

    left: int = 0
    lost: int = 0
    value: int = 0
    lost_value: int = 0
    days: int = 0

    def plus(self, other: Flow) -> Flow:
        """Both together."""
        return Flow(
            self.left + other.left, self.lost + other.lost, self.value + other.value,
            self.lost_value + other.lost_value, self.days + other.days,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A stage of a team, in the period and in the like periods before."""

    team: str  # empty: the company
    stage: str
    now: Flow
    past: Flow

    @property
    def leaks(self) -> bool:
        """Whether it loses clearly more of its deals than before."""
        if self.now.lost < LEAST or not self.past.left:
            return False
        before = max(self.past.lost / self.past.left, 1 / (self.past.left + 1))
        clear = at_least(self.now.lost, self.now.left, before) <= ACCIDENT
        return clear and self.now.lost / self.now.left >= before * LEAKS


def bottlenecks(back: Back) -> tuple[Bottleneck, ...]:
    """Every stage of every team that deals left in the period, the largest loss first."""
    found: dict[tuple[str, str], list[Flow]] = {}
    for period, team, stage, flow in _flows(back):
        pair = found.setdefault((team, stage), [Flow(), Flow()])
        at = 0 if period == back.period.id else 1
        pair[at] = pair[at].plus(flow)
    known = (Bottleneck(team, stage, now, past) for (team, stage), (now, past) in found.items() if now.left)
    return tuple(sorted(known, key=lambda each: (-each.now.lost_value, each.team, each.stage)))


def _flows(back: Back) -> Iterator[tuple[str, str, str, Flow]]:
    """By period, team and stage; once more for the company as a whole."""
    for period, owner, stage, left, lost, value, lost_value, days in back.mirror.execute(_SQL, back.spans).fetchall():
        flow = Flow(left, lost, value, lost_value, days or 0)
        yield period, "", stage, flow
        if team := back.team(owner):
            yield period, team, stage, flow


def section(back: Back) -> Section:
    """For each team the stage that loses most value, and the one that takes most time."""
    found = bottlenecks(back)
    if not found:
        return Section("Bottlenecks", ("No deal left a stage in this period, or no history of stages is kept.",))
    rows, says = list[tuple[str, ...]](), list[str]()
    for team in dict.fromkeys(each.team for each in found):
        mine = [each for each in found if each.team == team]
        costly, slow = mine[0], max(mine, key=lambda each: each.now.days)
        name = team or "the company"
        rows.append((name, "most value", *_row(costly, back.company.currency)))
        rows.append((name, "most time", *_row(slow, back.company.currency)))
    says += [
        f"{each.team or 'The company'}: {each.stage} leaks. {each.now.lost} of {each.now.left} deals were lost from it, "
        f"{_share(each.past)} in the {len(back.before)} periods before."
        for each in found
        if each.leaks
    ]
    head = ("team", "what", "stage", "lost from it", "value lost", "share lost", "before", "days in it", "days before")
    right = ("lost from it", "value lost", "share lost", "before", "days in it", "days before")
    if not says:
        says.append("No stage loses clearly more deals than it did before.")
    return Section("Bottlenecks", tuple(says), (Table(head, tuple(rows), right),))


def _row(each: Bottleneck, currency: str) -> tuple[str, ...]:
    return (
        each.stage, f"{each.now.lost}", number(Decimal(each.now.lost_value), "money", currency), _share(each.now),
        _share(each.past), _days(each.now), _days(each.past),
    )  # fmt: skip


def _share(flow: Flow) -> str:
    return f"{flow.lost / flow.left:.0%}" if flow.left else "—"


def _days(flow: Flow) -> str:
    return f"{flow.days / flow.left:.0f}" if flow.left else "—"
