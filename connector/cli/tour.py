"""The demo's tour through one cycle, as an admin and a rep would see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connector.cli.explanation import explained, show
from connector.cli.leaderboard import Question, answer
from connector.cli.plan_reports import plan_report
from connector.cli.reports import cycle_report
from connector.cli.terminal import complain, counted, progress, say, watch
from connector.flow.apply import apply
from connector.flow.appraise import people_of, plan_day
from connector.flow.cycle import CycleReport, run_cycle
from connector.flow.house import House
from connector.flow.install import wanted_by
from connector.flow.proposed import propose
from connector.model.calendar import Grain
from connector.model.results import Score, Subject
from connector.sandbox.company import generate
from connector.sandbox.town import town
from connector.service.town_config import write_town_config
from connector.service.wiring import REAL, house

METRIC = "bookings"


@dataclass(frozen=True, slots=True)
class Tour:
    """How large a company, and where it is laid out."""

    folder: Path
    people: int
    deals: int
    seed: int


def guide(tour: Tour) -> int:
    """Walk through everything; returns the exit code."""
    today = REAL.now().date()
    _chapter("An invented company")
    with progress("inventing") as report:
        generate(tour.folder, people=tour.people, deals=tour.deals, seed=tour.seed, today=today, progress=report)
    say(
        f"{counted(tour.people, 'person', 'people')} and {counted(tour.deals, 'deal')}, seed {tour.seed}: {tour.folder}"
    )
    with _opened(tour) as found:
        _install(found)
        _chapter("The first cycle: pull, measure, score; the first plan waits for a human")
        first = run_cycle(found, today=today)
        cycle_report(found, first)
        _apply(found, today)
        _chapter("The leaderboard of the current quarter")
        answer(found, Question(today, None, METRIC, "person"))
        _explain_one(found, first, today)
        _chapter("The second cycle: nothing changed, nothing is sent")
        second = run_cycle(found, today=today)
        cycle_report(found, second)
        return _verdict(first, second)


@contextmanager
def _opened(tour: Tour) -> Iterator[House]:
    """Both stand-in CRMs, and a house that is connected to them."""
    _chapter("Two stand-in CRMs")
    with town(tour.folder, now=REAL.now) as found:
        say(f"Salesforce  {found.salesforce_url}")
        say(f"HubSpot     {found.hubspot_url}")
        config = write_town_config(tour.folder, found)
        with house(config, watch=watch) as ready:
            yield ready


def _install(found: House) -> None:
    _chapter("Fields and objects of our own, created through each CRM's API")
    for name, crm in found.crms.items():
        report = crm.install(wanted_by(found, name), check=False)
        say(f"{name}: {len(report.created)} created, {len(report.present)} were there")


def _apply(found: House, today: date) -> None:
    """What an admin does next: look at the plan, and let it pass."""
    _chapter("`attain plan`, looked at by a human")
    proposals = propose(found, plan_day(found, today), looking=True)
    plan_report(found, proposals, as_json=False)
    _chapter("`attain apply`: write back")
    done = apply(found, proposals)
    if done.report:
        cycle_report(found, done.report)


def _explain_one(found: House, first: CycleReport, today: date) -> None:
    _chapter("Where one of these numbers comes from")
    if first.appraised is None:
        return
    quarter = found.settings.company.calendar.containing(today, Grain.QUARTER)
    scores = [each for each in first.appraised.appraisal.scores if _interesting(each, quarter.id)]
    if not scores:
        complain("nobody has a target yet")
        return
    best = min(scores, key=lambda each: each.rank or len(scores))
    roster = people_of(found)
    person = roster.get(best.subject.id)
    subject = Subject("person", best.subject.id)
    show(
        found,
        explained(found, roster, subject, person.name if person else best.subject.id, METRIC, today, quarter, limit=12),
    )


def _interesting(score: Score, quarter: str) -> bool:
    return (
        score.metric == METRIC
        and score.subject.kind == "person"
        and score.period.id == quarter
        and score.attainment is not None
        and score.records > 0
    )


def _verdict(first: CycleReport, second: CycleReport) -> int:
    sent = sum(each.sent for each in second.written)
    say()
    if sent:
        complain(f"the second cycle sent {counted(sent, 'record')}; it should have sent none")
        return 1
    say("The second cycle sent nothing.", "bold green")
    return min(each.exit_code for each in first.troubles) if first.troubles else second.exit_code


def _chapter(title: str) -> None:
    say()
    say(f"── {title} " + "─" * max(4, 76 - len(title)), "bold cyan")
