"""A store of an earlier version, brought up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

from connector.model.money import Money
from connector.ports import Cursor
from connector.store import records, results, streams
from connector.store.database import alembic_config, open_store
from tests.store.made import MONDAY, deal, entered


def store_of(revision: str, url: str) -> None:
    """A database as that revision left it, with two streams read up to Monday."""
    engine = create_engine(url)
    with engine.begin() as tx:
        config = alembic_config()
        config.attributes["connection"] = tx
        command.upgrade(config, revision)
        for source in ("deal/Opportunity", "stage_change/OpportunityHistory", "activity/Task"):
            tx.execute(
                text(
                    "insert into streams (connection, source, covered, after, epoch) values ('emea', :source, :at, '', 1)"
                ),
                {"source": source, "at": MONDAY if url.startswith("postgresql") else "2026-11-23 08:00:00.000000"},
            )
    engine.dispose()


def test_reads_deals_and_their_past_again_and_nothing_else(bare: str) -> None:
    store_of("0002", bare)
    opened = open_store(bare)
    with opened.reading() as tx:
        assert streams.cursor(tx, "emea", "deal/Opportunity") == Cursor(None)
        assert streams.cursor(tx, "emea", "stage_change/OpportunityHistory") == Cursor(None)
        assert streams.cursor(tx, "emea", "activity/Task") == Cursor(MONDAY)
    with opened.writing() as tx:
        assert records.save(tx, [deal("d1", term_months=24), entered("h1", "New", MONDAY)], date.min).stored == 2
    opened.close()


def test_reads_deals_again_for_what_the_crm_converted(bare: str) -> None:
    store_of("0003", bare)
    opened = open_store(bare)
    with opened.reading() as tx:
        assert streams.cursor(tx, "emea", "deal/Opportunity") == Cursor(None)
        assert streams.cursor(tx, "emea", "stage_change/OpportunityHistory") == Cursor(MONDAY)
    with opened.writing() as tx:
        assert records.save(tx, [deal("d1", amount_converted=Money(90_00, "EUR"))], date.min).stored == 1
    opened.close()


def test_reads_deals_again_for_their_territory_and_team(bare: str) -> None:
    store_of("0004", bare)
    opened = open_store(bare)
    with opened.reading() as tx:
        assert streams.cursor(tx, "emea", "deal/Opportunity") == Cursor(None)
        assert streams.cursor(tx, "emea", "activity/Task") == Cursor(MONDAY)
    with opened.writing() as tx:
        assert records.save(tx, [deal("d1", territory="Rhine")], date.min).stored == 1
    opened.close()


def test_a_score_of_before_says_nothing_of_where_it_leads(bare: str) -> None:
    store_of("0005", bare)
    engine = create_engine(bare)
    with engine.begin() as tx:
        tx.execute(
            text(
                "insert into scores (period_id, grain, starts_on, ends_before, metric, subject_kind, subject_id, as_of, unit,"
                " actual, elapsed, working_days, reason, pace_by, records, left_out, run_id) values ('2026-Q4', 'quarter',"
                " '2026-10-01', '2027-01-01', 'bookings', 'person', 'ana', '2026-11-23', 'money', '5', 1, 66, '', '', 1, 0, 'r')"
            )
        )
    engine.dispose()
    opened = open_store(bare)
    with opened.reading() as tx:
        [score] = results.scores(tx)
    assert (score.actual, score.projection, score.projection_by, score.band, score.field_size) == (
        Decimal(5),
        None,
        "",
        "",
        0,
    )
    opened.close()


def test_whoever_is_there_stays_who_they_were(bare: str) -> None:
    store_of("0015", bare)
    engine = create_engine(bare)
    login = (
        "insert into users (ref, connection, modified_at, change_seq, email, name, active, human, levels)"
        " values (:ref, 'emea', :at, 1, :email, :name, true, true, '{}')"
    )
    rows = [
        ("emea:User/ana", "ana@example.com", "Ana"),
        ("smb:owners/77", "ana@example.com", "Ana"),
        ("emea:User/bo", None, "Bo"),
        ("emea:User/gone", None, "Somebody (0123456789ab)"),
        ("emea:User/joker", None, "Somebody (ba9876543210)"),  # is called so, and was never forgotten
    ]
    at = MONDAY if bare.startswith("postgresql") else "2026-11-23 08:00:00.000000"
    with engine.begin() as tx:
        for ref, email, name in rows:
            tx.execute(text(login), {"ref": ref, "email": email, "name": name, "at": at})
        salt = tx.execute(text("select value from counters where name = 'store'")).scalar()
        tx.execute(
            text("insert into forgotten (digest, pseudonym, at) values (:digest, :name, :at)"),
            {"digest": sha256(f"{salt}:emea:User/gone".encode()).hexdigest(), "name": rows[3][2], "at": at},
        )
    engine.dispose()
    opened = open_store(bare)
    with opened.reading() as tx:
        # the first twelve digits of `printf ana@example.com | sha256sum`, and of the logins of those without an address
        assert {str(each.ref): each.person for each in records.users(tx)} == {
            "emea:User/ana": "p_8e43ca377012",
            "smb:owners/77": "p_8e43ca377012",
            "emea:User/bo": "p_85c0820aa631",
            "emea:User/gone": "p_0123456789ab",
            "emea:User/joker": "p_1979729249bf",
        }
    opened.close()


REVISIONS = sorted(each.revision for each in ScriptDirectory.from_config(alembic_config()).walk_revisions())


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_earlier_store_becomes_todays(bare: str, revision: str) -> None:
    store_of(revision, bare)
    opened = open_store(bare)
    with opened.writing() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
        assert streams.cursor(tx, "emea", "activity/Task") == Cursor(MONDAY)
    opened.close()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_upgrade_that_dies_on_its_way_leaves_the_earlier_store(
    bare: str, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_of(revision, bare)
    ended = command.upgrade

    def dying(*given: object) -> None:
        ended(*given)  # type: ignore[arg-type]
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", dying)
        with pytest.raises(ZeroDivisionError):
            open_store(bare)
    engine = create_engine(bare)
    with engine.connect() as tx:
        assert tx.execute(text("select version_num from alembic_version")).scalar() == revision
    engine.dispose()
    open_store(bare).close()
