"""What `attain explain` says: the target step by step, and the records behind the actual, re-adding exactly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import typer

from connector.cli.agreed import Eyes, refuse_unknown
from connector.cli.closed_periods import Afterwards, afterwards, locked_evidence, show_true_ups
from connector.cli.terminal import NONE, complain, counted, number, percent, say, table
from connector.errors import ConnectorError
from connector.flow.appraise import appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.language.calls import TARGET
from connector.measure.evidence import Evidence, evidence
from connector.measure.exchange import Exchange, exchange
from connector.measure.metric import Metric
from connector.model.calendar import Grain, Period
from connector.model.people import Roster
from connector.model.records import Ref
from connector.model.results import COMPANY, Score, Subject, Target
from connector.score.season import SEASON

WHOLE = 1_000_000  # millionths


@dataclass(frozen=True, slots=True)
class Explained:
    """One number with everything behind it."""

    title: str
    metric: Metric
    period: Period
    score: Score | None
    target: Target | None
    evidence: Evidence
    exchange: Exchange | None = None  # of a sum at plan rates
    afterwards: Afterwards = Afterwards()  # noqa: RUF009 - frozen


def explain_number(
    house: House,
    handle: str,
    metric_name: str,
    today: date,
    period: Period | None,
    *,
    viewer: str | None = None,
    limit: int,
    as_json: bool,
) -> None:
    """Find out and print; `viewer`: whose eyes it is for."""
    asked = period or house.settings.company.calendar.containing(today, Grain.QUARTER)
    roster = people_of(house)
    subject, name = _subject(roster, handle, today)
    Eyes.of(house, roster, viewer, today).refuse_records(subject, roster)
    found = explained(house, roster, subject, name, metric_name, today, asked, limit=limit or None)
    if as_json:
        say(json.dumps(_plain(house, found), indent=2, default=str))
        return
    show(house, found)


def explained(
    house: House,
    roster: Roster,
    subject: Subject,
    name: str,
    metric_name: str,
    today: date,
    period: Period,
    *,
    limit: int | None,
) -> Explained:
    """One number with everything behind it. Exit 3 where nobody may know it."""
    refuse_unknown(house, roster, subject, today, metric_name, period)
    metric = house.rules.metrics[metric_name]
    with reading_mirror(house) as mirror:
        appraisal = appraise_with(house, mirror, roster, today, [period])
        aims = {(each.metric, each.subject, each.period.id): each.value for each in appraisal.targets}
        behind = evidence(
            mirror, metric, subject, period, today, limit=limit, metrics=house.rules.metrics, targets=aims
        )
        standing = metric.on(period.starts_on) or metric
        rates = exchange(mirror, standing, house.rules.catalogue, subject=subject, period=period, as_of=today)
    score = next((each for each in appraisal.scores if _is(each, metric_name, subject, period)), None)
    target = next((each for each in appraisal.targets if _is(each, metric_name, subject, period)), None)
    closed = afterwards(appraisal.closed, metric_name, subject, period)
    if closed.locked:
        behind, rates = locked_evidence(house, metric, subject, period, score.actual if score else None), None
    return Explained(f"{metric.title}, {name}, {period.id}", metric, period, score, target, behind, rates, closed)


def _is(each: Score | Target, metric: str, subject: Subject, period: Period) -> bool:
    return each.metric == metric and each.subject == subject and each.period.id == period.id


def _subject(roster: Roster, handle: str, today: date) -> tuple[Subject, str]:
    """Whom the words mean: the company, a unit, or one person. Exit 2 when nobody, or several."""
    if handle.lower() == "company":
        return COMPANY, "the company"
    for level in roster.levels:
        units = {person.on(today).levels.get(level, "") for person in roster.people}
        unit = next((each for each in units if each and each.lower() == handle.lower()), None)
        if unit:
            return Subject(level, unit), unit
    found = roster.find(handle)
    if len(found) == 1:
        return Subject("person", found[0].id), found[0].name
    if not found:
        from connector.yamlfile import did_you_mean

        hint = did_you_mean(handle, [person.name for person in roster.people])
        complain(f"nobody is called `{handle}`{'; ' + hint if hint else ''}")
    else:
        complain(f"`{handle}` may be {', '.join(f'{each.name} <{each.email}>' for each in found[:8])}")
    raise typer.Exit(2)


def show(house: House, found: Explained) -> None:
    """Print it: the sum first, then why."""
    currency = house.settings.company.currency
    say(found.title, "bold")
    _show_score(found, currency)
    if found.afterwards.locked:
        say(f"  {found.afterwards.locked}")
    if found.target:
        say()
        say(f"Target, from {found.target.source}", "bold")
        rows = [
            (
                each.what,
                each.says,
                _signed(each.change, found.target.unit, currency),
                number(each.value, found.target.unit, currency),
            )
            for each in found.target.steps
        ]
        table(("step", "how", "adds", "makes"), rows, right=("adds", "makes"))
    _show_evidence(house, found.metric, found.evidence)
    show_true_ups(found.afterwards, found.metric, currency, lambda ref: url_of(house, ref))
    if found.exchange:
        plan, close, effect = (number(each, "money", currency) for each in _parts(found.exchange))
        say(f"At plan rates {plan}; at the rates of the close dates {close}; exchange rates made {effect} of it.")
    say()
    rule = found.metric.on(found.period.starts_on)
    if rule is None:
        say(f"Rule: {found.metric.place}: not defined yet when {found.period.id} began")
        return
    since = f", in force since {rule.effective}" if rule.effective else ""
    say(f"Rule: {rule.place}: {rule.measure.text}, credited by {rule.credited_by}{since}")
    if rule.because:
        say(f"because {rule.because}")


def _show_score(found: Explained, currency: str) -> None:
    score = found.score
    if score is None:
        say("  nothing to measure, and no target")
        return
    actual, target = number(score.actual, score.unit, currency), number(score.target, score.unit, currency)
    attainment = percent(score.attainment) if score.attainment is not None else score.reason or NONE
    say(f"  {actual} of {target}    {attainment}")
    if score.expected is not None:
        left = score.working_days - score.elapsed
        steady = "is usual by now, by season" if score.pace_by == SEASON else "would be steady today"
        say(
            f"  {number(score.expected, score.unit, currency)} {steady} ({score.elapsed} of "
            f"{counted(score.working_days, 'working day')} are over, {left} left), pace {percent(score.pace)}"
        )
    if score.rank is not None:
        say(f"  place {score.rank} of {score.field_size}, {_QUARTER[score.quartile or 1]} quarter of the field")


_QUARTER = {1: "first", 2: "second", 3: "third", 4: "last"}


def _parts(rates: Exchange) -> tuple[Decimal, Decimal, Decimal]:
    return rates.at_plan, rates.at_close, rates.effect


def _signed(value: Decimal, unit: str, currency: str) -> str:
    text = number(value, unit, currency)
    return text if value < 0 else f"+{text}"


def _show_evidence(house: House, metric: Metric, behind: Evidence) -> None:
    currency = house.settings.company.currency
    if behind.inputs:
        for each in behind.inputs:
            say()
            part = house.rules.metrics[each.metric.removeprefix(TARGET)]
            if each.metric.startswith(TARGET):
                say(f"Target of {part.title} ({part.name}): {number(each.total, part.unit, currency)}", "bold")
                continue
            say(f"{part.title} ({each.metric}): {number(each.total, part.unit, currency)}", "bold")
            _show_evidence(house, part, each)
        return
    say()
    say(f"Counted: {counted(len(behind.lines) + behind.more, 'record')}", "bold")
    money = metric.is_money
    rows = [
        (
            f"{each.happened_on}",
            each.name,
            number(each.value, "money", currency) if money else each.note,
            "" if each.share == WHOLE else percent(Decimal(each.share) / WHOLE),
            number(each.credited, "money", currency) if money else "",
            url_of(house, each.ref),
        )
        for each in behind.lines
    ]
    if rows:
        table(("day", "record", "value", "share", "credited", "address"), rows, right=("value", "share", "credited"))
    if behind.more:
        say(f"… and {counted(behind.more, 'more record', 'more records')}; `--limit 0` shows all.")
    say(f"Sum: {number(behind.total, metric.unit, currency)}")
    if behind.left_out:
        say()
        say(f"Left out: {counted(len(behind.left_out), 'record')}", "bold")
        table(
            ("record", "why", "address"),
            [(each.name, each.reason, url_of(house, each.ref)) for each in behind.left_out[:20]],
        )


def url_of(house: House, ref: str) -> str:
    """Where a person opens the record; its reference where no CRM holds it or none can be asked."""
    try:
        parsed = Ref.parse(ref)
        return house.crms[parsed.connection].url(parsed)
    except (ValueError, KeyError, ConnectorError):
        return ref


def _plain(house: House, found: Explained) -> dict[str, object]:
    standing = found.metric.on(found.period.starts_on) or found.metric
    score = found.score
    return {
        "title": found.title,
        "metric": found.metric.name,
        "period": found.period.id,
        "actual": score.actual if score else None,
        "target": score.target if score else None,
        "attainment": score.attainment if score else None,
        "unit": found.metric.unit,
        "currency": house.settings.company.currency,  # amounts are in its smallest unit
        "steps": [
            {"what": each.what, "says": each.says, "change": each.change, "value": each.value}
            for each in (found.target.steps if found.target else ())
        ],
        **_behind(house, found.evidence),
        "locked": found.afterwards.locked,
        "true_ups": [
            {
                "ref": each.ref,
                "url": url_of(house, each.ref),
                "name": each.name,
                "of": each.period,
                "on": each.on,
                "credited": each.amount,
            }
            for each in found.afterwards.true_ups
        ],
        "rate": standing.rate,
        "fx_effect": found.exchange.effect if found.exchange else None,
        "rule": str(standing.place),
        "effective": standing.effective,
    }


def _behind(house: House, evidence: Evidence) -> dict[str, object]:
    """Every record behind a number; of a formula, those of each number that it is made of."""
    return {
        "counted": [
            {
                "ref": each.ref,
                "url": url_of(house, each.ref),
                "name": each.name,
                "on": each.happened_on,
                "credited": each.credited,
            }
            for each in evidence.lines
        ],
        "left_out": [{"ref": each.ref, "name": each.name, "reason": each.reason} for each in evidence.left_out],
        "inputs": [{"metric": each.metric, "actual": each.total, **_behind(house, each)} for each in evidence.inputs],
    }
