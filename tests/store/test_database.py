from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from connector.errors import ConfigError, StoreBusy, StoreUnavailable
from connector.store.database import HEAD, Store, alembic_config, open_store
from connector.store.locks import run_lock


def refusal(where: str | Path) -> str:
    with pytest.raises(ConfigError) as caught:
        open_store(where)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_migrations_lead_from_nothing_to_the_tables_we_use(store: Store) -> None:
    with store.writing() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_newest_migration_is_the_one_that_opening_looks_for() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [HEAD]


def test_opening_again_keeps_what_was_stored(tmp_path: Path) -> None:
    first = open_store(tmp_path / "a.db")
    with first.reading() as tx:
        number = tx.execute(text("select value from counters where name = 'store'")).scalar()
    first.close()
    with open_store(tmp_path / "a.db").reading() as tx:
        assert tx.execute(text("select value from counters where name = 'store'")).scalar() == number


def test_the_file_is_for_its_owner_only(file_store: Store) -> None:
    assert file_store.path is not None
    assert file_store.path.stat().st_mode & 0o777 == 0o600
    assert file_store.path.with_name("attain.db-wal").stat().st_mode & 0o777 == 0o600


def test_every_commit_reaches_the_disk_before_it_is_believed(file_store: Store) -> None:
    with file_store.reading() as tx:
        pragmas = {
            name: tx.execute(text(f"pragma {name}")).scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000, "foreign_keys": 1}


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def half_way() -> None:
        with store.writing() as tx:
            tx.execute(text("insert into counters values ('half', 1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    with store.reading() as tx:
        assert tx.execute(text("select count(*) from counters where name = 'half'")).scalar() == 0


def test_a_writer_holds_the_store_from_its_first_word(file_store: Store) -> None:
    """With a deferred BEGIN the second writer would get in here, and fail later."""
    assert file_store.path is not None
    with file_store.writing():
        second = sqlite3.connect(file_store.path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            second.execute("begin immediate")
        second.close()


def test_a_reader_sees_one_steady_state(store: Store) -> None:
    with store.reading() as reader:
        before = reader.execute(text("select count(*) from counters")).scalar()
        with store.writing() as writer:
            writer.execute(text("insert into counters values ('meanwhile', 1)"))
        assert reader.execute(text("select count(*) from counters")).scalar() == before


def test_a_migration_that_fails_leaves_the_old_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    def full(*_: object, **__: object) -> None:
        raise OperationalError("insert", {}, sqlite3.OperationalError("database or disk is full"))

    with monkeypatch.context() as patched:
        patched.setattr(op, "execute", full)  # the last thing that the first migration does
        with pytest.raises(StoreUnavailable, match="disk is full"):
            open_store(tmp_path / "a.db")
    raw = sqlite3.connect(tmp_path / "a.db")
    assert raw.execute("select name from sqlite_master").fetchall() == []
    raw.close()
    open_store(tmp_path / "a.db").close()


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    assert "is-a-folder" in refusal(tmp_path)


def test_a_store_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert f"there is no folder {tmp_path / 'nowhere'}" in refusal(tmp_path / "nowhere" / "a.db")


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, this is a letter")
    assert "no SQLite database" in refusal(path)
    assert path.read_text().startswith("Dear Sir")


def test_a_damaged_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4000)
    assert "not-a-store" in refusal(path)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    raw = sqlite3.connect(tmp_path / "other.db")
    raw.execute("create table recipes (name)")
    raw.close()
    assert "belongs to something else" in refusal(tmp_path / "other.db")


def test_a_store_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    open_store(tmp_path / "a.db").close()
    raw = sqlite3.connect(tmp_path / "a.db")
    raw.execute("update alembic_version set version_num = '9999'")
    raw.commit()
    raw.close()
    assert "newer version of attain (schema 9999" in refusal(tmp_path / "a.db")


def test_an_unknown_kind_of_database_is_refused_without_its_password() -> None:
    said = refusal("nosuch://ana:hunter2@db.example.com/attain")
    assert "no-driver" in said
    assert "hunter2" not in said


def test_memory_is_no_store() -> None:
    assert "memory forgets" in refusal("sqlite://")


def test_a_second_process_is_told_that_one_runs(store: Store, where: str) -> None:
    code = (
        "import sys\n"
        "from connector.store.database import open_store\n"
        "from connector.store.locks import run_lock\n"
        "from connector.errors import StoreBusy\n"
        "try:\n"
        "    with run_lock(open_store(sys.argv[1])): print('in')\n"
        "except StoreBusy as error: print(error); sys.exit(error.exit_code)\n"
    )
    command = [sys.executable, "-c", code, where]
    with run_lock(store):
        second = subprocess.run(command, capture_output=True, text=True, check=False)
        assert second.returncode == 5
        assert f"runs on {store.path or store.url}" in second.stdout
    third = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (third.returncode, third.stdout.strip()) == (0, "in")


def test_the_lock_is_not_reentrant(store: Store) -> None:
    with run_lock(store), pytest.raises(StoreBusy), run_lock(store):
        pass
