"""Commands of the sandbox: an invented company, and two stand-in CRMs that serve it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import Today, day
from connector.cli.terminal import complain, counted, say, writing

if TYPE_CHECKING:
    from connector.sandbox.town import Town
    from connector.sandbox.wire import Switches

app = typer.Typer(
    help="An invented company, and stand-in CRMs that serve it over HTTP on this machine.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Argument(help="The company's folder.")]


@app.command()
def generate(
    folder: Folder,
    people: Annotated[int, typer.Option(min=8)] = 40,
    deals: Annotated[int, typer.Option(min=1)] = 5000,
    activities: Annotated[int | None, typer.Option(min=0, help="About eight per deal unless given.")] = None,
    seed: int = 7,
    today: Today = None,
) -> None:
    """Invent a company as plain CSV files, in place of one that is there; the same seed and day give the same company."""
    from datetime import UTC, datetime

    from connector.cli.terminal import progress
    from connector.sandbox.company import generate as invent

    with writing(folder), progress("inventing deals") as report:
        invent(
            folder,
            people=people,
            deals=deals,
            activities=activities,
            seed=seed,
            today=day(today) or datetime.now(UTC).date(),
            progress=report,
        )
    say(f"{counted(people, 'person', 'people')} and {counted(deals, 'deal')} written to {folder}")


@app.command("format")
def describe_format() -> None:
    """The files and columns of a company's folder, for whoever loads data of their own."""
    from connector.sandbox import company

    say(company.__doc__ or "")


@app.command()
def serve(
    data: Annotated[Path, typer.Option("--data", help="The company's folder.")],
    salesforce_port: Annotated[int, typer.Option(max=65_535, min=0)] = 0,
    hubspot_port: Annotated[int, typer.Option(max=65_535, min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Of everything that is left to chance.")] = 0,
    fail: Annotated[str, typer.Option(help="Share of requests that fail: 429:5%,503:1%,lost:1%,cut:1%")] = "",
    search_lag: Annotated[float, typer.Option(help="Seconds by which HubSpot's search trails.")] = 0.0,
    late_commits: Annotated[float, typer.Option(help="Seconds by which some Salesforce rows appear late.")] = 0.0,
    enterprise: Annotated[bool, typer.Option("--enterprise", help="HubSpot may have objects of one's own.")] = False,
) -> None:
    """Serve a company as Salesforce and HubSpot on the loopback, with a config that fits, until stopped."""
    import threading
    from datetime import timedelta

    from connector.sandbox.company import check
    from connector.sandbox.wire import Switches
    from connector.service.town_config import write_town_config

    problems = check(data)
    if problems:
        for problem in problems:
            complain(problem)
        raise typer.Exit(2)
    try:
        switches = Switches(
            seed=seed,
            fail=Switches.parse_fail(fail),
            search_lag=timedelta(seconds=search_lag),
            late_commits=timedelta(seconds=late_commits),
        )
    except ValueError as error:
        complain(f"--fail: {error}")
        raise typer.Exit(2) from None
    with _served(data, switches, salesforce_port, hubspot_port) as found:
        if enterprise:
            found.hubspot.upgrade()
        config = write_town_config(data, found)
        say(f"Salesforce  {found.salesforce_url}")
        say(f"HubSpot     {found.hubspot_url}")
        say(f"Try it from another terminal: attain install emea -c {config} && attain sync -c {config}")
        say("Stop with Ctrl-C.")
        threading.Event().wait()


@contextmanager
def _served(data: Path, switches: Switches, salesforce_port: int, hubspot_port: int) -> Iterator[Town]:
    """Both stand-ins; where a port is somebody else's, the command ends with 2."""
    from datetime import UTC, datetime

    from connector.sandbox.town import town

    served = town(
        data,
        now=lambda: datetime.now(UTC),
        switches=switches,
        salesforce_port=salesforce_port,
        hubspot_port=hubspot_port,
    )
    with ExitStack() as open_ones:
        try:
            found = open_ones.enter_context(served)
        except OSError as error:
            complain(f"the stand-ins cannot be served: {error.strerror or error}")
            raise typer.Exit(2) from None
        yield found
