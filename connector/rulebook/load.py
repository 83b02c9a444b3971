"""All that ops wrote, read at once: checked rules, or every problem of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from connector.appraisal.rules import Rules, crm_quotas
from connector.decide.recognition import Recognition
from connector.decide.rule import Speaking
from connector.decide.wording import ENGLISH
from connector.errors import ConfigError, Place, Problem
from connector.measure.metric import Metric
from connector.model.catalogue import Catalogue
from connector.model.schema import CrmSchema
from connector.model.settings import Company
from connector.normalise.mapping import CrmMapping
from connector.rulebook.alerts_file import AlertsReader
from connector.rulebook.catalogue import catalogue, custom_fields, levels_of
from connector.rulebook.files_file import read_tables
from connector.rulebook.health_file import HealthReader
from connector.rulebook.incentives_file import IncentivesReader
from connector.rulebook.mapped_names import ASKED_FOR, KINDS
from connector.rulebook.mapping_file import MappingReader
from connector.rulebook.messages_file import Messages, read_messages
from connector.rulebook.metrics_file import MetricsReader
from connector.rulebook.naming import Naming
from connector.rulebook.offered import informed, teams
from connector.rulebook.page import Page
from connector.rulebook.recognition_file import RecognitionReader
from connector.rulebook.scorecards_file import ScorecardsReader
from connector.rulebook.targets_file import TargetsReader
from connector.yamlfile import did_you_mean, read, shown

METRICS, TARGETS, ALERTS = "metrics.yaml", "targets.yaml", "alerts.yaml"
SCORECARDS, HEALTH, INCENTIVES = "scorecards.yaml", "health.yaml", "incentives.yaml"
FILES = (METRICS, TARGETS, ALERTS, SCORECARDS, HEALTH, INCENTIVES)

# What would be said of every rule while a file cannot be read at all: its one problem says enough.
_UNSEEN = {"unknown-field", "unknown-level", "unknown-relation", "unknown-file-table", "unknown-metric"}


def load(
    rules_dir: Path,
    company: Company,
    mappings: Mapping[str, tuple[str, Path]],
    files_mapping: Path | None,
) -> Rules:
    """Read and check everything. `mappings` gives each connection its CRM type and mapping file.

    Raises ConfigError with all problems of all files, sorted by place.
    """
    rules, problems = examine(rules_dir, company, mappings, files_mapping)
    if problems:
        raise ConfigError(problems)
    return rules


def examine(
    rules_dir: Path,
    company: Company,
    mappings: Mapping[str, tuple[str, Path]],
    files_mapping: Path | None,
    schemas: Mapping[str, CrmSchema] | None = None,
) -> tuple[Rules, list[Problem]]:
    """Everything that could be read, and everything that is wrong: rules with problems are not to be run.

    `schemas` are what the CRMs told of their fields when somebody last looked, by connection.
    """
    reading = _Reading(rules_dir, company, schemas or {})
    rules = reading.rules(mappings, files_mapping)
    return rules, reading.problems()


class _Reading:
    """One pass over all files; pages are kept for their problems, warnings and contents."""

    def __init__(self, rules_dir: Path, company: Company, schemas: Mapping[str, CrmSchema]) -> None:
        self.rules_dir, self.company, self.schemas = rules_dir, company, schemas
        self.pages: dict[Path, Page] = {}
        self.strays: list[Problem] = []

    def rules(self, mappings: Mapping[str, tuple[str, Path]], files_mapping: Path | None) -> Rules:
        known = self._mappings(mappings)
        files = read_tables(self.page(files_mapping)) if files_mapping else {}
        self._agree(mappings, known)
        everything = catalogue(known.values(), files, self.company.currency)
        relations = informed(everything.relations, known, self.schemas)
        everything = replace(everything, relations=relations, teams=teams(known, self.schemas))
        self._hidden(mappings, known)
        self._strays()
        metrics_page = self.page(self.rules_dir / METRICS)
        reader = MetricsReader(metrics_page, everything, self.company.calendar)
        metrics = reader.metrics()
        self._plan_rates(metrics_page, metrics)
        messages = self._messages(everything)
        levels = levels_of(known.values(), files)
        targets, alerts = self.optional(TARGETS), self.optional(ALERTS)
        policies = (
            TargetsReader(targets, metrics, reader.naming, everything, levels, files, crm_quotas(known)).policies()
            if targets
            else ()
        )
        ringing = AlertsReader(alerts, metrics, reader.naming, messages, everything) if alerts else None
        rung, speaking = ringing.rules() if ringing else ({}, Speaking())
        weighed = self._scorecards(metrics, reader.naming, everything, levels)
        health = self.optional(HEALTH)
        judged = HealthReader(health, everything).rules() if health else ()
        paid = self.optional(INCENTIVES)
        plans = IncentivesReader(paid, metrics, reader.naming, everything).plans() if paid else ()
        earned = RecognitionReader(paid, metrics, reader.naming, messages, everything) if paid else None
        return Rules(
            metrics, policies, rung, known, files, everything, self._version(), self._warnings(),
            weighed.scorecards() if weighed else (), weighed.leaderboards() if weighed else {}, judged, plans,
            speaking, earned.recognition() if earned else Recognition(),
        )  # fmt: skip

    def _plan_rates(self, page: Page, metrics: Mapping[str, Metric]) -> None:
        """A metric at plan rates needs some; so did what it was before."""
        if self.company.plan_rates:
            return
        for name, metric in metrics.items():
            for at, each in enumerate((metric, *metric.before)):
                if each.rate == "plan" and not each.inputs:
                    trail = ("metrics", name, "rate") if at == 0 else ("metrics", name, "before", at - 1, "rate")
                    hint = "company: plan_rates: in config.yaml says them, a fiscal year at a time"
                    page.refuse(trail, "no-plan-rates", "the company has no plan rates", hint)

    def _scorecards(
        self, metrics: Mapping[str, Metric], naming: Naming, everything: Catalogue, levels: Sequence[str]
    ) -> ScorecardsReader | None:
        page = self.optional(SCORECARDS)
        return ScorecardsReader(page, metrics, naming, everything, levels) if page else None

    def page(self, path: Path) -> Page:
        """The page of a file, which is read once however many connections share it."""
        return self.pages.setdefault(path, Page(read(path)))

    def optional(self, name: str) -> Page | None:
        path = self.rules_dir / name
        return self.page(path) if path.exists() else None

    def problems(self) -> list[Problem]:
        found = [*self.strays, *(each for page in self.pages.values() for each in page.problems)]
        unread = any(page.file.value is None for page in self.pages.values())
        return [each for each in dict.fromkeys(found) if not (unread and each.code in _UNSEEN)]

    def _mappings(self, given: Mapping[str, tuple[str, Path]]) -> dict[str, CrmMapping]:
        found = {name: MappingReader(self.page(path), crm).mapping() for name, (crm, path) in given.items()}
        return {name: each for name, each in found.items() if each is not None}

    def _agree(self, given: Mapping[str, tuple[str, Path]], known: Mapping[str, CrmMapping]) -> None:
        """A custom field has one type, whichever CRM it comes from."""
        types: dict[tuple[str, str], tuple[str, str]] = {}
        for connection, mapping in known.items():
            page = self.page(given[connection][1])
            for section, kind in KINDS.items():
                sources = [each for each in mapping.sources if each.kind is kind]
                for name, field in custom_fields([mapping], kind):
                    kept, where = types.setdefault((section, name), (field.type, page.file.name))
                    if kept != field.type:
                        at = next(at for at, each in enumerate(sources) if name in each.custom)
                        text = f"`{name}` is {field.type} here, and {kept} in {where}"
                        page.refuse_key((section, at, "custom", name), "conflicting-type", text)

    def _hidden(self, given: Mapping[str, tuple[str, Path]], known: Mapping[str, CrmMapping]) -> None:
        """What a mapping asks for by a section of its own, and a CRM had switched off when somebody last looked."""
        for connection, mapping in known.items():
            for section, at, obj in _missing(mapping, self.schemas.get(connection)):
                page = self.page(given[connection][1])
                text = f"{connection} showed no {obj} when somebody last looked"
                page.warn((section, at, "from"), "not-shown", text, "`attain doctor` says what to switch on")

    def _messages(self, everything: Catalogue) -> Messages:
        """The messages by language. English has what only another language says, too."""
        paths = sorted((self.rules_dir / "messages").glob("*.yaml"), key=lambda each: (each.stem != ENGLISH, each))
        fields = [name for kind in ("deals", "accounts") for name in everything.relations[kind].fields]
        found = {path.stem: read_messages(self.page(path), fields) for path in paths}
        known = found.get(ENGLISH, {})
        for path in paths:
            missing = ", ".join(sorted(known.keys() - found[path.stem].keys()))
            if missing:
                text = f"{missing}: not in this language, and told in English"
                self.page(path).warnings.append(Problem(Place(shown(path)), "not-translated", text))
        merged = {name: each for path in reversed(paths) for name, each in found[path.stem].items()}
        others = {language: each for language, each in found.items() if language != ENGLISH}
        return Messages(merged, others, fields)

    def _strays(self) -> None:
        """A file with a misspelt name would be obeyed by nobody, and say so to nobody."""
        known = FILES
        for path in sorted(self.rules_dir.rglob("*.y*ml")):
            inside = path.relative_to(self.rules_dir)
            if str(inside) in known or (inside.parts[0] in ("messages", "trials") and path.suffix == ".yaml"):
                continue
            hint = did_you_mean(path.name, known) or f"known are {', '.join(known)}, messages/*.yaml, trials/*.yaml"
            self.strays.append(Problem(Place(shown(path)), "unknown-file", "no file of rules has this name", hint))

    def _version(self) -> str:
        digests = sorted(hashlib.sha256(each.file.text.encode()).digest() for each in self.pages.values())
        return hashlib.sha256(b"".join(digests)).hexdigest()[:12]

    def _warnings(self) -> tuple[str, ...]:
        found: Iterable[Problem] = (each for page in self.pages.values() for each in page.warnings)
        return tuple(str(each) for each in sorted(dict.fromkeys(found), key=lambda each: each.place))


def _missing(mapping: CrmMapping, schema: CrmSchema | None) -> Iterator[tuple[str, int, str]]:
    """What of ASKED_FOR the CRM does not show: section, place in it, object; nothing where nobody has looked."""
    for section, kind in ASKED_FOR.items() if schema else ():
        for at, each in enumerate(each for each in mapping.sources if each.kind is kind):
            if schema and each.object not in schema.objects:
                yield section, at, each.object
