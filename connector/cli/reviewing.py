"""What `attain review` makes: the report of a period, to read here or in a browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import typer

from connector.appraisal.appraise import Appraisal
from connector.appraisal.rules import Rules
from connector.cli.terminal import complain, say
from connector.flow.appraise import Tables, appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.improve.review.parts import Back
from connector.improve.review.reviewed import Asking, reviewed
from connector.improve.review.written import markdown, page
from connector.model.calendar import Grain, Period

REVIEWED = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.HALF, Grain.YEAR)


def answer_review(house: House, period: Period | None, out: Path | None, today: date, *, force: bool) -> None:
    """Markdown to the terminal; with `out`, a file: HTML where its name ends so, else Markdown."""
    calendar = house.settings.company.calendar
    asked = period or calendar.before(calendar.containing(today, Grain.QUARTER))
    _refuse(asked, out, today, force=force)
    roster, tables = people_of(house), Tables(house)
    upcoming = calendar.containing(asked.ends_before, asked.grain)
    with reading_mirror(house) as mirror:

        def appraised(day: date, rules: Rules, *periods: Period) -> Appraisal:
            return appraise_with(
                replace(house, rules=rules), mirror, roster, day, periods, everything=False, judged=False
            )

        def by(rules: Rules) -> Appraisal:
            return appraised(today, rules, asked)

        def on(day: date) -> Appraisal:
            return appraised(day, house.rules, asked)

        found = appraised(today, house.rules, asked, upcoming)
        settings = house.settings
        back = Back(mirror, house.rules, roster, settings.company, settings.privacy, tables, asked, found)
        review = reviewed(back, Asking(on, by, settings.rules), lambda what: complain(f"{asked.id}: {what} …", None))
    if out is None:
        say(markdown(review))
        return
    out.write_text(page(review) if out.suffix.lower() in (".html", ".htm") else markdown(review), encoding="utf-8")
    say(f"{asked.id} reviewed: {out}")


def _refuse(asked: Period, out: Path | None, today: date, *, force: bool) -> None:
    if asked.grain not in REVIEWED:
        complain(f"{asked.id} is no week, month, quarter, half or year: only these are reviewed")
        raise typer.Exit(2)
    if asked.starts_on > today:
        complain(f"{asked.id} begins on {asked.starts_on}: there is nothing to review yet")
        raise typer.Exit(2)
    if out and out.exists() and not force:
        complain(f"{out} is there already; --force writes over it")
        raise typer.Exit(2)
