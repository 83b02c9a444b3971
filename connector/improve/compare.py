"""Somebody else's report beside ours, deal by deal: what is missing, extra or different, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from connector.errors import ConnectorError
from connector.improve.known_deals import Known, KnownDeal, bare_ids, known_deals
from connector.improve.report_file import ReportLine
from connector.measure.evidence import Evidence, EvidenceLine, evidence
from connector.measure.metric import Metric
from connector.model.calendar import Period
from connector.model.results import COMPANY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Kind = Literal["missing", "extra", "amount"]


class NotComparable(ConnectorError):
    """A report of deals and their amounts says nothing about this metric."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """A deal about which the report and we disagree. Amounts in minor units; None: not there at all."""

    kind: Kind  # missing: on our side; extra: on our side
    ref: str  # empty: no connection knows it
    name: str
    lines: tuple[int, ...]  # of the report
    report: int | None
    ours: int | None
    reason: str

    @property
    def change(self) -> int:
        """What it adds on the way from the report's total to ours."""
        return (self.ours or 0) - (self.report or 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both totals, and everything between them: the report's and all changes add up to ours."""

    report_total: int
    our_total: int
    same: int  # deals
    differences: tuple[Difference, ...]


def compare(  # noqa: PLR0917
    mirror: DuckDBPyConnection,
    metric: Metric,
    period: Period,
    today: date,
    report: Sequence[ReportLine],
    set_aside: Mapping[str, str],
) -> Comparison:
    """The report beside the company's number; `set_aside` are reasons by reference.

    Raises NotComparable unless the metric, as it was defined when the period began, adds up money of deals.
    """
    standing = metric.on(period.starts_on)
    if standing is None:
        raise NotComparable(f"`{metric.name}` was not defined yet when {period.id} began")
    metric = standing
    if metric.of != "deals" or not metric.is_money or metric.inputs:
        raise NotComparable(f"`{metric.name}` adds up no amounts of deals; a report can be compared with `sum(amount)`")
    ours = evidence(mirror, metric, COMPANY, period, today)
    counted = {each.ref: each for each in ours.lines}
    total = sum((each.credited or Decimal(0) for each in ours.lines), Decimal(0))
    if total != (ours.total or 0):
        raise NotComparable(f"`{metric.name}` is not the sum of its deals; a report can be compared with `sum(amount)`")
    known = known_deals(mirror, metric, today, [handle for each in report for handle in each.handles])
    matched, unknown = _matched(report, known, counted)
    judge = _Judge(metric, period, ours, set_aside)
    found = [*(judge.known(known.deals[ref], lines, counted.get(ref)) for ref, lines in matched.items())]
    differences = [each for each in found if each]
    differences += [judge.unknown(each) for each in unknown]
    differences += _extra(counted, matched)
    differences.sort(key=lambda each: (-abs(each.change), each.name, each.ref))
    report_total = sum(each.amount or 0 for each in report)
    return Comparison(report_total, int(total), found.count(None), tuple(differences))


def _matched(
    report: Sequence[ReportLine], known: Known, counted: Mapping[str, EvidenceLine]
) -> tuple[dict[str, list[ReportLine]], list[ReportLine]]:
    """Which of our deals each row means, and the rows that mean none.

    Rows that fit one deal alone mean that one, even several of them. Of several deals of one name, each row
    takes the one most like it, and a second row another.
    """
    matched: dict[str, list[ReportLine]] = defaultdict(list)
    unknown: list[ReportLine] = []
    open_rows: dict[int, list[KnownDeal]] = {}
    for at, line in enumerate(report):
        candidates = known.candidates(line)
        if len(candidates) == 1:
            matched[candidates[0].ref].append(line)
        elif candidates:
            open_rows[at] = candidates
        else:
            unknown.append(line)
    pairs = [(_likeness(report[at], deal, counted), -at, deal.ref) for at, deals in open_rows.items() for deal in deals]
    ranked = sorted(pairs, reverse=True)
    for _, at, ref in ranked:
        if -at in open_rows and ref not in matched:
            matched[ref].append(report[-at])
            del open_rows[-at]
    for _, at, ref in ranked:  # more rows than deals: the same deal once more
        if -at in open_rows:
            matched[ref].append(report[-at])
            del open_rows[-at]
    return matched, unknown


def _likeness(line: ReportLine, deal: KnownDeal, counted: Mapping[str, EvidenceLine]) -> tuple[bool, ...]:
    ours = counted.get(deal.ref)
    return (
        line.closed_on is not None and line.closed_on == deal.closed_on,
        ours is not None,
        bool(line.owner) and line.owner.lower() in deal.owned_by,
        ours is not None and ours.credited == line.amount,
        not deal.deleted,
    )


def _extra(counted: Mapping[str, EvidenceLine], matched: Mapping[str, object]) -> Iterator[Difference]:
    """Deals of ours that the report does not have."""
    covered = {ref.partition(":")[0] for ref in matched}
    for ref, line in counted.items():
        if ref not in matched:
            connection = ref.partition(":")[0]
            why = f"counted on {line.happened_on}"
            if covered and connection not in covered:
                why = f"of {connection}, of which the report has nothing"
            reason = f"{why}, {line.note}" if line.note else why
            yield Difference("extra", ref, line.name, (), None, int(line.credited or 0), reason)


class _Judge:
    """Says why the report and we disagree."""

    def __init__(self, metric: Metric, period: Period, ours: Evidence, set_aside: Mapping[str, str]) -> None:
        self._metric, self._period = metric, period
        self._left_out = {each.ref: each.reason for each in ours.left_out}
        self._aside = set_aside
        self._aside_by_id = {handle: why for ref, why in set_aside.items() for handle in (ref, *bare_ids(ref))}

    def known(self, deal: KnownDeal, lines: Sequence[ReportLine], ours: EvidenceLine | None) -> Difference | None:
        """A deal of ours that the report has, too; None: both say the same."""
        theirs = sum(each.amount or 0 for each in lines)
        numbers = tuple(each.line for each in lines)
        if ours is None:
            return Difference("missing", deal.ref, deal.name, numbers, theirs, None, self._why_missing(deal, lines))
        credited = int(ours.credited or 0)
        if credited == theirs:
            return None
        return Difference(
            "amount", deal.ref, deal.name, numbers, theirs, credited, self._why_other(deal, lines, credited)
        )

    def unknown(self, line: ReportLine) -> Difference:
        """A row that means no deal we hold."""
        aside = next((self._aside_by_id[each] for each in line.handles if each in self._aside_by_id), "")
        reason = f"set aside: {aside}" if aside else "not pulled yet, or not to be seen: no connection knows it"
        return Difference("missing", "", line.name or line.id, (line.line,), line.amount or 0, None, reason)

    def _why_missing(self, deal: KnownDeal, lines: Sequence[ReportLine]) -> str:
        if deal.ref in self._left_out:
            return self._left_out[deal.ref]
        if deal.deleted:
            return "deleted in the CRM"
        reasons = [*self._unwanted(deal), *self._undated(deal, lines)]
        if deal.ref in self._aside:
            reasons.append(f"its last change is set aside: {self._aside[deal.ref]}")
        return "; ".join(reasons)

    def _unwanted(self, deal: KnownDeal) -> Iterator[str]:
        where = self._metric.where
        if deal.chosen or where is None:
            return
        if "outcome" in where.fields and deal.outcome != "won":
            yield f"not won: {deal.outcome}" + (f", in stage {deal.stage}" if deal.outcome == "open" else "")
        else:
            yield f"the rule leaves it out: {where.text}"

    def _undated(self, deal: KnownDeal, lines: Sequence[ReportLine]) -> Iterator[str]:
        if deal.dated is None:
            yield f"no {self._metric.date}"
        elif not self._period.starts_on <= deal.dated < self._period.ends_before:
            said = {each.closed_on for each in lines} - {None, deal.closed_on}
            theirs = f", and the report has {', '.join(sorted(map(str, said)))}" if said else ""
            yield f"{self._metric.date} is {deal.dated}, outside {self._period.id}{theirs}"

    def _why_other(self, deal: KnownDeal, lines: Sequence[ReportLine], ours: int) -> str:
        """The likeliest reason why amounts differ."""
        theirs = sum(each.amount or 0 for each in lines)
        if len(lines) > 1:
            where = f"in the report {len(lines)} times, on lines {', '.join(str(each.line) for each in lines)}"
            return f"{where}: counted once" if all(each.amount == ours for each in lines) else where
        if lines[0].amount is None:
            return "no amount in the report"
        if deal.ref in self._aside:
            return f"its last change is set aside: {self._aside[deal.ref]}"
        if deal.converted and deal.raw is not None:
            same = lines[0].amount == deal.raw.minor
            return f"{deal.raw}, which the report has not converted" if same else f"{deal.raw} at our rate"
        if deal.sharers > 1 and theirs < ours:
            return f"split between {deal.sharers} people, and the report has a part"
        if deal.raw is not None and deal.raw.minor != ours:
            return f"the rule counts {self._metric.measure.text} of {deal.raw}"
        return "the amount of the CRM's record when it was last pulled"
