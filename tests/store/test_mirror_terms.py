"""When paid terms begin, and what accounts pay by them: a renewal that is won early loses nobody anything."""

from __future__ import annotations

from datetime import date
from typing import Any

from connector.model.money import Money
from tests.store.made import account, account_ref, deal, won
from tests.store.mirrored import Mirrored

HERE: dict[str, Any] = {"account": account_ref("a1")}
YEAR = Money(1_200_00, "EUR")
FIRST, EARLY = (
    date(2025, 1, 10),
    date(2025, 12, 20),
)  # a year is paid for from the one; the other is three weeks before its end


def terms(mirrored: Mirrored) -> dict[str, date | None]:
    rows = mirrored.look("select ref, term_starts_on from deals order by ref")
    return {ref.removeprefix("emea:Opportunity/"): starts_on for ref, starts_on in rows}


def values(mirrored: Mirrored, *periods: str) -> list[tuple[int, int, int]]:
    """What the account paid a year when a period began, when it ended, and the smaller of both."""
    names = ", ".join(f"'{each}'" for each in periods)
    query = f"select start_value, end_value, kept_value from account_periods where period in ({names}) order by period"
    return mirrored.look(query)


def test_a_renewal_that_is_won_early_begins_where_the_term_ends(mirrored: Mirrored) -> None:
    mirrored.save(
        account("a1"), won("d1", FIRST, amount=YEAR, **HERE), won("d2", EARLY, amount=YEAR, is_renewal=True, **HERE)
    )
    assert terms(mirrored) == {"d1": FIRST, "d2": date(2026, 1, 10)}
    assert values(mirrored, "2025", "2026") == [(0, 1_200_00, 0), (1_200_00, 1_200_00, 1_200_00)]
    # On 25 November 2026, and a year before it: each time one term of 1,200.
    assert mirrored.ask("select yearly_value, yearly_value_before from accounts") == [(1_200_00, 1_200_00)]


def test_a_renewal_for_less_loses_the_difference_and_no_more(mirrored: Mirrored) -> None:
    mirrored.save(
        won("d1", FIRST, amount=YEAR, **HERE), won("d2", EARLY, amount=Money(900_00, "EUR"), is_renewal=True, **HERE)
    )
    assert values(mirrored, "2025-12", "2026-01", "2026-02") == [
        (1_200_00, 1_200_00, 1_200_00),
        (1_200_00, 900_00, 900_00),
        (900_00, 900_00, 900_00),
    ]


def test_the_mapped_first_day_holds_for_every_deal(mirrored: Mirrored) -> None:
    mirrored.save(
        won("d1", FIRST, amount=YEAR, **HERE),
        won("d2", EARLY, amount=YEAR, term_starts_on=date(2026, 1, 10), **HERE),
        won("d3", date(2026, 12, 20), amount=YEAR, term_starts_on=date(2027, 1, 15), is_renewal=True, **HERE),
        deal("d4", **HERE),
    )
    assert terms(mirrored) == {"d1": FIRST, "d2": date(2026, 1, 10), "d3": date(2027, 1, 15), "d4": None}
    assert values(mirrored, "2025", "2026") == [(0, 1_200_00, 0), (1_200_00, 1_200_00, 1_200_00)]


def test_what_is_no_renewal_counts_from_its_own_close_date(mirrored: Mirrored) -> None:
    """An add-on of 600 a year: nothing but the mapping tells it from a renewal."""
    mirrored.save(won("d1", FIRST, amount=YEAR, **HERE), won("d2", EARLY, amount=Money(600_00, "EUR"), **HERE))
    assert terms(mirrored) == {"d1": FIRST, "d2": EARLY}
    assert values(mirrored, "2025", "2026-01") == [(0, 1_800_00, 0), (1_800_00, 600_00, 600_00)]


def test_each_renewal_takes_the_place_of_the_term_that_ends_first(mirrored: Mirrored) -> None:
    """The add-on is paid until 1 June 2026. Both renewals are won in December, and the base is renewed once more after that."""
    mirrored.save(
        won("base", FIRST, amount=YEAR, **HERE),
        won("more", date(2025, 6, 1), amount=Money(600_00, "EUR"), **HERE),
        won("r1", EARLY, amount=YEAR, is_renewal=True, **HERE),
        won("r2", date(2025, 12, 21), amount=Money(600_00, "EUR"), is_renewal=True, **HERE),
        won("r3", date(2026, 11, 20), amount=YEAR, is_renewal=True, **HERE),
        won("other", EARLY, amount=YEAR, is_renewal=True, account=account_ref("a2")),  # has nothing to renew
    )
    assert terms(mirrored) == {
        "base": FIRST,
        "more": date(2025, 6, 1),
        "r1": date(2026, 1, 10),
        "r2": date(2026, 6, 1),
        "r3": date(2027, 1, 10),
        "other": EARLY,
    }
    query = (
        "select distinct end_value from account_periods where grain = 'month' and period >= '2025-06' and account = "
    )
    assert mirrored.look(f"{query}'{account_ref('a1')}'") == [(1_800_00,)]


def test_a_renewal_after_the_end_begins_when_it_is_won(mirrored: Mirrored) -> None:
    late = date(2026, 2, 3)
    mirrored.save(won("d1", FIRST, amount=YEAR, **HERE), won("d2", late, amount=YEAR, is_renewal=True, **HERE))
    assert terms(mirrored)["d2"] == late
    assert values(mirrored, "2026-01", "2026-02") == [(1_200_00, 0, 0), (0, 1_200_00, 0)]


def test_what_was_paid_back_is_no_term_and_renews_none(mirrored: Mirrored) -> None:
    back = Money(-200_00, "EUR")
    mirrored.save(
        won("d0", FIRST, amount=back, term_months=3, **HERE),
        won("d1", FIRST, amount=YEAR, **HERE),
        won("d2", date(2025, 3, 1), amount=back, is_renewal=True, **HERE),
        won("d3", date(2025, 3, 2), amount=YEAR, is_renewal=True, **HERE),
    )
    assert terms(mirrored) == {"d0": FIRST, "d1": FIRST, "d2": date(2025, 3, 1), "d3": date(2026, 1, 10)}


def test_a_term_that_is_said_later_moves_what_is_paid(mirrored: Mirrored) -> None:
    mirrored.save(won("d1", FIRST, amount=YEAR, **HERE), won("d2", EARLY, amount=YEAR, **HERE))
    assert values(mirrored, "2025") == [(0, 2_400_00, 0)]
    mirrored.save(won("d2", EARLY, amount=YEAR, is_renewal=True, **HERE))
    assert values(mirrored, "2025") == [(0, 1_200_00, 0)]
    assert mirrored.ask("select is_renewal from deals order by ref") == [(False,), (True,)]
