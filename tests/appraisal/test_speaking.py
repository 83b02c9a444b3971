"""What is said of a team in which somebody falls behind: measured in a mirror, told to the manager."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from connector.appraisal.agreed import EVERYTHING, Agreed
from connector.appraisal.appraise import appraise
from connector.appraisal.rules import Rules
from connector.decide.rule import Coaching, Digest, Driver, Message, Praise, RecordRule, Speaking, Speech
from connector.errors import Place
from connector.model.calendar import Grain
from connector.model.catalogue import DEALS
from connector.model.people import Assignment, Person, Roster
from connector.model.results import Alert
from connector.rulebook.speaking_file import scores
from tests.appraisal.test_appraise import COMPANY_SETTINGS, a_rule, rules
from tests.measure.mirror import Record, a_deal, a_metric, a_mirror, condition
from tests.targets.policies import a_person, a_policy

PLACE = Place("rules/alerts.yaml", 1)
TODAY = date(2026, 11, 3)  # a Tuesday: 24 working days of the quarter have begun
NAMES = ("ana", "bea", "cem", "dia")
CLOSED = "outcome in ('won', 'lost')"
METRICS = {
    each.name: each
    for each in (
        a_metric(where="outcome = 'won'", title="Bookings"),
        a_metric(
            "win_rate", where=CLOSED, measure="count_if(outcome = 'won') / count()", unit="ratio", title="Win rate"
        ),
        a_metric("average_deal", where="outcome = 'won'", measure="avg(amount)", title="Average deal"),
        a_metric("stale", measure="count_if(outcome = 'open') / count()", unit="ratio", where="name like 'Open%'"),
    )
}
COACHING = Coaching(
    "behind_on_bookings",
    PLACE,
    "bookings",
    Grain.QUARTER,
    condition("pace < 80%", scores("money")),
    (Driver("win_rate", condition("outcome = 'lost'", DEALS)), Driver("average_deal")),
    Speech(Message("{person}: {driver}", "{now} on {count}, was {past}, peers {peers}; {share}. {records}")),
)
PRAISE = Praise(
    "own_best", PLACE, "bookings", Grain.QUARTER, Speech(Message("{person}", "{actual} beats {best} of {best_period}"))
)


def deals(owner: str, won: int, lost: int, on: date, **given: Any) -> Iterator[list[Record]]:
    """Deals of 1,000.00 EUR each."""
    for _ in range(won):
        yield a_deal(owner=owner, closed_on=on, **given)
    for at in range(lost):
        name = f"emea:Opportunity/{owner}-{on}-{at}"
        yield a_deal(name, owner=owner, closed_on=on, outcome="lost", **{"amount": (at + 1) * 100_000} | given)


def managed(name: str) -> Person:
    return a_person(name, assignments=(Assignment(date(1, 1, 1), {"role": "AE", "team": "East"}, "max"),))


ROSTER = Roster.of([*map(managed, NAMES), a_person("max", role="Manager")])


def history() -> Iterator[list[Record]]:
    """Ana wins 2 of 10 where she and everybody else won 5 of 10, in the first month of this quarter and of earlier ones."""
    for name in NAMES:
        for on in (date(2026, 1, 15), date(2026, 4, 15), date(2026, 7, 15)):
            yield from deals(name, 5, 5, on)
        now = 2 if name == "ana" else 5
        yield from deals(name, now, 10 - now, date(2026, 10, 20))


def said(
    *records: list[Record],
    alerts: Any = None,
    speaking: Speaking | None = None,
    today: date = TODAY,
    agreed: Agreed = EVERYTHING,
) -> list[Alert]:
    using: Rules = replace(
        rules(metrics=METRICS, targets=(a_policy(each=Decimal(1_000_000), every=Grain.QUARTER),), alerts=alerts or {}),
        speaking=speaking or Speaking(),
    )
    mirror = a_mirror(*records)
    found = appraise(mirror, using, ROSTER, COMPANY_SETTINGS, {}, today=today, agreed=agreed, everything=False)
    return list(found.alerts)


class TestCoaching:
    def test_the_manager_of_whoever_is_behind_hears_which_driver_it_is_and_what_to_look_at(self) -> None:
        # 2,000 of 10,000 when 24 - 1 of 66 days are over (3,485 expected): pace 57 %. Everybody else has 5,000.
        [found] = said(*history(), speaking=Speaking(coaching=(COACHING,)))
        assert (found.person, found.told_as, found.title) == ("max", "manager", "Ana: Win rate")
        assert found.text.startswith("20% on 10, was 50%, peers 50%; 100%. ")
        # The three largest of the eight that were lost: 8,000, 7,000 and 6,000 EUR.
        assert [each.split(" (")[1].split(",")[0] for each in found.text.split("%. ")[1].split("; ")] == [
            "8 000 EUR",
            "7 000 EUR",
            "6 000 EUR",
        ]
        assert found.record == "emea:Opportunity/ana-2026-10-20-7"

    def test_the_past_is_read_up_to_the_same_working_day(self) -> None:
        # What was won late in earlier quarters does not make the early part of this one look worse.
        late = [each for on in (date(2026, 6, 20), date(2026, 9, 20)) for each in deals("ana", 90, 0, on)]
        [found] = said(*history(), *late, speaking=Speaking(coaching=(COACHING,)))
        assert "was 50%" in found.text

    def test_nothing_is_said_on_too_few_deals_or_of_somebody_who_is_not_behind(self) -> None:
        few = [each for each in history() if each[0][1]["closed_on"] < date(2026, 10, 1)]
        thin = [*few, *deals("ana", 1, 3, date(2026, 10, 20))]
        for name in NAMES[1:]:
            thin += deals(name, 5, 5, date(2026, 10, 20))
        assert said(*thin, speaking=Speaking(coaching=(COACHING,))) == []


class TestPraise:
    def test_a_best_is_told_once_four_quarters_are_there_to_beat(self) -> None:
        before = [deals("ana", each, 0, on) for each, on in zip((3, 6, 4, 2), quarters(), strict=True)]
        now = deals("ana", 7, 0, date(2026, 10, 20))
        [found] = said(*(each for part in (*before, now) for each in part), speaking=Speaking(praise=(PRAISE,)))
        assert (found.person, found.text) == ("max", "7 000 EUR beats 6 000 EUR of 2026-Q1")

    def test_an_equal_is_none_and_three_quarters_are_too_few(self) -> None:
        before = [*(deals("ana", each, 0, on) for each, on in zip((3, 6, 4, 2), quarters(), strict=True))]
        equal = deals("ana", 6, 0, date(2026, 10, 20))
        everything = [each for part in (*before, equal) for each in part]
        assert said(*everything, speaking=Speaking(praise=(PRAISE,))) == []
        young = [*deals("ana", 1, 0, date(2026, 7, 15)), *deals("ana", 9, 0, date(2026, 10, 20))]
        assert said(*young, speaking=Speaking(praise=(PRAISE,))) == []


def quarters() -> list[date]:
    return [date(2025, 10, 15), date(2026, 1, 15), date(2026, 4, 15), date(2026, 7, 15)]


def test_records_of_which_a_condition_holds_are_told_to_their_owners() -> None:
    rule = RecordRule(
        "large", PLACE, "deals", Grain.QUARTER, condition("outcome = 'open' and amount > 5_000 EUR", DEALS),
        ("rep",), Speech(Message("{record}", "{stage}, {amount}, {closed_on}")),
    )  # fmt: skip
    large = a_deal("emea:Opportunity/7", owner="bea", outcome="open", amount=600_000, stage="Proposal")
    small = a_deal(owner="bea", outcome="open", amount=500_000)
    [found] = said(large, small, speaking=Speaking(records=(rule,)))
    assert (found.person, found.title) == ("bea", "Deal 7")
    assert found.text == "Proposal, 6 000 EUR, 2026-10-08"


def test_a_metric_that_nobody_has_a_target_of_speaks_of_whoever_has_a_number() -> None:
    rule = replace(a_rule("stale", until="days_left > 70"), until=None, after=1)
    rule = replace(rule, when=condition("actual > 50%", scores("ratio")))
    mine = [a_deal(owner="ana", outcome="open", name="Open", closed_on=TODAY)]
    found = said(*mine, *deals("bea", 3, 0, TODAY, name="Open too"), alerts={"untended": rule})
    assert [each.person for each in found] == ["ana"]


def test_with_a_digest_a_manager_is_told_everything_in_one() -> None:
    digest = Digest(PLACE, 1, Speech(Message("{period}: {count}", "{lines}")))  # on Tuesdays, which today is
    speaking = Speaking(coaching=(COACHING,), digest=digest)
    late = replace(a_rule(when="pace < 70%", until="pace > 80%"), tell=("rep", "manager"), after=1)
    found = said(*history(), speaking=speaking, alerts={"behind_pace": late})
    told = [(each.rule, each.person, each.told_as) for each in found]
    # Max has a target and no deals: he is told of himself, and of his people once.
    assert told == [("behind_pace", "ana", "rep"), ("behind_pace", "max", "rep"), ("digest", "max", "manager")]
    assert found[2].title == "2026-W45: 2"
