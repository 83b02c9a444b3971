"""The config file, read once at the edge into checked settings."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from connector import crm, yamlfile
from connector.errors import Problem
from connector.model.calendar import Calendar
from connector.model.fiscal import MONTHS, MonthYears, WeekYears
from connector.model.settings import Address, Company, ConnectionSettings, Settings
from connector.ports import CrmType
from connector.rulebook.validate import validated
from connector.service.addresses import Addresses
from connector.service.config_file import CompanyBlock, ConfigFile
from connector.service.fiscal_year import WEEKDAYS
from connector.service.limits import CONNECTION_KEYS, Limits
from connector.service.masking import masked
from connector.service.plan_rates import plan_rates
from connector.service.secrets import Unresolved, is_one_word, is_reference, passwords, resolve, wrong_url
from connector.yamlfile import Trail, YamlFile, did_you_mean

_zones = cache(available_timezones)  # walks every file of a folder; a config is read at each cycle
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_SPAN = re.compile(r"(?P<count>\d{1,4}) (?P<unit>minute|hour|working day)s?")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings as far as they could be read, and what was wrong with the rest."""

    settings: Settings | None  # None: not even the company could be read
    files_mapping: Path | None
    file: YamlFile
    problems: tuple[Problem, ...] = ()


def load(path: Path, *, now: datetime, environment: Mapping[str, str] = os.environ, offline: bool = False) -> Loaded:
    """Read a config file; problems come back beside what could be read. `offline` leaves secrets unresolved."""
    file = yamlfile.read(path)
    config, problems = validated(file, ConfigFile)
    if config is None:
        return Loaded(None, None, file, masked(problems, file))
    reader = _Reader(file, path.absolute().parent, now, environment, offline=offline)
    company = reader.company(config.company)
    connections = tuple(
        each for name, block in config.connections.items() if (each := reader.connection(name, block)) is not None
    )
    every = reader.span(("schedule", "every"), config.schedule.every, ("minute", "hour"))
    privacy = config.privacy.privacy(config.company.currency, reader.problem)
    store = reader.store(config.store)
    door = reader.door(config.door, connections)
    found = masked((*problems, *reader.problems), file)
    if company is None:
        return Loaded(None, None, file, found)
    settings = Settings(
        home=reader.home,
        company=company,
        store=store,
        mirror=reader.home / "attain.mirror.duckdb" if "://" in store else Path(store).with_suffix(".mirror.duckdb"),
        rules=reader.home / config.rules,
        connections=connections,
        files=reader.home / config.files if config.files else None,
        every=timedelta(minutes=every),
        door=door,
        privacy=privacy,
        secrets=frozenset(reader.secrets),
    )
    return Loaded(settings, reader.home / config.files_mapping if config.files else None, file, found)


class _Reader:
    """Turns validated text into settings; problems gather with their places."""

    def __init__(
        self, file: YamlFile, home: Path, now: datetime, environment: Mapping[str, str], *, offline: bool
    ) -> None:
        self.file, self.home, self.now, self.environment, self.offline = file, home, now, environment, offline
        self.problems: list[Problem] = []
        self.secrets: set[str] = set()
        self.limits, self.addresses = Limits(self.problem), Addresses(self.problem)

    def store(self, given: str) -> str:
        """A path, or the URL of a database; one with a password comes by reference."""
        if not is_reference(given) and passwords(given):
            hint = "keep it outside, as a whole: store: ${env:ATTAIN_STORE}"
            self.problem(("store",), "literal-secret", "the password of the database may not stand here", hint)
        found = self._resolved(("store",), given, secret=False)
        self.secrets |= passwords(found)
        if wrong := wrong_url(found):
            self.problem(("store",), "no-url", *wrong)
        return found if "://" in found else str(self.home / found)

    def door(self, given: str | None, connections: Sequence[ConnectionSettings]) -> Address | None:
        """Where we listen; a connection that is told of changes needs one."""
        for each in connections if given is None else ():
            if each.options.get("webhooks"):
                self.problem(
                    ("connections", each.name, "webhooks"),
                    "no-door",
                    "HubSpot would knock at a door that nobody opens",
                    "add `door: 127.0.0.1:8710` to the file",
                )
        host, _, port = (given or "").rpartition(":")
        if given and not 0 < int(port) < 65536:
            self.problem(("door",), "bad-port", f"there is no port {port}")
        return Address(host.strip("[]"), int(port)) if given else None

    def problem(self, trail: Trail, code: str, text: str, hint: str = "", *, key: bool = False) -> None:
        place = self.file.place_of_key(trail) if key else self.file.place(trail)
        self.problems.append(Problem(place, code, text, hint))

    def company(self, given: CompanyBlock) -> Company | None:
        before = len(self.problems)
        if given.zone not in _zones():
            hint = did_you_mean(given.zone, _zones())
            self.problem(("company", "zone"), "unknown-zone", f"there is no time zone `{given.zone}`", hint)
        years = self._years(given)
        weekdays = [
            self._word(("company", "working_days", at), day, WEEKDAYS) for at, day in enumerate(given.working_days)
        ]
        holidays = self._holidays(given.holidays, ("company", "holidays"))
        elsewhere = tuple(
            (country, self._holidays(each, ("company", "holidays_elsewhere", country)))
            for country, each in given.holidays_elsewhere.items()
        )
        close_after = self.span(("company", "close_after"), str(given.close_after), ("working day",))
        planned = plan_rates(given.plan_rates, given.currency, self.problem)
        if len(self.problems) > before:
            return None
        working = frozenset(day for day in weekdays if day is not None)
        if isinstance(years, WeekYears):
            fiscal = Calendar(1, working, holidays, years, elsewhere=elsewhere)
        else:
            fiscal = Calendar(years.first_month, working, holidays, None, years.named_by_start, elsewhere)
        return Company(
            given.name,
            given.currency,
            ZoneInfo(given.zone),
            fiscal,
            close_after,
            planned,
            given.like_periods,
            given.language,
        )

    def _years(self, given: CompanyBlock) -> MonthYears | WeekYears:
        """The fiscal years, as one of two keys says; without them, calendar years."""
        if given.fiscal_year is None:
            word = given.fiscal_year_starts or MONTHS[0]
            return MonthYears((self._word(("company", "fiscal_year_starts"), word, MONTHS) or 0) + 1)
        trail = ("company", "fiscal_year")
        if given.fiscal_year_starts:
            self.problem(trail, "said-twice", "`fiscal_year_starts` says it already", "keep one of the two", key=True)
        if given.fiscal_year.incomplete:
            hint = "fiscal_year: {pattern: 4-5-4, ends: saturday nearest january 31}"
            self.problem(trail, "missing-key", given.fiscal_year.incomplete, hint, key=True)
            return MonthYears()
        return given.fiscal_year.years()

    def _word(self, trail: Trail, word: str, known: Sequence[str]) -> int | None:
        if word.lower() in known:
            return known.index(word.lower())
        hint = did_you_mean(word, known) or f"one of {', '.join(known)}"
        self.problem(trail, "unknown-value", f"`{word}` is not among them", hint)
        return None

    def _holidays(self, given: str | list[str] | None, trail: Trail) -> frozenset[date]:
        if given is None:
            return frozenset()
        if isinstance(given, str):
            return self._country(given, trail)
        found = set()
        for at, day in enumerate(given):
            try:
                found.add(date.fromisoformat(day))
            except ValueError:
                self.problem((*trail, at), "unknown-value", f"`{day}` is not a day like 2026-12-25")
        return frozenset(found)

    def _country(self, code: str, trail: Trail) -> frozenset[date]:
        import holidays

        country, _, part = code.partition("-")
        try:
            years = range(self.now.year - 12, self.now.year + 4)
            return frozenset(holidays.country_holidays(country, subdiv=part or None, years=years))
        except NotImplementedError:
            known = holidays.list_supported_countries()
            hint = did_you_mean(code, known) or "an ISO country code like DE, a part like DE-BY, or a list of days"
            self.problem(trail, "unknown-value", f"no holidays are known for `{code}`", hint)
            return frozenset()

    def span(self, trail: Trail, words: str, units: tuple[str, ...]) -> int:
        """A count of the first unit: `15 minutes`, `2 hours`, `15 working days`, or a bare number."""
        found = _SPAN.fullmatch(words.strip())
        if words.strip().isdigit():
            return int(words)
        if found and found["unit"] in units:
            return int(found["count"]) * (60 if found["unit"] == "hour" else 1)
        self.problem(trail, "unknown-value", f"`{words}` is not like `15 {units[0]}s`")
        return 15

    def connection(self, name: str, block: Mapping[str, object]) -> ConnectionSettings | None:
        """A connection, even one with problems, so that its mapping is checked too; None where none can be named."""
        trail: Trail = ("connections", name)
        if not _NAME.fullmatch(name):
            self.problem(trail, "bad-name", f"`{name}`: letters, digits and _ only, in lower case", key=True)
        known = crm.types()
        kind = known.get(str(block.get("type", "")))
        if kind is None:
            given = str(block.get("type", ""))
            hint = did_you_mean(given, known) or f"one of {', '.join(sorted(known))}"
            text = f"there is no CRM of type `{given}`" if given else "`type` is missing"
            self.problem((*trail, "type") if given else trail, "unknown-type", text, hint, key=not given)
            return None
        options = self._options(trail, block, kind)
        trusted = self.addresses.trusted(trail, block)
        self.addresses.hold(trail, options, kind, trusted)
        mapping = self._mapping(trail, block)
        return ConnectionSettings(
            name=name,
            type=kind.name,
            options=options,
            mapping_file=mapping,
            write=self._switch((*trail, "write"), block.get("write", "off")),
            overlap=self._minutes(trail, block, "overlap"),
            settle=self._minutes(trail, block, "settle"),
            trusted_hosts=trusted,
            **self.limits.of(trail, block),
        )

    def _minutes(self, trail: Trail, block: Mapping[str, object], key: str) -> timedelta | None:
        if key not in block:
            return None
        return timedelta(minutes=self.span((*trail, key), str(block[key]), ("minute", "hour")))

    def _mapping(self, trail: Trail, block: Mapping[str, object]) -> Path | None:
        if "mapping" not in block:
            self.problem(trail, "missing-key", "`mapping` is missing", "mapping: mappings/<file>.yaml", key=True)
            return None
        return self.home / str(block["mapping"])

    def _switch(self, trail: Trail, value: object) -> bool:
        if value in ("on", "off", True, False):
            return value in ("on", True)
        self.problem(trail, "unknown-value", f"`{value}` is neither `on` nor `off`")
        return False

    def _options(self, trail: Trail, block: Mapping[str, object], kind: CrmType) -> dict[str, str]:
        known = {each.name: each for each in kind.options}
        found = {each.name: each.default for each in kind.options if each.default is not None}
        for key, value in block.items():
            if key in CONNECTION_KEYS:
                continue
            if key not in known:
                hint = did_you_mean(key, [*known, *CONNECTION_KEYS])
                self.problem((*trail, key), "unknown-key", f"{kind.title} has no setting `{key}`", hint, key=True)
            elif known[key].secret and not is_reference(str(value)):
                hint = "keep it outside: ${env:NAME}, ${file:path} or ${keyring:service/user}"
                self.problem((*trail, key), "literal-secret", f"`{key}` is a secret and may not stand here", hint)
            else:
                found[key] = self._resolved((*trail, key), str(value), secret=known[key].secret)
        for each in kind.options:
            if each.required and not block.get(each.name) and not block.get(each.instead):
                self.problem(trail, "missing-key", f"`{each.name}` is missing: {each.says}", key=True)
        return found

    def _resolved(self, trail: Trail, value: str, *, secret: bool) -> str:
        if self.offline:
            return value
        try:
            found = resolve(value, self.home, self.environment)
        except Unresolved as problem:
            self.problem(trail, "unresolved", str(problem))
            return ""
        if secret:
            self.secrets.add(found)
        if secret and str(trail[-1]).endswith("token") and not is_one_word(found):  # other keys go into no header
            hint = "copy it again, by itself"
            self.problem(
                trail,
                "broken-token",
                f"the token behind {value.strip()} has white space or control characters inside",
                hint,
            )
            return ""
        return found
