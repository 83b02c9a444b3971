"""Deals written down as they stand today, with their history and splits, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from connector.sandbox.company import names
from connector.sandbox.company.accounts import account_id
from connector.sandbox.company.columns import LOST, OPEN_STAGES, WON
from connector.sandbox.company.days import DAY
from connector.sandbox.company.rates import UNKNOWN
from connector.sandbox.company.story import Event, Story
from connector.sandbox.company.truth import MOST
from connector.sandbox.company.world import World
from connector.sandbox.company.write import CsvFile, quoted

_WRONG = {15: (60, 30), 40: (70, 50), 77: (50, 40)}  # which won deal gets splits that do not add up
_WITHOUT_RATE = 10  # from which won deal on one is in a currency nobody has a rate for
_SHARES = ((60, 40), (50, 50), (70, 30), (50, 30, 20), (80, 20), (40, 40, 20))


@dataclass(frozen=True, slots=True)
class Standing:
    """A deal as it stands today."""

    id: str
    crm: str
    outcome: str  # open, won, lost
    owners: list[tuple[int, str]]  # since when, who; "" is nobody
    account: str
    starts: int  # seconds
    ends: int  # the close, or now
    deleted: bool


class DealBook:
    """Writes deals.csv, deal_history.csv, splits.csv and teams.csv."""

    def __init__(self, files: Mapping[str, CsvFile], *, world: World, random: Random) -> None:
        self._deals, self._history = files["deals.csv"], files["deal_history.csv"]
        self._splits, self._teams = files["splits.csv"], files["teams.csv"]
        self._staff, self._accounts, self._rates, self._days = world.staff, world.accounts, world.rates, world.days
        self._dice, self._tally = random.random, world.tally
        self._people = {each.id: each for each in world.staff.people}
        self._won = self._open = 0

    def enter(self, story: Story) -> Standing:
        """Write a deal as far as it has come, and say where that is."""
        days, deal = self._days, f"d{story.number + 1:07}"
        now = days.now
        events = [each for each in story.events if each[0] < now]
        values = {field: value for _, field, value in events}
        owners = [(at, value) for at, field, value in events if field == "owner"]
        stage = values["stage"]
        outcome = "won" if stage == WON else "lost" if stage == LOST else "open"
        self._won += outcome == "won"
        self._open += outcome == "open"
        deleted = outcome == "open" and self._open % 90 == 60
        # In HubSpot only: Salesforce keeps a rate for every currency that it lets a deal have.
        strange = outcome == "won" and story.crm == "hubspot" and self._won >= _WITHOUT_RATE and not self._tally.no_rate
        currency = UNKNOWN if strange else story.currency
        touched = events[-1][0]
        if self._dice() < 0.3:
            touched += int((now - touched) * self._dice() ** 4)
        account = account_id(story.account) if story.account >= 0 else ""
        self._deals.rows(
            f"{deal},{story.crm},{self._name(story)},{account},{values['owner']},{stage},{values['amount']},{currency},"
            f"{days.moment(story.starts)},{values['closed_on']},{days.moment(touched)},"
            f"{self._accounts.deal_type(story.account, outcome == 'won')},{names.SOURCES[story.number * 7 // 3 % 6]},"
            f"{self._next_step(outcome)},{days.moment(touched) if deleted else ''}"
        )
        self._write_history(deal, events)
        ends = story.ends if outcome != "open" else now
        standing = Standing(deal, story.crm, outcome, owners, account, story.starts, ends, deleted)
        if not deleted:
            self._tally.outcomes[story.crm, outcome] += 1
        if outcome == "won":
            self._count(standing, values, currency)
        self._note(standing, events)
        return standing

    def _name(self, story: Story) -> str:
        product = names.PRODUCTS[story.number * 5 // 2 % len(names.PRODUCTS)]
        return quoted(
            f"{names.account(story.account)} – {product}" if story.account >= 0 else f"{product} {story.number + 1}"
        )

    def _next_step(self, outcome: str) -> str:
        chance = self._dice() * 12
        return names.NEXT_STEPS[int(chance)] if outcome == "open" and chance < 6 else ""

    def _write_history(self, deal: str, events: list[Event]) -> None:
        moment, rows = self._days.moment, self._history.rows
        owner, last, stamp = "", -1, ""
        for at, field, value in events:
            if at != last:
                last, stamp = at, moment(at)
            by = owner
            if field == "owner":
                by = self._boss(owner or value)
                owner = value
            rows(f"{deal},{stamp},{field},{value},{by}")

    def _boss(self, person: str) -> str:
        manager = self._people[person].manager if person else None
        return f"p{manager + 1:03}" if manager is not None else ""

    def _count(self, deal: Standing, values: dict[str, str], currency: str) -> None:
        """Add a won deal to the golden totals, and share it out."""
        tally, days = self._tally, self._days
        day = deal.ends // DAY
        quarter = days.quarter[day]
        closer = next(who for at, who in reversed(deal.owners) if at <= deal.ends)
        tally.won_by_owner[values["owner"]] += 1
        tally.won_by_owner_at_close[closer] += 1
        value = self._rates.convert(_minor(values["amount"]), currency, day)
        shares = self._share(deal.id, deal.crm, closer)
        if deal.crm == "salesforce" and self._won % 12 == 5:
            self._teams.rows(f"{deal.id},{self._helper(closer)},Channel Manager")
        if value is None:
            tally.no_rate.append(deal.id)
            return
        tally.won_value[deal.crm, quarter] += value
        total = sum(shares.values())
        if total != 100:
            tally.wrong_splits[deal.id] = total
            return
        for person, percent in shares.items():
            tally.credited[person, quarter] += value * percent

    def _share(self, deal: str, crm: str, closer: str) -> dict[str, int]:
        """Write the splits of the won deal of this turn, and say who gets which percent."""
        turn, mates = self._won, self._staff.mates(crm, self._people[closer].at)
        add = self._splits.rows
        if turn % 25 == 7:
            helper = self._helper(closer)
            add(f"{deal},{helper},{20 + turn % 5 * 20},overlay")
        if turn not in _WRONG and turn % 9 != 4:
            return {closer: 100}
        wanted = _WRONG.get(turn) or _SHARES[turn // 9 % len(_SHARES)]
        if len(mates) < len(wanted) - 1:
            return {closer: 100}
        first = int(self._dice() * len(mates))
        team = [closer] + [f"p{mates[(first + step) % len(mates)] + 1:03}" for step in range(len(wanted) - 1)]
        shares = dict(zip(team, wanted, strict=True))
        for person, percent in shares.items():
            add(f"{deal},{person},{percent},revenue")
        return shares

    def _helper(self, closer: str) -> str:
        """The SDR of the closer's team, or their manager."""
        me = self._people[closer]
        sdr = next((each.id for each in self._staff.people if each.role == "SDR" and each.team == me.team), None)
        return sdr or self._boss(closer) or closer

    def _note(self, deal: Standing, events: list[Event]) -> None:
        """Remember what was planted in this deal."""
        tally = self._tally
        stages = [value for _, field, value in events if field == "stage"]
        if any(was == LOST and now in OPEN_STAGES for was, now in pairwise(stages)):
            tally.reopened_count += 1
            if len(tally.reopened) < MOST:
                tally.reopened.append(deal.id)
        if deal.outcome == "won" and deal.owners[-1][0] > deal.ends:
            tally.handed_on_count += 1
            if len(tally.handed_on) < MOST:
                tally.handed_on.append(deal.id)


def _minor(amount: str) -> int:
    whole, _, cents = amount.partition(".")
    return int(whole) * 100 + int(cents or 0)
