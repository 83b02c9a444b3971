"""Nobody hammers at a door that is shut, and nobody takes more of a CRM's day than was agreed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connector.errors import ConnectorError, CrmDenied, CrmUnavailable
from connector.ports import World
from connector.transport import Patience, Priority, working_on
from connector.transport.circuit import Circuit
from connector.transport.gate import Gatekeeper, ShutForNow
from tests.transport.test_patience import Time

DOWN = CrmUnavailable("emea", "could not be reached")
BUSY = CrmUnavailable("emea", "429", retry_after=timedelta(seconds=7))
REFUSED = CrmDenied("emea", "login refused", login=True)


class Kept:
    """A memory that outlives gatekeepers."""

    def __init__(self) -> None:
        self.circuits: dict[str, Circuit] = {}
        self.made: dict[tuple[str, date], int] = {}

    def circuit(self, connection: str) -> Circuit:
        return self.circuits.get(connection, Circuit())

    def keep_circuit(self, connection: str, circuit: Circuit) -> None:
        self.circuits[connection] = circuit

    def add_calls(self, connection: str, day: date, calls: int) -> int:
        self.made[connection, day] = self.made.get((connection, day), 0) + calls
        return self.made[connection, day]


def asked(gate: Gatekeeper, error: ConnectorError | None) -> None:
    gate.let_pass("emea")
    gate.heard("emea", error)


def opened(gate: Gatekeeper) -> None:
    for _ in range(5):
        asked(gate, DOWN)


def test_opens_after_five_failures_in_a_row_and_says_when_it_asks_again(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    opened(gate)
    with pytest.raises(ShutForNow, match=r"failed 5 times in a row.*after 08:00:30 UTC: could not be reached"):
        gate.let_pass("emea")
    gate.let_pass("smb")  # another connection is another door


def test_an_answer_in_between_starts_the_count_anew(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    for _ in range(3):
        for _ in range(4):
            asked(gate, DOWN)
        for _ in range(6):
            asked(gate, None)
    gate.let_pass("emea")


def test_opens_when_more_than_half_of_the_last_twenty_failed(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    for error in [DOWN, None] * 9 + [DOWN, DOWN]:  # eleven of twenty, never five in a row
        asked(gate, error)
    with pytest.raises(ShutForNow):
        gate.let_pass("emea")


def test_a_crm_that_asks_for_a_pause_is_well(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    for _ in range(50):
        asked(gate, BUSY)
    gate.let_pass("emea")


def test_lets_one_call_through_each_time_and_waits_twice_as_long_up_to_a_quarter_of_an_hour(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    opened(gate)
    for wait in (30, 60, 120, 240, 480, 900, 900):
        time.sleep(wait - 1)
        with pytest.raises(ShutForNow):
            gate.let_pass("emea")
        time.sleep(1)
        gate.let_pass("emea")
        with pytest.raises(ShutForNow):
            gate.let_pass("emea")  # somebody is asking already
        gate.heard("emea", DOWN)
    time.sleep(900)
    asked(gate, None)
    opened(gate)
    time.sleep(30)
    gate.let_pass("emea")  # an answer closes it, and the waits begin anew


def test_stays_open_through_a_restart(time: Time) -> None:
    kept = Kept()
    opened(Gatekeeper(kept, time.now))
    with pytest.raises(ShutForNow):
        Gatekeeper(kept, time.now).let_pass("emea")


def test_a_clock_that_was_set_back_leaves_nothing_shut_for_days(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    opened(gate)
    time.at -= timedelta(days=4)
    gate.let_pass("emea")


def test_a_refused_login_is_not_tried_again_within_five_minutes(time: Time) -> None:
    kept, logins = Kept(), 0
    for _ in range(24 * 12):  # a day of cycles, five minutes apart, each in a process of its own
        gate = Gatekeeper(kept, time.now)
        for _ in range(10):
            try:
                gate.let_pass("emea")
            except ShutForNow:
                break
            logins += 1
            gate.heard("emea", REFUSED)
        time.sleep(300)
    assert logins <= 24 * 12
    assert logins <= 100  # after the first few, a quarter of an hour apart


def test_a_permission_that_is_missing_for_one_object_shuts_nothing(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    for _ in range(20):
        asked(gate, CrmDenied("emea", "HTTP 403, no access to Task"))
    gate.let_pass("emea")


def calls_until_shut(gate: Gatekeeper, priority: Priority, most: int = 5_000) -> int:
    with working_on(priority):
        for made in range(most):
            try:
                gate.let_pass("emea")
            except ShutForNow:
                return made
            gate.heard("emea", None)
    return most


@pytest.mark.parametrize(
    ("priority", "allowed"),
    # Of 10,000 calls a day ours are 20 %: 2,000; three quarters of them for reconciling, half for a first load.
    [(Priority.BACKFILL, 1_000), (Priority.RECONCILE, 1_500), (Priority.INCREMENTAL, 2_000), (Priority.ALERT, 5_000)],
)
def test_each_kind_of_work_has_its_part_of_our_share(time: Time, priority: Priority, allowed: int) -> None:
    gate = Gatekeeper(Kept(), time.now)
    gate.told("emea", 100, 10_000)
    assert calls_until_shut(gate, priority) == allowed


def test_the_share_is_the_configs_and_what_was_used_counts_through_a_restart(time: Time) -> None:
    kept = Kept()
    first = Gatekeeper(kept, time.now, {"emea": Decimal("0.1")})
    first.told("emea", 0, 1_000)
    assert calls_until_shut(first, Priority.BACKFILL) == 50
    second = Gatekeeper(kept, time.now, {"emea": Decimal("0.1")})
    second.told("emea", 0, 1_000)
    # What was noted and not made counts as made: at most one block of twenty.
    assert 100 - 50 - 20 <= calls_until_shut(second, Priority.INCREMENTAL) <= 50
    time.sleep(24 * 3600)
    assert calls_until_shut(second, Priority.INCREMENTAL) == 100


def test_when_the_org_is_at_ninety_percent_only_alerts_go_out(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    gate.told("emea", 9_000, 10_000)
    with pytest.raises(ShutForNow, match="9000 of its 10000 calls of today are used up"):
        gate.let_pass("emea")
    assert calls_until_shut(gate, Priority.ALERT, 100) == 100


def test_after_a_quarter_of_an_hour_one_call_hears_how_it_is_by_now(time: Time) -> None:
    """Shut out we hear nothing newer: what was told once must not keep us out for good."""
    gate = Gatekeeper(Kept(), time.now)
    gate.told("emea", 9_000, 10_000)
    time.sleep(15 * 60 - 1)
    with pytest.raises(ShutForNow):
        gate.let_pass("emea")
    time.sleep(1)
    gate.let_pass("emea")
    gate.told("emea", 9_100, 10_000)  # its answer: no better
    with pytest.raises(ShutForNow, match="9100 of its 10000"):
        gate.let_pass("emea")
    time.sleep(15 * 60)
    gate.let_pass("emea")
    gate.told("emea", 12, 10_000)  # a new day
    assert calls_until_shut(gate, Priority.INCREMENTAL, 100) == 100


def test_a_clock_that_was_set_back_makes_nothing_told_last_longer(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    gate.told("emea", 9_000, 10_000)
    time.at -= timedelta(days=4)
    gate.let_pass("emea")


def test_calls_that_are_refused_use_up_nothing_of_our_share(time: Time) -> None:
    kept = Kept()
    gate = Gatekeeper(kept, time.now)
    gate.told("emea", 9_000, 10_000)
    assert calls_until_shut(gate, Priority.INCREMENTAL) == 0
    for _ in range(200):
        with pytest.raises(ShutForNow):
            gate.let_pass("emea")
    assert set(kept.made.values()) == {20}  # the one block that was noted before the first of them


def test_a_crm_that_does_not_tell_its_limit_is_not_held_to_one(time: Time) -> None:
    assert calls_until_shut(Gatekeeper(Kept(), time.now), Priority.BACKFILL) == 5_000


def test_in_a_total_outage_a_thousand_calls_make_hardly_more_than_a_thousand_requests(time: Time) -> None:
    patience = Patience("emea", time.world)
    for _ in range(1_000):
        with pytest.raises(CrmUnavailable):
            patience.call(_down)
    assert sum(patience.calls.values()) <= 1_010


def test_with_a_circuit_a_day_of_outage_costs_a_probe_per_quarter_of_an_hour(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    patience = Patience("emea", World(time.now, time.sleep, gate))
    start = time.at
    while time.at < start + timedelta(days=1):
        with pytest.raises(CrmUnavailable):
            patience.call(_down)
        time.sleep(60)
    # Five to open it, six while the waits double, then one in fifteen minutes, or in sixteen for the minutes between.
    assert 24 * 60 / 16 <= sum(patience.calls.values()) <= 24 * 4 + 12


def _down() -> None:
    raise CrmUnavailable("emea", "could not be reached")


def test_a_shut_door_is_not_waited_for(time: Time) -> None:
    gate = Gatekeeper(Kept(), time.now)
    opened(gate)
    before = datetime(2026, 11, 25, 8, tzinfo=UTC)
    with pytest.raises(ShutForNow):
        Patience("emea", World(time.now, time.sleep, gate)).call(_down)
    assert time.at == before
