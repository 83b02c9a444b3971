"""What only a live org can tell: each item of "To verify in a live org" that may be tried without touching anybody's records.

Everything written carries a mark of this run and is taken away again. Nothing is installed unless `--install` is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.crm.salesforce import backfill, bulk, soql
from connector.crm.salesforce.adapter import SalesforceCrm
from connector.errors import ConnectorError
from connector.model.changes import Change, Row, Settled, Value, Wanted
from tests.live import any_crm
from tests.live.outcome import Outcome, Verdict

OURS, KEY = "Attain_Attainment__c", "Attain_Key__c"


@dataclass
class Visit:
    """One org, what the mapping wants there, and the mark of this run."""

    crm: SalesforceCrm
    wanted: Wanted
    mark: str
    may_install: bool

    @property
    def installed(self) -> bool:
        return OURS in self.crm.schema().objects


Check = Callable[[Visit], Iterator[Outcome]]


def checks() -> dict[str, Check]:
    """By name, in the order in which they build on each other."""
    return {
        "login and version": _login,
        "doctor": any_crm.doctor,
        "what the licence shows": _licence,
        "deployment, tried": _deploy_tried,
        "deployment": _deployed,
        "key on Activity": _key_on_activity,
        "a task in the recycle bin": _bin,
        "rows of our own": _rows,
        "more than 200 rows": _too_many,
        "a job reads what queries read": _bulk_read,
        "reading": any_crm.reading,
        "removal, tried": any_crm.removal_tried,
    }


def _login(visit: Visit) -> Iterator[Outcome]:
    org = visit.crm.org
    spoken = org.versions()
    yield Outcome.of(
        org.version in spoken, f"{org.version} of {spoken[0]} to {spoken[-1]}; running user {org.user_id or 'unnamed'}"
    )
    org.query("SELECT Id FROM User LIMIT 1")
    yield Outcome(Verdict.TOLD, f"Sforce-Limit-Info: {dict(org.usage)}")


def _licence(visit: Visit) -> Iterator[Outcome]:
    shown = visit.crm.schema().objects
    names = visit.crm._describer.listing().names
    for name in (
        "User",
        "OpportunitySplit",
        "OpportunityTeamMember",
        "ObjectTerritory2Association",
        "ForecastingQuota",
        "Period",
    ):
        yield Outcome(Verdict.TOLD, f"{name}: {'shown' if name in names else 'not shown'}")
    yield Outcome.of("User" in shown, "users are described")
    if "ForecastingQuota" in names:
        found = visit.crm._describer.field("ForecastingQuota", "ForecastingType.DeveloperName")
        yield Outcome(Verdict.TOLD, f"ForecastingType.DeveloperName through a quota: {'yes' if found else 'no'}")


def _deploy_tried(visit: Visit) -> Iterator[Outcome]:
    report = visit.crm.install(visit.wanted, check=True)
    for each in report.refused:
        yield Outcome(Verdict.FAILED, f"refused: {each}")
    yield Outcome.of(not report.refused, f"the org tried {len(report.missing)} new components and kept none")


def _deployed(visit: Visit) -> Iterator[Outcome]:
    if not visit.may_install:
        yield Outcome(Verdict.SKIPPED, "give --install to deploy for real")
        return
    report = visit.crm.install(visit.wanted, check=False)
    yield Outcome.of(
        not report.refused, f"{len(report.created)} created; refused: {'; '.join(report.refused) or 'nothing'}"
    )
    again = visit.crm.install(visit.wanted, check=False)
    yield Outcome.of(not again.created, f"a second installation created {len(again.created)}")


def _key_on_activity(visit: Visit) -> Iterator[Outcome]:
    field = visit.crm.schema().objects.get("Task", {}).get(KEY)
    if field is None:
        yield Outcome(Verdict.SKIPPED, "not installed")
        return
    yield Outcome.of(field.unique, f"Task.{KEY} is unique: {field.unique}")


def _task(visit: Visit, name: str) -> Change:
    return Change(
        Row(visit.crm.name, "Task", KEY, f"{visit.mark}-{name}"), {"Subject": f"Attain live check {visit.mark}"}
    )


def _bin(visit: Visit) -> Iterator[Outcome]:
    if not visit.installed:
        yield Outcome(Verdict.SKIPPED, "not installed")
        return
    task = _task(visit, "bin")
    [first] = visit.crm.write([task])
    [second] = visit.crm.write([task])
    yield Outcome.of(
        (first.created, second.created) == (True, False),
        f"an alert sent twice is one task: {first.reason or second.reason or 'yes'}",
    )
    visit.crm.remove([task.row])
    [third] = visit.crm.write([task])
    yield Outcome.of(third.settled is Settled.WRITTEN, f"a deleted task frees its key: {third.reason or 'yes'}")
    [gone] = visit.crm.remove([task.row])
    yield Outcome.of(gone.settled is Settled.WRITTEN, "and is taken away")


def _rows(visit: Visit) -> Iterator[Outcome]:
    if not visit.installed:
        yield Outcome(Verdict.SKIPPED, "not installed")
        return
    fields: dict[str, Value] = {
        "Metric__c": "live check", "Actual__c": Decimal("60000.50"), "Attainment_Pct__c": Decimal("0.875"),
        "Period_Start__c": date(2026, 10, 1), "User__c": visit.crm.org.user_id,
    }  # fmt: skip
    row = Row(visit.crm.name, OURS, KEY, f"{visit.mark}-row")
    receipts = [visit.crm.write([Change(row, fields)])[0] for _ in range(2)]
    yield Outcome.of(
        [each.created for each in receipts] == [True, False],
        f"upserted twice: {receipts[0].reason or 'created, then updated'}",
    )
    shown = visit.crm.current([row], list(fields)).get(row, {})
    yield Outcome.of(dict(shown) == fields, f"what comes back is what was sent: {shown}")
    [gone] = visit.crm.remove([row])
    yield Outcome.of(gone.settled is Settled.WRITTEN, f"taken away: {gone.reason or 'yes'}")


def _too_many(visit: Visit) -> Iterator[Outcome]:
    records = [{"attributes": {"type": "Account"}, "id": "001000000000000AAA", "Name": "x"}] * 201
    try:
        visit.crm.org.send("PATCH", "composite/sobjects", {"allOrNone": False, "records": records})
    except ConnectorError as error:
        yield Outcome(Verdict.TOLD, str(error))
    else:
        yield Outcome(Verdict.FAILED, "201 rows were taken in one call")


def _bulk_read(visit: Visit) -> Iterator[Outcome]:
    crm = visit.crm
    source = next(each for each in crm.sources() if each.object == "User")
    stream = crm._streams.resolve(source)
    query = stream.select([soql.equals("Id", crm.org.user_id)] if crm.org.user_id else [])
    asked = [dict(row) for row in crm.org.all_rows(query)]
    try:
        job = backfill.begun(crm.org, stream, query)
        found = [row for rows, _ in backfill.rows(crm.org, crm._world, stream, job) for row in rows]
    except bulk.Unsuited as error:
        yield Outcome(Verdict.TOLD, f"no jobs here: {error}")
        return
    yield Outcome.of(found == [_without_attributes(each) for each in asked], f"{len(found)} rows, alike in every field")


def _without_attributes(row: dict[str, object]) -> dict[str, object]:
    found = {name: value for name, value in row.items() if name != "attributes"}
    return {
        name: {each: it for each, it in value.items() if each != "attributes"} if isinstance(value, dict) else value
        for name, value in found.items()
    }
