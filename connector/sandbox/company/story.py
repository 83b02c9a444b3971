"""One deal from its first day to its last, the future included; whoever writes it down stops at today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from connector.sandbox.company.columns import CRMS, LOST, OPEN_STAGES, WON
from connector.sandbox.company.days import DAY
from connector.sandbox.company.world import World

Event = tuple[int, str, str]  # when, which field, its value from then on

_CURRENCIES = {
    "EMEA": ("EUR", "EUR", "EUR", "EUR", "EUR", "EUR", "EUR", "GBP", "GBP", "USD"),
    "AMER": ("USD", "USD", "USD", "USD", "USD", "USD", "USD", "USD", "USD", "EUR"),
    "APAC": ("USD", "USD", "USD", "USD", "USD", "USD", "EUR", "EUR", "EUR", "GBP"),
}
_HOCKEY = 1 / 1.8  # bends an even spread towards the end of the quarter: half of it falls into the last third


@dataclass(slots=True)
class Story:
    """A deal being told."""

    number: int
    crm: str
    owner: int  # the first
    account: int  # -1: none
    currency: str
    amount: int  # at the end, in minor units of its currency
    starts: int  # seconds
    ends: int = 0  # when it closes, maybe in the future
    lost_before: int = 0  # when it closed first, if it was reopened
    won: bool = False
    events: list[Event] = field(default_factory=list)


class Teller:
    """Tells deals one after the other, in the order of their creation."""

    def __init__(self, deals: int, world: World, random: Random) -> None:
        days = self._days = world.days
        self._staff, self._accounts, self._random = world.staff, world.accounts, random
        self._dice: Callable[[], float] = random.random
        self._share = max(1, deals)
        self._lost = 0
        # Growth of a tenth in two years, and more in late summer, so that the fourth quarter becomes the strongest.
        self._reach: list[float] = []
        total = 0.0
        for day in range(days.starts, days.today):
            season = 1.25 if days.month[day] in (8, 9, 10) else 1.0
            total += season * (1.0 if days.is_working[day] else 0.03) * (1 + 0.1 * (day - days.starts) / 730)
            self._reach.append(total)
        self._day = 0

    def tell(self, number: int) -> Story:
        """The deal of that number; numbers must come in order."""
        story = self._begin(number)
        self._decide(story)
        self._stages(story)
        self._dates(story)
        self._amounts(story)
        self._owners(story)
        story.events.sort(key=_when)
        return story

    def _begin(self, number: int) -> Story:
        dice, days = self._dice, self._days
        point = (number + dice()) / self._share * self._reach[-1]
        while self._reach[self._day] < point and self._day < len(self._reach) - 1:
            self._day += 1
        day = days.starts + self._day
        crm = CRMS[0] if (number * 11) % 20 < 11 else CRMS[1]
        account = self._accounts.pick(crm, day, dice()) if dice() > 0.03 else -1
        owner = self._staff.seller(crm, day, dice())
        if account >= 0 and dice() < 0.3 and self._staff.people[self._accounts.owner(account)].starts <= day:
            owner = self._accounts.owner(account)
        person = self._staff.people[owner]
        currency = _CURRENCIES[person.was_region or person.region][int(dice() * 10)]
        amount = max(1, int(self._random.lognormvariate(6.0, 0.8))) * 5000  # 20 000 in the middle, in steps of 50
        if dice() < 0.15:
            amount += int(dice() * 5000)
        return Story(number, crm, owner, account, currency, amount, day * DAY + 25_200 + int(dice() * 36_000))

    def _decide(self, story: Story) -> None:
        """Whether it is won, and when it closes."""
        dice, days = self._dice, self._days
        day = story.starts // DAY
        skill = self._staff.people[story.owner].skill
        season = 1.2 if days.month[min(day + 45, days.today)] >= 10 else 1.0
        chance = dice()
        story.won = chance < 0.3 * skill * season
        if not story.won and chance > 0.94:
            # Nobody has the heart to close these; the old ones were swept out at last.
            story.ends = (day + (900 if day > days.today - 330 else 220)) * DAY + 50_000
            return
        cycle = self._random.lognormvariate(3.9, 0.5) if story.won else self._random.lognormvariate(3.5, 0.75)
        due = day + min(240, max(3, int(cycle)))
        if story.won:
            first, after = days.quarter_starts[due], days.quarter_ends[due]
            due = first + int((after - first) * ((due - first + dice()) / (after - first)) ** _HOCKEY)
            due = self._play(story.owner, due)
            if days.month[due] >= 10:
                story.amount = story.amount * 23 // 20 // 5000 * 5000 or 5000
        due = max(days.working[due], days.next_working[day + 1])
        story.ends = due * DAY + 28_800 + int(dice() * 32_000)

    def _play(self, owner: int, due: int) -> int:
        """The day on which this owner wins what is due on a day."""
        days, cast = self._days, self._staff.cast
        last = days.quarter_ends[due] - 1
        if owner == cast.buncher:
            return last - int(self._dice() * 5)
        if owner == cast.staller and days.quarter_starts[days.today] <= due <= days.today:
            return days.next_working[max(last, days.today + 1) + int(self._dice() * 20)]
        return due

    def _stages(self, story: Story) -> None:
        dice, days = self._dice, self._days
        starts, span = story.starts, min(story.ends - story.starts, 150 * DAY)
        moves = 3 if story.won else min(3, int(dice() * 4.4))
        low = 0.9 if story.won and story.owner == self._staff.cast.sandbagger else 0.03
        times = sorted(days.office(starts + int(span * (low + (0.95 - low) * dice()))) for _ in range(moves))
        stages = list(OPEN_STAGES[: moves + 1])
        if moves > 1 and dice() < 0.12:
            del stages[1], times[0]  # a stage that was skipped
        elif moves > 1 and dice() < 0.06:
            stages.append(stages[-2])  # one step back before the end
            times.append(starts + int(span * 0.97))
        add, at = story.events.append, starts
        add((starts, "stage", stages[0]))
        for time, stage in zip(times, stages[1:], strict=True):
            at = max(time, at + 60)
            add((at, "stage", stage))
        story.ends = max(story.ends, at + 600)
        add((story.ends, "stage", WON if story.won else LOST))
        if not story.won and story.ends < days.now:
            self._lost += 1
            if self._lost % 50 == 1:
                self._reopen(story)

    def _reopen(self, story: Story) -> None:
        """Lost, then open again, and closed for good some weeks later."""
        dice, days = self._dice, self._days
        again = days.next_working[story.ends // DAY + 7 + int(dice() * 30)] * DAY + 36_000
        story.lost_before = story.ends
        story.events.append((story.ends, "closed_on", days.text[story.ends // DAY]))
        end = days.next_working[min(again // DAY + 30 + int(dice() * 50), len(days.text) - 9)]
        story.events.append((again, "stage", OPEN_STAGES[1]))
        story.events.append((again, "closed_on", days.text[end]))
        story.ends, story.won = end * DAY + 40_000, dice() < 0.5 and story.owner != self._staff.cast.staller
        story.events.append((story.ends, "stage", WON if story.won else LOST))

    def _dates(self, story: Story) -> None:
        """The expected close date, pushed and pulled, and the real one at the end."""
        dice, days, owner = self._dice, self._days, story.owner
        day, close = story.starts // DAY, story.ends // DAY
        guess = close - 4 + int(dice() * 16)
        chance = dice()
        moves: list[tuple[int, int]] = []  # when, to which day
        if owner == self._staff.cast.sandbagger:
            guess = days.quarter_ends[min(close, days.today)] + 20 + int(dice() * 30)
        elif close > days.today + 400:
            guess = days.next_working[day + 60]
            moves = [(day + 45 * turn, day + 45 * turn + 60) for turn in range(1, 2 + int(dice() * 7))]
        elif chance < 0.38:
            pushes = 1 + (chance < 0.14) + (chance < 0.05)
            whens = sorted(day + int((close - day) * (0.2 + 0.75 * dice())) for _ in range(pushes))
            moves = [(when, guess - (pushes - 1 - turn) * 25) for turn, when in enumerate(whens)]
            guess -= pushes * 25 + int(dice() * 20)
        elif chance < 0.46:
            moves = [(day + int((close - day) * (0.6 + 0.35 * dice())), guess)]
            guess += 30 + int(dice() * 45)
        none = story.crm == CRMS[1] and dice() < 0.1
        add, text, last = story.events.append, days.text, "" if none else days.text[days.working[max(guess, day + 3)]]
        add((story.starts, "closed_on", last))
        at, until = story.starts + 60, (story.lost_before or story.ends) - 60
        for when, to in moves:
            at = max(when * DAY + 25_200 + int(dice() * 36_000), at + 60)
            value = text[days.working[max(to, day + 4)]]
            if value != last and at < until:
                add((at, "closed_on", value))
                last = value
        if close < len(text) and (story.lost_before or last != text[close]):
            add((story.ends, "closed_on", text[close]))

    def _amounts(self, story: Story) -> None:
        dice, owner, add = self._dice, story.owner, story.events.append
        chance, first, final = dice(), story.amount, amount(story.amount)
        until = story.lost_before or story.ends
        when = story.starts + int((until - story.starts) * (0.1 + 0.8 * dice()))
        if story.won and owner == self._staff.cast.sandbagger:
            first, when = story.amount * 7 // 10 // 5000 * 5000, story.ends
        elif chance < 0.35:
            first = int(story.amount * (0.7 + 0.6 * dice())) // 5000 * 5000
        known = "" if chance > 0.97 else amount(first)
        add((story.starts, "amount", known))
        if known != final:
            add((when, "amount", final))
        if not story.won and 0.9 < chance < 0.97:
            story.amount = 0
            add((story.ends, "amount", "0"))

    def _owners(self, story: Story) -> None:
        dice, people, add = self._dice, self._staff.people, story.events.append
        owner, crm = people[story.owner], story.crm
        if crm == CRMS[1] and story.number % 60 == 7 and owner.ends is None:  # HubSpot lets a deal wait for an owner
            add((story.starts, "owner", ""))
            add((story.starts + min(6 * DAY, (story.ends - story.starts) // 2), "owner", owner.id))
        else:
            add((story.starts, "owner", owner.id))
        if owner.ends is not None and story.ends // DAY > owner.ends and owner.manager is not None:
            left = owner.ends * DAY + 63_000
            if left > story.starts:
                add((left, "owner", people[owner.manager].id))
            return
        chance = dice()
        if chance > 0.06:
            return
        mates = self._staff.mates(crm, story.owner)
        if not mates:
            return
        to = people[mates[int(dice() * len(mates))]]
        late = chance < 0.02 and story.won  # a customer handed on after the close: no credit moves
        when = story.ends + 20 * DAY if late else story.starts + int((story.ends - story.starts) * dice())
        if owner.ends is None or when // DAY <= owner.ends:
            add((when, "owner", to.id))


def amount(minor: int) -> str:
    """Minor units as a decimal number, without idle zeros."""
    return f"{minor // 100}.{minor % 100:02}" if minor % 100 else str(minor // 100)


def _when(event: Event) -> int:
    """In order of time; of one moment, the owner first: whoever acts must be known."""
    return 2 * event[0] + (event[1] != "owner")
