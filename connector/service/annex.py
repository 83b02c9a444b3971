"""What is read, made and shown of people: the annex for a works council or a security review, from the files themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.appraisal.agreed import per_team
from connector.appraisal.rules import Rules
from connector.model.records import RecordKind
from connector.model.settings import KEPT, Settings
from connector.normalise.mapping import AlertTasks, CrmMapping, RecordFields, ScoreProperties, ScoreRows

# Kinds of records that are about people themselves; deals and accounts are about business, credited to people.
OF_PEOPLE = frozenset({RecordKind.USER, RecordKind.ACTIVITY, RecordKind.NOTE, RecordKind.MEMBERSHIP})

_MARKED = (RecordKind.DEAL, "next_step")  # of whose text nothing but that there is one goes on from the door


@dataclass(frozen=True, slots=True)
class ReadField:
    """A field of a CRM that is read."""

    connection: str
    object: str
    field: str
    as_: str  # what we call it
    of_people: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A number that is made, and of whom."""

    metric: str
    title: str
    of: str  # person | team
    purpose: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of a CRM that we write, and what it shows."""

    connection: str
    object: str
    field: str
    shows: str


@dataclass(frozen=True, slots=True)
class Annex:
    """All of it."""

    read: tuple[ReadField, ...]
    made: tuple[Made, ...]
    shown: tuple[Shown, ...]
    settings: tuple[tuple[str, str], ...]  # what was agreed to, in words


def annex(settings: Settings, rules: Rules) -> Annex:
    """From the mappings, the rules and the `privacy:` block."""
    hidden = per_team(rules.metrics, settings.privacy)
    aimed = {each.metric for each in rules.targets}
    made = (
        Made(
            each.name,
            each.title,
            "team" if each.name in hidden else "person",
            each.because or _purpose(each.name, aimed),
        )
        for each in rules.metrics.values()
    )
    read = (each for name, mapping in rules.mappings.items() for each in _read(name, mapping))
    shown = (each for name, mapping in rules.mappings.items() for each in _shown(name, mapping))
    return Annex(tuple(read), tuple(made), tuple(shown), tuple(_agreed(settings)))


def _purpose(metric: str, aimed: set[str]) -> str:
    return "measured against a target" if metric in aimed else "measured, without a target"


def _read(connection: str, mapping: CrmMapping) -> Iterator[ReadField]:
    for source in mapping.sources:
        personal = source.kind in OF_PEOPLE
        named = {**source.fields, **{name: each.field for name, each in source.custom.items()}}
        for name, theirs in named.items():
            what = (
                "whether a next step is planned"
                if (source.kind, name) == _MARKED
                else f"{source.kind} {name}".replace("_", " ")
            )
            yield ReadField(connection, source.object, theirs, what, personal)


def _shown(connection: str, mapping: CrmMapping) -> Iterator[Shown]:
    write = mapping.write
    match write.scores:
        case ScoreRows() as rows:
            yield from (Shown(connection, rows.object, name, each) for name, each in rows.fields.items())
        case ScoreProperties() as properties:
            names = (f"{properties.prefix}<metric>_<period>_{each}" for each in properties.attributes)
            yield from (Shown(connection, properties.object, name, name.rpartition("_")[2]) for name in names)
        case None:
            pass
    for place in (write.alerts, write.deals, write.accounts):
        if isinstance(place, AlertTasks | RecordFields):
            yield from (Shown(connection, place.object, name, each) for name, each in place.fields.items())


def _agreed(settings: Settings) -> Iterator[tuple[str, str]]:
    privacy = settings.privacy
    yield "ranks", "everybody has a place among others" if privacy.ranks else "nobody has a place among others"
    grain = "of teams; nobody's own are worked out" if privacy.activities == "team" else "of people"
    yield "activities", f"measured {grain}"
    yield (
        "viewers",
        "people see their own numbers, "
        + ("those of their team" if privacy.reps_see == "team" else "managers those of whoever reports to them")
        + ", everybody the totals of units",
    )
    if privacy.least_team > 1:
        yield "small units", f"totals of fewer than {privacy.least_team} people are not shown"
    if privacy.hold_back:
        yield "held back", f"nothing per person is worked out in {', '.join(sorted(privacy.hold_back))}"
    looks = ", ".join(sorted(privacy.detectors)) or "none"
    yield "patterns looked for in reviews", looks
    for kind in KEPT:
        months = privacy.keep.get(kind)
        yield f"{kind} are kept", "for good" if months is None else f"for {months} months"
    yield "read and not kept", "the text of a deal's next step: whether there is one is all that is kept"
    yield "never read", "subjects, bodies and descriptions of activities; calls' recordings; contacts"
    yield "never done", "a consequence without a human's click: alerts and numbers inform, nothing is decided"
