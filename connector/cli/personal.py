"""Commands about people's data: privacy, about, forget; and the bundle for whoever helps."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, AsJson, Config
from connector.cli.terminal import complain, counted, refuse_unwritable, say, table, writing

if TYPE_CHECKING:
    from connector.flow.house import House
    from connector.model.people import Person

Who = Annotated[str, typer.Argument(help="A name, an e-mail address, or an id of ours.")]
SHOWN = 12  # rows of a table before the rest is counted


def privacy(config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """What is read, made and shown of people, for how long, and who sees it: from mappings, rules and settings."""
    from connector.service.annex import annex
    from connector.service.wiring import check

    checked = check(config, offline=True)
    found = annex(checked.settings, checked.rules)
    if as_json:
        say(json.dumps(asdict(found), indent=2))
        return
    say("What was agreed to", "bold")
    table(("subject", "what holds"), found.settings)
    say()
    say("What is read of people", "bold")
    read = [(each.connection, each.object, each.field, each.as_) for each in found.read if each.of_people]
    table(("connection", "object", "field", "read as"), read)
    say()
    say("What is read of deals, accounts and the rest", "bold")
    read = [(each.connection, each.object, each.field, each.as_) for each in found.read if not each.of_people]
    table(("connection", "object", "field", "read as"), read)
    say()
    say("What is made of it", "bold")
    made = [(each.what, each.metric, each.of, each.title, each.purpose) for each in found.made]
    table(("what", "name", "of", "title", "purpose"), made)
    say()
    say("What is written into the CRMs, or made there for people to type in", "bold")
    table(
        ("connection", "object", "field", "shows"),
        [(each.connection, each.object, each.field, each.shows) for each in found.shown],
    )


def about(person: Who, config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """Everything that is kept about somebody, for whoever asks by right."""
    from connector.service.wiring import house
    from connector.store.about import everything

    with house(config, connect=False) as found:
        who = _known(found, person)
        with found.store.reading() as tx:
            kept = everything(tx, who)
        if as_json:
            told = {
                "id": who.id,
                "name": who.name,
                "email": who.email,
                "logins": [str(each) for each in who.identities],
            }
            say(
                json.dumps(
                    told | {each.table: list(each.rows) for each in kept}, indent=2, default=str, ensure_ascii=False
                )
            )
            return
        say(f"{who.name}, {who.email or 'no address'}, {who.id}", "bold")
        for each in kept:
            say(f"{each.table}: {counted(len(each.rows), 'row')}", "bold")
            for row in each.rows[:SHOWN]:
                say("  " + ", ".join(f"{name} {value}" for name, value in row.items() if value not in (None, "", "{}")))
            if len(each.rows) > SHOWN:
                say(f"  … and {len(each.rows) - SHOWN} more; `--json` shows all")


def forget(
    person: Who,
    config: Config = DEFAULT,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; otherwise it is only said what would go.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Know somebody again who was forgotten: they were hired again.")
    ] = False,
) -> None:
    """Forget somebody: names, addresses and texts go at once, numbers stay under a pseudonym; and stay so.

    Targets and totals stay what they were. Rows of files go on counting under the pseudonym, also where a file still
    names them; what they typed is left out. A new login with an address of theirs stays without name (`attain doctor`
    lists it) until `--undo`.
    """
    from uuid import uuid4

    from connector.flow.keep import drawn
    from connector.service.wiring import house
    from connector.store import decisions, forgetting

    with house(config, connect=False) as found:
        if undo:
            _know_again(found, person, yes=yes)
            return
        who = _known(found, person)
        if not yes:
            with found.store.reading() as tx:
                for each in forgetting.about(tx, who):
                    say(f"{each.table}: {counted(len(each.rows), 'row')}")
            say("Nothing was changed; `--yes` forgets them.", "bold")
            return
        now, new = found.world.now(), drawn()
        with found.store.writing() as tx:
            touched = forgetting.forget(tx, who, now, new, found.rules.files)
            forgetting.fence(tx)
            note = decisions.Decision(uuid4().hex, "", "forget", f"p_{new}", sum(touched.values()), now)
            decisions.note(tx, note)
        say(f"p_{new} is forgotten: {counted(sum(touched.values()), 'row')} touched.")
        _clean_up(found)
    say("The next cycle clears what the CRMs show.")
    say(
        "Still to do by hand: rows of the CSV files that name them, which count under the pseudonym until then, and the "
        "user in the CRM: their targets go on until it is switched off."
    )
    say(
        "Names and custom texts of deals and accounts that name them come in again when such a record changes: "
        "where one does, change it in the CRM."
    )


def _know_again(found: House, handle: str, *, yes: bool) -> None:
    """Exit 2 when nobody who was forgotten is known by it."""
    from uuid import uuid4

    from connector.store import decisions, forgetting
    from connector.store.pseudonyms import id_of

    with found.store.reading() as tx:
        pseudonym = forgetting.recall(tx, handle)
    if pseudonym is None:
        complain(f"nobody who was forgotten had `{handle}`")
        raise typer.Exit(2)
    who = id_of(pseudonym)
    if not yes:
        say(f"{who} was forgotten, and would be known again.")
        say("Nothing was changed; `--yes` takes it back.", "bold")
        return
    with found.store.writing() as tx:
        logins = forgetting.take_back(tx, pseudonym)
        note = decisions.Decision(uuid4().hex, "", "forget --undo", who, logins, found.world.now())
        decisions.note(tx, note)
    say(f"{who} is known again: {counted(logins, 'login')}. The next cycle reads their name, and rows of files.")


def _clean_up(found: House) -> None:
    """The name leaves the store's file and the mirror's at once; with the next cycle, where another process runs."""
    from connector.errors import StoreBusy
    from connector.store.locks import run_lock
    from connector.store.mirror.file import discard

    try:
        found.store.compact()
    except StoreBusy as busy:
        complain(f"{busy}; until it is, parts of the file may still hold the name")
    try:
        with run_lock(found.store):
            for mirror in list(found.settings.mirror.parent.glob(found.settings.mirror.name + "*")):
                discard(mirror)  # what lies beside it as well, folders that DuckDB left among it
    except StoreBusy as busy:
        say(f"{busy}: its next cycle makes the mirror anew, which holds the name until then.")


def support_bundle(
    out: Annotated[Path, typer.Argument(help="The file to write.")] = Path("attain-support.zip"),
    config: Config = DEFAULT,
) -> None:
    """A zip for whoever helps: versions, states and counts; no name, no value, no secret."""
    from connector.service.support import bundle
    from connector.service.wiring import house

    refuse_unwritable(out)
    with house(config, connect=False) as found:
        with writing(out):
            names = bundle(found, out, found.world.now())
        for name in names:
            say(f"{out}: {name}")


def _known(found: House, handle: str) -> Person:
    """The person; exit 2 when nobody is meant, or several."""
    from connector.cli.agreed import one_person
    from connector.flow.appraise import people_of

    roster = people_of(found)
    person = roster.get(one_person(roster, handle).id)
    assert person is not None  # it was just found there
    return person
