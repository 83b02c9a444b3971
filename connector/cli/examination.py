"""What `attain doctor` says: findings with their cures, records set aside, the cost of a first pull."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict

from connector.appraisal.holding_back import doubts
from connector.cli.terminal import counted, say, spaced, table
from connector.errors import ConnectorError, CrmDenied, SchemaDrifted
from connector.flow.appraise import people_of
from connector.flow.drifting import look
from connector.flow.house import House
from connector.flow.install import wanted_by
from connector.model.changes import Receipt, Settled
from connector.normalise.doubles import doubles
from connector.ports import Crm, Finding, Severity, Volume
from connector.service.schemas import keep
from connector.store import forgetting, outbox, records, sightings
from connector.store.entries import State
from connector.store.pseudonyms import id_of
from connector.store.records import SetAside

CALLS_PER_SECOND = 5.0  # sequential calls of 0.2 s each: an estimate, and said so
SHOWN = 50  # records set aside
STYLES = {Severity.OK: "green", Severity.NOTE: "dim", Severity.WARNING: "yellow", Severity.ERROR: "red"}


def examine(house: House, *, as_json: bool) -> int:
    """Print everything; the exit code is 3 when something will not work."""
    findings = [finding for crm in house.crms.values() for finding in _asked(house, crm)]
    findings += [finding for crm in house.crms.values() for finding in _drifted(house, crm)]
    findings += [*_doubled(house), *_forgotten(house), *_not_held_back(house)]
    look_around(house)
    volumes = {crm.name: _volumes(crm, findings) for crm in house.crms.values()}
    with house.store.reading() as tx:
        aside = records.set_aside_list(tx)
    if as_json:
        say(json.dumps(_plain(findings, volumes, aside), default=str))
    else:
        _print_findings(findings)
        _print_volumes(volumes)
        _print_set_aside(aside)
    return 3 if any(each.severity is Severity.ERROR for each in findings) else 0


def _plain(
    findings: list[Finding], volumes: dict[str, list[Volume]], aside: list[SetAside]
) -> dict[str, list[dict[str, object]]]:
    """For machines: every finding, the cost of each source's first pull, and every record that is left out."""
    first = [
        {"connection": name, "of": each.source.object, "records": each.records, "calls": each.calls}
        for name, found in volumes.items()
        for each in found
    ]
    return {
        "findings": [asdict(each) for each in findings],
        "first_pull": first,
        "set_aside": [
            {"ref": str(each.ref), "reason": each.reason, "since": each.first_seen.isoformat()} for each in aside
        ],
    }


def _asked(house: House, crm: Crm) -> list[Finding]:
    """What the CRM's doctor finds, with what its CRM refused in mind."""
    with house.store.reading() as tx:
        stuck = [each for each in outbox.stuck(tx, crm.name) if each.state is State.FAILED]
    refused = [Receipt(each.change.row, Settled.REFUSED, reason=each.reason) for each in stuck]
    return crm.doctor(wanted_by(house, crm.name), refused)


def _drifted(house: House, crm: Crm) -> Iterator[Finding]:
    """Sources that pause because a field is not what it was; one that is gone is found by the CRM's own doctor."""
    with suppress(ConnectorError):
        for source in crm.sources():
            with suppress(SchemaDrifted, CrmDenied):
                found = look(house, crm, source)
                if found.drift:
                    says = "; ".join(each.says for each in found.differences)
                    yield Finding(crm.name, source.object, Severity.ERROR, says, found.cure)


def _doubled(house: House) -> Iterator[Finding]:
    """Logins with one e-mail address, as of the last pull."""
    with house.store.reading() as tx:
        found = doubles(sightings.users(tx))
    for each in found:
        names, connection = ", ".join(map(str, each.users)), each.users[0].connection
        if each.people == 1:
            text = (
                f"{names}: one e-mail address, and all in use: alerts and people's numbers go to one login of each CRM"
            )
            cure = "switch the other off, or give it an address of its own"
        else:
            text = f"{names}: one e-mail address, and {each.people} people: they had others when they were first seen"
            cure = "rows of files that say the address name nobody: write a name, or give each an address of their own"
        yield Finding(connection, each.users[0].object, Severity.WARNING, text, cure)


def _not_held_back(house: House) -> Iterator[Finding]:
    """Why `privacy: hold_back:` may hold nobody, by the people of the last pull."""
    for text in doubts(people_of(house), house.settings.privacy, house.today()):
        yield Finding(
            "config.yaml", "privacy", Severity.WARNING, text, "write what people's `country` is, or give them one"
        )


def _forgotten(house: House) -> Iterator[Finding]:
    """Logins in use of people who were forgotten: left on, or new ones with an address of theirs."""
    with house.store.reading() as tx:
        found = forgetting.in_use(tx)
    for ref, pseudonym in found:
        text = f"{ref} is in use, and of somebody who was forgotten ({id_of(pseudonym)}): they have no name here, and are told nothing"
        cure = f"switch it off in the CRM; or, where they were hired again, `attain forget {ref} --undo`"
        yield Finding(ref.connection, ref.object, Severity.WARNING, text, cure)


def look_around(house: House) -> None:
    """Keep what each CRM tells of its fields, for `attain check`; one that cannot be asked keeps what it told before."""
    for crm in house.crms.values():
        try:
            keep(house.settings.home, crm.name, crm.schema())
        except ConnectorError:
            continue


def _volumes(crm: Crm, findings: list[Finding]) -> list[Volume]:
    try:
        return list(crm.volumes())
    except ConnectorError as error:
        findings.append(Finding(crm.name, "first pull", Severity.WARNING, f"its size is unknown: {error}"))
        return []


def _print_findings(findings: list[Finding]) -> None:
    """Findings that say the same thing share a line: twenty missing fields are one thing to do."""
    together: dict[tuple[str, Severity, str, str], list[str]] = {}
    for each in sorted(findings, key=lambda each: (each.connection, list(Severity).index(each.severity))):
        together.setdefault((each.connection, each.severity, each.text, each.cure), []).append(each.subject)
    for (connection, severity, text, cure), subjects in together.items():
        say(f"{connection}  {severity:<8} {shortened(subjects)}: {_first_of(text)}", STYLES[severity])
        if cure and severity is not Severity.OK:
            say(f"          → {cure}")
    errors = sum(each.severity is Severity.ERROR for each in findings)
    warnings = sum(each.severity is Severity.WARNING for each in findings)
    say(f"{counted(len(findings), 'check')}: {counted(errors, 'error')}, {counted(warnings, 'warning')}.", "bold")


def shortened(names: list[str], shown: int = 4) -> str:
    """The first few names, and how many more there are."""
    rest = len(names) - shown
    return ", ".join(names) if rest <= 1 else f"{', '.join(names[:shown])} and {rest} more"


def _first_of(text: str) -> str:
    """A finding that lists very many names is cut; `--json` has them all."""
    head, separator, names = text.partition(": ")
    parts = names.split(", ")
    return f"{head}{separator}{shortened(parts)}" if len(parts) > 6 else text


def _print_volumes(volumes: dict[str, list[Volume]]) -> None:
    rows = [
        (name, each.source.object, spaced(each.records), spaced(each.calls))
        for name, found in volumes.items()
        for each in found
    ]
    if not rows:
        return
    say()
    table(("connection", "first pull of", "records", "API calls"), rows, right=("records", "API calls"))
    calls = sum(each.calls for found in volumes.values() for each in found)
    hours = calls / CALLS_PER_SECOND / 3600
    took = f"{hours:.1f} hours" if hours >= 1 else counted(max(1, round(hours * 60)), "minute")
    say(f"A first pull takes about {counted(calls, 'API call')} and {took} at {CALLS_PER_SECOND:.0f} calls a second.")


def _print_set_aside(aside: list[SetAside]) -> None:
    if not aside:
        return
    say()
    table(
        ("set aside", "reason", "since"),
        [(str(each.ref), each.reason, f"{each.first_seen:%Y-%m-%d}") for each in aside[:SHOWN]],
    )
    if len(aside) > SHOWN:
        say(f"… and {spaced(len(aside) - SHOWN)} more; --json has them all.")
    say(f"{counted(len(aside), 'record')} could not be normalised and {'is' if len(aside) == 1 else 'are'} left out.")
