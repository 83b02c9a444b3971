"""Write a whole invented company into a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from random import Random

from connector.sandbox.company import tables
from connector.sandbox.company.accounts import Accounts
from connector.sandbox.company.activities import ActivityBook
from connector.sandbox.company.columns import COMPANY
from connector.sandbox.company.days import Days
from connector.sandbox.company.deals import DealBook
from connector.sandbox.company.rates import CURRENCY, Rates
from connector.sandbox.company.staff import hire
from connector.sandbox.company.story import Teller
from connector.sandbox.company.truth import Planted, Tally, Truth, nested
from connector.sandbox.company.world import World
from connector.sandbox.company.write import CsvFile

ACTIVITIES_PER_DEAL = 8
_LARGE = ("deals.csv", "deal_history.csv", "splits.csv", "teams.csv", "activities.csv")


def generate(
    folder: Path,
    *,
    people: int = 40,
    deals: int = 5000,
    activities: int | None = None,
    seed: int = 7,
    today: date,
    progress: Callable[[int, int], None] | None = None,
) -> Truth:
    """Write every file of a company folder; the same arguments give the same bytes.

    The company's day is `today`, early in the morning; its deals reach 24 months back. `activities` None means
    eight per deal. `progress` hears (deals written, deals) about a hundred times, and at the end. Files of those names are replaced.
    Raises ValueError for fewer than 6 people or a negative number.
    """
    if deals < 0 or (activities or 0) < 0:
        raise ValueError("a company has no negative number of deals or activities")
    days = Days(today)

    def dice(purpose: str) -> Random:
        return Random(f"{seed}:{purpose}")  # one stream per purpose: more people do not reshuffle the holidays

    world = _world(people, deals, days, dice)
    wanted = deals * ACTIVITIES_PER_DEAL if activities is None else activities
    folder.mkdir(parents=True, exist_ok=True)
    for done in _written(folder, world, deals, wanted, dice):
        if progress and (done % max(1, deals // 100) == 0 or done == deals):
            progress(done, deals)
    number = dice(f"number of {people} people with {deals} deals").randrange(10_000_000, 100_000_000)
    _write_tables(folder, world, number, dice("tables"))
    truth = _truth(world, seed)
    truth.write(folder)
    return truth


def _written(folder: Path, world: World, deals: int, activities: int, dice: Callable[[str], Random]) -> Iterator[int]:
    """Write the large files; yields after each deal how many there are."""
    with ExitStack() as stack:
        files = {name: stack.enter_context(CsvFile(folder, name)) for name in _LARGE}
        book = DealBook(files, world=world, random=dice("deals"))
        log = ActivityBook(
            files["activities.csv"], wanted=activities, deals=deals, world=world, random=dice("activities")
        )
        teller = Teller(deals, world, dice("stories"))
        for number in range(deals):
            log.around(book.enter(teller.tell(number)))
            if number % 200 == 0:
                for file in files.values():
                    file.ease()
            yield number + 1
        log.finish()


def _world(people: int, deals: int, days: Days, dice: Callable[[str], Random]) -> World:
    staff = hire(people, days, dice("staff"))
    accounts = Accounts(deals // 4, staff, days, dice("accounts"))
    return World(days, staff, accounts, Rates(days, dice("rates")), Tally())


def _write_tables(folder: Path, world: World, number: int, random: Random) -> None:
    days, staff = world.days, world.staff
    about = {
        "name": "Example Ltd",
        "number": number,
        "currency": CURRENCY,
        "fiscal_year_starts": 1,
        "zone": "Europe/Berlin",
        "today": days.text[days.today],
    }
    (folder / COMPANY).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    rows: Mapping[str, Iterable[tuple[object, ...]]] = {
        "stages.csv": tables.stages(),
        "people.csv": tables.people(staff, days),
        "rates.csv": world.rates.rows(),
        "files/people.csv": tables.dated_people(staff, days),
        "files/absences.csv": tables.absences(staff, days, random),
        "files/quotas.csv": tables.quotas(staff, days, random, world.tally.credited),
        "files/trainings.csv": tables.trainings(staff, days, random),
    }
    for name, each in rows.items():
        with CsvFile(folder, name) as file:
            file.add_all(each)
    with CsvFile(folder, "accounts.csv") as file:
        world.accounts.write(file)


def _truth(world: World, seed: int) -> Truth:
    staff, days, tally = world.staff, world.days, world.tally
    email = {each.id: each.email for each in staff.people} | {"": ""}

    def named(counts: Mapping[str, int]) -> dict[str, int]:
        return {email[person]: count for person, count in counts.items()}

    by_quarter: dict[str, int] = {}
    for (_, quarter), value in tally.won_value.items():
        by_quarter[quarter] = by_quarter.get(quarter, 0) + value
    return Truth(
        today=days.text[days.today],
        seed=seed,
        currency=CURRENCY,
        planted=_planted(world),
        outcomes=nested(tally.outcomes),
        won_value=by_quarter,
        won_value_by_crm=nested(tally.won_value),
        won_by_owner=named(tally.won_by_owner),
        won_by_owner_at_close=named(tally.won_by_owner_at_close),
        credited=nested({(email[person], quarter): value for (person, quarter), value in tally.credited.items()}),
        activities=nested(tally.activities),
    )


def _planted(world: World) -> Planted:
    staff, days, tally = world.staff, world.days, world.tally

    def email(at: int | None) -> str | None:
        return None if at is None else staff.people[at].email

    cast, moved = staff.cast, next((each for each in staff.people if each.was_region), None)
    return Planted(
        staller=email(cast.staller),
        sandbagger=email(cast.sandbagger),
        buncher=email(cast.buncher),
        joiner=email(cast.joiner),
        leaver=email(cast.leaver),
        reorganisation={
            "team": cast.moved_team,
            "from": moved.was_region,
            "to": moved.region,
            "on": days.text[cast.moved_on],
        }
        if moved
        else None,
        in_both_crms=tuple(each.email for each in staff.people if len(each.crm) > 1),
        wrong_splits=tally.wrong_splits,
        no_rate=tuple(tally.no_rate),
        reopened=tuple(tally.reopened),
        reopened_count=tally.reopened_count,
        handed_on=tuple(tally.handed_on),
        handed_on_count=tally.handed_on_count,
    )
