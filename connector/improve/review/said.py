"""What people said, and what became of it: notes of the period, and what the last review asked for."""

from __future__ import annotations

from collections.abc import Sequence

from connector.appraisal.notes import of_period
from connector.improve.looking.look import Look
from connector.improve.review.parts import Back, Section, Table
from connector.model.notes import ACTION, RATING, Note
from connector.model.results import Subject

NOBODY = "nobody answered yet"


def voices(back: Back) -> Section:
    """Feedback, disputes and check-ins with their answers or the lack of one."""
    found, problems = back.notes
    mine = list(of_period(found, back.period.id, back.period.starts_on, back.period.last_day))
    said = [each for each in mine if each.kind not in (ACTION, RATING)]
    rows = tuple(
        (
            f"{each.written_on}", _name(back, each.person), each.kind.replace("_", "-"),
            back.rules.metrics[each.metric].title if each.metric in back.rules.metrics else each.metric,
            each.text, each.answer or (NOBODY if each.is_open else ""),
        )
        for each in said
    )  # fmt: skip
    waiting = sum(each.is_open for each in said)
    says = [f"{len(said)} notes, {waiting} of them without an answer." if said else "Nobody noted anything."]
    says += [f"Not read: {each}." for each in problems]
    tables = [Table(("on", "about", "kind", "metric", "said", "answer"), rows)] if rows else []
    ratings = tuple(
        (
            _name(back, each.person),
            f"{each.rating:f}" if each.rating is not None else "—",
            each.text,
            _author(back, each),
        )
        for each in mine
        if each.kind == RATING and back.agreed.may_know("", Subject("person", each.person), back.period)
    )
    if ratings:
        tables.append(Table(("rated", "rating", "because", "by"), ratings, ("rating",)))
    return Section("What people said", tuple(says), tuple(tables))


def follow_up(back: Back) -> Section:
    """Actions that were agreed on in this period and the one before: done, due, or late."""
    found, _ = back.notes
    last = back.calendar.before(back.period)
    actions = [
        each
        for period in (last, back.period)
        for each in of_period(found, period.id, period.starts_on, period.last_day)
        if each.kind == ACTION
    ]
    rows = tuple(
        (f"{each.written_on}", _name(back, each.person), each.text, f"{each.due_on or '—'}", _state(back, each))
        for each in actions
    )
    if not rows:
        return Section("What was agreed on", ("No action was agreed on in this period or the one before.",))
    done = sum(each.done_on is not None for each in actions)
    head = ("on", "who", "what", "due", "state")
    return Section("What was agreed on", (f"{done} of {len(actions)} actions are done.",), (Table(head, rows),))


def looked(back: Back, found: Sequence[Look], periods: int) -> Section:
    """What detectors saw: beside how usual it is, with records, and with no consequence."""
    title = "Worth a look"
    if not back.privacy.detectors:
        return Section(title, ("No detector is allowed: `privacy: detectors:` in the config says which are.",))
    says = [
        f"Over {periods} periods. Each is a reason to ask, and none to judge: there may be a good one for every pattern."
        if found
        else "Nothing stands out."
    ]
    rows = tuple((_name(back, each.person), each.detector, each.says, ", ".join(each.evidence)) for each in found)
    return Section(title, tuple(says), (Table(("who", "what", "how often", "records"), rows),) if rows else ())


def _state(back: Back, note: Note) -> str:
    if note.done_on:
        return f"done {note.done_on}"
    return "late" if note.due_on and note.due_on < back.today else "open"


def _name(back: Back, person: str) -> str:
    return back.name(Subject("person", person))


def _author(back: Back, note: Note) -> str:
    return _name(back, note.author) if back.roster.get(note.author) else note.author
