"""The metrics that come with the product, read from the files that come with it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.appraisal.rules import Rules
from connector.measure.formulas import family
from connector.measure.metric import Metric
from connector.model.calendar import Calendar
from connector.model.settings import Company
from connector.rulebook.load import load

HOME = Path(__file__).parents[2]


@cache
def shipped_rules() -> Rules:
    company = Company("Example", "EUR", ZoneInfo("Europe/Berlin"), Calendar())
    mappings = {
        name: (crm, HOME / "mappings" / f"{crm}.yaml") for name, crm in (("emea", "salesforce"), ("smb", "hubspot"))
    }
    return load(HOME / "rules", company, mappings, HOME / "mappings" / "files.yaml")


def shipped(*names: str) -> list[Metric]:
    """These metrics, and whatever their formulas are made of."""
    known = shipped_rules().metrics
    return list({each.name: each for name in names for each in family(known[name], known)}.values())


def without(metrics: Iterable[Metric], name: str) -> list[Metric]:
    return [each for each in metrics if each.name != name]
