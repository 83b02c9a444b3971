"""Running trials: the engine itself, over a store of its own with nothing in it but what the trial gives."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from connector.appraisal.appraise import Appraisal, appraise
from connector.appraisal.rules import Rules
from connector.decide.rule import Speaking
from connector.errors import Place
from connector.improve.trial_file import UNKNOWN, Trial
from connector.measure.metric import Metric
from connector.model.money import Money, to_minor
from connector.model.people import Assignment, Person, Roster
from connector.model.records import Activity, Deal, Outcome, Reading, Record, Ref, Scalar, User
from connector.model.results import Score, Subject
from connector.model.settings import Company
from connector.rulebook.notation import Figure
from connector.store import records
from connector.store.database import open_store
from connector.store.mirror import open_mirror, refresh
from connector.targets.policy import TargetPolicy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CONNECTION, TABLE = "trial", "trial"
PERSON = "p_trial"
ALWAYS = date(1, 1, 1)
STAMP = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that did not hold."""

    place: Place
    day: date
    what: str  # "attainment"
    expected: str
    got: str


def run_trial(trial: Trial, rules: Rules, company: Company) -> list[Failure]:
    """Everything that came out differently from what the trial expects; empty when it passes."""
    with tempfile.TemporaryDirectory(prefix="attain-trial-") as folder:
        stage = _Stage(trial, rules, company, Path(folder))
        with stage.mirror() as mirror:
            return [failure for day in sorted(trial.expect) for failure in stage.judged(mirror, day)]


class _Mirror:
    """An opened mirror that is closed behind its block."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> DuckDBPyConnection:
        self._mirror = open_mirror(self._path)
        return self._mirror

    def __exit__(self, *_: object) -> None:
        self._mirror.close()


class _Stage:
    """One trial laid out: a person, their records, and the target as their own number."""

    def __init__(self, trial: Trial, rules: Rules, company: Company, folder: Path) -> None:
        self._trial, self._company, self._folder = trial, company, folder
        metric = rules.metrics[trial.given.target.metric]
        # A trial has one person and no past: it is about alerts, and neither coaching nor praise.
        speaking = Speaking(records=rules.speaking.records)
        needed, targets = _needed(metric.name, rules), (_policy(trial, metric.name),)
        self._rules = replace(rules, metrics=needed, targets=targets, speaking=speaking)
        reach = Money(int(trial.reach), company.currency).amount if metric.is_money else trial.reach
        values: dict[str, Scalar] = {"person": PERSON, "metric": metric.name, "period": trial.period.id, "value": reach}
        self._quotas = {TABLE: (Reading(Ref("files", TABLE, "1"), STAMP, values),)} if trial.own else {}
        self._roster = Roster.of([self._person()])
        self._sent: dict[date, frozenset[str]] = {}

    def mirror(self) -> _Mirror:
        """The engine's own mirror, over the engine's own store."""
        store = open_store(self._folder / "trial.db")
        with store.writing() as tx:
            records.save(tx, list(self._records()), ALWAYS)
        path = self._folder / "trial.duckdb"
        last = self._trial.period.last_day
        refresh(store, path, company=self._company, roster=self._roster, files=self._rules.files, custom={}, today=last)
        store.close()
        return _Mirror(path)

    def judged(self, mirror: DuckDBPyConnection, day: date) -> Iterator[Failure]:
        expected, appraisal = self._trial.expect[day], self._appraised(mirror, day)
        score = next((each for each in appraisal.scores if self._is_ours(each)), None)
        for what in ("attainment", "pace", "actual", "target"):
            if what in expected.model_fields_set:
                yield from self._number(day, what, getattr(expected, what), score)
        told = sorted({each.rule for each in appraisal.alerts})
        if expected.alerts is not None and told != sorted(expected.alerts):
            yield self._failure(day, "alerts", _listed(sorted(expected.alerts)), _listed(told))
        if expected.sent is not None and expected.sent != (sent := len(self._sent_until(mirror, day))):
            yield self._failure(day, "sent", str(expected.sent), str(sent))

    def _is_ours(self, score: Score) -> bool:
        wanted = (self._trial.given.target.metric, Subject("person", PERSON), self._trial.period.id)
        return (score.metric, score.subject, score.period.id) == wanted

    def _number(self, day: date, what: str, expected: Figure | None, score: Score | None) -> Iterator[Failure]:
        value = getattr(score, what) if score else None
        shown = _as_written(value, expected, score, self._company.currency)
        wanted = UNKNOWN if expected is None else str(expected)
        if shown != wanted:
            yield self._failure(day, what, wanted, shown)

    def _failure(self, day: date, what: str, expected: str, got: str) -> Failure:
        return Failure(self._trial.places[day, what], day, what, expected, got)

    def _appraised(self, mirror: DuckDBPyConnection, day: date) -> Appraisal:
        return appraise(
            mirror, self._rules, self._roster, self._company, self._quotas, today=day, periods=[self._trial.period]
        )

    def _sent_until(self, mirror: DuckDBPyConnection, day: date) -> set[str]:
        """Keys of every alert that stood on any working day of the period so far: each is sent once."""
        found: set[str] = set()
        for each in self._trial.period.days():
            if each <= day and (each == day or self._company.calendar.is_working(each)):
                if each not in self._sent:
                    alerts = self._appraised(mirror, each).alerts
                    self._sent[each] = frozenset(alert.key for alert in alerts)
                found |= self._sent[each]
        return found

    def _person(self) -> Person:
        given = self._trial.given.person
        levels = {"role": given.role, "team": given.team, "region": given.region}
        user = Ref(CONNECTION, "User", "1")
        place = (Assignment(ALWAYS, levels),)
        return Person(
            id=PERSON,
            name="Rep",
            email="rep@example.com",
            identities=(user,),
            active=True,
            starts_on=given.start,
            ends_on=given.end,
            assignments=place,
            home=CONNECTION,
        )

    def _records(self) -> Iterator[Record]:
        user = Ref(CONNECTION, "User", "1")
        yield User(user, STAMP, "rep@example.com", "Rep", active=True, human=True)
        for at, deal in enumerate(self._trial.given.deals):
            created = deal.created_on
            yield Deal(
                ref=Ref(CONNECTION, "Opportunity", str(at + 1)),
                modified_at=STAMP,
                name=f"Deal {at + 1}",
                outcome=Outcome(deal.outcome),
                stage=deal.stage,
                pipeline=None,
                account=Ref(CONNECTION, "Account", deal.account) if deal.account else None,
                owner=user,
                amount=_money(deal.amount, self._company.currency),
                probability=None,
                created_at=datetime.combine(created, time(12), UTC) if created else None,
                created_on=created,
                closed_on=deal.closed_on,
            )
        for at, each in enumerate(self._trial.given.activities):
            moment = datetime.combine(each.happened_on, time(12), UTC)
            ref = Ref(CONNECTION, "Task", str(at + 1))
            yield Activity(ref, STAMP, each.type, each.status, user, None, None, moment, each.happened_on)


def _policy(trial: Trial, metric: str) -> TargetPolicy:
    if trial.own:
        return TargetPolicy(metric, trial.place, quotas=(TABLE,))
    return TargetPolicy(metric, trial.place, every=trial.period.grain, each=trial.reach)


def _needed(metric: str, rules: Rules) -> dict[str, Metric]:
    """The metrics that the trial and the alerts speak of, with what their formulas are, or were, made of."""
    found: dict[str, Metric] = {}
    waiting = [metric, *(alert.metric for alert in rules.alerts.values())]
    while waiting:
        name = waiting.pop().removeprefix("target:")
        if name not in found:
            found[name] = rules.metrics[name]
            waiting += [each for defined in (found[name], *found[name].before) for each in defined.inputs]
    return found


def _money(written: Figure | None, currency: str) -> Money | None:
    if written is None:
        return None
    return Money(to_minor(written.number, written.unit or currency), written.unit or currency)


def _as_written(value: Decimal | None, expected: Figure | None, score: Score | None, currency: str) -> str:
    """A number with as many digits as the expectation was written with, and with its unit."""
    if value is None or score is None:
        return UNKNOWN
    digits = -int(expected.number.as_tuple().exponent) if expected else 2
    unit = expected.unit if expected else ""
    if unit == "%":
        value *= 100
    elif score.unit == "money" and value is not None:
        value = Money(int(value), currency).amount
    return str(Figure(value.quantize(Decimal(1).scaleb(-max(digits, 0)), ROUND_HALF_UP), unit))


def _listed(names: Sequence[str]) -> str:
    return f"[{', '.join(names)}]"
