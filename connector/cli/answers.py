"""Commands that answer questions: scores, explain, compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, As, AsJson, Config, Today, day
from connector.cli.terminal import complain, say

if TYPE_CHECKING:
    from datetime import date

    from connector.flow.house import House
    from connector.model.calendar import Period

PeriodId = Annotated[
    str | None,
    typer.Option(
        "--period", "-p", help="2026, 2026-H2, 2026-Q4, 2026-11, 2026-W48 or last-90-days; else this quarter."
    ),
]


def scores(
    config: Config = DEFAULT,
    period: PeriodId = None,
    metric: Annotated[
        str | None, typer.Option("--metric", "-m", help="One metric; all that have a target otherwise.")
    ] = None,
    by: Annotated[str, typer.Option(help="person, company, or a level: team, region.")] = "person",
    today: Today = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer as CSV.")] = False,
    viewer: As = None,
) -> None:
    """The leaderboard: actual, target, attainment, pace and rank, as of a day."""
    from connector.cli.leaderboard import Question, answer
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        as_of = day(today) or found.today()
        asked = Question(as_of, _known_period(found, period, as_of), _known_metric(found, metric), by, viewer)
        answer(found, asked, as_json=as_json, as_csv=as_csv)


def explain(
    person: Annotated[str, typer.Argument(help="A name, an e-mail address, a team, or `company`.")],
    metric: Annotated[str, typer.Argument(help="The metric's name.")],
    config: Config = DEFAULT,
    period: PeriodId = None,
    today: Today = None,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(min=0, help="How many records to show; 0, like --json, shows all.")] = 40,
    viewer: As = None,
) -> None:
    """Where a number comes from: the target step by step, and every record behind the actual."""
    from connector.cli.explanation import explain_number
    from connector.service.wiring import house

    with house(config) as found:
        as_of = day(today) or found.today()
        explain_number(
            found,
            person,
            _known_metric(found, metric) or metric,
            as_of,
            _known_period(found, period, as_of),
            viewer=viewer,
            limit=0 if as_json else limit,
            as_json=as_json,
        )


def targets(
    person: Annotated[str | None, typer.Argument(help="A name or an e-mail address; without one, everybody.")] = None,
    config: Config = DEFAULT,
    period: PeriodId = None,
    metric: Annotated[
        str | None, typer.Option("--metric", "-m", help="One metric; all that have targets otherwise.")
    ] = None,
    today: Today = None,
    as_json: AsJson = False,
    viewer: As = None,
) -> None:
    """How targets came about: a person's step by step; everybody's, each level beside the people below it."""
    from connector.cli.aims import answer_targets
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        as_of = day(today) or found.today()
        asked = _known_period(found, period, as_of)
        known = _known_metric(found, metric)
        answer_targets(found, person, known, asked, as_of, viewer=viewer, as_json=as_json)


def compare(
    report: Annotated[Path, typer.Argument(help="A report of deals as CSV: id, ref or name, and amount.")],
    config: Config = DEFAULT,
    metric: Annotated[str, typer.Option("--metric", "-m", help="A metric that adds up money of deals.")] = "bookings",
    period: PeriodId = None,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Somebody else's report beside ours, deal by deal, with the reason of each difference. Exit 1 when they differ."""
    from connector.cli.comparison import Compared
    from connector.flow.appraise import reading_mirror
    from connector.improve.compare import compare as compared
    from connector.improve.report_file import read_report
    from connector.model.calendar import Grain
    from connector.service.wiring import house
    from connector.store.records import set_aside_list

    with house(config, connect=False) as found:
        as_of, company = day(today) or found.today(), found.settings.company
        asked = _known_period(found, period, as_of) or company.calendar.containing(as_of, Grain.QUARTER)
        rule = found.rules.metrics[_known_metric(found, metric) or metric]
        lines = read_report(report, company.currency)
        with found.store.reading() as tx:
            aside = {str(each.ref): each.reason for each in set_aside_list(tx)}
        with reading_mirror(found) as mirror:
            outcome = compared(mirror, rule, asked, as_of, lines, aside)
    answer = Compared(rule, asked, as_of, company.currency, outcome)
    say(answer.as_json()) if as_json else answer.show()
    raise typer.Exit(1 if outcome.differences else 0)


def _known_metric(found: House, name: str | None) -> str | None:
    if name is None or name in found.rules.metrics:
        return name
    from connector.yamlfile import did_you_mean

    hint = did_you_mean(name, found.rules.metrics) or f"metrics are {', '.join(found.rules.metrics)}"
    complain(f"there is no metric `{name}`; {hint}")
    raise typer.Exit(2)


def _known_period(found: House, period: str | None, today: date) -> Period | None:
    if period is None:
        return None
    try:
        return found.settings.company.calendar.period(period, today)
    except ValueError as error:
        complain(f"--period: {error}")
        raise typer.Exit(2) from None
