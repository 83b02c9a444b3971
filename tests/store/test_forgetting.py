from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, select

from connector.errors import Fenced
from connector.model.changes import Change, Receipt, Row, Settled
from connector.model.closings import LOCKED, Closing, LockedCredit
from connector.model.people import Person
from connector.model.records import Ref, User
from connector.model.results import Alert, Subject
from connector.normalise.people import Sources, person_id, resolve
from connector.store import (
    closings,
    forgetting,
    journal,
    ledger,
    nameless,
    outbox,
    pseudonyms,
    records,
    results,
    streams,
    tables,
    wishes,
    written,
)
from connector.store.database import Store
from connector.store.renaming import Word
from tests.store.made import MONDAY, TODAY, TUESDAY, account, deal, user, user_ref
from tests.store.test_results import Q4, score

DRAWN = "0123456789ab"
NOBODY, NEW_ID = f"Somebody ({DRAWN})", f"p_{DRAWN}"
MAX = user("max", name="Max")
OTHER = Row("emea", "Attain_Attainment__c", "Attain_Key__c", "bookings:p_0123:2026-Q4")


def person(login: User) -> Person:
    (found,) = resolve(Sources([login], [])).people
    return found


def forget(store: Store, login: User, drawn: str = DRAWN) -> None:
    with store.writing() as tx:
        forgetting.forget(tx, person(login), TUESDAY, drawn, {})


def write(store: Store, change: Change, shown: str | None = None) -> None:
    """Have a CRM confirm it; `shown` is what stood in each field before."""
    with store.writing() as tx:
        epoch = streams.take(tx, "emea")
        wishes.enqueue(tx, [change], "r1", MONDAY)
        before = dict.fromkeys(change.fields, shown)
        due = [replace(each, shown=before) for each in outbox.due(tx, "emea", 10, MONDAY)]
        taken = outbox.claim(tx, "emea", due, MONDAY, epoch)
        outbox.settle(tx, taken, [Receipt(change.row, Settled.WRITTEN, "a01")], MONDAY, "r1")


def own_row(login: User) -> Row:
    return Row("emea", "Attain_Attainment__c", "Attain_Key__c", f"bookings:{person(login).id}:2026-Q4")


def test_a_name_that_may_be_any_word_goes_from_rows_of_theirs_and_from_no_others(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [MAX], TODAY)
    write(
        store, Change(OTHER, {"Note__c": "Max discount, Maximum agreed"}), shown="Maximum discount agreed, Max ordered"
    )
    write(store, Change(own_row(MAX), {"Note__c": "Max: Maximum reached"}))
    forget(store, MAX)
    with store.reading() as tx:
        [others] = journal.of_record(tx, OTHER.key)
        assert (others.value, others.prior) == ("Max discount, Maximum agreed", "Maximum discount agreed, Max ordered")
        shown = ledger.shown(tx, "emea")
        assert shown[OTHER] == {"Note__c": "Max discount, Maximum agreed"}
        assert shown[own_row(MAX)] == {"Note__c": f"{NOBODY}: Maximum reached"}


def test_a_full_name_and_an_address_go_from_everywhere_and_out_of_no_longer_word(store: Store) -> None:
    ana = user("ana", name="Ana Ruiz", email="ana@example.com")
    with store.writing() as tx:
        records.save(tx, [ana], TODAY)
    said = "Ana Ruiz's gap. Ask Dana Ruizinho, Ana Ruiz-Paz, dana@example.com or Ana@example.com"
    write(store, Change(OTHER, {"Note__c": said}))
    forget(store, ana)
    with store.reading() as tx:
        [told] = journal.of_record(tx, OTHER.key)
    assert told.value == f"{NOBODY}'s gap. Ask Dana Ruizinho, Ana Ruiz-Paz, dana@example.com or {NOBODY}"


def test_names_and_custom_texts_of_deals_and_accounts_tell_of_them_by_full_name_and_address_only(store: Store) -> None:
    ana = user("ana", name="Ana Silva")
    texts = {"contact": "ask Ana Silva, ANA@example.com", "by": "Ana"}
    with store.writing() as tx:
        records.save(tx, [ana, MAX], TODAY)
        records.save(
            tx, [deal("d1", custom=texts), deal("d2", name="Max Mara Ana"), account("a1", name="Ana Silva & Co")], TODAY
        )
        kept = {each.table: len(each.rows) for each in forgetting.about(tx, person(ana))}
        assert (kept["deals"], kept["accounts"]) == (1, 1)
        assert "deals" not in {each.table for each in forgetting.about(tx, person(MAX))}, "Max Mara is somebody else"
    forget(store, ana)
    forget(store, MAX, "ba9876543210")
    with store.reading() as tx:
        d, a = tables.deals.c, tables.accounts.c
        said = [tuple(each) for each in tx.execute(select(d.name, d.custom).order_by(d.ref))]
        assert said == [
            ("Deal d1", f'{{"by": "Ana", "contact": "ask {NOBODY}, {NOBODY}"}}'),
            ("Max Mara Ana", "{}"),
        ]
        assert tx.execute(select(a.name)).scalars().all() == [f"{NOBODY} & Co"]


def test_a_name_is_found_in_any_case_whatever_letters_it_has(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [user("b", name="Björn Ångström")], TODAY)
        records.save(tx, [deal("d1", name="Offer BJÖRN ÅNGSTRÖM"), deal("d2", name="Offer björn Ångström")], TODAY)
        kept = {each.table: len(each.rows) for each in forgetting.about(tx, person(user("b", name="Björn Ångström")))}
        assert kept["deals"] == 2
    forget(store, user("b", name="Björn Ångström"))
    with store.reading() as tx:
        assert tx.execute(select(tables.deals.c.name)).scalars().all() == [f"Offer {NOBODY}"] * 2


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("张伟", "请张伟的经理确认", f"请{NOBODY}的经理确认"),
        ("Max", "请Max确认", f"请{NOBODY}确认"),
        ("Max", r"\nMax said", rf"\n{NOBODY} said"),
        ("Max", "Climax", "Climax"),
        ("Jürgen", "Jürgens Jürgen", f"Jürgens {NOBODY}"),
    ],
)
def test_words_end_where_their_script_says_so(name: str, text: str, left: str) -> None:
    assert Word(name, NOBODY, everywhere=False).gone_from(text) == left


def test_whoever_locked_a_period_is_forgotten_there_as_well(store: Store) -> None:
    ana = user("ana", name="Ana Ruiz")
    by_ana = Closing(Q4, LOCKED, MONDAY, "Ana Ruiz", "agreed with Ana Ruiz", "v1", "", "")
    by_max = Closing(replace(Q4, id="2026-Q3"), LOCKED, MONDAY, "Max", "Max checked the maximum", "v1", "", "")
    with store.writing() as tx:
        records.save(tx, [ana, MAX], TODAY)
        closings.close(tx, by_ana)
        closings.close(tx, by_max)
    forget(store, ana)
    forget(store, MAX, "ba9876543210")
    with store.reading() as tx:
        told = {each.period.id: (each.by, each.note) for each in closings.closings(tx)}
    other = "Somebody (ba9876543210)"
    assert told == {
        "2026-Q4": (NOBODY, f"agreed with {NOBODY}"),
        "2026-Q3": (other, f"{other} checked the maximum"),
    }


def test_a_pseudonym_follows_from_nothing_and_is_kept_when_the_login_comes_again(store: Store) -> None:
    ana = user("ana", name="Ana Ruiz")
    old = person(ana).id
    assert old == person_id("ana@example.com", None)
    credit = LockedCredit(
        "2026-Q4", "bookings", Subject("person", old), "emea:Opportunity/d1", "Deal d1", date(2026, 11, 2), Decimal(5)
    )
    with store.writing() as tx:
        records.save(tx, [ana], TODAY)
        closings.keep_credits(tx, [credit])
        results.save(tx, "r1", TODAY, [], [score(Subject("person", old))], [])
    write(store, Change(own_row(ana), {"Actual__c": Decimal(6)}))
    forget(store, ana)
    again = replace(ana, modified_at=TUESDAY, ref=user_ref("ana"))
    with store.writing() as tx:
        records.save(tx, nameless.unnamed(tx, [again], {}), TODAY)
        roster = resolve(Sources(records.users(tx), records.sightings(tx), forgotten=pseudonyms.everybody(tx)))
        assert [(each.id, each.name, each.email) for each in roster.people] == [(NEW_ID, NOBODY, None)]
        assert [each.subject.id for each in closings.locked_credits(tx, "2026-Q4")] == [NEW_ID]
        assert [each.subject.id for each in results.scores(tx)] == [NEW_ID]
        [told] = journal.of_record(tx, f"bookings:{NEW_ID}:2026-Q4")
        assert told.value == Decimal(6)
        assert journal.of_record(tx, own_row(ana).key) == []


def test_two_logins_of_one_who_was_forgotten_stay_one_person(store: Store) -> None:
    here, there = user("ana", name="Ana Ruiz"), user("ana2", name="Ana Ruiz", email="ana@example.com")
    with store.writing() as tx:
        records.save(tx, [here, there], TODAY)
        (both,) = resolve(Sources(records.users(tx), [])).people
        forgetting.forget(tx, both, TUESDAY, DRAWN, {})
        (left,) = resolve(Sources(records.users(tx), [])).people
    assert (left.id, len(left.identities)) == (NEW_ID, 2)


def test_a_login_deleted_for_good_does_not_take_results_from_whoever_has_another(store: Store) -> None:
    here, there = user("ana", name="Ana Ruiz"), user("ana2", name="Ana Ruiz", email="ana@example.com")
    credit = LockedCredit(
        "Q", "bookings", Subject("person", person(here).id), "emea:Opportunity/d1", "D", date(2026, 11, 2), Decimal(5)
    )
    with store.writing() as tx:
        records.save(tx, [here, there], TODAY)
        closings.keep_credits(tx, [credit])
        assert forgetting.forget_vanished(tx, [there.ref], TUESDAY, lambda: DRAWN, {}) == 1
        assert [each.subject.id for each in closings.locked_credits(tx, "Q")] == [person(here).id]


def test_what_was_under_way_when_somebody_was_forgotten_is_not_noted_with_their_name(store: Store) -> None:
    ana = user("ana", name="Ana Ruiz")
    wish = Change(OTHER, {"Note__c": "Ana Ruiz is behind"}, subject="Ana Ruiz")
    with store.writing() as tx:
        records.save(tx, [ana], TODAY)
        epoch = streams.take(tx, "emea")
        wishes.enqueue(tx, [wish], "r1", MONDAY)
        taken = outbox.claim(tx, "emea", outbox.due(tx, "emea", 10, MONDAY), MONDAY, epoch)
    with store.writing() as tx:
        forgetting.forget(tx, person(ana), TUESDAY, DRAWN, {})
        forgetting.fence(tx)
    with pytest.raises(Fenced), store.writing() as tx:
        outbox.settle(tx, taken, [Receipt(OTHER, Settled.WRITTEN, "a01")], TUESDAY, "r1")
    with store.reading() as tx:
        [left] = outbox.unknown(tx, "emea")
        assert (left.change.fields, left.change.subject) == ({"Note__c": f"{NOBODY} is behind"}, NOBODY)
        assert (journal.of_record(tx, OTHER.key), pseudonyms.forgettings(tx)) == ([], 1)


def test_wishes_for_rows_of_theirs_that_have_not_left_go(store: Store) -> None:
    with store.writing() as tx:
        records.save(tx, [MAX], TODAY)
        wishes.enqueue(tx, [Change(own_row(MAX), {"Note__c": "x"}), Change(OTHER, {"Note__c": "y"})], "r1", MONDAY)
        forgetting.forget(tx, person(MAX), TUESDAY, DRAWN, {})
        assert [each.change.row for each in outbox.open_entries(tx, "emea")] == [OTHER]


ANA = user("ana", name="Ana Ruiz", scores_on=Ref("emea", "Contact", "c1"))
BEN = user("ben", name="Ben Oz")
ABOUT_ANA, TO_ANA, OF_BEN = "a" * 32, "b" * 32, "c" * 32  # an alert of hers to her manager; Ben's to her; his own


def task(key: str, **said: Any) -> Change:
    return Change(Row("emea", "Task", "Attain_Key__c", key), {"Subject": "Behind pace"}, once=True, **said)


def numbers(contact: str, actual: Decimal | None = Decimal(5)) -> Change:
    return Change(Row("emea", "Contact", "Id", contact), {"Actual__c": actual})


def told(tx: Connection) -> None:
    """The logins of both, and the alerts: of whom, and to whom."""
    records.save(tx, [ANA, BEN], TODAY)
    ana, ben = person(ANA).id, person(BEN).id
    results.save(
        tx, "r1", TODAY, [], [], [an_alert(ABOUT_ANA, ana, ben), an_alert(TO_ANA, ben, ana), an_alert(OF_BEN, ben, ben)]
    )


def an_alert(key: str, of: str, to: str) -> Alert:
    return Alert(key, "behind_pace", Subject("person", of), Q4, "behind", "bookings", TODAY, to, "Behind pace", "…")


def keys(tx: Connection) -> list[str]:
    return [each.change.row.key for each in outbox.open_entries(tx, "emea")]


def test_what_waits_about_them_or_for_them_is_let_go_and_what_takes_our_words_away_stays(store: Store) -> None:
    waiting = [
        task(ABOUT_ANA),
        task(TO_ANA),
        task(OF_BEN),
        numbers("c1"),
        numbers("c2"),
        Change(own_row(ANA), {"N": 1}),
    ]
    with store.writing() as tx:
        told(tx)
        wishes.enqueue(tx, waiting, "r1", MONDAY)
    forget(store, ANA)
    with store.reading() as tx:
        assert keys(tx) == ["c2", OF_BEN]
    with store.writing() as tx:
        told(tx)
        wishes.enqueue(tx, [task(ABOUT_ANA, gone=True), numbers("c1", None)], "r2", MONDAY)
    forget(store, ANA, "ba9876543210")
    with store.reading() as tx:
        assert keys(tx) == ["c1", "c2", ABOUT_ANA, OF_BEN]


def test_a_refused_alert_about_them_cannot_be_sent_by_a_human_later(store: Store) -> None:
    with store.writing() as tx:
        told(tx)
        wishes.enqueue(tx, [task(ABOUT_ANA), numbers("c1"), task(OF_BEN)], "r1", MONDAY)
        for each in outbox.open_entries(tx, "emea"):
            outbox.refuse(tx, each, "no", MONDAY)
    forget(store, ANA)
    with store.reading() as tx:
        assert keys(tx) == [OF_BEN]


def test_what_may_have_left_about_them_is_looked_up_and_not_sent_again(store: Store) -> None:
    linked = task(TO_ANA, links={"deals": "7"})
    with store.writing() as tx:
        told(tx)
        epoch = streams.take(tx, "emea")
        wishes.enqueue(tx, [task(ABOUT_ANA), linked, task(OF_BEN), numbers("c1")], "r1", MONDAY)
        for _ in "alerts", "numbers":
            outbox.claim(tx, "emea", outbox.due(tx, "emea", 10, MONDAY), MONDAY, epoch)
    with store.writing() as tx:
        forgetting.forget(tx, person(ANA), TUESDAY, DRAWN, {})
        forgetting.fence(tx)
    with store.writing() as tx:
        lost = {each.change.row.key: each for each in outbox.unknown(tx, "emea")}
        assert list(lost) == ["c1", ABOUT_ANA, TO_ANA, OF_BEN]
        for key, there in (("c1", "c1"), (ABOUT_ANA, None), (TO_ANA, "00T1"), (OF_BEN, None)):
            outbox.resolve(tx, lost[key], there, TUESDAY)
        written.let_go_unarrived(tx, "emea")
        assert keys(tx) == [TO_ANA, OF_BEN]  # hers stands there: it is pointed at its deal, and may be taken back
