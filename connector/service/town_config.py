"""A config that connects to the sandbox: real files on disk, as an admin would have them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from connector.sandbox.town import Town
from connector.service.starter import lay_out

CONFIG = """\
# config.yaml: the sandbox's CRMs. Everything here stays on this machine.
attain: 1

company:
  name: {name}
  currency: {currency}
  zone: {zone}
  fiscal_year_starts: {first_month}

privacy:
  ranks: on                           # nobody in an invented company minds

store: attain.db
rules: rules
files: files

connections:
  emea:
    type: salesforce
    mapping: mappings/salesforce.yaml
    consumer_key: {consumer_key}
    username: {username}
    private_key: ${{file:server.key}}
    divert: {salesforce_url}
    write: {write}

  smb:
    type: hubspot
    mapping: mappings/hubspot.yaml
    token: ${{file:hubspot.token}}
    base_url: {hubspot_url}
    calls_per_10_seconds: 180
    write: {write}
"""


def write_town_config(folder: Path, town: Town, *, write: str = "on") -> Path:
    """Lay out rules, mappings, keys and a config in a company's folder; returns the config's path."""
    from connector.model.fiscal import MONTHS

    lay_out(folder)
    company = json.loads((folder / "company.json").read_text(encoding="utf-8"))
    _keep_secret(folder / "server.key", town.private_key)
    _keep_secret(folder / "hubspot.token", town.token)
    path = folder / "config.yaml"
    path.write_text(
        CONFIG.format(
            name=company["name"],
            currency=company["currency"],
            zone=company.get("zone", "UTC"),
            first_month=MONTHS[int(company.get("fiscal_year_starts", 1)) - 1],
            consumer_key=town.consumer_key,
            username=town.username,
            salesforce_url=town.salesforce_url,
            hubspot_url=town.hubspot_url,
            write=write,
        ),
        encoding="utf-8",
    )
    return path


def _keep_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
