"""`attain drift`: which fields of a CRM are not what they were when we read them, and that they are accepted as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, Config
from connector.cli.setup import connected
from connector.cli.terminal import complain, counted, say

if TYPE_CHECKING:
    from connector.flow.house import House
    from connector.ports import Crm

Name = Annotated[str | None, typer.Argument(help="One connection; all of them otherwise.", show_default=False)]
Accept = Annotated[
    bool,
    typer.Option(
        "--accept", help="They still mean the same: read on; what is stored is read once more where that may not."
    ),
]


def drift(connection: Name = None, accept: Accept = False, config: Config = DEFAULT) -> None:
    """Fields that were retyped or are gone, and lists whose values changed: which sources pause, and how to go on.

    Exit code 4 while one pauses. It may be asked, and told, while `attain run` runs.
    """
    from connector.service.wiring import house

    with house(config, guarded=False) as ready:
        crms = [connected(ready.crms, connection)] if connection else list(ready.crms.values())
        raise typer.Exit(min((code for crm in crms for code in _told(ready, crm, accept=accept)), default=0))


def _told(house: House, crm: Crm, *, accept: bool) -> Iterator[int]:
    """One connection, source by source; yields exit codes."""
    from connector.errors import ConnectorError, CrmDenied, CrmUnavailable, SchemaDrifted
    from connector.flow import drifting

    troubles, pausing, again = list[ConnectorError](), 0, 0
    for source in crm.sources():
        try:
            found = drifting.look(house, crm, source)
        except (CrmDenied, CrmUnavailable, SchemaDrifted) as trouble:  # a field that is gone cannot be accepted
            if str(trouble) not in map(str, troubles):
                troubles.append(trouble)
            continue
        again += bool(found.was and found.was.wanted)
        if found.drift:
            complain(found.drift)
            pausing += 1
            again += accept and drifting.accept(house, crm, source, found)
    for each in troubles:
        complain(str(each))
    _summed_up(crm.name, pausing, again, accept=accept, is_clear=not troubles)
    yield from (each.exit_code for each in troubles)
    if pausing and not accept:
        yield SchemaDrifted.exit_code


def _summed_up(name: str, pausing: int, again: int, *, accept: bool, is_clear: bool) -> None:
    if pausing and accept:
        say(f"{name}: {counted(pausing, 'source')} accepted.", "bold")
    if again:
        say(f"{name}: {counted(again, 'source')} will be read once more from the beginning, by the next `attain sync`.")
    if pausing and not accept:
        say(f"{name}: {counted(pausing, 'source')} paused; the others go on.")
    if is_clear and not (pausing or again):
        say(f"{name}: every field is what it was when it was read.")
