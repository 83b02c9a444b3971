"""What `attain compare` says: each deal on which a report and we disagree, why, and totals that re-add."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.cli.terminal import NONE, counted, money, say, table
from connector.improve.compare import Comparison, Difference
from connector.measure.metric import Metric
from connector.model.calendar import Period
from connector.model.money import Money

_KINDS = {"missing": "only in the report", "extra": "only in ours", "amount": "other amount"}


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, and what it was about."""

    metric: Metric
    period: Period
    as_of: date
    currency: str
    found: Comparison

    def show(self) -> None:
        """Print the differences, widest first, and the way from the report's total to ours."""
        say(f"{self.metric.title}, the company, {self.period.id}, as of {self.as_of}", "bold")
        if self.found.differences:
            columns = ("what", "record", "report", "ours", "difference", "why", "where")
            table(columns, [self._row(each) for each in self.found.differences], right=columns[2:5])
        say()
        rows = [("the report", money(self.found.report_total, self.currency))]
        for kind, what in _KINDS.items():
            changes = [each.change for each in self.found.differences if each.kind == kind]
            if changes:
                rows.append((f"{what}: {counted(len(changes), 'deal')}", self._signed(sum(changes))))
        table(("", "amount"), [*rows, ("ours", money(self.found.our_total, self.currency))], right=("amount",))
        differ = len(self.found.differences)
        say(f"{counted(self.found.same, 'deal')} the same, {f'{differ} not' if differ else 'all of them'}.", "bold")

    def _row(self, each: Difference) -> tuple[str, ...]:
        place = f"line {', '.join(map(str, each.lines))}" if each.lines else ""
        return (
            _KINDS[each.kind],
            each.name,
            NONE if each.report is None else money(each.report, self.currency),
            NONE if each.ours is None else money(each.ours, self.currency),
            self._signed(each.change),
            each.reason,
            " ".join(part for part in (place, each.ref) if part),
        )

    def _signed(self, minor: int) -> str:
        return f"{'' if minor < 0 else '+'}{money(Decimal(minor), self.currency)}"

    def as_json(self) -> str:
        """For machines: amounts in major units as text, null where one side has nothing."""
        found = self.found
        return json.dumps(
            {
                "metric": self.metric.name,
                "period": self.period.id,
                "as_of": self.as_of.isoformat(),
                "currency": self.currency,
                "report": self._major(found.report_total),
                "ours": self._major(found.our_total),
                "same": found.same,
                "differences": [
                    {
                        "kind": each.kind,
                        "ref": each.ref or None,
                        "name": each.name,
                        "lines": each.lines,
                        "report": self._major(each.report),
                        "ours": self._major(each.ours),
                        "difference": self._major(each.change),
                        "reason": each.reason,
                    }
                    for each in found.differences
                ],
            },
            indent=2,
        )

    def _major(self, minor: int | None) -> str | None:
        return None if minor is None else str(Money(minor, self.currency).amount)
