"""What works with this account and what does not, each with its cure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.crm.clocks import apart
from connector.crm.hubspot import describe, home, install, rules, whereabouts
from connector.crm.hubspot.address import TYPE_IDS, VERSION
from connector.crm.hubspot.described import Definition
from connector.crm.hubspot.errors import MissingScope, Refused
from connector.crm.hubspot.fields import (
    OWNER_FIELDS,
    OWNERS,
    RATE_FIELDS,
    RATES,
    SPLITS,
    USERS,
    hint,
    object_of,
    properties_of,
    reads_users,
    unknown,
    user_properties,
)
from connector.crm.hubspot.history import STAGE
from connector.crm.hubspot.portal import Portal
from connector.errors import ConnectorError, CrmDenied
from connector.model.changes import Receipt, Wanted
from connector.model.records import RecordKind
from connector.model.schema import Stage
from connector.model.settings import Company
from connector.normalise.mapping import CrmMapping
from connector.ports import Finding, Severity, World

SUPPORTED_FOR = 18  # months. Source: HubSpot, "API versioning", read November 2026
WARN_BEFORE = timedelta(days=92)
NAMED = 6  # of properties that are not there
MUCH = 0.8  # of the day's calls
STRAYS = timedelta(seconds=30)  # from here on two clocks are too far apart


def findings(visit: Visit) -> list[Finding]:
    """Every check that can still be made once the login works. Raises nothing."""
    found = list(visit.checked("login", visit.login))
    if any(each.severity is Severity.ERROR for each in found):
        return found
    for subject, check in visit.checks():
        found += visit.checked(subject, check)
    return found


@dataclass(frozen=True, slots=True)
class Visit:
    """One round through the account."""

    connection: str
    portal: Portal
    mapping: CrmMapping
    company: Company
    world: World
    wanted: Wanted
    refused: Sequence[Receipt] = ()  # what HubSpot would not take so far

    def checks(self) -> Iterator[tuple[str, Callable[[], Iterator[Finding]]]]:
        yield "clock", self.clock
        yield "version", self.version
        yield "calls today", self.headroom
        yield OWNERS, self.owners
        for obj in dict.fromkeys(
            object_of(each) for each in self.mapping.sources if each.object not in (OWNERS, RATES)
        ):
            yield obj, lambda obj=obj: self.records(obj)  # type: ignore[misc]
        if any(each.object == SPLITS for each in self.mapping.sources):
            yield SPLITS, self.splits
        yield "stages", self.stages
        yield home.SUBJECT, self.currencies
        yield whereabouts.SUBJECT, self.whereabouts
        for obj in dict.fromkeys(each.object for each in self.wanted.fields):
            yield obj, lambda obj=obj: self.wanted_properties(obj)  # type: ignore[misc]
        if self.wanted.fields:
            yield "limits", self.room
        yield rules.SUBJECT, self.rules

    def checked(self, subject: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
        """A check's findings; what it stumbled over is a finding too."""
        try:
            yield from check()
        except CrmDenied as denied:
            yield self._finding(subject, Severity.ERROR, denied.problem, denied.cure)
        except Refused as refused:
            yield self._finding(subject, Severity.ERROR, f"HubSpot refuses: {refused.said.text}")
        except ConnectorError as error:
            yield self._finding(
                subject, Severity.ERROR, str(error).removeprefix(f"{self.connection}: "), "Try again later."
            )

    def login(self) -> Iterator[Finding]:
        try:
            account = self.portal.account()
        except Refused as refused:
            if refused.status != 404:
                raise
            version = self.portal.transport.version
            yield self._finding(
                "version", Severity.ERROR, f"HubSpot does not serve {version}", f"Set `version: {VERSION}`."
            )
            return
        except MissingScope as denied:  # whoever gets this far has logged in
            yield self._finding("login", Severity.WARNING, denied.problem, denied.cure)
            return
        yield self._ok("login", f"account {account.get('portalId')}, {account.get('accountType', 'STANDARD')}")

    def clock(self) -> Iterator[Finding]:
        """By the answer to the check before: the windows of our reads end by HubSpot's clock."""
        theirs = self.portal.transport.server_time
        if theirs is None:
            cure = "Find what takes the header `Date` out of HubSpot's answers, a proxy perhaps, and let this machine keep time by NTP."
            yield self._finding("clock", Severity.WARNING, "HubSpot's answers do not tell its time: ours decides", cure)
            return
        ahead = timedelta(seconds=round((theirs - self.world.now()).total_seconds()))
        severity, text = apart("HubSpot", ahead, STRAYS)
        cure = "" if severity is Severity.OK else "Let this machine keep time by NTP."
        yield self._finding("clock", severity, text, cure)

    def version(self) -> Iterator[Finding]:
        transport = self.portal.transport
        for name, version in {"version": transport.version, "write_version": transport.write_version}.items():
            if name == "version" or version != transport.version:
                yield from self._dated(name, version)

    def _dated(self, name: str, version: str) -> Iterator[Finding]:
        year, _, month = version.removesuffix("-beta").partition("-")
        if not (year.isdigit() and month.isdigit()):
            return
        months = int(year) * 12 + int(month) - 1 + SUPPORTED_FOR
        ends = datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
        if ends - self.world.now() < WARN_BEFORE:
            cure = f"Set `{name}` to a newer one that HubSpot serves."
            yield self._finding(name, Severity.WARNING, f"{version} is supported until {ends:%B %Y} only", cure)
        else:
            yield self._ok(name, f"{version}, supported until {ends:%B %Y}")

    def headroom(self) -> Iterator[Finding]:
        told = self.portal.calls_today()
        if told is None:
            yield self._finding("calls today", Severity.NOTE, "HubSpot does not tell how many calls were used today")
        for each in told or ():
            used, limit = each.get("currentUsage"), each.get("usageLimit")
            if not (isinstance(used, int) and isinstance(limit, int) and limit > 0):
                continue
            text = f"{used:,} of {limit:,} calls used".replace(",", " ")
            if used > MUCH * limit:
                yield self._finding(
                    "calls today", Severity.WARNING, text, "Pull less often, or buy the API limit increase."
                )
            else:
                yield self._ok("calls today", text)

    def owners(self) -> Iterator[Finding]:
        count = sum(len(page) for page in self.portal.owners())
        yield self._ok(OWNERS, f"{count} owners, the archived ones included")
        fixed = {OWNERS: OWNER_FIELDS, RATES: RATE_FIELDS}
        for each in self.mapping.sources:
            if each.object in fixed:
                names = [name for name in each.names() if not name.startswith("users.")]
                yield from self._unknown(each.object, names, fixed[each.object])
        if reads_users(self.mapping):
            yield from self._readable(USERS, user_properties(self.mapping))

    def records(self, obj: str) -> Iterator[Finding]:
        names = [
            name
            for each in self.mapping.sources
            if object_of(each) == obj
            for name in properties_of(each, self.mapping)
        ]
        yield from self._readable(obj, tuple(dict.fromkeys(names)))

    def _readable(self, obj: str, names: tuple[str, ...]) -> Iterator[Finding]:
        known = self.portal.definitions(obj)
        missing = list(self._unknown(obj, names, known))
        self.portal.listed(obj, (), limit=1)
        yield from missing or [self._ok(obj, f"readable, all {len(names)} configured properties exist")]

    def _unknown(
        self, obj: str, names: tuple[str, ...] | list[str], known: Mapping[str, object] | tuple[str, ...]
    ) -> Iterator[Finding]:
        for name in unknown(names, known):
            cure = f"Correct the mapping{hint(name, known)}."
            yield self._finding(
                f"{obj}.{name}", Severity.ERROR, "no such property; HubSpot would leave it out silently", cure
            )

    def splits(self) -> Iterator[Finding]:
        self.portal.shares(["1"])  # any deal tells whether we may
        yield self._ok(SPLITS, "readable")

    def stages(self) -> Iterator[Finding]:
        stages = describe.stages(self.portal)
        outcome = self.mapping.outcome
        named = outcome.won | outcome.lost
        yield self._ok("stages", f"{len(stages)} stages in {len({each.pipeline for each in stages})} pipelines")
        if outcome.field == STAGE:
            yield from self._staged(stages, named)
        elif outcome.field is not None:
            yield from self._offered(outcome.field, named)

    def _offered(self, field: str, named: frozenset[str]) -> Iterator[Finding]:
        """Whether a property that is no stage has the values by which the mapping knows won and lost deals."""
        for obj in (object_of(each) for each in self.mapping.sources if each.kind is RecordKind.DEAL):
            definition = self.portal.definitions(obj).get(field)
            options = definition.options if definition else ()  # whatever is absent was told; free text offers nothing
            for name in sorted(named.difference(options)) if options else ():
                text, cure = f"it offers no value `{name}`", f"Correct `outcome` in the mapping{hint(name, options)}."
                yield self._finding(f"{obj}.{field}", Severity.ERROR, text, cure)

    def _staged(self, stages: Sequence[Stage], named: frozenset[str]) -> Iterator[Finding]:
        for name in sorted(named - {each.name for each in stages}):
            yield self._finding(
                f"stages.{name}", Severity.ERROR, "no pipeline has this stage", "Correct `outcome` in the mapping."
            )
        for each in stages:
            if each.outcome != "open" and each.name not in named:
                text = f"`{each.label}` is a closed stage, but neither won nor lost in the mapping"
                yield self._finding(
                    f"stages.{each.name}", Severity.WARNING, text, "Add it to `outcome` in the mapping."
                )

    def currencies(self) -> Iterator[Finding]:
        return home.findings(self.connection, self.portal, self.mapping, self.company)

    def whereabouts(self) -> Iterator[Finding]:
        return whereabouts.whereabouts(self.connection, self.portal, self.mapping, self.wanted)

    def wanted_properties(self, obj: str) -> Iterator[Finding]:
        if not self.portal.has(obj):
            yield self._finding(obj, Severity.ERROR, "the object is not there yet", "Run `attain install`.")
            return
        known: Mapping[str, Definition] = self.portal.definitions(obj)
        fields = [each for each in self.wanted.fields if each.object == obj]
        absent = [each.name for each in fields if each.name not in known]
        if absent:
            severity = (
                Severity.ERROR if any(each.unique and each.name in absent for each in fields) else Severity.WARNING
            )
            text = f"{len(absent)} of {len(fields)} properties are not there yet: {_few(absent)}"
            yield self._finding(obj, severity, text, "Run `attain install`.")
        for each in fields:
            problem = install.unfit(each, known.get(each.name))
            if problem:
                cure = "Archive it under Settings > Properties, then run `attain install`."
                yield self._finding(f"{obj}.{each.name}", Severity.ERROR, problem, cure)
        if not absent:
            yield self._ok(obj, f"all {len(fields)} properties to write are there")

    def room(self) -> Iterator[Finding]:
        """Whether the properties that are still to be made fit: a Free account has room for few."""
        try:
            limits = self.portal.property_limits()
        except (CrmDenied, Refused):
            yield self._finding("limits", Severity.NOTE, "HubSpot does not tell how many properties there may be")
            return
        for obj in dict.fromkeys(each.object for each in self.wanted.fields):
            known = self.portal.definitions(obj) if self.portal.has(obj) else {}
            absent = sum(each.name not in known for each in self.wanted.fields if each.object == obj)
            told = [limits[each] for each in (TYPE_IDS.get(obj) or self.portal.at(obj), "") if each in limits]
            free = min((most - used for used, most in told), default=absent)
            if absent > free:
                text = f"{absent} properties are wanted on {obj}, and there is room for {max(0, free)}"
                cure = "Take attributes, metrics or scorecards out of `write:` in the mapping, or archive properties of yours."
                yield self._finding(f"{obj}.limit", Severity.ERROR, text, cure)

    def rules(self) -> Iterator[Finding]:
        yield from rules.rules(self.connection, self.portal, self.mapping, self.wanted)
        yield from rules.refusals(self.connection, self.portal, self.refused)

    def _ok(self, subject: str, text: str) -> Finding:
        return self._finding(subject, Severity.OK, text)

    def _finding(self, subject: str, severity: Severity, text: str, cure: str = "") -> Finding:
        return Finding(self.connection, subject, severity, text, cure)


def _few(names: Sequence[str]) -> str:
    """The first ones by name; `attain install --check` lists them all."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
