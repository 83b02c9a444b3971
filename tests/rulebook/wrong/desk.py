"""Reads one text in the place of a good file, in memory, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from connector.appraisal.rules import Rules
from connector.errors import Problem
from connector.rulebook.alerts_file import AlertsReader
from connector.rulebook.catalogue import levels_of
from connector.rulebook.files_file import read_tables
from connector.rulebook.health_file import HealthReader
from connector.rulebook.incentives_file import IncentivesReader
from connector.rulebook.load import load
from connector.rulebook.mapping_file import MappingReader
from connector.rulebook.messages_file import Messages, read_messages
from connector.rulebook.metrics_file import MetricsReader
from connector.rulebook.naming import Naming
from connector.rulebook.page import Page
from connector.rulebook.recognition_file import RecognitionReader
from connector.rulebook.scorecards_file import ScorecardsReader
from connector.rulebook.targets_file import TargetsReader
from connector.yamlfile import parse
from tests.rulebook.folder import EURO

Crms = Mapping[str, tuple[str, str]]  # connection → its type, its mapping file


@dataclass(frozen=True)
class Desk:
    """A folder in which everything is right, against which texts are read."""

    rules: Rules
    naming: Naming
    messages: Page

    @classmethod
    def over(cls, home: Path, crms: Crms, files: str) -> Desk:
        mappings = {name: (crm, home / file) for name, (crm, file) in crms.items()}
        rules = load(home / "rules", EURO, mappings, home / files)
        naming = MetricsReader(_page(home / "rules/metrics.yaml"), rules.catalogue).naming
        return cls(rules, naming, _page(home / "rules/messages/en.yaml"))

    def problems(self, name: str, text: str) -> list[Problem]:
        """What is wrong with a text that stands in the place of a file."""
        page = Page(parse(text, name))
        rules = self.rules
        match Path(name).stem:
            case "metrics":
                MetricsReader(page, rules.catalogue).metrics()
            case "targets":
                levels = levels_of(rules.mappings.values(), rules.files)
                TargetsReader(page, rules.metrics, self.naming, rules.catalogue, levels, rules.files).policies()
            case "alerts":
                said = read_messages(self.messages)
                AlertsReader(page, rules.metrics, self.naming, Messages(said), rules.catalogue).rules()
            case "scorecards":
                levels = levels_of(rules.mappings.values(), rules.files)
                reader = ScorecardsReader(page, rules.metrics, self.naming, rules.catalogue, levels)
                reader.scorecards()
                reader.leaderboards()
            case "health":
                HealthReader(page, rules.catalogue).rules()
            case "incentives":
                IncentivesReader(page, rules.metrics, self.naming, rules.catalogue).plans()
                known = Messages(read_messages(self.messages))
                RecognitionReader(page, rules.metrics, self.naming, known, rules.catalogue).recognition()
            case "en":
                read_messages(page)
            case "files":
                read_tables(page)
            case "hubspot":
                MappingReader(page, "hubspot").mapping()
            case _:
                MappingReader(page, "salesforce").mapping()
        return page.problems


def _page(path: Path) -> Page:
    return Page(parse(path.read_text(encoding="utf-8"), path.name))


def codes(problems: Iterable[Problem]) -> list[str]:
    return [each.code for each in problems]
