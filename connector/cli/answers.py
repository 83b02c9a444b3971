"""Commands that answer questions: scores, explain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.options import DEFAULT, AsJson, Config, Today, day
from connector.cli.terminal import complain

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
) -> None:
    """The leaderboard: actual, target, attainment, pace and rank, as of a day."""
    from connector.cli.leaderboard import Question, answer
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        as_of = day(today) or found.today()
        asked = Question(as_of, _known_period(found, period, as_of), _known_metric(found, metric), by)
        answer(found, asked, as_json=as_json, as_csv=as_csv)


def explain(
    person: Annotated[str, typer.Argument(help="A name, an e-mail address, a team, or `company`.")],
    metric: Annotated[str, typer.Argument(help="The metric's name.")],
    config: Config = DEFAULT,
    period: PeriodId = None,
    today: Today = None,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(help="How many records to show; 0 shows all.")] = 40,
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
            limit=limit,
            as_json=as_json,
        )


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
