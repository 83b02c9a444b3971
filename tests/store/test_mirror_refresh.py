"""The mirror follows the store, whatever happened before."""

from __future__ import annotations

import contextlib
import random
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connector.errors import ConfigError, StoreBusy, StoreUnavailable
from connector.model.catalogue import Type
from connector.model.money import Money
from connector.model.people import Roster
from connector.model.records import Outcome, Record
from connector.normalise.mapping import FileTable
from connector.store import records
from connector.store.database import open_store
from connector.store.mirror import open_mirror, publish
from tests.store.made import (
    MONDAY,
    TODAY,
    TUESDAY,
    account,
    account_ref,
    activity,
    deal,
    deal_ref,
    entered,
    rate,
    reading,
    split,
    user_ref,
    won,
)
from tests.store.mirrored import TRAININGS, Mirrored, company, person
from tests.store.test_mirror_history import stood


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file may grow beyond that many bytes: the system refuses it, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def made(mirrored: Mirrored) -> dict[str, str]:
    """What the mirror remembers of how each table was made."""
    return dict(mirrored.ask("select key, value from meta where key like 'made:%'"))


class Stopped(Exception):
    """A process that ends where it stands."""


class StopsAt(dict[str, FileTable]):
    """File tables, and the end of the process when they are asked for that many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    def items(self) -> Any:
        self.left -= 1
        if not self.left:
            raise Stopped
        return super().items()


def stop_on_the_way(mirrored: Mirrored, times: int) -> None:
    """A refresh that ends once the raw copies are made: before anything follows from them, or after most has."""
    whole, mirrored.files = mirrored.files, StopsAt(times)
    with contextlib.suppress(Stopped):
        mirrored.refresh()
    mirrored.files = whole


def random_record(dice: random.Random, version: int) -> Record:
    at = MONDAY + timedelta(minutes=version)
    number, somebody = str(dice.randrange(6)), dice.choice(["ana", "ben", "robot"])
    closed = date(2026, 1, 1) + timedelta(days=dice.randrange(400))
    match dice.randrange(6):
        case 0 | 1:
            amount = dice.choice([None, Money(dice.randrange(10**6), dice.choice(["EUR", "AUD", "JPY"]))])
            return deal(
                f"d{number}",
                modified_at=at,
                owner=user_ref(somebody),
                outcome=dice.choice(list(Outcome)),
                amount=amount,
                closed_on=dice.choice([None, closed]),
                account=dice.choice([None, account_ref("0"), account_ref("1")]),
                custom={"tier": number},
            )
        case 2:
            day = dice.choice([None, closed])
            return activity(number, modified_at=at, happened_on=day, deal=deal_ref(f"d{dice.randrange(6)}"))
        case 3:
            percent = dice.choice(["50", "50", "100", "33.33"])
            whose = deal_ref(f"d{dice.randrange(6)}")
            return split(number, somebody, percent, modified_at=at, deal=whose, overlay=dice.random() < 0.2)
        case 4:
            if dice.random() < 0.5:
                return account(number, modified_at=at)
            return rate("AUD", "EUR", closed, f"1.{version}")
        case _:
            return entered(f"{number}", dice.choice(["Proposal", "New", "Closed", "Won"]), at, f"d{dice.randrange(6)}")


@pytest.mark.parametrize("seed", range(8))
def test_many_small_refreshes_end_where_one_from_nothing_does(mirrored: Mirrored, seed: int) -> None:
    dice = random.Random(seed)
    mirrored.custom = {"deals": {"tier": Type.TEXT}}
    for version in range(1, 8):
        page = [random_record(dice, version) for _ in range(dice.randrange(3, 12))]
        mirrored.save(*page)
        if dice.random() < 0.4:
            with mirrored.store.writing() as tx:
                records.remove(tx, {dice.choice(page).ref: TUESDAY})
        if dice.random() < 0.2:
            mirrored.company = company(first_month=dice.randrange(1, 13))
        if dice.random() < 0.2:
            mirrored.roster = Roster.of([person(name) for name in dice.sample(["ana", "ben", "eve"], 2)])
        if dice.random() < 0.3:
            stop_on_the_way(mirrored, dice.choice([1, 2]))
        else:
            mirrored.refresh()
    mirrored.refresh()
    followed = mirrored.everything()
    mirrored.path.unlink()
    mirrored.refresh()
    assert mirrored.everything() == followed
    assert len(followed["deals"]) > 0


def test_a_deal_that_lost_its_activity_hears_of_it_from_the_refresh_after_one_that_was_cut_short(
    mirrored: Mirrored,
) -> None:
    mirrored.save(deal("d1"), deal("d2"), activity("t1", deal=deal_ref("d1"), happened_on=TODAY))
    mirrored.refresh()
    mirrored.save(activity("t1", deal=deal_ref("d2"), happened_on=TODAY, modified_at=TUESDAY))
    stop_on_the_way(mirrored, 1)
    assert mirrored.look("select name, last_activity_on from deals order by name") == [
        ("Deal d1", None),
        ("Deal d2", TODAY),
    ]


def test_nothing_is_made_anew_when_nothing_changed(mirrored: Mirrored) -> None:
    mirrored.files = {"trainings": TRAININGS}
    mirrored.save(won("d1", TODAY), account("a1"), activity("t1"), split("s1", "ana", "100"), reading("trainings", "1"))
    mirrored.refresh()
    before = mirrored.path.stat().st_mtime_ns
    mirrored.save(won("d1", TODAY))
    mirrored.refresh()
    assert mirrored.path.stat().st_mtime_ns == before


def test_only_what_follows_from_a_change_is_made_anew(mirrored: Mirrored) -> None:
    mirrored.save(won("d1", TODAY), activity("t1"))
    mirrored.refresh()
    before = made(mirrored)
    mirrored.save(split("s1", "ana", "100"))
    mirrored.refresh()
    after = made(mirrored)
    assert {name for name in after if after[name] != before[name]} == {"made:credits", "made:calendar"}


def test_a_new_roster_credits_anew_without_any_record_changing(mirrored: Mirrored) -> None:
    mirrored.save(won("d1", TODAY))
    assert mirrored.deal("owner") == ("p_ana",)
    mirrored.roster = Roster.of([person("joined", identities=(user_ref("ana"),))])
    assert mirrored.deal("owner") == ("p_joined",)
    assert mirrored.ask("select distinct person from credits") == [("p_joined",)]


def test_another_currency_of_the_company_converts_anew(mirrored: Mirrored) -> None:
    mirrored.save(rate("EUR", "USD", date(2026, 1, 1), "0.5"), won("d1", TODAY, amount=Money(100_00, "EUR")))
    assert mirrored.deal("amount") == (100_00,)
    mirrored.company = company("USD")
    assert mirrored.deal("amount") == (200_00,)


def test_a_late_rate_reaches_deals_that_did_not_change(mirrored: Mirrored) -> None:
    mirrored.save(won("d1", TODAY, amount=Money(160_00, "AUD")))
    assert mirrored.deal("amount") == (None,)
    mirrored.save(rate("AUD", "EUR", date(2026, 1, 1), "1.6"))
    assert mirrored.deal("amount") == (100_00,)


def test_what_belongs_to_a_deal_reaches_it_later(mirrored: Mirrored) -> None:
    mirrored.save(deal("d1", account=account_ref("a1")))
    columns = "account_name, stage_entered_on, last_activity_on"
    assert mirrored.deal(columns) == (None, date(2026, 1, 5), None)
    mirrored.save(account("a1"))
    assert mirrored.deal(columns) == ("Account a1", date(2026, 1, 5), None)
    mirrored.save(entered("h1", "Proposal", MONDAY))
    assert mirrored.deal(columns) == ("Account a1", MONDAY.date(), None)
    mirrored.save(activity("t1", happened_on=TODAY))
    assert mirrored.deal(columns) == ("Account a1", MONDAY.date(), TODAY)


@pytest.mark.parametrize("also", [[], [deal("d2")]])
def test_another_calendar_reaches_changes_of_deals_that_nothing_changed_about(
    mirrored: Mirrored, also: list[Record]
) -> None:
    mirrored.save(deal("d1"), stood("02-01", "New", 1, "2026-02-01"), stood("02-02", "New", 1, "2026-03-01"))
    moved = "select left_month, left_quarter, left_year from deal_changes where field = 'closed_on'"
    assert mirrored.look(moved) == [(True, False, False)]
    mirrored.company = company(first_month=3)
    mirrored.save(*also)
    assert mirrored.look(moved) == [(True, True, True)]


def test_a_custom_field_that_is_mapped_later_appears(mirrored: Mirrored) -> None:
    mirrored.save(deal("d1", custom={"tier": "gold"}))
    mirrored.refresh()
    mirrored.custom = {"deals": {"tier": Type.CHOICE}}
    assert mirrored.deal("tier") == ("gold",)


def test_a_damaged_mirror_is_made_anew(mirrored: Mirrored) -> None:
    mirrored.path.write_bytes(b"this is no mirror" * 1000)
    mirrored.save(deal("d1"))
    assert mirrored.deal("name") == ("Deal d1",)


def test_a_mirror_of_another_version_is_made_anew(mirrored: Mirrored) -> None:
    mirrored.save(deal("d1"))
    mirrored.refresh()
    raw = duckdb.connect(str(mirrored.path))
    raw.execute("update meta set value = '0, duckdb 0.1' where key = 'version'")
    raw.execute("update deals set name = 'stale'")
    raw.close()
    with pytest.raises(ConfigError, match="another version"):
        open_mirror(mirrored.path)
    assert mirrored.deal("name") == ("Deal d1",)


def test_a_mirror_of_another_store_is_made_anew(mirrored: Mirrored, tmp_path: Path) -> None:
    """The new store's sequence may have overtaken the old one's: the number alone would not tell."""
    mirrored.save(deal("d1"))
    mirrored.refresh()
    mirrored.store = open_store(tmp_path / "another.db")
    mirrored.save(deal("d2"), deal("d3"), deal("d4"))
    assert mirrored.look("select name from deals order by name") == [("Deal d2",), ("Deal d3",), ("Deal d4",)]
    mirrored.store.close()


def test_readers_keep_the_copy_that_they_opened(mirrored: Mirrored, tmp_path: Path) -> None:
    published = tmp_path / "published.duckdb"
    mirrored.save(deal("d1"))
    mirrored.refresh()
    publish(mirrored.path, published)
    reader = open_mirror(published)
    mirrored.save(deal("d2"))
    mirrored.refresh()
    publish(mirrored.path, published)
    assert reader.execute("select count(*) from deals").fetchall() == [(1,)]
    reader.close()
    fresh = open_mirror(published)
    assert fresh.execute("select count(*) from deals").fetchall() == [(2,)]
    fresh.close()
    assert sorted(each.name for each in tmp_path.iterdir() if "published" in each.name) == ["published.duckdb"]
    assert published.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "copy deals to '/tmp/stolen.csv'",
        "attach '/tmp/other.duckdb' as other",
        "set enable_external_access = true",
        "delete from deals",
        "select * from mirrored",  # a variable of ours
    ],
)
def test_an_opened_mirror_reads_nothing_else_and_writes_nothing(mirrored: Mirrored, sql: str) -> None:
    mirrored.save(deal("d1"))
    mirrored.refresh()
    with pytest.raises(duckdb.Error):
        mirrored.ask(sql)


def test_without_a_mirror_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no mirror yet"):
        open_mirror(tmp_path / "mirror.duckdb")


def test_a_mirror_that_another_process_holds_is_not_thrown_away(mirrored: Mirrored) -> None:
    mirrored.save(deal("d1"))
    mirrored.refresh()
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(mirrored.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreBusy):
            mirrored.refresh()
        with pytest.raises(StoreBusy):
            open_mirror(mirrored.path)
    finally:
        holder.communicate("")
    assert mirrored.deal("name") == ("Deal d1",)


def test_a_disk_without_room_for_the_mirror_is_told_and_the_next_look_finds_all(mirrored: Mirrored) -> None:
    mirrored.save(deal("1"))
    with files_of_at_most(50_000), pytest.raises(StoreUnavailable, match="the mirror cannot be written") as told:
        mirrored.refresh()
    assert told.value.exit_code == 4
    assert mirrored.look("select count(*) from deals") == [(1,)]


def test_readers_keep_the_old_mirror_where_the_new_one_has_no_room(mirrored: Mirrored, tmp_path: Path) -> None:
    mirrored.save(deal("1"))
    mirrored.refresh()
    shown = tmp_path / "shown.duckdb"
    publish(mirrored.path, shown)
    mirrored.save(deal("2"))
    mirrored.refresh()
    with (
        files_of_at_most(50_000),
        pytest.raises(StoreUnavailable, match=r"shown\.duckdb: the mirror cannot be written"),
    ):
        publish(mirrored.path, shown)
    with contextlib.closing(open_mirror(shown)) as old:
        assert old.execute("select count(*) from deals").fetchall() == [(1,)]
    assert [each.name for each in tmp_path.glob("shown*")] == ["shown.duckdb"]
