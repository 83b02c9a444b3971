"""`attain drift`: which fields of a CRM are not what they were when we read them, and that they are accepted as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, Config
from connector.cli.setup import connected
from connector.cli.terminal import complain, counted, say
from connector.errors import SchemaDrifted

if TYPE_CHECKING:
    from connector.flow.house import House
    from connector.ports import Crm, Source

Name = Annotated[str | None, typer.Argument(help="One connection; all of them otherwise.", show_default=False)]
Accept = Annotated[
    bool, typer.Option("--accept", help="They still mean the same: read on, and all of these once more.")
]


@dataclass(frozen=True, slots=True)
class _Paused:
    """A source that pauses."""

    connection: str
    source: Source
    why: str
    acceptable: bool  # a field that is gone cannot be read, whatever anybody says


def drift(connection: Name = None, accept: Accept = False, config: Config = DEFAULT) -> None:
    """Fields that were retyped or are gone, and lists whose values changed: which sources pause, and how to go on.

    Exit code 4 while one pauses.
    """
    from connector.errors import CrmDenied, CrmUnavailable
    from connector.service.wiring import house
    from connector.store.locks import run_lock

    codes, paused = list[int](), list[_Paused]()
    with house(config, guarded=False) as ready, run_lock(ready.store):
        for crm in [connected(ready.crms, connection)] if connection else ready.crms.values():
            try:
                paused += _paused(ready, crm)
            except (CrmDenied, CrmUnavailable) as trouble:
                codes.append(trouble.exit_code)
                complain(str(trouble))
        for each in paused:
            complain(each.why)
        accepted = _accepted(ready, paused) if accept else 0
    if accepted:
        say(f"{counted(accepted, 'source')} accepted: the next `attain sync` reads all of it once more.", "bold")
    if len(paused) > accepted:
        codes.append(SchemaDrifted.exit_code)
        say(f"{counted(len(paused) - accepted, 'source')} paused; the others go on.")
    elif not paused and not codes:
        say("Every field is what it was when it was read.")
    raise typer.Exit(min(codes, default=0))


def _paused(house: House, crm: Crm) -> Iterator[_Paused]:
    from connector.flow.drifting import look

    for source in crm.sources():
        try:
            found = look(house, crm, source)
        except SchemaDrifted as gone:
            yield _Paused(crm.name, source, str(gone), acceptable=False)
        else:
            if found.drift:
                yield _Paused(crm.name, source, found.drift, acceptable=True)


def _accepted(house: House, paused: Sequence[_Paused]) -> int:
    """How many could be."""
    from connector.store import shapes

    chosen = [each for each in paused if each.acceptable]
    with house.store.writing() as tx:
        for each in chosen:
            shapes.read_once_more(tx, each.connection, str(each.source))
    return len(chosen)
