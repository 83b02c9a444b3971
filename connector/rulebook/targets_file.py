"""`rules/targets.yaml`: how much of a metric is wanted, from whom, by when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field as Key
from pydantic import PlainValidator, WithJsonSchema

from connector.language.read import condition
from connector.language.tree import Node
from connector.measure.metric import Metric
from connector.model.catalogue import Catalogue, Relation
from connector.normalise.mapping import FileTable
from connector.rulebook.naming import Naming
from connector.rulebook.notation import AFigure, AGrain, Figure, FiscalYear, figure
from connector.rulebook.page import Page
from connector.rulebook.targets_given import GivenReader, MarketEntry, to_reach
from connector.rulebook.targets_personal import PersonalReader, RampEntry
from connector.rulebook.validate import Shape, complaint
from connector.targets.bases import BASES, POTENTIAL, POTENTIAL_FIELD
from connector.targets.policy import SplitStep, TargetPolicy
from connector.targets.shares import SEASON
from connector.yamlfile import Trail, did_you_mean

QUOTA_COLUMNS = ("person", "metric", "period", "value")
_SPREADS: Mapping[str, str | tuple[Decimal, ...]] = {
    "equal": "equal",
    "by season": SEASON,
    "by working days": "working days",
    "4-4-5": tuple(map(Decimal, (4, 4, 5) * 4)),
    "4-5-4": tuple(map(Decimal, (4, 5, 4) * 4)),
    "5-4-4": tuple(map(Decimal, (5, 4, 4) * 4)),
}


def _months(value: object) -> str | tuple[Decimal, ...]:
    """`equal`, `by working days`, or weights. Raises a complaint."""
    if isinstance(value, list):
        weights = tuple(figure(each).number for each in value)
        if len(weights) not in (3, 4, 12) or min(weights) < 0 or not sum(weights):
            raise complaint("no-spread", "weights are 12 for months, 4 for quarters, or 3 for the months of a quarter")
        return weights
    if str(value) in _SPREADS:
        return _SPREADS[str(value)]
    hint = did_you_mean(str(value), _SPREADS) or f"known are {', '.join(_SPREADS)}, and a list of weights"
    raise complaint("unknown-value", f"`{value}` is no way to spread a year", hint)


Months = Annotated[
    str | tuple[Decimal, ...],
    PlainValidator(_months),
    WithJsonSchema({"anyOf": [{"enum": list(_SPREADS)}, {"type": "array", "items": {"type": ["number", "string"]}}]}),
]


_SPLITS = {"equal": "equal", "by headcount": "headcount"} | {f"by {each}": each for each in BASES}


def _share(value: object) -> str | dict[str, Figure]:
    """`equal`, `by headcount`, `by last year`, or a weight for each unit. Raises a complaint."""
    if isinstance(value, dict):
        return {name: figure(each) for name, each in value.items()}
    word = _SPLITS.get(str(value)) or _SPLITS.get(f"by {value}")
    if word:
        return word
    hint = did_you_mean(str(value), _SPLITS) or f"known are {', '.join(_SPLITS)}, and weights: {{East: 40%, …}}"
    raise complaint("unknown-value", f"`{value}` is no way to split", hint)


Share = Annotated[
    str | dict[str, Figure],
    PlainValidator(_share),
    WithJsonSchema({"anyOf": [{"enum": list(_SPLITS)}, {"type": "object"}]}),
]


class TargetEntry(Shape):
    """One policy."""

    metric: str = Key(description="a metric of metrics.yaml")
    company: AFigure | None = Key(None, description="the company's number for a fiscal year: 24_000_000 EUR")
    year: FiscalYear | None = Key(None, description="FY2027; without it, every year")
    every: AGrain | None = Key(None, description="with each and units: month, quarter or year")
    each: AFigure | None = Key(None, description="every person's number")
    units: dict[str, dict[str, AFigure]] | None = Key(None, description="a level, and its units' numbers")
    months: Months | None = Key(None, description="how a year is spread: equal, by working days, or weights")
    split: list[dict[str, Share]] | None = Key(None, description="from the company down: a level, and by what")
    quotas: list[str] = Key([], description="file tables with people's own numbers: files.quotas")
    for_: str | None = Key(None, alias="for", description="whom it is meant for: role = 'AE'")
    prorate: Literal["working_days", "days", "months", "none"] = Key(
        "working_days", description="how days away lower a number; months: whole months only"
    )
    start_day: Literal["included", "excluded"] = Key("included", description="whether the first day counts")
    ramp: RampEntry | None = Key(None, description="lower targets for new people")
    over_assign: AFigure | dict[str, AFigure] | None = Key(
        None, description="what the parts have on top of the whole, at every level or by level: 5%"
    )
    pins: dict[str, dict[str, AFigure]] | None = Key(
        None,
        description="a level, and what units of it get of the year whatever the split says; the others share the rest",
    )
    bottom_up: list[str] = Key([], description="file tables with numbers entered below, which stay: files.bottom_up")
    market: MarketEntry | None = Key(None, description="an index that targets follow")
    kind: Literal["target", "quota", "stretch", "plan"] = Key(
        "target", description="scores are measured against the kind that a metric has first in this file"
    )
    because: str = ""


class TargetsFile(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    targets: list[TargetEntry]


@dataclass(frozen=True, slots=True)
class TargetsReader:
    """Reads the policies of a page against what else is known."""

    page: Page
    metrics: Mapping[str, Metric]
    naming: Naming
    catalogue: Catalogue
    levels: Sequence[str]
    files: Mapping[str, FileTable]
    crm_quotas: Collection[str] = ()  # "emea.quotas": of connections whose mapping has some

    def policies(self) -> tuple[TargetPolicy, ...]:
        """Every policy that is right, in file order."""
        entries = self.page.entries(TargetsFile, "targets", TargetEntry)
        found = [self._policy(entry, ("targets", at)) for at, entry in entries.items()]
        right = tuple(each for each in found if each is not None)
        for at, each in enumerate(right):
            first = next((other for other in right[:at] if overlapping(other, each)), None)
            if first:
                whom = "the same people" if each.for_ else "everybody"
                text = f"`{each.metric}` has a {each.kind} for {whom} already, in line {first.place.line}"
                hint = "say `for:` whom each of them is, which `year:`, or another `kind:`"
                self.page.refuse_at(each.place, "two-targets", text, hint)
        return right

    def _policy(self, entry: TargetEntry, trail: Trail) -> TargetPolicy | None:
        before = len(self.page.problems)
        self._numbers(entry, trail)
        for at, table in enumerate(entry.quotas):
            self._quotas(table, (*trail, "quotas", at))
        people: Relation = self.catalogue.relations["people"]
        for_ = self.page.expression(
            lambda text, at: condition(text, people, self.catalogue.currency, at), entry.for_, (*trail, "for")
        )
        steps = tuple(
            step for at, each in enumerate(entry.split or ()) for step in self._step(each, (*trail, "split", at))
        )
        name = self.naming.known(self.page, (*trail, "metric"), entry.metric)
        unit = self.naming.units.get(name or "")
        if not name or not unit:
            return None
        level, units = self._units(entry, unit, trail)
        company = self._figure(entry.company, unit, (*trail, "company"))
        each_ = self._figure(entry.each, unit, (*trail, "each"))
        metric = self.metrics.get(name)
        personal = PersonalReader(self.page, self.catalogue)
        ramp = personal.ramp(entry.ramp, unit, (*trail, "ramp"))
        hedge = personal.hedge(entry.over_assign, entry.split or (), trail)
        given = GivenReader(self.page, self.catalogue, self.levels, self.files)
        pins = given.pins(entry.pins, unit, entry.split or (), trail)
        given.bottom_up(entry.bottom_up, entry.split or (), trail)
        market = given.market(entry.market, trail)
        if metric:
            self._divisible(entry, metric, trail)
            if metric.better == "lower" and ramp and not ramp.amounts:
                text = f"less of `{name}` is better: a share of the target would be harder to reach"
                self.page.refuse_key(
                    (*trail, "ramp"), "misplaced-key", text, "write what new people may have: [30, 20]"
                )
        if metric is None or len(self.page.problems) > before:
            return None
        return TargetPolicy(
            metric.name, self.page.place(trail), company, entry.year, entry.every, each_, level, units,
            entry.months or "equal", steps, tuple(entry.quotas), for_, entry.prorate, entry.start_day, ramp, hedge, entry.kind,
            pins, tuple(entry.bottom_up), market,
        )  # fmt: skip

    def _numbers(self, entry: TargetEntry, trail: Trail) -> None:
        """Exactly one kind of number, with the keys that belong to it."""
        given = [key for key in ("company", "units", "each") if getattr(entry, key) is not None]
        if len(given) > 1:
            text = f"`{given[0]}` and `{given[1]}` exclude each other: a policy has one kind of number"
            self.page.refuse_key((*trail, given[1]), "two-numbers", text)
        if not given and not entry.quotas:
            text = "a policy needs a number: `company`, `units`, `each`, or `quotas`"
            self.page.refuse_key((*trail, "metric"), "no-number", text)
        if entry.each is not None and entry.every is None:
            text = "`each` needs to know how long the number is for"
            self.page.refuse_key((*trail, "each"), "missing-key", text, "every: month")
        idle = {"company": ("every",), "each": ("months", "split")}
        for key in idle.get(given[0], ()) if len(given) == 1 else ():
            if getattr(entry, key) is not None:
                text = f"`{key}` says nothing beside `{given[0]}`"
                self.page.refuse_key((*trail, key), "misplaced-key", text)

    def _divisible(self, entry: TargetEntry, metric: Metric, trail: Trail) -> None:
        for key in ("split", "months"):
            if getattr(entry, key) is not None and not metric.accumulates:
                text = f"`{metric.name}` does not add up, and cannot be shared out"
                self.page.refuse_key((*trail, key), "not-divisible", text, "use `each` with `every`")

    def _figure(self, written: Figure | None, unit: str, trail: Trail) -> Decimal | None:
        if written is None:
            return None
        return self.page.tried(trail, lambda: to_reach(written, unit, self.catalogue.currency))

    def _units(self, entry: TargetEntry, unit: str, trail: Trail) -> tuple[str | None, dict[str, Decimal]]:
        if entry.units is None:
            return None, {}
        if len(entry.units) != 1:
            self.page.refuse_key((*trail, "units"), "one-level", "units of one level", "units: {team: {East 1: 100}}")
            return None, {}
        (level, numbers), *_ = entry.units.items()
        self._level(level, (*trail, "units", level))
        found = {name: self._figure(each, unit, (*trail, "units", level, name)) for name, each in numbers.items()}
        return level, {name: each for name, each in found.items() if each is not None}

    def _step(self, step: dict[str, str | dict[str, Figure]], trail: Trail) -> list[SplitStep]:
        if len(step) != 1:
            self.page.refuse(trail, "one-level", "one level a step, each on a line of its own", "- team: equal")
            return []
        (level, by), *_ = step.items()
        if level != "person":
            self._level(level, (*trail, level))
        if isinstance(by, str):
            if by == POTENTIAL and POTENTIAL_FIELD not in self.catalogue.relations["accounts"].fields:
                text = f"accounts have no field `{POTENTIAL_FIELD}` to share by"
                self.page.refuse((*trail, level), "no-potential", text, f"map one under `custom:` as {POTENTIAL_FIELD}")
            return [SplitStep(level, by)]
        weights = {name: each.number.scaleb(-2) if each.unit == "%" else each.number for name, each in by.items()}
        if all(each.unit == "%" for each in by.values()) and sum(weights.values()) != 1:
            whole = f"{sum(weights.values()) * 100:f}".rstrip("0").rstrip(".")
            self.page.refuse((*trail, level), "shares", f"the shares add up to {whole}%, not to 100%")
        elif not weights or min(weights.values()) < 0 or not sum(weights.values()):
            self.page.refuse((*trail, level), "shares", "weights are positive somewhere and negative nowhere")
        else:
            total = sum(weights.values())
            return [SplitStep(level, "weights", {name: each / total for name, each in weights.items()})]
        return []

    def _level(self, level: str, trail: Trail) -> None:
        self.page.known(trail, level, dict.fromkeys([*self.levels, "person"]), "level", key=True)

    def _quotas(self, table: str, trail: Trail) -> None:
        if table in self.crm_quotas:
            return
        if not table.startswith("files.") and table.endswith(".quotas"):
            hint = "a `quotas:` section in its mapping says where they lie"
            self.page.refuse(trail, "no-quotas", f"`{table.partition('.')[0]}` is no connection with quotas", hint)
            return
        GivenReader(self.page, self.catalogue, self.levels, self.files).has_columns(
            table, QUOTA_COLUMNS, "no-quotas", trail
        )


def overlapping(one: TargetPolicy, other: TargetPolicy) -> bool:
    """Whether two policies give somebody two numbers of one kind: nobody could tell which one holds."""
    same = (one.metric, one.kind, _whom(one)) == (other.metric, other.kind, _whom(other))
    apart = None not in (one.year, other.year) and one.year != other.year
    disjoint = one.level is not None and one.level == other.level and not one.units.keys() & other.units.keys()
    return same and not apart and not disjoint and not _reached(one).isdisjoint(_reached(other))


def _reached(policy: TargetPolicy) -> set[str]:
    """Who gets a number: the company, units, people. A row of a person's own is looked up, and doubles nothing."""
    found = {f"{policy.level} {unit}" for unit in policy.units}
    if policy.company is not None:
        found.add("company")
    if policy.each is not None or any(step.level == "person" for step in policy.split):
        found.add("person")
    return found


def _whom(policy: TargetPolicy) -> Node | None:
    return policy.for_.tree if policy.for_ else None
