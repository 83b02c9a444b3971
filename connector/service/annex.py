"""What is read, made and shown of people: the annex for a works council or a security review, from the files themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.appraisal.rules import Rules
from connector.model.records import RecordKind
from connector.model.settings import KEPT, Privacy, Settings
from connector.service.annex_fields import ReadField, Shown, read, written
from connector.service.annex_made import Made, made

AS = "scores, explain, targets, scorecard, payout, health, recognition"  # commands that have `--as`


@dataclass(frozen=True, slots=True)
class Annex:
    """All of it."""

    read: tuple[ReadField, ...]
    made: tuple[Made, ...]
    shown: tuple[Shown, ...]
    settings: tuple[tuple[str, str], ...]  # what was agreed to, in words


def annex(settings: Settings, rules: Rules) -> Annex:
    """From the mappings, the rules, the file tables and the `privacy:` block."""
    return Annex(
        tuple(read(rules)),
        tuple(made(rules, settings.privacy)),
        tuple(written(settings, rules)),
        (*_agreed(settings.privacy), *_seen(settings.privacy, rules), *_kept(settings.privacy), *_always(rules)),
    )


def _agreed(privacy: Privacy) -> Iterator[tuple[str, str]]:
    yield "ranks", "everybody has a place among others" if privacy.ranks else "nobody has a place among others"
    grain = "of teams; nobody's own are worked out" if privacy.activities == "team" else "of people"
    yield "activities", f"measured {grain}"
    if privacy.hold_back:
        yield "held back", f"nothing per person is worked out in {', '.join(sorted(privacy.hold_back))}"
        yield (
            "held back, whom it cannot hold",
            (
                "whoever has no country, or one written as none we know, is worked out like everybody else; `attain doctor` "
                "and every cycle say how many there are, and which words match nobody"
            ),
        )
    yield "patterns looked for in reviews", ", ".join(sorted(privacy.detectors)) or "none"


def _seen(privacy: Privacy, rules: Rules) -> Iterator[tuple[str, str]]:
    team = "those of their team, " if privacy.reps_see == "team" else ""
    yield (
        "viewers",
        f"people see their own numbers, {team}managers those of whoever reports to them, everybody the totals of units",
    )
    yield (
        "viewers, at which doors",
        (
            f"that holds where a command is asked `--as PERSON` ({AS}). Whoever may open the folder of the installation is its "
            "admin: without `--as`, and with every other command (review, diff, notes, suggest, about, …), the command line "
            "shows all that may be known. In a CRM its own rights decide who sees a field"
        ),
    )
    if boards := sorted(name for name, each in rules.leaderboards.items() if each.private):
        yield "private boards", f"{', '.join(boards)}: `attain scores` shows nobody's row but to themselves"
    if privacy.least_team > 1:
        yield (
            "small units",
            (
                f"totals of fewer than {privacy.least_team} people, of those who were there in the period, are not shown, nor "
                "is the smallest total beside them by which they could be worked out"
            ),
        )
    elif privacy.activities == "team":
        yield (
            "small units",
            "every total is shown, since `least_team` is 1: the activities of a team of one person are that person's",
        )


def _kept(privacy: Privacy) -> Iterator[tuple[str, str]]:
    for kind in KEPT:
        months = privacy.keep.get(kind)
        yield f"{kind} are kept", "for good" if months is None else f"for {months} months"
    yield "read and not kept", "the text of a deal's next step: whether there is one is all that is kept"


def _always(rules: Rules) -> Iterator[tuple[str, str]]:
    yield (
        "also read of every record",
        (
            "its id, when it was changed, whether it is deleted or merged and into which, and ids of what it belongs to; of what "
            "we write, what stands there; of a CRM its fields, rights, limits and settings"
        ),
    )
    if texts := list(_texts(rules)):
        yield "texts of people that are read", "; ".join(texts)
    yield "never read", "subjects, bodies and descriptions of activities; calls' recordings; contacts"
    yield "never done", "a consequence without a human's click: alerts and numbers inform, nothing is decided"


def _texts(rules: Rules) -> Iterator[str]:
    """Where people write what they like, and we read it."""
    for name, mapping in rules.mappings.items():
        for source in mapping.sources:
            if source.kind is RecordKind.NOTE:
                yield f"notes about targets and their answers ({name}, {source.object})"
    if "notes" in rules.files:
        yield f"notes about targets ({rules.files['notes'].file})"
