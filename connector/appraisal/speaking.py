"""Everything that is to be said today: alerts about metrics and records, coaching, praise; managers' in one digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from connector.appraisal.agreed import Agreed
from connector.appraisal.coaching import coached, praised
from connector.appraisal.history import Expected, histories
from connector.appraisal.judgement import as_read
from connector.appraisal.rules import Rules
from connector.decide.alerts import alerts
from connector.decide.digest import digested
from connector.decide.records import fields_asked, record_alerts
from connector.decide.snooze import awake
from connector.measure.facts import facts
from connector.model.people import Roster
from connector.model.records import Reading
from connector.model.results import Alert, Score
from connector.model.settings import Company

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection  # loaded by whoever opens the mirror


def said(
    mirror: DuckDBPyConnection,
    rules: Rules,
    roster: Roster,
    company: Company,
    *,
    expected: Expected,
    scores: Sequence[Score],
    today: date,
) -> list[Alert]:
    """Every alert that stands, one by one; nobody has put any of them off yet."""
    found = [
        *_about_metrics(mirror, rules, roster, company, expected, today=today),
        *_about_records(mirror, rules, roster, company, today=today),
        *coached(mirror, rules, roster, company, scores, today=today),
        *praised(mirror, rules, roster, company, scores, today=today),
    ]
    return sorted(found, key=_order)


def heard(
    mirror: DuckDBPyConnection,
    rules: Rules,
    roster: Roster,
    company: Company,
    tables: Mapping[str, Sequence[Reading]],
    *,
    expected: Expected,
    scored: Sequence[Score],
    today: date,
    agreed: Agreed,
) -> list[Alert]:
    """Every alert that nobody put off, about whoever may be spoken of: asked here, before a digest is made of them."""
    scores, known = agreed.scores(scored), agreed.people(roster)
    spoken = said(mirror, rules, known, company, expected=expected, scores=scores, today=today)
    return [each for each in awake(spoken, tables, roster, today) if agreed.may_tell(each)]


def gathered(
    found: Sequence[Alert], rules: Rules, roster: Roster, company: Company, *, today: date
) -> tuple[Alert, ...]:
    """The same, with what a manager is told in a week in one."""
    at_once = {each.name for each in rules.alerts.values() if each.at_once}
    at_once |= {each.name for each in rules.speaking.rules if each.at_once}
    kept = digested(
        found,
        rules.speaking.digest,
        roster,
        company.calendar,
        at_once=at_once,
        connections=list(rules.mappings),
        today=today,
        language=company.language,
    )
    return tuple(sorted(kept, key=_order))


def _order(alert: Alert) -> tuple[object, ...]:
    return alert.rule, alert.subject, alert.band


def _about_metrics(
    mirror: DuckDBPyConnection, rules: Rules, roster: Roster, company: Company, expected: Expected, *, today: date
) -> Iterator[Alert]:
    for rule in rules.alerts.values():
        yield from alerts(
            rule,
            histories(mirror, rule, rules, roster, company, expected=expected, today=today),
            roster,
            rules.metrics[rule.metric],
            connections=list(rules.mappings),
            currency=company.currency,
            today=today,
            language=company.language,
        )


def _about_records(
    mirror: DuckDBPyConnection, rules: Rules, roster: Roster, company: Company, *, today: date
) -> Iterator[Alert]:
    for rule in rules.speaking.records:
        relation = rules.catalogue.relations[rule.kind]
        yield from record_alerts(
            rule,
            facts(mirror, relation, (), fields_asked(rule), chosen=rule.when, as_of=today),
            roster,
            company.calendar.containing(today, rule.period),
            shown=partial(as_read, relation, company.currency),
            connections=list(rules.mappings),
            today=today,
            language=company.language,
        )
