"""Commands that judge: scorecard, health, payout, recognition, lint, suggest, review, diff."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.answers import PeriodId
from connector.cli.options import DEFAULT, As, AsJson, Config, Today, day
from connector.cli.terminal import complain


def scorecard(
    person: Annotated[str | None, typer.Argument(help="A name or an e-mail address; without one, everybody.")] = None,
    config: Config = DEFAULT,
    period: PeriodId = None,
    today: Today = None,
    as_json: AsJson = False,
    viewer: As = None,
) -> None:
    """Scorecards: everybody's score and band, or one person's line by line."""
    from connector.cli.judged import answer_scorecard
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        answer_scorecard(found, person, period, day(today) or found.today(), viewer=viewer, as_json=as_json)


def health(
    config: Config = DEFAULT,
    kind: Annotated[str, typer.Option(help="deals or accounts.")] = "deals",
    person: Annotated[str | None, typer.Option(help="Whose: a name or an e-mail address.")] = None,
    band: Annotated[str | None, typer.Option(help="Only this band: at_risk.")] = None,
    today: Today = None,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(min=0, help="How many records to show; 0, like --json, shows all.")] = 40,
    viewer: As = None,
) -> None:
    """The health of open deals and of accounts, the poorest first, with the reasons and what to do."""
    from connector.cli.judged import answer_health
    from connector.service.wiring import house

    if kind not in ("deals", "accounts"):
        complain(f"--kind: `{kind}` is neither deals nor accounts")
        raise typer.Exit(2)
    with house(config) as found:
        on, many = day(today) or found.today(), None if as_json else limit
        answer_health(found, kind, person, band, on, viewer=viewer, limit=many)


def payout(
    person: Annotated[str | None, typer.Argument(help="A name or an e-mail address; without one, everybody.")] = None,
    config: Config = DEFAULT,
    period: PeriodId = None,
    today: Today = None,
    as_json: AsJson = False,
    viewer: As = None,
) -> None:
    """What results pay by rules/incentives.yaml: an estimate, leg by leg for one person, or everybody's sums."""
    from connector.cli.payouts import answer_payout
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        answer_payout(found, person, period, day(today) or found.today(), viewer=viewer, as_json=as_json)


def recognition(
    person: Annotated[str | None, typer.Argument(help="A name or an e-mail address; without one, everybody.")] = None,
    config: Config = DEFAULT,
    today: Today = None,
    as_json: AsJson = False,
    viewer: As = None,
) -> None:
    """Badges, contests, what the next level still asks, and coaching plans that wait for a manager."""
    from connector.cli.recognition import answer_recognition
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        answer_recognition(found, person, day(today) or found.today(), viewer=viewer, as_json=as_json)


def lint(
    config: Config = DEFAULT,
    period: PeriodId = None,
    fail_on: Annotated[str, typer.Option(help="Exit 1 from this severity on: note, warning or error.")] = "error",
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Targets held against SMART: specific, measurable, achievable, relevant, time-bound; and fair among peers."""
    from connector.cli.judged import asked_period
    from connector.cli.linting import answer_lint
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        on = day(today) or found.today()
        answer_lint(found, asked_period(found, period, on), fail_on, on, as_json=as_json)


def suggest(
    config: Config = DEFAULT,
    metric: Annotated[str | None, typer.Option(help="Only this metric.")] = None,
    period: PeriodId = None,
    out: Annotated[Path | None, typer.Option(help="A new CSV file for the rows, to be edited by a human.")] = None,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Next quarter's targets from what people did before, by the way that missed least on past quarters. Applies nothing."""
    from connector.cli.judged import asked_period
    from connector.cli.suggesting import answer_suggest
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        on = day(today) or found.today()
        answer_suggest(found, metric, asked_period(found, period, on), out, on, as_json=as_json)


def review(
    period: Annotated[
        str | None, typer.Argument(help="2026-Q3, 2026-09, 2026: else the quarter before this one.")
    ] = None,
    config: Config = DEFAULT,
    out: Annotated[Path | None, typer.Option(help="A file for it: page.html, or Markdown by any other name.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """A period looked back at: who reached what and whether it could be known, bottlenecks, warnings, notes, adjustments."""
    from connector.cli.judged import asked_period
    from connector.cli.reviewing import answer_review
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        on = day(today) or found.today()
        answer_review(found, asked_period(found, period, on), out, on, force=force, as_json=as_json)


def diff(
    before: Annotated[str, typer.Argument(help="A folder of rules, or a git revision of your rules: HEAD~1.")],
    after: Annotated[str, typer.Argument(help="Another one; the rules of the config if there is none.")] = "",
    config: Config = DEFAULT,
    period: PeriodId = None,
    max_churn: Annotated[str | None, typer.Option(help="Exit 1 when more people than this change band: 10%.")] = None,
    today: Today = None,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(help="How many moves to show; 0 shows all.")] = 40,
) -> None:
    """Who moves when rules change: each person's old and new numbers, the rule line and the records that moved them."""
    from connector.cli.difference import answer_diff
    from connector.cli.judged import asked_period
    from connector.model.calendar import Grain
    from connector.service.revisions import rules_folder
    from connector.service.wiring import house, other_rules

    most = _share(max_churn)
    with house(config, connect=False) as found:
        own = found.settings.rules
        with rules_folder(before, own) as old, rules_folder(after or str(own), own) as new:
            sides = other_rules(config, old), other_rules(config, new)
        as_of = day(today) or found.today()
        asked = asked_period(found, period, as_of) or found.settings.company.calendar.containing(as_of, Grain.QUARTER)
        outcome = answer_diff(found, sides, asked, as_of, limit=limit, as_json=as_json)
    if most is not None and outcome.churn > most:
        complain(f"more people than {max_churn} change band")
        raise typer.Exit(1)


def _share(text: str | None) -> Fraction | None:
    """`10%` as typed. Exit 2 when it is none."""
    if text is None:
        return None
    try:
        return Fraction(text.strip().removesuffix("%")) / 100
    except (ValueError, ZeroDivisionError):
        complain(f"--max-churn: `{text}` is no share like 10%")
        raise typer.Exit(2) from None
