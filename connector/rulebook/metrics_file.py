"""`rules/metrics.yaml`: what we measure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field as Key

from connector.language.calls import TARGET
from connector.language.expression import Measure
from connector.language.read import condition, formula, measure
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.catalogue import Catalogue, Relation, Type
from connector.rulebook.crediting import credit_of, roles_of
from connector.rulebook.definitions import Effective, FormerEntry, Roles, day_of, in_order
from connector.rulebook.naming import Naming, OldNames
from connector.rulebook.notation import Name, Text, unit_type
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape
from connector.yamlfile import Trail, did_you_mean


class MetricEntry(Shape):
    """One metric: a `measure` over records, or a `formula` over other metrics."""

    title: Text = Key(description="what people read: Closed-won revenue")
    of: str | None = Key(None, description="the relation it is made of: deals, activities, files.trainings")
    where: str | None = Key(None, description="which records count: outcome = 'won'")
    date: str | None = Key(None, description="the field that says which period a record belongs to")
    measure: str | None = Key(None, description="one number made of many records: sum(amount), count()")
    formula: str | None = Key(None, description="arithmetic over other metrics: bookings / deals_won")
    unit: Text = Key(description="money, ratio, days, or the word for what is counted: deals")
    credit: str | None = Key(
        None, description="who gets a record: owner_at_close, owner, splits, team, performer, person"
    )
    roles: Roles = Key(None, description="with `credit: team`, who of it: [Sales Engineer]; without it, all")
    better: Literal["higher", "lower"] = "higher"
    method: Literal["linear", "ratio"] = Key("linear", description="how attainment is reckoned where lower is better")
    through: Literal["today", "period_end"] = Key("today", description="period_end: planned records count too")
    weighted: bool = Key(False, description="counts, medians and ratios weigh by share too")  # noqa: FBT003
    rate: Literal["at_close", "plan", "crm", "period_start"] | None = Key(
        None,
        description="what money is converted at: the close date's rate, the plan's, the CRM's own, the period's first",
    )
    after_lock: Literal["true_up", "ignore", "restate"] = Key(
        "true_up",
        description="what a change in a locked period is: a dated credit in the open one, nothing, or another number",
    )
    pipeline: bool = Key(
        default=False, description="projected by its open deals, too: by how often deals in their stage were won"
    )
    least: Annotated[int, Key(ge=1)] | None = Key(None, description="with fewer records the value is unknown: 5")
    was: OldNames = Key(
        (), description="the names it had before, the newest first: history, quotas and CRM rows follow"
    )
    mixed: bool = Key(default=False, description="a formula over unlike credits or dates; `because` says why")
    effective: Effective | None = Key(
        None, description="from when on this definition holds: FY2027, 2026-Q3, 2026-07-01"
    )
    before: list[FormerEntry] = Key([], description="what it was before, the newest first")
    because: str = ""


class MetricsFile(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    metrics: dict[Name, MetricEntry]


class MetricsReader:
    """Reads the metrics of a page; a formula pulls in the metrics it names."""

    def __init__(self, page: Page, catalogue: Catalogue, calendar: Calendar | None = None) -> None:
        self.page, self.catalogue, self.calendar = page, catalogue, calendar or Calendar()
        self.entries = {str(name): each for name, each in page.entries(MetricsFile, "metrics", MetricEntry).items()}
        self.units = page.words("metrics", "unit")  # of every metric; empty where it is wrong
        self.naming = Naming(self.units, dict(self._former()))
        self.done: dict[str, Metric | None] = {}
        self.under_way: list[str] = []

    def metrics(self) -> dict[str, Metric]:
        """Every metric that is right, in file order."""
        found = {name: self._metric(name) for name in self.entries}
        return {name: each for name, each in found.items() if each is not None}

    def _metric(self, name: str) -> Metric | None:
        if name not in self.entries:
            return None
        if name not in self.done:
            self.under_way.append(name)
            self.done[name] = self._dated(name, self.entries[name])
            self.under_way.pop()
        return self.done[name]

    def _dated(self, name: str, entry: MetricEntry) -> Metric | None:
        """The metric with the definitions that it had before."""
        trail: Trail = ("metrics", name)
        places = [trail, *((*trail, "before", at) for at in range(len(entry.before)))]
        written = [entry, *(_as_entry(entry, each) for each in entry.before)]
        days = [day_of(self.page, self.calendar, each.effective, at) for each, at in zip(written, places, strict=True)]
        if len(written) > 1:
            in_order(self.page, days, trail)
        found = [self._defined(name, each, at) for each, at in zip(written, places, strict=True)]
        dated = [replace(each, effective=day) for each, day in zip(found, days, strict=True) if each]
        return replace(dated[0], before=tuple(dated[1:])) if len(dated) == len(found) else None

    def _defined(self, name: str, entry: MetricEntry, trail: Trail) -> Metric | None:
        if (entry.formula is None) == (entry.measure is None):
            text = "a metric has either a `measure` over records or a `formula` over metrics"
            self.page.refuse_key(trail, "measure-or-formula", text)
            return None
        return self._formula(name, entry, trail) if entry.formula else self._measured(name, entry, trail)

    def _measured(self, name: str, entry: MetricEntry, trail: Trail) -> Metric | None:
        page = self.page
        if entry.of is None:
            page.refuse_key(trail, "missing-key", "`of` is missing", "of: deals")
            return None
        relation = page.known((*trail, "of"), entry.of, self.catalogue.relations, "relation")
        if relation is None:
            return None
        rate = self._rate(relation, entry, trail)
        relation = relation.at_rate(rate) if rate in relation.rates else relation
        currency = self.catalogue.currency
        where = page.expression(
            lambda text, at: condition(text, relation, currency, at), entry.where, (*trail, "where")
        )
        made = page.expression(
            lambda text, at: measure(text, relation, currency, at), entry.measure, (*trail, "measure")
        )
        day = self._date(relation, entry, trail)
        credit = credit_of(page, relation, entry.credit, trail)
        roles = roles_of(page, self.catalogue.teams, credit, entry.roles, trail)
        if made is None or day is None or credit is None or (entry.where and where is None):
            return None
        if not self._unit(name, made, entry, trail):
            return None
        return Metric(
            name, entry.title, entry.unit, page.place(trail), relation.name, made, day, credit, where, (), entry.better,
            entry.method, entry.through, entry.least or 0, entry.was, entry.weighted, rate, entry.after_lock, entry.because,
            self._pipeline(entry, relation, trail), roles=roles,
        )  # fmt: skip

    def _pipeline(self, entry: MetricEntry, relation: Relation, trail: Trail) -> bool:
        """Whether open deals say where it ends: for money that deals bring."""
        if entry.pipeline and (relation.name != "deals" or entry.unit != "money"):
            self.page.refuse(
                (*trail, "pipeline"), "no-pipeline", "only money that deals bring is projected by open deals"
            )
        return entry.pipeline

    def _rate(self, relation: Relation, entry: MetricEntry, trail: Trail) -> str:
        """What the relation's money is converted at; where it has none, nothing is said."""
        if entry.rate is None or entry.rate in relation.rates:
            return entry.rate or next(iter(relation.rates), "at_close")
        text = f"{relation.name} are not converted by `{entry.rate}`"
        known = ", ".join(relation.rates)
        self.page.refuse((*trail, "rate"), "no-other-rate", text, f"known are {known}" if known else "leave it out")
        return entry.rate

    def _formula(self, name: str, entry: MetricEntry, trail: Trail) -> Metric | None:
        page = self.page
        for key in ("of", "where", "date", "credit", "roles", "rate"):
            if key in entry.model_fields_set:
                text = f"a formula has no `{key}`: its metrics bring theirs"
                page.refuse_key((*trail, key), "misplaced-key", text)
        kinds = {other: unit_type(unit) for other, unit in self.units.items()}
        made = page.expression(
            lambda text, at: formula(text, kinds, at, self.catalogue.currency, self.naming.former),
            entry.formula,
            (*trail, "formula"),
        )
        inputs = self._inputs(made, entry, trail) if made else None
        if made is None or not inputs:
            return None
        if not self._unit(name, made, entry, trail):
            return None
        first = inputs[0]
        return Metric(
            name, entry.title, entry.unit, page.place(trail), first.of, made, first.date, first.credit, None, made.inputs,
            entry.better, entry.method, first.through, entry.least or 0, entry.was, entry.weighted, first.rate,
            entry.after_lock, entry.because, roles=first.roles, of_sums=all(each.accumulates for each in inputs),
        )  # fmt: skip

    def _inputs(self, made: Measure, entry: MetricEntry, within: Trail) -> list[Metric] | None:
        """The metrics that a formula names, targets aside; None when one is wrong, or they do not go together."""
        trail: Trail = (*within, "formula")
        name = str(within[1])
        named = [each for each in made.inputs if not each.startswith(TARGET)]
        circle = [each for each in named if each in self.under_way]
        if circle:
            way = " → ".join([*self.under_way[self.under_way.index(circle[0]) :], circle[0]])
            self.page.refuse(trail, "circular-formula", f"`{name}` would be made of itself: {way}")
            return None
        found = [self._metric(each) for each in named]
        inputs = [each for each in found if each is not None]
        unlike = next((each for each in inputs[1:] if _counted(each) != _counted(inputs[0])), None)
        if unlike and not entry.mixed:
            first = inputs[0]
            text = (
                f"`{first.name}` is credited by {first.credited_by} and dated by {first.date}, "
                f"`{unlike.name}` by {unlike.credited_by} and {unlike.date}"
            )
            hint = "give both the same `credit` and `date`; or say `mixed: true`, and `because:` of what"
            self.page.refuse(trail, "unlike-metrics", text, hint)
            return None
        if entry.mixed and not self._consented(
            entry, trail[:-1], unlike=unlike is not None or len(inputs) < len(found)
        ):
            return None
        return inputs if len(inputs) == len(found) else None

    def _consented(self, entry: MetricEntry, trail: Trail, *, unlike: bool) -> bool:
        """Whether `mixed` is there for a reason, and says it."""
        if not unlike:
            text = "`mixed` says nothing here: the metrics have the same credit and date"
            self.page.refuse_key((*trail, "mixed"), "misplaced-key", text)
        elif not entry.because:
            text = "who mixes credits or dates says why: `because` is missing"
            self.page.refuse_key((*trail, "mixed"), "missing-key", text, "because: leads of this month against …")
        else:
            return True
        return False

    def _former(self) -> Iterator[tuple[str, str]]:
        """Old names, each with the one metric that had it."""
        taken: dict[str, str] = {}
        for name, entry in self.entries.items():
            for old in entry.was:
                if old in self.units:
                    text = f"`{old}` is a metric of this file, and no old name"
                    self.page.refuse(("metrics", name, "was"), "name-taken", text)
                elif old in taken:
                    text = f"`{taken[old]}` was called `{old}` too, and history cannot follow both"
                    self.page.refuse(("metrics", name, "was"), "name-taken", text)
                else:
                    taken[old] = name
                    yield old, name

    def _date(self, relation: Relation, entry: MetricEntry, trail: Trail) -> str | None:
        if not relation.dates:
            text = f"{relation.name} have no date, so that none of them belongs to a period"
            self.page.refuse((*trail, "of"), "no-dates", text, "name the `date` of the table in its mapping")
            return None
        if entry.date is None and relation.dates[0] not in relation.fields:
            return relation.dates[0]  # the relation has rows per period: there is nothing to choose
        if entry.date is None:
            self.page.refuse_key(trail, "missing-key", "`date` is missing", f"date: {relation.dates[0]}")
            return None
        if entry.date in relation.dates:
            return entry.date
        known = ", ".join(relation.dates)
        hint = did_you_mean(entry.date, relation.dates) or f"{relation.name} are dated by {known}"
        self.page.refuse((*trail, "date"), "unknown-date", f"{relation.name} have no date `{entry.date}`", hint)
        return None

    def _unit(self, name: str, made: Measure, entry: MetricEntry, within: Trail) -> bool:
        """Money is money, a ratio is a ratio, days are days; numbers have the word for what is counted."""
        former = len(within) > 2
        trail: Trail = (*within, "formula" if entry.formula else "measure") if former else (*within, "unit")
        wanted = {Type.MONEY: "money", Type.RATIO: "ratio", Type.DAYS: "days"}.get(made.type)
        if wanted and entry.unit != wanted:
            self.page.refuse(trail, "wrong-unit", f"this measure gives {made.type}", f"unit: {wanted}")
        elif wanted is None and entry.unit in ("money", "ratio", "days"):
            text = f"this measure gives a plain number, not {entry.unit}"
            self.page.refuse(trail, "wrong-unit", text, "write the word for what is counted: unit: deals")
        else:
            return True
        self.units[name] = ""  # nobody knows what was meant: targets are not blamed for it
        return False


def _as_entry(entry: MetricEntry, former: FormerEntry) -> MetricEntry:
    """A former definition as a metric of its own, with the title, unit and direction of the present one."""
    said = {name: getattr(former, name) for name in FormerEntry.model_fields}
    shared = {name: getattr(entry, name) for name in ("title", "unit", "better", "method", "was")}
    return MetricEntry.model_construct(former.model_fields_set, **shared, **said, before=[])


def _counted(metric: Metric) -> tuple[str, str | None]:
    return metric.credited_by, metric.date
