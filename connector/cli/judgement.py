"""Commands that judge: scorecard, health, payout."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli.answers import PeriodId
from connector.cli.options import DEFAULT, AsJson, Config, Today, day
from connector.cli.terminal import complain


def scorecard(
    person: Annotated[str | None, typer.Argument(help="A name or an e-mail address; without one, everybody.")] = None,
    config: Config = DEFAULT,
    period: PeriodId = None,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Scorecards: everybody's score and band, or one person's line by line."""
    from connector.cli.judged import answer_scorecard
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        answer_scorecard(found, person, period, day(today) or found.today(), as_json=as_json)


def health(
    config: Config = DEFAULT,
    kind: Annotated[str, typer.Option(help="deals or accounts.")] = "deals",
    person: Annotated[str | None, typer.Option(help="Whose: a name or an e-mail address.")] = None,
    band: Annotated[str | None, typer.Option(help="Only this band: at_risk.")] = None,
    today: Today = None,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(help="How many records to show; 0 shows all.")] = 40,
) -> None:
    """The health of open deals and of accounts, the poorest first, with the reasons and what to do."""
    from connector.cli.judged import answer_health
    from connector.service.wiring import house

    if kind not in ("deals", "accounts"):
        complain(f"--kind: `{kind}` is neither deals nor accounts")
        raise typer.Exit(2)
    with house(config) as found:
        answer_health(found, kind, person, band, day(today) or found.today(), limit=None if as_json else limit)


def payout(
    person: Annotated[str | None, typer.Argument(help="A name or an e-mail address; without one, everybody.")] = None,
    config: Config = DEFAULT,
    period: PeriodId = None,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """What results pay by rules/incentives.yaml: an estimate, leg by leg for one person, or everybody's sums."""
    from connector.cli.payouts import answer_payout
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        answer_payout(found, person, period, day(today) or found.today(), as_json=as_json)
