"""What splits by pipeline and by potential are taken from, over a mirror that was filled by the store."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from connector.measure.standing import account_potential, open_pipeline
from connector.model.catalogue import Type
from connector.model.records import Outcome
from connector.store.mirror import open_mirror
from tests.store.made import account, deal, user_ref
from tests.store.mirrored import Mirrored
from tests.store.test_mirror_history import stood

JULY, YEAR = date(2026, 7, 1), date(2027, 1, 1)
EARLY = datetime(2026, 1, 5, tzinfo=UTC)


def pipeline(mirrored: Mirrored, on: date = JULY, until: date = YEAR) -> dict[str, Decimal]:
    mirrored.refresh()
    opened = open_mirror(mirrored.path)
    try:
        return dict(open_pipeline(opened, on, until))
    finally:
        opened.close()


def test_each_deal_counts_as_it_stood_on_that_morning(mirrored: Mirrored) -> None:
    # In June it was Ana's and worth 100.00; in August, when Ben has it and it is worth 900.00, nobody looks any more.
    mirrored.save(
        deal("d1", created_at=EARLY, owner=user_ref("ben")),
        stood("06-01", "Proposal", 100_00, "2026-12-01", "ana"),
        stood("08-01", "Proposal", 900_00, "2026-12-01", "ben"),
    )
    assert pipeline(mirrored) == {"p_ana": 100_00}
    assert pipeline(mirrored, date(2026, 9, 1)) == {"p_ben": 900_00}


def test_what_is_due_before_or_after_or_was_not_there_yet_does_not_count(mirrored: Mirrored) -> None:
    mirrored.save(
        *(deal(name, created_at=EARLY) for name in ("d1", "d2", "d3")),
        stood("06-01", "Proposal", 100_00, "2026-06-30", "ana", deal="d1"),
        stood("06-01", "Proposal", 200_00, "2027-01-01", "ana", deal="d2"),
        stood("07-01", "Proposal", 400_00, "2026-12-01", "ana", deal="d3"),
    )
    assert pipeline(mirrored) == {}
    assert pipeline(mirrored, date(2026, 8, 1)) == {"p_ana": 400_00}


def test_a_deal_won_before_that_day_is_no_pipeline(mirrored: Mirrored) -> None:
    mirrored.save(
        deal("d1", created_at=EARLY),
        stood("05-01", "Proposal", 100_00, "2026-12-01", "ana"),
        stood("06-01", "Closed Won", 100_00, "2026-12-01", "ana"),
        deal("d2", created_at=EARLY, stage="Closed Won", outcome=Outcome.WON, closed_on=date(2026, 6, 1)),
    )
    assert pipeline(mirrored) == {}


def test_the_potential_of_everybody_s_accounts(mirrored: Mirrored) -> None:
    mirrored.custom = {"deals": {}, "accounts": {"potential": Type.MONEY}}
    mirrored.save(
        account("a1", custom={"potential": 5_000_00}),
        account("a2", custom={"potential": 1_000_00}),
        account("a3", custom={}),
        account("a4", owner=user_ref("ben"), custom={"potential": 0}),
    )
    mirrored.refresh()
    opened = open_mirror(mirrored.path)
    try:
        assert account_potential(opened, "potential") == {"p_ana": 6_000_00, "p_ben": 0}
    finally:
        opened.close()
