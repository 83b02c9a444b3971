"""Adjustments that the period suggests: a diff of rules/targets.yaml that is ready to be read, and what it would have done."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from connector.appraisal.appraise import Appraisal
from connector.appraisal.rules import Rules
from connector.decide.wording import number
from connector.improve.diff import Side, diff
from connector.improve.review.parts import Back, Section
from connector.improve.suggest import Suggested, Suggesting
from connector.model.calendar import Period
from connector.model.money import digits
from connector.targets.policy import TargetPolicy

APART = Decimal("0.10")  # of the present number, before another one is suggested
FURTHEST = Decimal("0.5")  # nobody halves or doubles a company's number because of a report
_NUMBER = re.compile(r"(?:^\s*(?:-\s+)?|[{,]\s*)(?:company|each):\s*(?P<number>\d(?:[\d_ ]*\d)?(?:\.\d+)?)")
_COMMENT = re.compile(r"(?:^|\s)#.*")

AppraiseBy = Callable[[Rules], Appraisal]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One policy with another number."""

    policy: TargetPolicy
    apart: Decimal  # what people are expected to bring, of what they are asked for
    ratio: Decimal  # of the suggested number to the present one: the same, held within limits
    suggested: Suggested

    @property
    def moved(self) -> TargetPolicy:
        """The policy as it would be."""
        p = self.policy
        return replace(
            p,
            company=None if p.company is None else _round(p.company * self.ratio, p.company),
            each=None if p.each is None else _round(p.each * self.ratio, p.each),
        )


def adjustments(back: Back, making: Suggesting, upcoming: Period) -> list[Adjustment]:
    """Policies whose number is far from what their people are expected to bring in the period to come.

    People with a number of their own are left out: a policy does not move them.
    """
    found = list[Adjustment]()
    for policy in back.rules.targets:
        metric = back.rules.metrics[policy.metric]
        present = _by_policy(back, policy, upcoming)
        asked = sum(present.values(), Decimal(0))
        if not asked or (policy.company is None and policy.each is None) or policy.kind != "target":
            continue
        if not metric.accumulates or metric.better == "lower":
            continue
        people = [each for each in back.roster.people if each.active and each.id in present]
        places = digits(back.company.currency) if metric.is_money else 0
        suggested = making.of(metric, upcoming, people, None, places, {})
        if suggested.rows:
            apart = suggested.total / asked
            if abs(apart - 1) >= APART:
                found.append(Adjustment(policy, apart, min(max(apart, 1 - FURTHEST), 1 + FURTHEST), suggested))
    return found


def _by_policy(back: Back, policy: TargetPolicy, upcoming: Period) -> Mapping[str, Decimal]:
    """What a policy itself asks of people, by their id."""
    return {
        each.subject.id: each.value
        for each in back.appraisal.targets
        if each.metric == policy.metric
        and each.period.id == upcoming.id
        and each.subject.kind == "person"
        and each.source == str(policy.place)
    }


def section(back: Back, found: Sequence[Adjustment], rules_folder: Path, appraise_by: AppraiseBy) -> Section:
    """The diff, and who would have moved in the period under review."""
    title = "Suggested adjustments"
    if not found:
        return Section(title, ("None: no policy's number is far from what people are expected to bring.",))
    currency, says = back.company.currency, list[str]()
    for each in found:
        metric = back.rules.metrics[each.policy.metric]
        error = min(each.suggested.errors.values())
        says.append(
            f"{metric.title}: people are expected to bring {number(each.suggested.total, metric.unit, currency)} in "
            f"{each.suggested.period.id} (by {each.suggested.way}, which missed {error:.0%} before), "
            f"{abs(each.apart - 1):.0%} {'more' if each.apart > 1 else 'less'} than they are asked for."
        )
    moved = {id(each.policy): each.moved for each in found}
    other = replace(back.rules, targets=tuple(moved.get(id(each), each) for each in back.rules.targets))
    then = diff(
        Side(back.rules, back.appraisal), Side(other, appraise_by(other)), back.period, back.roster, back.calendar
    )
    at_target = [
        sum(side is not None and (getattr(side, "attainment", None) or 0) >= 1 for side in sides)
        for sides in ([each.before for each in then.shifts], [each.after for each in then.shifts])
    ]
    says.append(
        f"In {back.period.id} it would have moved {len({each.person for each in then.shifts})} of {then.people} people: "
        f"of their numbers, {at_target[1]} in place of {at_target[0]} would have reached the target."
    )
    says.append("Nothing of it is applied: put it into a copy of the rules, and see `attain diff RULES COPY`.")
    return Section(title, tuple(says), code="\n".join(_patch(found, rules_folder)))


def _patch(found: Sequence[Adjustment], rules_folder: Path) -> Iterator[str]:
    """A unified diff of the files that the policies stand in."""
    for file in dict.fromkeys(each.policy.place.file for each in found):
        path = rules_folder / Path(file).name
        if not path.is_file():
            continue
        old = path.read_text(encoding="utf-8").splitlines()
        new = list(old)
        for each in (it for it in found if it.policy.place.file == file):
            _rewrite(new, each)
        name = f"{rules_folder.name}/{path.name}"
        yield from difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", n=1, lineterm="")


def _rewrite(lines: list[str], found: Adjustment) -> None:
    """The first number after the policy's place becomes the other one, written as it was."""
    for at in range(max(found.policy.place.line - 1, 0), len(lines)):
        match = _NUMBER.search(_COMMENT.sub("", lines[at]))
        if match:
            was = Decimal(re.sub("[_ ]", "", match["number"]))
            said = f"{_round(was * found.ratio, was):{',' if '_' in match['number'] else ''}f}".replace(",", "_")
            lines[at] = lines[at][: match.start("number")] + said + lines[at][match.end("number") :]
            return


def _round(value: Decimal, present: Decimal) -> Decimal:
    """To three digits that count, as somebody would set it, and no finer than the present number is written."""
    if not value:
        return value
    places, finest = value.adjusted() - 2, min(int(present.as_tuple().exponent), 0)
    short = value.scaleb(-places).quantize(Decimal(1), ROUND_HALF_UP).scaleb(places)
    return short.quantize(Decimal(1).scaleb(finest), ROUND_HALF_UP)
