"""A period reviewed: every section in the order in which somebody would read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connector.improve.looking.looks import looks
from connector.improve.review import adjustments, alerted, bottlenecks, drivers, pipeline, said, standing
from connector.improve.review.adjustments import AppraiseBy
from connector.improve.review.alerted import AppraiseOn
from connector.improve.review.parts import Back, Review, Section
from connector.improve.suggest import Suggesting
from connector.model.calendar import Period

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asking:
    """What a review has to ask back for: the same period on other days, and by other rules."""

    appraise_on: AppraiseOn
    appraise_by: AppraiseBy
    rules_folder: Path


def reviewed(back: Back, asking: Asking, progress: Progress) -> Review:
    """Everything there is to say; `progress` hears what is being looked at."""
    progress("what was reached")
    sections = [standing.snapshot(back), standing.surprises(back)]
    progress("the pipeline")
    sections += [pipeline.course(back), pipeline.pipeline(back), drivers.section(back), bottlenecks.section(back)]
    progress("what warnings were worth")
    sections.append(alerted.section(back, alerted.warned(back, asking.appraise_on)))
    sections += [said.voices(back), said.follow_up(back)]
    over = _over(back)
    sections.append(said.looked(back, looks(back.mirror, back.privacy, over, back.calendar, back.agreed), len(over)))
    progress("what might be changed")
    sections.append(_adjusted(back, asking))
    return Review(back.company.name, back.period, back.today, back.rules.version, tuple(sections))


def _over(back: Back) -> list[Period]:
    """The period and those before it, oldest first; without it while it goes on."""
    found = [back.period, *back.before] if back.today >= back.period.last_day else [*back.before]
    return found[::-1]


def _adjusted(back: Back, asking: Asking) -> Section:
    upcoming = back.calendar.containing(back.period.ends_before, back.period.grain)
    # As if it were the first morning after: what is known of the days since is no part of it.
    day = min(back.today, upcoming.starts_on)
    making = Suggesting(back.mirror, back.rules, back.roster, back.calendar, day, back.tables)
    found = adjustments.adjustments(back, making, upcoming)
    return adjustments.section(back, found, asking.rules_folder, asking.appraise_by)
