"""`attain demo`: an invented company in two stand-in CRMs, one full cycle, and a quiet second one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.cli.terminal import complain


def demo(
    folder: Annotated[
        Path | None, typer.Option("--keep", help="Keep everything in this folder, to look around afterwards.")
    ] = None,
    people: Annotated[int, typer.Option(min=8)] = 40,
    deals: Annotated[int, typer.Option(min=50)] = 5000,
    seed: int = 7,
) -> None:
    """Install, pull, score, write back, explain; then a second cycle that sends nothing. All on this machine."""
    import tempfile

    from connector.cli.tour import Tour, guide

    with tempfile.TemporaryDirectory(prefix="attain-demo-") as temporary:
        where = folder or Path(temporary)
        if folder and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            complain(f"{folder} is {'not empty' if folder.is_dir() else 'no folder'}; name a new one")
            raise typer.Exit(2)
        raise typer.Exit(guide(Tour(where, people, deals, seed)))
