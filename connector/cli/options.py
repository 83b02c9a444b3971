"""Options that several commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.terminal import complain
from connector.model.calendar import YEARS


def day(text: str | None) -> date | None:
    """A day as typed: 2026-11-25; of years that periods have."""
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year not in YEARS:
        complain(f"--today: `{text}` is not a day like 2026-11-25")
        raise typer.Exit(2)
    return found


Config = Annotated[Path, typer.Option("--config", "-c", help="The config file.")]
Today = Annotated[str | None, typer.Option(help="Pretend it is this day (2026-11-25).")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
As = Annotated[str | None, typer.Option("--as", help="Only what this person may see, by the config's privacy.")]
DEFAULT = Path("config.yaml")
