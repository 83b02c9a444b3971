"""`rules/incentives.yaml`: what results pay. Estimates, off until ops switch a plan on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field as Key

from connector.language.read import condition
from connector.measure.metric import Metric
from connector.model.catalogue import Catalogue
from connector.rulebook.naming import Naming
from connector.rulebook.notation import AFigure, AGrain, Figure, Name, in_unit
from connector.rulebook.page import Page
from connector.rulebook.recognition_file import RecognitionSections
from connector.rulebook.validate import Shape
from connector.score.curve import Curve, Tier
from connector.score.payout import Override, Paid, Plan
from connector.yamlfile import Trail


class TierEntry(Shape):
    """A stretch of results and its rate."""

    from_: AFigure = Key(alias="from", description="0%, 100%; with `by: amount` money, with `by:` a metric a count")
    to: AFigure | None = Key(None, description="where the next one begins; the last one is open")
    rate: AFigure = Key(description="of the amount: 5%")


class CurvePointEntry(Shape):
    """A point of an interpolated curve."""

    at: AFigure = Key(description="attainment: 50%")
    pays: AFigure = Key(description="of what is paid on target: 0%")


class BonusEntry(Shape):
    """Something on top."""

    above: AFigure = Key(description="more than this result: 2_000 EUR")
    pays: AFigure = Key(description="so much: 500 EUR")


class PaidEntry(Shape):
    """A metric that is paid for."""

    metric: str = Key(description="a metric of metrics.yaml that is money")
    pays: Literal["marginal", "cliff", "interpolated"] = Key(
        description="marginal: each slice at its own rate; cliff: all at the rate reached; interpolated: between points"
    )
    by: str = Key("attainment", description="what tiers are read against: attainment, amount, or a metric that counts")
    boundary: Literal["[a, b)", "(a, b]"] | None = Key(None, description="where a result exactly on a boundary belongs")
    tiers: list[TierEntry] = Key([], description="without gaps, the last one open")
    points: list[CurvePointEntry] = Key([], description="for interpolated, by rising attainment")
    on_target: AFigure | None = Key(None, description="for interpolated: what 100% pays")
    bonus: list[BonusEntry] = Key([], description="above a result, so much more")
    weight: AFigure = Key(Figure(Decimal(100), "%"), description="of what the curve gives: 80%")
    because: str = ""


class OverrideEntry(Shape):
    """What a manager gets of their people's."""

    rate: AFigure = Key(description="5%")
    of: Literal["payouts", "results"] = "payouts"


class PlanEntry(Shape):
    """One plan."""

    on: bool = Key(default=False, description="false: `attain payout` works it out, and nothing else shows it")
    title: str | None = Key(None, description="what people read; without it, the name")
    period: AGrain = Key(description="month, quarter or year")
    for_: str | None = Key(None, alias="for", description="whom it is for: role = 'AE'")
    basis: Literal["period", "year_to_date"] = Key(
        "period", description="year_to_date: the year so far, less what it gave"
    )
    measures: Annotated[list[PaidEntry], Key(min_length=1)]
    combine: Literal["sum", "linked"] = Key("sum", description="linked: the first pays, the others multiply it")
    threshold: AFigure | None = Key(None, description="below this attainment of the first measure nothing is paid: 50%")
    cap: AFigure | None = Key(None, description="no more than this in a period, also of a year to date: 20_000 EUR")
    override: OverrideEntry | None = Key(None, description="a manager's share of their people's")
    because: str = ""


class IncentivesFile(RecognitionSections):
    """The whole file."""

    attain: Literal[1] = 1
    plans: dict[Name, PlanEntry] = Key({}, description="name: plan")


@dataclass(frozen=True, slots=True)
class IncentivesReader:
    """Reads plans against what else is known."""

    page: Page
    metrics: Mapping[str, Metric]
    naming: Naming
    catalogue: Catalogue

    def plans(self) -> tuple[Plan, ...]:
        """Every plan that is right, in file order."""
        entries = self.page.entries(IncentivesFile, "plans", PlanEntry)
        found = [self._plan(str(name), each, ("plans", name)) for name, each in entries.items()]
        return tuple(each for each in found if each is not None)

    def _plan(self, name: str, entry: PlanEntry, trail: Trail) -> Plan | None:
        before = len(self.page.problems)
        people, currency = self.catalogue.relations["people"], self.catalogue.currency
        for_ = self.page.expression(lambda text, at: condition(text, people, currency, at), entry.for_, (*trail, "for"))
        paid = [self._paid(each, (*trail, "measures", at)) for at, each in enumerate(entry.measures)]
        threshold = self._figure(entry.threshold, "ratio", (*trail, "threshold"))
        cap = self._figure(entry.cap, "money", (*trail, "cap"))
        override = None
        if entry.override is not None:
            rate = self._figure(entry.override.rate, "ratio", (*trail, "override", "rate"))
            override = Override(rate, entry.override.of) if rate is not None else None
        if len(self.page.problems) > before:
            return None
        measures = tuple(each for each in paid if each is not None)
        return Plan(
            name, entry.title or name, self.page.place(trail), entry.period, measures, entry.on, for_, entry.basis,
            entry.combine, threshold, cap, override,
        )  # fmt: skip

    def _paid(self, entry: PaidEntry, trail: Trail) -> Paid | None:
        name = self.naming.known(self.page, (*trail, "metric"), entry.metric)
        unit = self.naming.units.get(name or "")
        if name and unit and unit != "money":
            self.page.refuse(
                (*trail, "metric"), "not-money", f"`{name}` is no money, and cannot be paid for", "by: it instead"
            )
        metric = self.metrics.get(name or "")
        if metric and metric.better == "lower":
            text = f"less of `{name}` is better, and a plan would pay more for more of it"
            self.page.refuse(
                (*trail, "metric"), "lower-is-better", text, "pay for another metric, `by:` it where it counts"
            )
        counting = ""
        if entry.by not in ("attainment", "amount"):
            counting = self.naming.known(self.page, (*trail, "by"), entry.by) or ""
        curve = self._curve(entry, trail)
        weight = self._figure(entry.weight, "ratio", (*trail, "weight"))
        return Paid(name, curve, weight, counting) if name and curve and weight is not None else None

    def _curve(self, entry: PaidEntry, trail: Trail) -> Curve | None:
        by = entry.by if entry.by in ("attainment", "amount") else "count"
        bonus = [
            (self._figure(each.above, "money", (*trail, "bonus", at, "above")), self._figure(each.pays, "money", (*trail, "bonus", at, "pays")))
            for at, each in enumerate(entry.bonus)
        ]  # fmt: skip
        more = tuple((above, pays) for above, pays in bonus if above is not None and pays is not None)
        if entry.pays == "interpolated":
            return self._interpolated(entry, more, trail)
        if not entry.tiers:
            self.page.refuse_key(
                (*trail, "pays"), "missing-key", f"`{entry.pays}` needs tiers", "tiers: [{from: 0%, rate: 5%}]"
            )
        if entry.pays == "cliff" and entry.boundary is None:
            text = "exactly on a boundary the whole amount changes its rate: say which tier it belongs to"
            self.page.refuse_key((*trail, "pays"), "no-boundary", text, 'boundary: "[a, b)" or "(a, b]"')
        unit = {"attainment": "ratio", "amount": "money"}.get(by, "")
        tiers = self._tiers(entry.tiers, unit, (*trail, "tiers"))
        return Curve(entry.pays, by, entry.boundary or "[a, b)", tiers, bonus=more)

    def _tiers(self, entries: Sequence[TierEntry], unit: str, trail: Trail) -> tuple[Tier, ...]:
        """Tiers without gaps and overlaps, from zero to the open end."""
        found: list[Tier] = []
        for at, each in enumerate(entries):
            start = self._figure(each.from_, unit, (*trail, at, "from"))
            stop = self._figure(each.to, unit, (*trail, at, "to"))
            rate = self._figure(each.rate, "ratio", (*trail, at, "rate"))
            if start is None or rate is None or (each.to is not None and stop is None):
                return ()
            if stop is not None and stop <= start:
                self.page.refuse((*trail, at, "to"), "tier-overlap", "a tier ends after it begins")
            found.append(Tier(start, stop, rate))
        for at, (low, high) in enumerate(pairwise(found), start=1):
            if low.stop is None or low.stop > high.start:
                text = f"this tier begins before the one above it ends, at {entries[at - 1].to or 'no end'}"
                self.page.refuse((*trail, at, "from"), "tier-overlap", text, f"from: {entries[at - 1].to or '…'}")
            elif low.stop < high.start:
                text = f"between {entries[at - 1].to} and {entries[at].from_} nothing says what is paid"
                self.page.refuse((*trail, at, "from"), "tier-gap", text, f"from: {entries[at - 1].to}")
        if found and found[0].start != 0:
            self.page.refuse((*trail, 0, "from"), "tier-gap", "nothing says what is paid from zero on", "from: 0")
        if found and found[-1].stop is not None:
            text = "the last tier ends, and nothing says what is paid beyond"
            self.page.refuse(
                (*trail, len(found) - 1, "to"), "closed-tier", text, "leave `to` out, and use `cap` for a limit"
            )
        return tuple(found)

    def _interpolated(self, entry: PaidEntry, bonus: tuple[tuple[Decimal, Decimal], ...], trail: Trail) -> Curve | None:
        if entry.on_target is None or len(entry.points) < 2:
            text = "`interpolated` needs two points and what is paid on target"
            self.page.refuse_key((*trail, "pays"), "missing-key", text, "on_target: 10_000 EUR")
            return None
        on_target = self._figure(entry.on_target, "money", (*trail, "on_target"))
        points = [
            (self._figure(each.at, "ratio", (*trail, "points", at, "at")), self._figure(each.pays, "ratio", (*trail, "points", at, "pays")))
            for at, each in enumerate(entry.points)
        ]  # fmt: skip
        known = tuple((at, pays) for at, pays in points if at is not None and pays is not None)
        if any(low[0] >= high[0] for low, high in pairwise(known)):
            self.page.refuse_key(
                (*trail, "points"), "points-out-of-order", "each point is for more than the one before"
            )
        if on_target is None or len(known) < len(points):
            return None
        return Curve("interpolated", points=known, on_target=on_target, bonus=bonus)

    def _figure(self, written: Figure | None, unit: str, trail: Trail) -> Decimal | None:
        if written is None:
            return None
        return self.page.tried(trail, lambda: in_unit(written, unit, self.catalogue.currency))
