"""Calls, meetings, e-mails, tasks and notes around each deal, and the prospecting beside them."""

from __future__ import annotations

from bisect import bisect
from random import Random

from connector.sandbox.company.accounts import account_id
from connector.sandbox.company.columns import CRMS
from connector.sandbox.company.days import DAY
from connector.sandbox.company.deals import Standing
from connector.sandbox.company.world import World
from connector.sandbox.company.write import CsvFile

_TYPES = ("meeting", "call", "email", "task", "note")
_REACH = {"won": (0.28, 0.5, 0.84, 0.94), "other": (0.12, 0.42, 0.83, 0.94)}  # cumulative shares of the first four
_WEIGHT = {"won": 1.4, "lost": 0.8, "open": 1.0}
_ON_DEALS = 0.85  # of all activities; the rest is prospecting


class ActivityBook:
    """Writes activities.csv: exactly `wanted` rows once `finish` was called."""

    def __init__(self, file: CsvFile, *, wanted: int, deals: int, world: World, random: Random) -> None:
        self._file, self._wanted, self._staff, self._accounts = file, wanted, world.staff, world.accounts
        self._days, self._dice, self._tally = world.days, random.random, world.tally
        self._each = wanted * _ON_DEALS / max(1, deals)
        self._due = 0.0
        self._written = 0
        people = self._staff.people
        sdrs = {each.team: [sdr.id for sdr in people if sdr.role == "SDR" and sdr.team == each.team] for each in people}
        self._sdrs = {each.id: sdrs[each.team] for each in people}

    def around(self, deal: Standing) -> None:
        """The activities of one deal; none for a deleted one, since CRMs delete them with it."""
        self._due += self._each * _WEIGHT[deal.outcome]
        count = min(int(self._due), self._wanted - self._written)
        self._due -= int(self._due)
        if deal.deleted:
            return
        reach = _REACH["won" if deal.outcome == "won" else "other"]
        if count and deal.outcome == "open" and self._dice() < 0.5:
            self._plan(deal)
            count -= 1
        dice, span = self._dice, deal.ends - deal.starts
        where = f"{deal.id},{deal.account}"
        for _ in range(count):
            at = self._when(deal.starts + int(span * dice()), deal.starts)
            self._done(deal.crm, _TYPES[bisect(reach, dice())], self._performer(deal, at), where, at)

    def finish(self) -> None:
        """Fill up with prospecting: SDRs, or whoever sells, at accounts without a deal yet."""
        dice, days = self._dice, self._days
        while self._written < self._wanted:
            crm = CRMS[int(dice() * 1.9)]
            day = days.working[days.starts + 7 + int(dice() * 720)]
            seller = self._staff.people[self._staff.seller(crm, day, dice())].id
            sdrs = self._sdrs[seller]
            where = f",{account_id(self._accounts.pick(crm, day, dice()))}"
            at = self._when(day * DAY + int(dice() * DAY), day * DAY + 22_000)
            kind = ("call", "email", "task")[int(dice() * 2.4)]
            self._done(crm, kind, sdrs[int(dice() * len(sdrs))] if sdrs else seller, where, at)
            self._file.ease()

    def _when(self, at: int, not_before: int) -> int:
        """Office hours for most, late evening for a few: these fall on the next day in the company's zone."""
        at = self._days.office(at)
        if self._dice() < 0.015:
            at = at // DAY * DAY + 82_800 + at % 3000
        return min(max(at, not_before + 300), self._days.now - 60)

    def _performer(self, deal: Standing, at: int) -> str:
        owner = ""
        for since, person in deal.owners:
            if since <= at or not owner:
                owner = person
        sdrs = self._sdrs.get(owner)
        return sdrs[int(self._dice() * len(sdrs))] if sdrs and self._dice() < 0.15 else owner

    def _plan(self, deal: Standing) -> None:
        """A next step; every fifth one is overdue."""
        days, dice = self._days, self._dice
        overdue = dice() < 0.2
        if overdue:
            day = max(days.working[days.today - 1 - int(dice() * 10)], deal.starts // DAY)
        else:
            day = days.next_working[days.today + int(dice() * 21)]
        kind = "task" if overdue or dice() < 0.4 else "meeting" if dice() < 0.6 else "call"
        due = day * DAY + 32_400 + int(dice() * 8) * 1800
        touched = days.now - 3600 - int(dice() * 200_000)
        minutes = "30" if kind == "meeting" else ""
        self._row(
            deal.crm,
            kind,
            f"{deal.owners[-1][1]},{deal.id},{deal.account},{days.moment(due)},planned,{minutes}",
            touched,
        )

    def _done(self, crm: str, kind: str, person: str, where: str, at: int) -> None:
        """`where` is the deal and the account, or one of both."""
        minutes = ""
        if kind == "meeting":
            minutes = ("30", "45", "60")[int(self._dice() * 3)]
        elif kind == "call":
            minutes = str(2 + int(self._dice() * 25))
        touched = min(at + 60 + int(self._dice() * 7000), self._days.now - 1)
        self._row(crm, kind, f"{person},{where},{self._days.moment(at)},completed,{minutes}", touched)

    def _row(self, crm: str, kind: str, rest: str, touched: int) -> None:
        self._written += 1
        self._file.rows(f"t{self._written:08},{crm},{kind},{rest},{self._days.moment(touched)}")
        self._tally.activities[crm, kind, rest.rsplit(",", 2)[1]] += 1
