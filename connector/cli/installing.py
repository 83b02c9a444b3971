"""Commands that put our parts into a CRM, hand them over as files, and take them away again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, Config
from connector.cli.terminal import complain, counted, say, writing

if TYPE_CHECKING:
    from connector.ports import InstallReport, Project

Name = Annotated[str, typer.Argument(help="The connection's name in the config.")]
Export = Annotated[
    Path | None, typer.Option("--export", help="Write a project for the vendor's own tool into this folder instead.")
]


def install(
    connection: Name,
    config: Config = DEFAULT,
    check: Annotated[
        bool, typer.Option("--check", help="Only say what would be created; the CRM tries it and keeps nothing.")
    ] = False,
    export: Export = None,
) -> None:
    """Create the fields, objects and pages that we write to, through the CRM's own API."""
    from connector.cli.examination import look_around
    from connector.cli.setup import connected
    from connector.flow.install import wanted_by
    from connector.service.wiring import house

    with house(config, guarded=False) as found:
        crm, wanted = connected(found.crms, connection), wanted_by(found, connection)
        if export is not None:
            _write(connection, crm.project(wanted), export)
            return
        report = crm.install(wanted, check=check)
        look_around(found)
    _tell(report)
    raise typer.Exit(3 if (report.missing and not check) or report.refused or report.to_do else 0)


def uninstall(
    connection: Name,
    config: Config = DEFAULT,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; otherwise it is only said what would go.")] = False,
) -> None:
    """Take our fields, objects and pages out of a CRM, with everything that they hold."""
    from connector.cli.setup import connected
    from connector.flow.install import uninstall as take_away
    from connector.flow.install import wanted_by
    from connector.service.wiring import house

    with house(config, guarded=False) as found:
        crm = connected(found.crms, connection)
        report = take_away(found, crm) if yes else crm.uninstall(wanted_by(found, connection), check=True)
    for name in report.removed:
        say(f"{'removed' if yes else 'would go'}  {name}")
    if report.grants:
        say(
            f"{'taken back' if yes else 'would be taken back'}: {counted(report.grants, 'grant')} of our permission sets"
        )
    if not report.removed:
        say(f"{connection}: nothing of ours is there.")
    elif yes:
        say(
            f"{connection}: {counted(len(report.removed), 'component')} removed; alerts that were told stay known, and are not told again."
        )
    else:
        say("Nothing was changed; `--yes` removes all of it, with what people typed there.", "bold")


def _write(connection: str, project: Project, folder: Path) -> None:
    if not project.files:
        complain(f"{connection}: this CRM has no project to export; `attain install {connection}` creates its fields")
        raise typer.Exit(2)
    standing = [name for name in project.files if (folder / name).exists()]
    if standing:
        complain(f"{folder / standing[0]} is already there; export into an empty folder. Nothing was written.")
        raise typer.Exit(2)
    with writing(folder):
        for name, content in project.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    say(f"wrote {counted(len(project.files), 'file')} below {folder}")
    say(f"Next: `cd {folder} && {project.then}`")


def _tell(report: InstallReport) -> None:
    for name in report.created:
        say(f"created  {name}")
    for name in report.missing:
        say(f"missing  {name}")
    for reason in report.refused:
        say(f"refused  {reason}", "yellow")
    for step in report.to_do:
        say(f"to do    {step}", "yellow")
    say(
        f"{report.connection}: {counted(len(report.present), 'field or object', 'fields and objects')} were there, "
        f"{len(report.created)} created, {len(report.missing)} missing"
        + (f", {len(report.refused)} refused; what is written needs none of those." if report.refused else ".")
    )
