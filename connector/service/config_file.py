"""`config.yaml`: its shape, as ops write it; what a connection needs, its kind of CRM says."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from connector.rulebook.notation import AFigure
from connector.rulebook.validate import Shape
from connector.service.fiscal_year import WEEKDAYS, FiscalYear
from connector.service.privacy import PrivacyBlock

WORK_WEEK = WEEKDAYS[:5]


class CompanyBlock(Shape):
    """`company:`"""

    name: str
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="three letters: EUR")
    zone: str
    fiscal_year_starts: str | None = None  # short for fiscal_year: {starts: …}
    fiscal_year: FiscalYear | None = None
    holidays: str | list[str] | None = None
    holidays_elsewhere: dict[str, str | list[str]] = Field(default_factory=dict)  # by people's level `country`
    working_days: list[str] = Field(default_factory=lambda: list(WORK_WEEK))
    close_after: str | int = "15 working days"
    like_periods: int = Field(default=4, ge=2, le=40)
    language: str = Field(
        default="en", pattern=r"^[a-z]{2}(-[A-Za-z]{2,4})?$", description="en, zh-CN: a file of rules/messages"
    )
    plan_rates: dict[str, dict[str, AFigure]] = Field(
        default_factory=dict
    )  # FY2027 → currency → units of it for one of ours


class ScheduleBlock(Shape):
    """`schedule:`"""

    every: str = "15 minutes"


class ConfigFile(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    company: CompanyBlock
    store: str = "attain.db"
    rules: str = "rules"
    files: str | None = None
    files_mapping: str = "mappings/files.yaml"
    connections: dict[str, dict[str, str | int | bool]] = Field(default_factory=dict)
    schedule: ScheduleBlock = ScheduleBlock()
    door: str | None = Field(
        default=None,
        pattern=r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$",
        description="host:port where CRMs tell us of changes, behind a proxy that speaks https",
    )
    privacy: PrivacyBlock = PrivacyBlock()


def config_schema() -> dict[str, object]:
    """The JSON Schema of the config, for editors; what a connection needs, its kind of CRM says."""
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": draft, **ConfigFile.model_json_schema(), "title": "config.yaml"}
