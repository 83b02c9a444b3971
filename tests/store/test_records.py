from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from connector.model.money import Money
from connector.model.records import Outcome, Record, RecordKind, Ref
from connector.store import records
from connector.store.database import Store
from connector.store.records import Saved
from tests.store.made import (
    MONDAY,
    TODAY,
    TUESDAY,
    WEDNESDAY,
    account,
    activity,
    deal,
    deal_ref,
    entered,
    rate,
    reading,
    rejection,
    split,
    user,
    user_ref,
    won,
)


def save(store: Store, *some: Record, seen_on: date = TODAY) -> Saved:
    with store.writing() as tx:
        return records.save(tx, some, seen_on)


def deals(store: Store, column: str) -> dict[str, object]:
    with store.reading() as tx:
        found = tx.execute(text(f"select ref, {column} from deals where deleted_at is null"))
        return {Ref.parse(ref).id: value for ref, value in found}


def test_the_same_page_twice_is_stored_once(store: Store) -> None:
    page = (
        user("ana"),
        deal("d1"),
        account("a1"),
        activity("t1"),
        split("s1", "ana", "100"),
        rate("AUD", "EUR", TODAY, "1.6"),
    )
    assert save(store, *page) == Saved(stored=6, unchanged=0)
    assert save(store, *page) == Saved(stored=0, unchanged=6)


def test_a_late_webhook_does_not_overwrite_what_is_newer(store: Store) -> None:
    save(store, deal("d1", modified_at=TUESDAY, name="new"))
    assert save(store, deal("d1", modified_at=MONDAY, name="old")) == Saved(stored=0, unchanged=1)
    assert deals(store, "name") == {"d1": "new"}


def test_new_content_under_an_equal_stamp_is_not_lost(store: Store) -> None:
    """Two edits within one second carry one stamp."""
    save(store, deal("d1", name="first"))
    assert save(store, deal("d1", name="second")) == Saved(stored=1, unchanged=0)
    assert deals(store, "name") == {"d1": "second"}


def test_a_newer_stamp_over_known_content_is_kept_but_changes_nothing(store: Store) -> None:
    """Else an edit from between the two stamps could still come late and win."""
    save(store, deal("d1", name="right"))
    seq = deals(store, "change_seq")
    assert save(store, deal("d1", modified_at=WEDNESDAY, name="right")) == Saved(stored=0, unchanged=1)
    assert deals(store, "change_seq") == seq
    save(store, deal("d1", modified_at=TUESDAY, name="wrong"))
    assert deals(store, "name") == {"d1": "right"}


def test_of_two_versions_in_one_page_the_newer_stays(store: Store) -> None:
    save(store, deal("d1", modified_at=TUESDAY, name="new"), deal("d1", modified_at=MONDAY, name="old"))
    assert deals(store, "name") == {"d1": "new"}


def test_amounts_and_empty_fields_come_out_as_they_went_in(store: Store) -> None:
    save(store, deal("d1", amount=Money(12_345, "JPY")), deal("d2", amount=None, closed_on=None, owner=None))
    assert deals(store, "amount") == {"d1": 12_345, "d2": None}
    assert deals(store, "currency") == {"d1": "JPY", "d2": None}
    days = {name: day and str(day) for name, day in deals(store, "closed_on").items()}  # text on SQLite
    assert days == {"d1": "2026-12-01", "d2": None}


def test_every_change_gets_a_higher_number(store: Store) -> None:
    save(store, deal("d1"), deal("d2"))
    before = deals(store, "change_seq")
    save(store, deal("d1", modified_at=TUESDAY, name="other"), deal("d2"))
    after = deals(store, "change_seq")
    assert after["d2"] == before["d2"]
    assert int(str(after["d1"])) > max(int(str(each)) for each in before.values())


def test_half_a_character_does_not_stop_the_page(store: Store) -> None:
    assert save(store, deal("d1"), deal("d2", name="torn \ud83d")).stored == 2
    assert deals(store, "name")["d2"] == "torn ?"


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"):
        save(store, deal("d1", modified_at=MONDAY.replace(tzinfo=None)))


class TestOwnerAtClose:
    def test_is_whoever_owned_the_deal_when_it_was_first_seen_closed(self, store: Store) -> None:
        save(store, won("d1", TODAY, owner=user_ref("ana")), deal("d2", owner=user_ref("ana")))
        assert deals(store, "closed_owner") == {"d1": "emea:User/ana", "d2": None}

    def test_stays_although_the_deal_is_handed_over(self, store: Store) -> None:
        save(store, won("d1", TODAY, owner=user_ref("ana")))
        save(store, won("d1", TODAY, owner=user_ref("ben"), modified_at=TUESDAY))
        assert deals(store, "owner") == {"d1": "emea:User/ben"}
        assert deals(store, "closed_owner") == {"d1": "emea:User/ana"}

    def test_is_the_owner_at_the_moment_an_open_deal_closes(self, store: Store) -> None:
        save(store, deal("d1", owner=user_ref("ana")))
        save(store, deal("d1", owner=user_ref("ben"), modified_at=TUESDAY))
        save(store, won("d1", TODAY, owner=user_ref("cem"), modified_at=WEDNESDAY))
        assert deals(store, "closed_owner") == {"d1": "emea:User/cem"}

    def test_is_forgotten_when_the_deal_opens_again(self, store: Store) -> None:
        save(store, won("d1", TODAY, owner=user_ref("ana")))
        save(store, deal("d1", owner=user_ref("ben"), modified_at=TUESDAY))
        assert deals(store, "closed_owner") == {"d1": None}
        save(store, won("d1", TODAY, owner=user_ref("ben"), modified_at=WEDNESDAY))
        assert deals(store, "closed_owner") == {"d1": "emea:User/ben"}

    def test_stays_when_a_won_deal_turns_out_lost(self, store: Store) -> None:
        save(store, won("d1", TODAY, owner=user_ref("ana")))
        save(store, won("d1", TODAY, outcome=Outcome.LOST, owner=user_ref("ben"), modified_at=TUESDAY))
        assert deals(store, "closed_owner") == {"d1": "emea:User/ana"}


class TestRemoval:
    def test_leaves_a_tombstone_that_counts_once(self, store: Store) -> None:
        save(store, deal("d1"), deal("d2"))
        with store.writing() as tx:
            assert records.remove(tx, dict.fromkeys([deal_ref("d1"), deal_ref("never seen")], TUESDAY)) == 1
            assert records.remove(tx, {deal_ref("d1"): WEDNESDAY}) == 0
            assert records.counts(tx) == {("emea", "deal"): 1}

    def test_is_undone_when_the_record_is_there_again(self, store: Store) -> None:
        save(store, deal("d1"))
        with store.writing() as tx:
            records.remove(tx, {deal_ref("d1"): TUESDAY})
        assert save(store, deal("d1")) == Saved(stored=1, unchanged=0)
        assert deals(store, "name") == {"d1": "Deal d1"}

    def test_is_not_undone_by_an_older_version(self, store: Store) -> None:
        save(store, deal("d1", modified_at=TUESDAY))
        with store.writing() as tx:
            records.remove(tx, {deal_ref("d1"): WEDNESDAY})
        save(store, deal("d1", modified_at=MONDAY))
        assert deals(store, "name") == {}

    def test_after_a_full_read_takes_what_is_gone_from_that_object_only(self, store: Store) -> None:
        save(
            store, reading("quotas", "1"), reading("quotas", "2"), reading("quotas_old", "1"), reading("trainings", "1")
        )
        with store.writing() as tx:
            gone = records.replace_all(
                tx, "files", RecordKind.READING, "quotas", [Ref("files", "quotas", "2")], TUESDAY
            )
            assert gone == 1
            left = {name: len(records.readings(tx, name)) for name in ("quotas", "quotas_old", "trainings")}
        assert left == {"quotas": 1, "quotas_old": 1, "trainings": 1}

    def test_of_a_deals_history_spares_the_other_deals(self, store: Store) -> None:
        save(
            store, entered("h1", "New", MONDAY), entered("h2", "Proposal", TUESDAY), entered("h3", "New", MONDAY, "d2")
        )
        with store.writing() as tx:
            still = [entered("h2", "Proposal", TUESDAY).ref]
            assert records.keep_only(tx, RecordKind.STAGE_CHANGE, [deal_ref("d1")], still, WEDNESDAY) == 1
            left = tx.execute(text("select ref from stage_changes where deleted_at is null order by ref")).scalars()
            assert [Ref.parse(each).id for each in left] == ["h2", "h3"]

    def test_of_all_splits_of_a_deal_needs_no_record(self, store: Store) -> None:
        save(store, split("s1", "ana", "100"))
        with store.writing() as tx:
            assert records.keep_only(tx, RecordKind.SPLIT, [deal_ref("d1")], [], TUESDAY) == 1
            assert records.counts(tx) == {}


class TestUsers:
    def test_come_back_as_they_went_in(self, store: Store) -> None:
        ana = user(
            "ana", manager=user_ref("ben"), levels={"team": "Süd", "role": "AE"}, scores_on=Ref("emea", "users", "7")
        )
        save(store, ana)
        with store.reading() as tx:
            # with their person: the first twelve digits of `printf ana@example.com | sha256sum`
            assert records.users(tx) == [replace(ana, person="p_8e43ca377012")]

    def test_that_the_crm_deleted_are_inactive_and_still_known(self, store: Store) -> None:
        save(store, user("ana"))
        with store.writing() as tx:
            records.remove(tx, {user_ref("ana"): TUESDAY})
            (ana,) = records.users(tx)
            assert not ana.active
            assert [(each.seen_on, each.active) for each in records.sightings(tx)] == [(TODAY, False)]

    def test_are_seen_anew_only_when_team_manager_or_status_changed(self, store: Store) -> None:
        def seen() -> list[tuple[date, str, bool]]:
            with store.reading() as tx:
                return [(each.seen_on, each.levels["team"], each.active) for each in records.sightings(tx)]

        first, later, last = date(2026, 11, 1), date(2026, 11, 10), date(2026, 11, 20)
        save(store, user("ana"), seen_on=first)
        save(store, user("ana", modified_at=TUESDAY, name="Ana Silva"), seen_on=later)
        assert seen() == [(first, "East", True)]
        save(store, user("ana", modified_at=WEDNESDAY, levels={"team": "West"}), seen_on=last)
        assert seen() == [(first, "East", True), (last, "West", True)]

    def test_that_come_late_are_not_seen_in_their_old_team(self, store: Store) -> None:
        save(store, user("ana", modified_at=TUESDAY, levels={"team": "West"}))
        save(store, user("ana", modified_at=MONDAY, levels={"team": "East"}), seen_on=TODAY + timedelta(days=1))
        with store.reading() as tx:
            assert [each.levels["team"] for each in records.sightings(tx)] == ["West"]


class TestSetAside:
    def test_records_wait_with_their_reason_and_without_their_values(self, store: Store) -> None:
        with store.writing() as tx:
            records.set_aside(tx, [rejection("d1", "Amount is not a number")], MONDAY)
            records.set_aside(tx, [rejection("d1", "CloseDate is not a day")], TUESDAY)
            (waiting,) = records.set_aside_list(tx)
            stored = str(tx.execute(text("select * from rejections")).all())
        assert (waiting.reason, waiting.times) == ("CloseDate is not a day", 2)
        assert (waiting.first_seen, waiting.last_seen) == (MONDAY, TUESDAY)
        assert "secret" not in stored

    def test_records_are_forgiven_once_they_are_stored(self, store: Store) -> None:
        with store.writing() as tx:
            records.set_aside(tx, [rejection("d1", "bad"), rejection("d2", "bad")], MONDAY)
        save(store, deal("d1"))
        with store.reading() as tx:
            assert [each.ref.id for each in records.set_aside_list(tx)] == ["d2"]


def test_readings_keep_their_types(store: Store) -> None:
    row = reading(
        "quotas", "1", person="ana", value=Decimal("1200.50"), starts=TODAY, at=MONDAY, agreed=True, note=None, n=3
    )
    save(store, row)
    with store.reading() as tx:
        (found,) = records.readings(tx, "quotas")
    assert found.values == row.values
    assert {name: type(value) for name, value in found.values.items()} == {
        name: type(value) for name, value in row.values.items()
    }


def test_a_file_put_back_under_its_old_stamp_is_read_again(store: Store) -> None:
    save(store, reading("quotas", "1", value=1))
    newer = reading("quotas", "1", value=2)
    save(store, type(newer)(newer.ref, TUESDAY, newer.values))
    save(store, reading("quotas", "1", value=1))
    with store.reading() as tx:
        assert records.readings(tx, "quotas")[0].values == {"value": 1}
