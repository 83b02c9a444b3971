"""A store of an earlier version, brought up."""

from __future__ import annotations

from dataclasses import replace
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

from connector.model.closings import LockedCredit, TrueUp
from connector.model.money import Money
from connector.model.results import COMPANY, Subject
from connector.ports import Cursor
from connector.store import closings, records, results, streams
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


def test_what_was_locked_before_is_of_people(bare: str) -> None:
    store_of("0017", bare)
    engine = create_engine(bare)
    at = MONDAY if bare.startswith("postgresql") else "2026-11-23 08:00:00.000000"
    named = {"period": "2026-Q3", "day": "2026-09-30", "at": at}
    with engine.begin() as tx:
        tx.execute(
            text(
                "insert into closings (period_id, grain, starts_on, ends_before, state, at, by, note, rules_version, inputs,"
                " calendar) values (:period, 'quarter', '2026-07-01', '2026-10-01', 'locked', :at, 'Max', '', 'v1', '', '')"
            ),
            named,
        )
        for metric, who, ref in (("bookings", "ana", "emea:Opportunity/d1"), ("met", "", ""), ("", "bo", "")):
            tx.execute(
                text(
                    "insert into locked_credits (period_id, metric, person, ref, name, happened_on, credited)"
                    " values (:period, :metric, :who, :ref, 'Deal', :day, '5')"
                ),
                {**named, "metric": metric, "who": who, "ref": ref},
            )
        tx.execute(
            text(
                "insert into true_ups (period_id, metric, person, ref, on_day, name, amount)"
                " values (:period, 'bookings', 'ana', 'emea:Opportunity/d1', '2026-11-02', 'Deal', '-2')"
            ),
            named,
        )
    engine.dispose()
    ana, day = Subject("person", "ana"), date(2026, 9, 30)
    opened = open_store(bare)
    with opened.writing() as tx:
        [closing] = closings.closings(tx)
        assert closing.of_people_alone
        kept = [(each.metric, each.subject, each.ref, each.credited) for each in closings.locked_credits(tx, "2026-Q3")]
        assert kept == [
            ("", Subject("person", "bo"), "", Decimal(5)),
            ("bookings", ana, "emea:Opportunity/d1", Decimal(5)),
            ("met", COMPANY, "", Decimal(5)),
        ]
        noted = TrueUp("2026-Q3", "bookings", ana, "emea:Opportunity/d1", "Deal", date(2026, 11, 2), Decimal(-2))
        assert closings.true_ups(tx) == [noted]
        # The company's row has the same record, and a second difference of a day joins the first.
        closings.keep_credits(
            tx, [LockedCredit("2026-Q3", "bookings", COMPANY, "emea:Opportunity/d1", "Deal", day, Decimal(5))]
        )
        closings.add_true_ups(tx, [noted, replace(noted, subject=COMPANY, amount=Decimal(-1))])
        assert [(each.subject, each.amount) for each in closings.true_ups(tx)] == [
            (COMPANY, Decimal(-1)),
            (ana, Decimal(-4)),
        ]
        closings.close(tx, replace(closing, kinds=("person", "company", "team")))
        assert closings.closings(tx)[0].kinds == ("person", "company", "team")
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
