"""What people typed into a CRM, and we keep as tables: quotas and notes about them, memberships, fiscal periods."""

from __future__ import annotations

from connector.model.records import MEMBERSHIPS, NOTES, PERIODS, Reading, RecordKind
from connector.normalise.fields import Fields, Refused


def quota(fields: Fields) -> Reading | None:
    """A person's own number for a period; None: of a metric that the mapping does not translate."""
    metric, user = fields.text("metric"), fields.ref("user", RecordKind.USER)
    if metric is None or user is None:
        return None  # a quota of a team or a territory is nobody's own
    currency = fields.text("currency")
    if currency and currency != fields.context.company.currency:
        raise Refused(f"{fields.source.fields.get('currency', 'currency')} is {currency}, and quotas are not converted")
    amount, quantity = fields.number("amount"), fields.number("quantity")
    assumed = fields.context.mapping.assumed(fields.context.company.currency)
    if amount is not None and not currency and assumed != fields.context.company.currency:
        name = fields.source.fields.get("amount", "amount")
        cure = f"say `constants: {{currency: {fields.context.company.currency}}}` where it is none"
        raise Refused(f"{name} is an amount in {assumed}, and quotas are not converted; {cure}")
    return Reading(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        values={
            "person": str(user),
            "metric": metric,
            "value": fields.required("amount", quantity if amount is None else amount),
            "starts_on": fields.required("starts_on", fields.day("starts_on")),
            "ends_on": fields.day("ends_on"),
            "grain": fields.text("grain"),
        },
    )


def note(fields: Fields) -> Reading | None:
    """What somebody typed about targets; None: it is about nobody, and by nobody we know."""
    author = fields.ref("author", RecordKind.USER)
    person = fields.ref("person", RecordKind.USER) or author
    if person is None:
        return None
    written_at, deal = fields.moment("written_at"), fields.ref("deal", RecordKind.DEAL)
    return Reading(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        values={
            "person": str(person),
            "author": str(author) if author else None,
            "kind": fields.required("kind", fields.text("kind")),
            "metric": fields.text("metric"),
            "period": fields.text("period"),
            "deal": str(deal) if deal else None,
            "text": fields.text("text"),
            "rating": fields.number("rating"),
            "due_on": fields.day("due_on"),
            "done_on": fields.day("done_on"),
            "answer": fields.text("answer"),
            "written_on": fields.context.company.day_of(written_at or fields.raw.modified_at),
        },
        of=NOTES,
    )


def membership(fields: Fields) -> Reading | None:
    """A unit that somebody sits in besides their seat, as a CRM has it today; None: it is no longer in force."""
    user, unit = fields.ref("user", RecordKind.USER), fields.text("unit")
    if user is None or unit is None or fields.flag("active") is False:
        return None
    return Reading(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        values={"person": str(user), "level": fields.required("level", fields.text("level")), "unit": unit},
        of=MEMBERSHIPS,
    )


def fiscal_period(fields: Fields) -> Reading | None:
    """A period of a fiscal year that somebody cut by hand; None: of a length that the mapping does not translate."""
    grain = fields.text("grain")
    if grain is None:
        return None
    number = fields.number("number")
    return Reading(
        ref=fields.raw.ref,
        modified_at=fields.raw.modified_at,
        values={
            "grain": grain,
            "starts_on": fields.required("starts_on", fields.day("starts_on")),
            "ends_on": fields.required("ends_on", fields.day("ends_on")),
            "year": fields.text("year") or "",
            "number": None if number is None else int(number),
            "label": fields.text("label") or "",
            "forecasts": fields.flag("forecasts"),
        },
        of=PERIODS,
    )
