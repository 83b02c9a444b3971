"""What only a live portal can tell: each item of "To verify in a live org" that may be tried without touching anybody's records.

Everything written carries a mark of this run and is taken away again. Nothing is installed unless `--install` is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.crm.hubspot.crm import HubSpotCrm
from connector.crm.hubspot.errors import Refused
from connector.errors import CrmDenied
from connector.model.changes import Change, Row, Settled, Wanted
from tests.live import any_crm
from tests.live.outcome import Outcome, Verdict

KEY = "attain_alert_key"


@dataclass
class Visit:
    """One portal, what the mapping wants there, and the mark of this run."""

    crm: HubSpotCrm
    wanted: Wanted
    mark: str
    may_install: bool

    def has(self, obj: str, name: str) -> bool:
        return name in self.crm._portal.definitions(obj)


Check = Callable[[Visit], Iterator[Outcome]]


def checks() -> dict[str, Check]:
    """By name, in the order in which they build on each other."""
    return {
        "login and version": _login,
        "doctor": any_crm.doctor,
        "properties, tried": _install_tried,
        "properties": _installed,
        "a key on tasks": _key,
        "an archived task": _bin,
        "a row that fails among others": _partly,
        "a number on a user": _on_a_user,
        "order of a search": _order,
        "history of a property": _history,
        "ids of associations": _links,
        "deal splits": _splits,
        "reading": any_crm.reading,
        "removal, tried": any_crm.removal_tried,
    }


def _login(visit: Visit) -> Iterator[Outcome]:
    portal = visit.crm._portal
    account = portal.account()
    yield Outcome(Verdict.HELD, f"{portal.transport.version}; {account.get('accountType')}, {account.get('timeZone')}")
    for each in portal.calls_today() or ():
        yield Outcome(Verdict.TOLD, f"calls today: {each.get('currentUsage')} of {each.get('usageLimit')}")


def _install_tried(visit: Visit) -> Iterator[Outcome]:
    report = visit.crm.install(visit.wanted, check=True)
    yield Outcome(Verdict.TOLD, f"{len(report.present)} there, {len(report.missing)} would be made")


def _installed(visit: Visit) -> Iterator[Outcome]:
    if not visit.may_install:
        yield Outcome(Verdict.SKIPPED, "give --install to make properties for real")
        return
    report = visit.crm.install(visit.wanted, check=False)
    yield Outcome.of(
        not report.missing, f"{len(report.created)} created; missing: {', '.join(report.missing) or 'none'}"
    )
    again = visit.crm.install(visit.wanted, check=False)
    yield Outcome.of(not again.created, f"a second installation created {len(again.created)}")


def _task(visit: Visit, name: str) -> Change:
    row = Row(visit.crm.name, "tasks", KEY, f"{visit.mark}-{name}")
    return Change(row, {"hs_task_subject": f"Attain live check {visit.mark}", "hs_timestamp": datetime.now(UTC)})


def _key(visit: Visit) -> Iterator[Outcome]:
    if not visit.has("tasks", KEY):
        yield Outcome(Verdict.SKIPPED, "not installed")
        return
    task = _task(visit, "key")
    receipts = [visit.crm.write([task])[0] for _ in range(2)]
    told = receipts[0].reason or receipts[1].reason or "yes"
    yield Outcome.of([each.created for each in receipts] == [True, False], f"an alert sent twice is one task: {told}")
    found = visit.crm.look_up([task.row])
    yield Outcome.of(found.get(task.row) == receipts[0].remote_id, "and is found by its key")
    [gone] = visit.crm.remove([task.row])
    yield Outcome.of(gone.settled is Settled.WRITTEN, "and is taken away")


def _bin(visit: Visit) -> Iterator[Outcome]:
    if not visit.has("tasks", KEY):
        yield Outcome(Verdict.SKIPPED, "not installed")
        return
    task = _task(visit, "bin")
    visit.crm.write([task])
    visit.crm.remove([task.row])
    [again] = visit.crm.write([task])
    yield Outcome.of(again.settled is Settled.WRITTEN, f"an archived task frees its key: {again.reason or 'yes'}")
    visit.crm.remove([task.row])


def _partly(visit: Visit) -> Iterator[Outcome]:
    inputs = [{"id": "1", "properties": {"hs_task_subject": visit.mark}, "objectWriteTraceId": "the-row"}]
    try:
        batch = visit.crm._portal.updated("tasks", inputs)
    except Refused as refused:
        yield Outcome(Verdict.TOLD, f"an unknown id refuses the whole batch: {refused.said.text}")
        return
    named = [each.named("objectWriteTraceId") for each in batch.errors]
    yield Outcome.of(not batch.records, f"an unknown id: {len(batch.errors)} errors, traces in them: {named}")


def _on_a_user(visit: Visit) -> Iterator[Outcome]:
    """A property of ours on one user's record, set and emptied again."""
    mine = [each.name for each in visit.wanted.fields if each.object == "users" and each.type == "number"]
    users = visit.crm._portal.listed("users", (), limit=1).records
    if not (mine and users and visit.has("users", mine[0])):
        yield Outcome(Verdict.SKIPPED, "not installed, or no users to see")
        return
    row = Row(visit.crm.name, "users", "hs_object_id", users[0].id)
    before = visit.crm.current([row], [mine[0]]).get(row, {}).get(mine[0])
    if before not in (None, ""):
        yield Outcome(Verdict.SKIPPED, "a number stands there already")
        return
    for value in (42, None):
        [receipt] = visit.crm.write([Change(row, {mine[0]: value})])
        shown = visit.crm.current([row], [mine[0]]).get(row, {}).get(mine[0])
        held = str(shown or "") == str(value or "")
        yield Outcome.of(held, f"{mine[0]} is {shown or 'empty'}: {receipt.reason or 'as sent'}")


def _order(visit: Visit) -> Iterator[Outcome]:
    """The keyset of every later read rests on ids that come, and are compared, as numbers."""
    portal = visit.crm._portal
    everything = portal.searched("deals", [], (), limit=200).records
    ids = [int(each.id) for each in everything]
    yield Outcome.of(ids == sorted(ids), f"{len(ids)} deals come in order of number")
    if not ids:
        return
    middle = ids[len(ids) // 2]
    after = [{"propertyName": "hs_object_id", "operator": "GT", "value": str(middle)}]
    rest = [int(each.id) for each in portal.searched("deals", after, (), limit=200).records]
    yield Outcome.of(all(each > middle for each in rest), f"GT {middle} brings {len(rest)} greater ones and no other")


def _history(visit: Visit) -> Iterator[Outcome]:
    portal = visit.crm._portal
    deals = portal.listed("deals", (), limit=1).records
    if not deals:
        yield Outcome(Verdict.SKIPPED, "no deal to look at")
        return
    versions = portal.read("deals", [deals[0].id], (), history=("dealstage",)).records[0].history.get("dealstage", ())
    yield Outcome.of(bool(versions), f"{len(versions)} versions of a stage")
    named = sum(each.user is not None for each in versions)
    yield Outcome(Verdict.TOLD, f"{named} of them say which user: notes have their author from there")


def _links(visit: Visit) -> Iterator[Outcome]:
    portal = visit.crm._portal
    deals = [each.id for each in portal.listed("deals", (), limit=100).records]
    found = portal.linked("deals", "companies", deals) if deals else {}
    yield Outcome.of(
        all(each.isdigit() for each in found.values()), f"{len(found)} of {len(deals)} deals have a company"
    )


def _splits(visit: Visit) -> Iterator[Outcome]:
    try:
        visit.crm._portal.shares(["1"])
    except (CrmDenied, Refused) as refused:
        yield Outcome(Verdict.TOLD, f"no deal splits here: {refused}")
        return
    yield Outcome(Verdict.HELD, "deal splits may be read")
