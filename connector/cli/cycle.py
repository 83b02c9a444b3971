"""Commands that do the work: sync, sweep, run."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from connector.cli.options import DEFAULT, AsJson, Config, Today, day
from connector.cli.terminal import complain, say, watch

Only = Annotated[
    Literal["pull", "appraise", "write"] | None, typer.Option(help="One stage of the cycle; all of them otherwise.")
]


def sync(config: Config = DEFAULT, today: Today = None, only: Only = None) -> None:
    """One cycle: pull what changed, measure and score, write back what differs; then what is due once a day or a week.

    That is: formulas are read again and ids compared, of what was read to its end before; and what is kept no longer is
    thrown away.
    """
    from connector.cli.reports import chores_report, cycle_report
    from connector.flow.chores import chores, whole
    from connector.flow.cycle import run_cycle
    from connector.service.wiring import house
    from connector.store.locks import run_lock

    codes = list[int]()
    with house(config, watch=watch) as found, run_lock(found.store):
        before = whole(found)
        report = run_cycle(found, today=day(today), only=only, locked=True)
        cycle_report(found, report)
        codes.append(report.exit_code)
        if not (only or today):  # of a day that is only supposed, nothing is thrown away
            done = chores(found, report.today, before & whole(found))
            new = done.besides(report.troubles)
            chores_report(done, new)
            codes += [each.exit_code for each in new]
    raise typer.Exit(min((each for each in codes if each), default=0))


def sweep(config: Config = DEFAULT, today: Today = None, as_json: AsJson = False) -> None:
    """Compare every id, stamp and link with the CRMs, and pull again what differs. `sync` and `run` do it once a week."""
    from connector.cli.reports import swept_table
    from connector.errors import ConnectorError, CrmDenied, CrmUnavailable
    from connector.flow.sweep import Swept
    from connector.flow.sweep import sweep as compare
    from connector.service.wiring import house
    from connector.store.locks import run_lock

    found, troubles = list[Swept](), list[ConnectorError]()
    with house(config, watch=watch) as ready, run_lock(ready.store):
        for crm in ready.crms.values():
            try:
                compared = compare(ready, crm, day(today) or ready.today())
            except (CrmDenied, CrmUnavailable) as trouble:
                troubles.append(trouble)
            else:
                found += compared.swept
                troubles += compared.troubles
    for each in troubles:
        complain(str(each))
    swept_table(found, as_json=as_json)
    raise typer.Exit(min((each.exit_code for each in troubles), default=0))


def run(config: Config = DEFAULT) -> None:
    """Run for years: a cycle every few minutes, as the config says. Ends well on SIGTERM."""
    from connector.service.schedule import run_forever
    from connector.web.serving import open_door

    say_started = "running; stop with Ctrl-C"
    say(say_started)
    run_forever(config, door=open_door)
