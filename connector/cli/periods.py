"""Commands that end periods: close, lock, periods."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli.options import DEFAULT, AsJson, Config, Today, day
from connector.cli.terminal import say, table

PeriodToEnd = Annotated[str, typer.Argument(help="An ended period: 2026-Q3, 2026-09, 2026.")]
By = Annotated[str, typer.Option(help="Who decided it.")]
Note = Annotated[str, typer.Option(help="Why, in a few words.")]


def close(period: PeriodToEnd, by: By = "", note: Note = "", config: Config = DEFAULT, today: Today = None) -> None:
    """Close an ended period: it is appraised no longer, and what it came to stays. It may still be locked."""
    _end(period, "closed", by, note, config=config, today=today)


def lock(period: PeriodToEnd, by: By = "", note: Note = "", config: Config = DEFAULT, today: Today = None) -> None:
    """Lock an ended period for good, with every credit: later changes in the CRM become dated true-ups."""
    _end(period, "locked", by, note, config=config, today=today)


Fiscal = Annotated[bool, typer.Option("--fiscal", help="The fiscal years that the CRMs keep, beside the company's.")]


def periods(config: Config = DEFAULT, as_json: AsJson = False, fiscal: Fiscal = False) -> None:
    """Periods that were closed or locked, by whom, and what changed in them since."""
    import json

    from connector.service.wiring import house
    from connector.store import closings

    if fiscal:
        from connector.cli.fiscal import show

        with house(config, connect=False) as ready:
            show(ready, as_json=as_json)
        return
    with house(config, connect=False) as found, found.store.reading() as tx:
        ended, changed = closings.closings(tx), closings.true_ups(tx)
    rows = [
        (
            each.period.id,
            each.state,
            f"{each.at:%Y-%m-%d}",
            each.by,
            each.rules_version,
            str(len({(it.metric, it.ref, it.on) for it in changed if it.period == each.period.id})),
            each.note,
        )
        for each in ended
    ]
    columns = ("period", "state", "on", "by", "rules", "true-ups", "note")
    if as_json:
        say(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=2))
    elif rows:
        table(columns, rows, right=("true-ups",))
    else:
        say("No period was closed by hand; each closes by itself, `close_after` working days after its end.")


def _end(written: str, state: str, by: str, note: str, *, config: Config, today: str | None) -> None:
    from connector.cli.judged import asked_period
    from connector.flow.appraise import appraise_with, people_of, reading_mirror
    from connector.flow.closing import close as close_period
    from connector.flow.closing import lock as lock_period
    from connector.flow.closing import refuse_closing
    from connector.service.wiring import house

    with house(config, connect=False) as found:
        as_of = day(today) or found.today()
        period = asked_period(found, written, as_of)
        assert period is not None  # it was given
        refuse_closing(found, period, state, as_of)
        with reading_mirror(found) as mirror:
            roster = people_of(found)
            appraisal = appraise_with(found, mirror, roster, as_of, [period])
            if state == "locked":
                agreed = found.agreed(roster, as_of)
                lock_period(found, mirror, appraisal, period, roster, agreed=agreed, by=by, note=note)
            else:
                close_period(found, appraisal, period, state, by=by, note=note)
    scores = sum(each.period.id == period.id for each in appraisal.scores)
    say(f"{period.id} is {state}, with {scores} scores by rules {found.rules.version}.", "bold")
