"""People at work while we pull: edits, creations, deletions, automation, time; at rest everything is as if nothing had been."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connector.errors import ConnectorError
from connector.ports import World
from connector.service.wiring import house
from connector.store import results
from tests.faults.points import Killed, Points
from tests.faults.rows import differing, overlooked
from tests.faults.trials import calm, checked
from tests.faults.village import SETTLE, Refusal, Village
from tests.faults.violations import Violations, judge, settle

STAGES = ("Prospecting", "Qualification", "Negotiation/Review", "Closed Won", "Closed Lost")
TOO_LATE = ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY")
POINTS = 500  # as many as most cycles pass, with their requests
MONEY = ("1.15", "2.30", "1_000.10", "88.88", "19.99", "0", "123_456.78")


@contextmanager
def _too_late_allowed() -> Iterator[None]:
    """Where a deletion shows late, a list still has the record: whoever edits it, or names it, comes too late."""
    try:
        yield
    except Refusal as refusal:
        if not any(each in str(refusal) for each in TOO_LATE):
            raise


@dataclass
class Walk:
    """One village and one hand that works in it."""

    village: Village
    chance: random.Random
    steps: int = 0
    cycles: int = 0
    crashes: bool = True
    violations: Violations = field(default_factory=Violations)

    def step(self) -> None:
        """Somebody does something; now and then we pull, and now and then we die of it."""
        self.steps += 1
        draw = self.chance.random()
        if draw < 0.2:
            self._cycle()
        elif draw < 0.35:
            self.village.time.sleep(self.chance.choice((1, 60, 600, 4000, 90_000)))
        else:
            self.work()

    def work(self) -> None:
        """Somebody edits, creates, deletes, completes; or automation stamps what nobody touched."""
        edits = (self._edit, self._edit, self._edit)
        rest = (self._create, self._delete, self._undelete, self._touch, self._hubspot, self._task)
        with _too_late_allowed():
            self.chance.choice((*edits, *rest))()

    def _cycle(self) -> None:
        self.pull(Points(self.chance.randrange(1, POINTS) if self.crashes and self.chance.random() < 0.3 else 0))

    def pull(self, points: Points, world: World | None = None) -> None:
        """A cycle, by a clock that may be wrong. One that ends well has kept everything that could be seen then: nothing heals unseen until the rest."""
        self.cycles += 1
        began = self.village.time.at
        self.village.exchange = checked(self.village, points, self.chance, calm, self.violations)
        try:
            with points.watched():
                report = self.village.cycle(world)
        except Killed:
            self.village.buried()
            return
        except ConnectorError:
            return
        finally:
            self.village.exchange = checked(self.village, Points(), self.chance, calm, None)
        if not report.troubles:
            self._all_seen(began)

    def _all_seen(self, began: datetime) -> None:
        """Hold the store against what the CRMs showed when the cycle began: what surfaced since need not be seen yet."""
        ended, self.village.time.at = self.village.time.at, began
        until = (began - SETTLE).replace(microsecond=0)  # CRMs tell their time in whole seconds, and windows end by it
        for each in overlooked(self.village, until):
            self.violations.note("lost", each)
        self.village.time.at = ended

    def late(self) -> None:
        """A deal is edited in a long transaction: stamped now, and visible only after `LATE`."""
        self.steps += 1
        if coming := self.village.coming_late():
            with _too_late_allowed():
                self.village.edit(f"Opportunity/{self.chance.choice(coming)}", {"Amount": float(self._money())})

    def _one(self, obj: str) -> str | None:
        rows = self.village.soql(f"SELECT Id FROM {obj} ORDER BY Id")
        return str(self.chance.choice(rows)["Id"]) if rows else None

    def _edit(self) -> None:
        if deal := self._one("Opportunity"):
            day = self.village.time.now().date() + timedelta(days=self.chance.randrange(-60, 60))
            fields: dict[str, Any] = {"Amount": float(self._money())} if self.chance.random() < 0.5 else {}
            fields |= {"StageName": self._stage()} if self.chance.random() < 0.4 or not fields else {}
            fields |= {"CloseDate": day.isoformat()} if self.chance.random() < 0.3 else {}
            self.village.edit(f"Opportunity/{deal}", fields)

    def _create(self) -> None:
        fields = {
            "Name": f"New {self.steps}",
            "StageName": self._stage(),
            "CloseDate": self.village.time.now().date().isoformat(),
            "Amount": float(self._money()),
        }
        if account := self._one("Account"):
            fields["AccountId"] = account
        self.village.edit("Opportunity", fields, method="POST")

    def _delete(self) -> None:
        if self.chance.random() < 0.3 and (deal := self._one("Opportunity")):
            self.village.delete(f"Opportunity/{deal}")

    def _undelete(self) -> None:
        path = "SELECT Id FROM Opportunity WHERE IsDeleted = true ORDER BY Id"
        if binned := self.village.soql(path, deleted=True):
            self.village.salesforce.undelete("Opportunity", [str(self.chance.choice(binned)["Id"])])

    def _touch(self) -> None:
        rows = [each["Id"] for each in self.village.soql("SELECT Id FROM Opportunity ORDER BY Id")]
        self.village.salesforce.touch("Opportunity", self.chance.sample(rows, min(len(rows), 20)))

    def _task(self) -> None:
        owner, deal = self._one("User WHERE IsActive = true"), self._one("Opportunity")
        fields = {"OwnerId": owner, "WhatId": deal, "Subject": "Call", "Status": "Completed"}
        self.village.edit("Task", {name: each for name, each in fields.items() if each}, method="POST")

    def _hubspot(self) -> None:
        rows = self.village.objects("deals", "dealstage")
        if not rows:
            return
        one = self.chance.choice(rows)
        if self.chance.random() < 0.1:
            self.village.delete(f"deals/{one['id']}")
            return
        if self.chance.random() < 0.1 and len(rows) > 1:
            self.village.merge(one["id"], next(each["id"] for each in rows if each is not one))
            return
        stage = self.chance.choice(rows)["properties"]["dealstage"]
        self.village.edit(f"deals/{one['id']}", {"amount": self._money(), "dealstage": stage})

    def _money(self) -> str:
        return self.chance.choice(MONEY).replace("_", "")

    def _stage(self) -> str:
        shown = self.village.soql("SELECT StageName FROM Opportunity ORDER BY Id LIMIT 20")
        return str(self.chance.choice(shown)["StageName"]) if shown else STAGES[0]

    def at_rest(self) -> Violations:
        """Everything settles; then the store is the CRM row by row, and all that follows is as a fresh store has it."""
        violations = self.violations
        settle(self.village, violations)
        judge(self.village, violations)
        for each in differing(self.village):
            violations.note("lost", each)
        ours, afresh = self._known(), self._afresh()
        for part in ours:
            wrong = [key for key in {*ours[part], *afresh[part]} if ours[part].get(key) != afresh[part].get(key)]
            first = [(key, ours[part].get(key), afresh[part].get(key)) for key in wrong[:1]]
            violations.note("lost", f"{part} that a fresh store has otherwise: {first}", len(wrong))
        return violations

    def _known(self) -> dict[str, dict[str, Any]]:
        world = self.village.time.world
        with house(self.village.config, world=world, connect=False) as ready, ready.store.reading() as tx:
            scores, alerts = results.scores(tx), results.alerts(tx)
        return {
            "scores": {
                f"{each.metric} {each.subject} {each.period.id}": str(
                    (each.actual, each.target, each.attainment, each.records)
                )
                for each in scores
                if each.as_of == scores[-1].as_of
            },
            "alerts": {each.alert.key: "open" for each in alerts if each.cleared_on is None},
        }

    def _afresh(self) -> dict[str, dict[str, Any]]:
        """The same, by a store that has never seen anything but today; nothing of it is written."""
        village, config = self.village, self.village.config
        fresh = config.with_name("fresh.yaml")
        lines = config.read_text(encoding="utf-8").splitlines()
        lines = ["store: fresh.db" if line.startswith("store:") else line for line in lines]
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for left in config.parent.glob("fresh.*db*"):
            left.unlink()
        village.config = fresh
        try:
            village.cycle()
            return self._known()
        finally:
            village.config = config
