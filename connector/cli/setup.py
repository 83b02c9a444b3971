"""Commands that set things up and look them over: init, check, doctor, schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, AsJson, Config
from connector.cli.terminal import complain, counted, say, writing

if TYPE_CHECKING:
    from connector.ports import Crm
    from connector.service.wiring import Checked

Folder = Annotated[Path, typer.Argument(help="Where the files go.")]


def init(
    folder: Folder = Path(),
    connection: Annotated[str | None, typer.Option(help="Look into this connection and propose its mapping.")] = None,
) -> None:
    """Lay out config, rules and mappings; with --connection, propose a mapping from what the CRM describes."""
    from connector.service.starter import lay_out

    if connection is None:
        from connector.service.editors import FOLDER, write_schemas

        with writing(folder):
            written = lay_out(folder)
            if written:
                write_schemas(folder / FOLDER, None)
        for path in written:
            say(f"wrote {path}")
        say(f"{counted(len(written), 'file')} written; nothing that existed was touched.")
        say("Next: fill in config.yaml, then `attain init --connection NAME`, `attain doctor`, `attain install NAME`.")
        return
    from connector.cli.proposal import propose_mapping
    from connector.service.wiring import house

    with house(folder / "config.yaml", guarded=False) as found:
        propose_mapping(found, connected(found.crms, connection))


def check(
    config: Config = DEFAULT,
    offline: Annotated[bool, typer.Option(help="Leave secrets unresolved; nothing is connected either way.")] = False,
) -> None:
    """Read every file and say what is wrong, line by line. Changes nothing."""
    from connector.errors import ConfigError
    from connector.service.wiring import check as check_files

    try:
        found = check_files(config, offline=offline)
    except ConfigError as error:
        complain(str(error), style=None)
        files = len({problem.place.file for problem in error.problems})
        complain(f"{counted(len(error.problems), 'problem')} in {counted(files, 'file')}. Nothing was changed.")
        raise typer.Exit(2) from None
    for warning in found.rules.warnings:
        complain(warning, style="yellow")
    for problem in _misread_quotas(found):
        complain(f"note: {problem}", style="yellow")
    for remark in _dry_run(found):
        complain(f"note: {remark}", style="yellow")
    if idle := found.rules.idle:
        some = ", ".join(idle[:4]) + (f" and {len(idle) - 4} more" if len(idle) > 4 else "")
        complain(f"note: measured, and nothing is made of: {some}", style=None)
    for name in found.tables.absent:
        complain(f"note: the table `{name}` has no file; it counts as empty", style=None)
    metrics, targets = len(found.rules.metrics), len(found.rules.targets)
    parts = (counted(metrics, "metric"), counted(targets, "target"), counted(len(found.rules.alerts), "alert"))
    say(
        f"{', '.join(parts)}, {counted(len(found.rules.mappings), 'connection')}: all well. Rules {found.rules.version}."
    )


def _misread_quotas(found: Checked) -> tuple[str, ...]:
    """Rows of own numbers that name no metric or period; who they name is known only after a sync."""
    from connector.targets.quotas import misread

    company = found.settings.company
    return misread(found.rules.targets, company.calendar, found.tables.rows, found.rules.metrics, company.currency)


def _dry_run(found: Checked) -> Iterator[str]:
    """What the records of the last sync say about the rules; silent before the first one."""
    if not found.settings.mirror.exists():
        return
    from connector.measure.dry_run import dry_run
    from connector.service.wiring import REAL
    from connector.store.mirror import open_mirror

    mirror = open_mirror(found.settings.mirror)
    today = found.settings.company.day_of(REAL.now())
    for each in dry_run(mirror, list(found.rules.metrics.values()), found.rules.catalogue, today):
        if each.records and not each.chosen:
            yield f"{each.place}: `{each.metric}` can never count: 0 of {counted(each.records, 'record')} in {each.relation} match"
        yield from (f"{each.place}: `{each.metric}`: {strange}" for strange in each.strange)
    mirror.close()


def doctor(config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """Log in, look around, and say what is missing and what to click; also what a first pull will cost."""
    from connector.cli.examination import examine
    from connector.service.wiring import house

    with house(config, guarded=False) as found:
        raise typer.Exit(examine(found, as_json=as_json))


def schema(
    folder: Annotated[Path, typer.Argument(help="Where the JSON Schemas go.")] = Path("rules/.schema"),
    config: Config = DEFAULT,
) -> None:
    """Write JSON Schemas of every file, so that editors complete keys, metrics and fields."""
    from connector.service.editors import write_schemas
    from connector.service.wiring import check as check_files

    found = check_files(config, offline=True) if config.exists() else None
    with writing(folder):
        for path in write_schemas(folder, found):
            say(f"wrote {path}")
    say("Editors find them by the first line of each file: # yaml-language-server: $schema=.schema/metrics.schema.json")


def functions() -> None:
    """What conditions and measures may say: every function, every relation with its fields."""
    from connector.cli import reference
    from connector.cli.terminal import table

    table(("function", "over", "gives"), list(reference.functions()))
    say()
    table(("relation", "field", "type", "what it is"), list(reference.fields()))


def connected(crms: Mapping[str, Crm], name: str) -> Crm:
    if name in crms:
        return crms[name]
    from connector.yamlfile import did_you_mean

    hint = did_you_mean(name, crms) or f"the config has {', '.join(crms) or 'none'}"
    complain(f"there is no connection `{name}`; {hint}")
    raise typer.Exit(2)
