"""Looks the connection over and says what to grant, click or wait for. Raises nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from connector.crm.clocks import apart
from connector.crm.optional import optional
from connector.crm.salesforce import doctor_splits
from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.doctor_company import CompanyDoctor
from connector.crm.salesforce.doctor_sharing import SharingDoctor
from connector.crm.salesforce.doctor_telling import TellingDoctor
from connector.crm.salesforce.doctor_writing import WritingDoctor
from connector.crm.salesforce.look import Look
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.rights import Rights
from connector.crm.salesforce.streams import SWITCHES, Streams, is_optional
from connector.errors import ConnectorError, CrmDenied
from connector.model.changes import Wanted
from connector.model.settings import Company
from connector.normalise.mapping import CrmMapping
from connector.ports import Finding, Severity, Source

_WORRYING_SKEW = timedelta(minutes=1)  # a JWT lives three minutes
_ORG_SHARE = 0.8  # of the day's calls; beyond it somebody else will be refused soon
_OK, _NOTE, _WARNING, _ERROR = Severity.OK, Severity.NOTE, Severity.WARNING, Severity.ERROR


class Doctor:
    """One examination of one connection."""

    def __init__(
        self, org: Org, describer: Describer, streams: Streams, company: Company, mapping: CrmMapping, *, bell: bool
    ) -> None:
        self._org, self._describer, self._streams, self._mapped = org, describer, streams, mapping
        self._company = CompanyDoctor(org, describer, company, mapping.assumed(company.currency))
        self._finding, rights = Look(org, describer).finding, Rights(org, describer)
        self._sharing = SharingDoctor(org, describer, streams, rights)
        self._writing = WritingDoctor(org, describer, mapping, rights)
        self._telling = TellingDoctor(org, describer, mapping, rights, bell)

    def examine(self, wanted: Wanted) -> list[Finding]:
        """Every finding, most fundamental first; without a login there is only one."""
        self._describer.forget()
        try:
            user = self._org.user_id
        except ConnectorError as error:
            return [self._trouble("login", error)]
        findings = [self._finding("login", _OK, f"logged in at {self._org.instance} as {user or 'an unnamed user'}")]
        for subject, look in (
            ("api_version", self._version),
            ("clock", self._clock),
            ("mapping", self._mapping),
            ("permissions", self._sharing.view_all),
            ("users", self._company.people),
            ("fiscal year", self._company.fiscal_year),
            ("currency", self._company.currency),
            ("splits", lambda: doctor_splits.findings(self._org, self._describer, self._mapped)),
            ("installation", lambda: self._writing.wanted(wanted)),
            ("writing", self._writing.objects),
            ("writing", self._writing.records),
            ("writing", self._writing.words),
            ("bell", self._telling.bell),
            ("alerts", self._telling.flow),
            ("api calls", self._headroom),
        ):
            findings += self._seen(subject, look)
        return findings

    def _seen(self, subject: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
        found: list[Finding] = []
        try:
            found.extend(look())
        except ConnectorError as error:
            found.append(self._trouble(subject, error))
        return found

    def _version(self) -> Iterator[Finding]:
        spoken = self._org.versions()
        if self._org.version in spoken:
            yield self._finding("api_version", _OK, f"{self._org.version} of {spoken[0]} to {spoken[-1]}")
        else:
            newest = spoken[-1] if spoken else "one that the org lists"
            yield self._finding(
                "api_version", _ERROR, f"the org does not speak {self._org.version}", f"set `api_version: {newest}`"
            )

    def _clock(self) -> Iterator[Finding]:
        severity, text = apart("Salesforce", self._org.ahead or timedelta(0), _WORRYING_SKEW)
        yield self._finding("clock", severity, text, "" if severity is _OK else "let this machine keep time by NTP")

    def _mapping(self) -> Iterator[Finding]:
        for source in self._streams.sources():
            yield from self._seen(source.object, lambda source=source: self._source(source))  # type: ignore[misc]
        for obj in self._streams.switched_off():
            cure = f"{SWITCHES[obj]}; or grant Read on it; or take it out of the mapping"
            yield self._finding(obj, _WARNING, "mapped, but the org does not show it: nobody is credited by it", cure)

    def _source(self, source: Source) -> Iterator[Finding]:
        shape = self._describer.shape(source.object)
        wanted = self._streams.wanted(source)
        hidden = [name for name in wanted if self._describer.field(source.object, name) is None]
        for name in hidden:
            if is_optional(source, name):
                yield self._finding(f"{source.object}.{name}", _NOTE, "not there, and not needed here")
            else:
                yield self._finding(
                    f"{source.object}.{name}",
                    _ERROR,
                    "mapped, but not shown to the integration user",
                    "mend the mapping, or run `attain install`, which grants it; or grant read access yourself, in a "
                    "permission set of your own",
                )
        yield self._finding(shape.name, _OK, f"{len(wanted) - len(hidden)} of {len(wanted)} mapped fields are shown")
        for name in wanted:
            if name in shape.fields and shape.fields[name].calculated:
                text = "a formula: it may change without moving the record's stamp, and is read again once a day"
                yield self._finding(f"{source.object}.{name}", _NOTE, text, "map what it is made of to see it at once")

    def _headroom(self) -> Iterator[Finding]:
        limits: object = None
        with optional():
            limits = self._org.get("limits")
        day = limits.get("DailyApiRequests") if isinstance(limits, Mapping) else None
        if not isinstance(day, Mapping) or not day.get("Max"):
            cure = "grant `View Setup and Configuration` to see the org's limits"
            yield self._finding("api calls", _NOTE, "the org does not tell its daily limit", cure)
            return
        most, left = int(day["Max"]), int(day.get("Remaining") or 0)
        text = f"{left:,} of {most:,} calls are left in these 24 hours"
        if most - left > most * _ORG_SHARE:
            yield self._finding("api calls", _WARNING, text, "find what else uses the API, or buy more calls")
        else:
            yield self._finding("api calls", _OK, text)

    def _trouble(self, subject: str, error: ConnectorError) -> Finding:
        if isinstance(error, CrmDenied):
            return self._finding(subject, _ERROR, error.problem, error.cure)
        text, _, cure = str(error).removeprefix(f"{self._org.connection}: ").partition("\n")
        return self._finding(subject, _ERROR, text, cure.strip() or "wait, then run `attain doctor` again")
