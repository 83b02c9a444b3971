"""JSON Schemas of every kind of file, so that editors complete keys, names and fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from connector.appraisal.rules import Rules, crm_quotas
from connector.language.functions import FUNCTIONS
from connector.model.catalogue import RELATIONS, Relation
from connector.rulebook.alerts_file import AlertsFile
from connector.rulebook.files_file import FilesFile
from connector.rulebook.health_file import HealthFile
from connector.rulebook.incentives_file import IncentivesFile
from connector.rulebook.mapping_file import MappingFile
from connector.rulebook.messages_file import MessagesFile
from connector.rulebook.metrics_file import MetricsFile
from connector.rulebook.scorecards_file import ScorecardsFile
from connector.rulebook.speaking_file import scores
from connector.rulebook.targets_file import TargetsFile

Schema = dict[str, Any]  # a JSON document

_FILES: Mapping[str, tuple[type[BaseModel], str]] = {
    "metrics": (MetricsFile, "rules/metrics.yaml"),
    "targets": (TargetsFile, "rules/targets.yaml"),
    "alerts": (AlertsFile, "rules/alerts.yaml"),
    "scorecards": (ScorecardsFile, "rules/scorecards.yaml"),
    "health": (HealthFile, "rules/health.yaml"),
    "incentives": (IncentivesFile, "rules/incentives.yaml"),
    "messages": (MessagesFile, "rules/messages/*.yaml"),
    "mapping": (MappingFile, "mappings/<crm>.yaml"),
    "files": (FilesFile, "mappings/files.yaml"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """Who there is: for editors only, since people come and go."""

    people: tuple[str, ...] = ()
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # level → the units that somebody sits in


def schemas(rules: Rules | None, known: Known = Known()) -> Mapping[str, Schema]:
    """One schema per kind of file; with rules, they know the names of this company, and with `known` its people."""
    found = {name: _schema(model, title) for name, (model, title) in _FILES.items()}
    relations = rules.catalogue.relations if rules else RELATIONS
    metric = found["metrics"]["$defs"]["MetricEntry"]["properties"]
    for each in (metric, found["metrics"]["$defs"]["FormerEntry"]["properties"]):
        _measures(each, relations, "enum" if rules else "examples")
    _conditions(found["targets"]["$defs"]["TargetEntry"]["properties"], ("for",), relations["people"])
    alert_entry = found["alerts"]["$defs"]["AlertEntry"]
    alert = alert_entry["properties"]
    _conditions(alert, ("for",), relations["people"])
    _conditions(alert, ("when", "until"), scores("number"))
    _conditions(found["scorecards"]["$defs"]["ScorecardEntry"]["properties"], ("for",), relations["people"])
    _conditions(found["incentives"]["$defs"]["PlanEntry"]["properties"], ("for",), relations["people"])
    point = found["health"]["$defs"]["HealthPointEntry"]["properties"]
    point["when"]["description"] += f". Fields of {_fields(relations, ('deals', 'accounts'))}"
    for entry in (
        found["targets"]["$defs"]["TargetEntry"],
        alert_entry,
        found["scorecards"]["$defs"]["ScorecardEntry"],
    ):
        entry["properties"]["for"]["description"] += _people(known)
    _units(found["targets"]["$defs"]["TargetEntry"]["properties"], known)
    if rules:
        metrics = list(rules.metrics)
        alert["metric"]["enum"] = metrics
        for entry in ("CoachingEntry", "PraiseEntry", "DriverEntry"):
            found["alerts"]["$defs"][entry]["properties"]["metric"]["enum"] = metrics
        target = found["targets"]["$defs"]["TargetEntry"]["properties"]
        target["metric"]["enum"] = metrics
        target["quotas"]["items"]["enum"] = [
            *(f"files.{name}" for name in rules.files),
            *crm_quotas(rules.mappings),
        ]
        metric["formula"]["description"] += f". Metrics: {', '.join(metrics)}"
        gate = found["scorecards"]["$defs"]["GateEntry"]["properties"]
        gate["when"]["description"] += f". Metrics: {', '.join(metrics)}"
        found["scorecards"]["properties"]["leaderboards"]["propertyNames"] = {"enum": metrics}
    return found


def _schema(model: type[BaseModel], title: str) -> Schema:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(), "title": title}


def _measures(properties: Schema, relations: Mapping[str, Relation], known: str) -> None:
    """What a metric may be made of, dated by and credited by, whatever its relation.

    `known` is "enum" when these are all there are, "examples" while file tables are not known.
    """
    properties["of"][known] = list(relations)
    properties["date"][known] = _each(each.dates for each in relations.values())
    properties["credit"][known] = _each(each.credits for each in relations.values())
    properties["where"]["description"] += f". Fields of {_fields(relations, relations)}"
    gathering = [f"{each.signature}: {each.says}" for each in FUNCTIONS.values()]
    properties["measure"]["description"] += f". {'; '.join(gathering)}"


def _people(known: Known) -> str:
    """Names and units to choose from, in a hover."""
    words = [f"{level}: {', '.join(units)}" for level, units in known.units.items() if units]
    words += [f"name: {', '.join(known.people)}"] if known.people else []
    return f". Known are {'; '.join(words)}" if words else ""


def _units(properties: Schema, known: Known) -> None:
    """Levels and their units, to be completed; another one may be typed, since somebody may sit there tomorrow."""
    levels = {
        level: {"type": "object", "properties": {unit: {} for unit in units}, "additionalProperties": True}
        for level, units in known.units.items()
    }
    if levels:
        inner = next(each for each in properties["units"]["anyOf"] if each.get("type") == "object")
        inner["properties"] = levels


def _fields(relations: Mapping[str, Relation], names: Iterable[str]) -> str:
    return "; ".join(f"{name}: {', '.join(relations[name].fields)}" for name in names)


def _conditions(properties: Schema, keys: tuple[str, ...], over: Relation) -> None:
    for key in keys:
        says = [f"{each.name} ({each.type}): {each.says}" for each in over.fields.values()]
        properties[key]["description"] += f". {'; '.join(says)}"


def _each(words: Iterable[tuple[str, ...]]) -> list[str]:
    return list(dict.fromkeys(word for each in words for word in each))
