"""How scorecards and health look."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date

import typer

from connector.appraisal.appraise import Appraisal
from connector.cli.agreed import asked_about
from connector.cli.explanation import url_of
from connector.cli.machines import plain
from connector.cli.terminal import NONE, complain, counted, percent, say, table
from connector.flow.appraise import appraise_with, people_of, reading_mirror
from connector.flow.house import House
from connector.model.calendar import Period
from connector.model.people import Roster
from connector.model.results import Card, Health


def answer_scorecard(
    house: House, handle: str | None, written: str | None, today: date, *, viewer: str | None = None, as_json: bool
) -> None:
    """Everybody's score and band, or one person's line by line; `viewer`: whose eyes it is for."""
    asked = asked_period(house, written, today)
    roster = people_of(house)
    who, eyes = asked_about(house, roster, handle, viewer, today)
    appraisal = _appraised(house, roster, today, [asked] if asked else [])
    cards = [
        each
        for each in eyes.seen(appraisal.cards)
        if (each.period == asked if asked else today in each.period) and who in (None, each.subject)
    ]
    if as_json:
        say(json.dumps([_plain_card(roster, each) for each in cards], indent=2))
    elif not house.rules.scorecards:
        say("There is no scorecard: rules/scorecards.yaml says what a role is scored by.")
    elif who:
        _show_cards(cards)
    else:
        _show_board(roster, cards)


def answer_health(
    house: House,
    kind: str,
    handle: str | None,
    band: str | None,
    today: date,
    *,
    viewer: str | None = None,
    limit: int | None,
) -> None:
    """Records by health, the poorest first; `limit` None answers as JSON. `viewer`: whose eyes it is for."""
    roster = people_of(house)
    who, eyes = asked_about(house, roster, handle, viewer, today)
    found = _appraised(house, roster, today, []).health
    chosen = [each for each in found if each.kind == kind and eyes.see(each.owner)]
    bands = Counter(each.band for each in chosen)
    if band and band not in bands and chosen:
        complain(f"--band: nothing is `{band}`; bands are {', '.join(bands)}")
        raise typer.Exit(2)
    chosen = [each for each in chosen if band in (None, each.band) and (who is None or each.owner == who.id)]
    chosen.sort(key=lambda each: (each.points, each.name, each.ref))
    if limit is None:
        say(json.dumps([_plain_health(house, each) for each in chosen], indent=2))
    else:
        _show_health(house, roster, chosen, kind, limit)


def _appraised(house: House, roster: Roster, today: date, periods: Sequence[Period]) -> Appraisal:
    with reading_mirror(house) as mirror:
        return appraise_with(house, mirror, roster, today, periods)


def asked_period(found: House, written: str | None, today: date) -> Period | None:
    """The period of `--period`; None: none was asked for. Exit 2 when there is none of that id."""
    if written is None:
        return None
    try:
        return found.settings.company.calendar.period(written, today)
    except ValueError as error:
        complain(f"--period: {error}")
        raise typer.Exit(2) from None


def _show_board(roster: Roster, cards: list[Card]) -> None:
    """A table per scorecard and period: people by rank, then teams and the company."""
    for name, period in dict.fromkeys((each.scorecard, each.period.id) for each in cards):
        mine = [each for each in cards if (each.scorecard, each.period.id) == (name, period)]
        say(f"{name}, {period}", "bold")
        people = sorted(
            (each for each in mine if each.subject.kind == "person"),
            key=lambda each: (each.score is None, each.rank or 0),
        )
        rows = [_row(roster, each) for each in [*people, *(each for each in mine if each.subject.kind != "person")]]
        table(("rank", "who", "score", "band", "why"), rows, right=("rank", "score"))
    if not cards:
        say("No scorecard is meant for anybody in this period.")


def _row(roster: Roster, card: Card) -> tuple[str, ...]:
    person = roster.get(card.subject.id) if card.subject.kind == "person" else None
    name = person.name if person else f"{card.subject.kind} {card.subject.id}".replace("company company", "the company")
    why = "; ".join((*(f"held down by {each}" for each in card.held), *([card.reason] if card.reason else [])))
    return str(card.rank or ""), name, percent(card.score), card.band, why


def _show_cards(cards: list[Card]) -> None:
    for card in cards:
        say(f"{card.scorecard}, {card.period.id}: {percent(card.score)} {card.band}".rstrip(), "bold")
        rows = [
            (
                each.name,
                f"{each.weight:f}",
                percent(each.reached),
                percent(each.points),
                percent(each.share),
                percent(each.points * each.share) if each.points is not None else NONE,
                each.says,
            )
            for each in card.lines
        ]
        table(
            ("metric", "weight", "reached", "worth", "share", "adds", ""),
            rows,
            right=("weight", "reached", "worth", "share", "adds"),
        )
        for gate in card.held:
            say(f"held down by {gate}")
        if card.reason:
            say(card.reason)
    if not cards:
        say("No scorecard is meant for them in this period.")


def _show_health(house: House, roster: Roster, chosen: list[Health], kind: str, limit: int) -> None:
    if not any(each.kind == kind for each in house.rules.health):
        say(f"Nothing judges {kind}: rules/health.yaml says what is healthy.")
        return
    shown = chosen[:limit] if limit else chosen
    rows = [
        (
            f"{each.points}",
            each.band,
            each.name,
            (owner.name if (owner := roster.get(each.owner or "")) else NONE),
            "; ".join(f"{reason.says} ({reason.add:+d})" for reason in each.reasons),
            each.next_step,
            url_of(house, each.ref),
        )
        for each in shown
    ]
    table(("health", "band", "record", "owner", "why", "what to do", "address"), rows, right=("health",))
    bands = ", ".join(f"{count} {name}" for name, count in Counter(each.band for each in chosen).most_common())
    say(f"{counted(len(chosen), kind.removesuffix('s'))}{': ' + bands if bands else ''}.")
    if len(shown) < len(chosen):
        say(f"{counted(len(chosen) - len(shown), 'more record')}; `--limit 0` shows all.")


def _plain_card(roster: Roster, card: Card) -> dict[str, object]:
    person = roster.get(card.subject.id) if card.subject.kind == "person" else None
    return {
        "scorecard": card.scorecard,
        "kind": card.subject.kind,
        "id": card.subject.id,
        "name": person.name if person else card.subject.id,
        "period": card.period.id,
        "as_of": card.as_of.isoformat(),
        "score": plain(card.score),
        "band": card.band,
        "rank": card.rank,
        "held": list(card.held),
        "reason": card.reason,
        "lines": [
            {
                "metric": each.name,
                "weight": plain(each.weight),
                "share": plain(each.share),
                "reached": plain(each.reached),
                "points": plain(each.points),
                "says": each.says,
            }
            for each in card.lines
        ],
    }


def _plain_health(house: House, health: Health) -> dict[str, object]:
    return {
        "kind": health.kind,
        "ref": health.ref,
        "url": url_of(house, health.ref),
        "name": health.name,
        "owner": health.owner,
        "health": health.points,
        "band": health.band,
        "reasons": [{"add": each.add, "says": each.says, "do": each.do} for each in health.reasons],
        "next_step": health.next_step,
    }
