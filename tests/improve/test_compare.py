"""Somebody else's report beside ours: every difference has its reason, and the totals re-add to the cent."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.flow.appraise import people_of
from connector.model.money import Money
from connector.model.records import Deal, Outcome, Rate, RawRecord, RecordKind, Ref, Rejection, Split
from connector.service.wiring import house
from connector.store import records
from connector.store.mirror import publish, refresh
from tests.cli.attain import Attain, Ended
from tests.store.made import MONDAY, TUESDAY, deal, deal_ref, user, user_ref

TODAY = date(2026, 11, 25)
ACME, GLOBEX, UNREAD = "006Ab00000AcmeAIAZ", "006Ab00000GlobeIAZ", "006Ab00000UnreaIAZ"


def won(name: str, day: str, amount: int, currency: str = "EUR", *, key: str = "", **said: Any) -> Deal:
    """A deal won, its amount in major units."""
    closed_on = date.fromisoformat(day)
    money = Money(amount * 100, currency)
    return deal(key or name, name=name, outcome=Outcome.WON, closed_on=closed_on, amount=money, **said)


DEALS = [
    won("Acme", "2026-10-08", 60_000, key=ACME),
    deal(GLOBEX, name="Globex", outcome=Outcome.WON, closed_on=date(2026, 10, 20), amount=Money(12_500_50, "EUR")),
    deal("Initech", name="Initech", stage="Negotiation", closed_on=date(2026, 11, 30), amount=Money(20_000_00, "EUR")),
    won("Umbrella", "2026-09-30", 7_000),
    won("Hooli", "2026-11-02", 5_000, "CHF"),
    won("Stark", "2026-11-03", 3_000),
    won("Wayne", "2026-11-05", 9_000),
    won("Tyrell", "2026-11-06", 10_000),
    won("Soylent", "2026-11-12", 1_900, "CHF"),
]
SHARES = [
    Split(Ref("emea", "OpportunitySplit", name), MONDAY, deal_ref("Tyrell"), user_ref(name), Decimal(50))
    for name in ("ana", "bo")
]
# From 10 November, 0.95 francs buy a euro: 1 900 CHF are 2 000 EUR. Before, nobody knows.
FRANC = Rate(Ref("emea", "Rate", "CHF"), MONDAY, "CHF", "EUR", date(2026, 11, 10), Decimal("0.95"))
RAW = RawRecord(RecordKind.DEAL, deal_ref(UNREAD), TUESDAY, {})

REPORT = f"""\
Opportunity ID,Opportunity Name,Amount,Opportunity Owner,Close Date
{ACME[:15]},Acme,"60,000.00",Ana,2026-10-08
{GLOBEX},Globex,"12,000.00",Ana,2026-10-20
,Initech,"20,000.00",Ana,2026-11-30
,umbrella,"7,000.00",Ana,2026-10-01
emea:Opportunity/Hooli,,"5,000.00",Ana,2026-11-02
,Stark,"3,000.00",Ana,2026-11-03
{UNREAD[:15]},Unread,"1,000.00",Ana,2026-11-04
,Nobody,400.00,Ana,2026-11-04
,Tyrell,"5,000.00",Ana,2026-11-06
,Soylent,"1,900.00",Ana,2026-11-12
"""


@pytest.fixture
def attain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attain:
    found = Attain(tmp_path, monkeypatch, capsys)
    assert found("init", ".").code == 0
    for name in ("ATTAIN_SF_CONSUMER_KEY", "ATTAIN_SF_USERNAME", "ATTAIN_HUBSPOT_TOKEN"):
        monkeypatch.setenv(name, "nothing-real")
    found.write("server.key", "not a key")
    (tmp_path / "server.key").chmod(0o600)
    return found


def hold(found: Attain, *deals: Deal) -> None:
    """The store and the mirror as after a sync that brought these deals."""
    with house(found.folder / "config.yaml", connect=False) as opened:
        with opened.store.writing() as tx:
            records.save(tx, [user("ana"), user("bo"), FRANC, *SHARES, *deals], TODAY)
            records.remove(tx, {deal_ref("Stark"): datetime(2026, 11, 20, tzinfo=UTC)})
            records.set_aside(tx, [Rejection(RAW, "Amount is not a number")], TUESDAY)
        working, roster = found.folder / "working.duckdb", people_of(opened)
        company, files = opened.settings.company, opened.rules.files
        refresh(opened.store, working, company=company, roster=roster, files=files, custom={}, today=TODAY)
        publish(working, opened.settings.mirror)


def compared(found: Attain, report: str, *words: str) -> Ended:
    found.write("report.csv", report)
    return found("compare", "report.csv", "--period", "2026-Q4", "--today", "2026-11-25", *words)


def differences(ended: Ended) -> dict[str, tuple[str, str, str]]:
    """Kind, difference and reason by name."""
    found = json.loads(ended.out)["differences"]
    return {each["name"]: (each["kind"], each["difference"], each["reason"]) for each in found}


def test_every_difference_has_its_reason_and_the_totals_re_add_to_the_cent(attain: Attain) -> None:
    hold(attain, *DEALS)
    ended = compared(attain, REPORT, "--json")
    assert ended.code == 1, ended.err
    assert differences(ended) == {
        "Globex": ("amount", "500.50", "the amount of the CRM's record when it was last pulled"),
        "Initech": ("missing", "-20000.00", "not won: open, in stage Negotiation"),
        "Umbrella": ("missing", "-7000.00", "closed_on is 2026-09-30, outside 2026-Q4, and the report has 2026-10-01"),
        "Hooli": ("missing", "-5000.00", "no rate for CHF"),
        "Stark": ("missing", "-3000.00", "deleted in the CRM"),
        "Unread": ("missing", "-1000.00", "set aside: Amount is not a number"),
        "Nobody": ("missing", "-400.00", "not pulled yet, or not to be seen: no connection knows it"),
        "Tyrell": ("amount", "5000.00", "split between 2 people, and the report has a part"),
        "Soylent": ("amount", "100.00", "1 900.00 CHF, which the report has not converted"),
        "Wayne": ("extra", "9000.00", "counted on 2026-11-05"),
    }
    # 60 000 + 12 500.50 + 9 000 + 10 000 + 2 000 are ours; the report's ten rows are 115 300.
    answer = json.loads(ended.out)
    assert [answer["report"], answer["ours"], answer["same"]] == ["115300.00", "93500.50", 1]
    assert sum(Decimal(each["difference"]) for each in answer["differences"]) == Decimal("-21799.50")


def test_a_person_reads_what_differs_and_the_way_to_our_total(attain: Attain) -> None:
    hold(attain, *DEALS)
    said = compared(attain, REPORT).out
    assert "line 4 emea:Opportunity/Initech" in said
    lines = [" ".join(line.split()) for line in said.splitlines()]
    for line in (
        "the report 115 300.00 EUR",
        "only in the report: 6 deals -36 400.00 EUR",
        "only in ours: 1 deal +9 000.00 EUR",
        "other amount: 3 deals +5 600.50 EUR",
        "ours 93 500.50 EUR",
        "1 deal the same, 10 not.",
    ):
        assert line in lines


def test_a_report_that_says_the_same_ends_with_0(attain: Attain) -> None:
    hold(attain, won("Acme", "2026-10-08", 60_000))
    ended = compared(attain, "name,amount\nACME ,60000\n")
    assert (ended.code, "1 deal the same, all of them." in ended.out) == (0, True), ended.out + ended.err


def test_equal_totals_over_other_deals_are_not_the_same(attain: Attain) -> None:
    hold(attain, won("Acme", "2026-10-08", 100))
    assert compared(attain, "name,amount\nNobody,100\n").code == 1


def test_deals_of_one_name_are_told_apart_by_date_and_amount(attain: Attain) -> None:
    hold(
        attain,
        won("Renewal", "2026-10-08", 100, key="a"),
        won("Renewal", "2026-10-09", 200, key="b"),
        won("Renewal", "2026-08-01", 300, key="c"),
    )
    assert compared(attain, "name,amount\nRenewal,200\nRenewal,100\n").code == 0
    dated = "name,amount,closed\nRenewal,200,08.10.2026\nRenewal,100,2026-10-09\n"
    found = json.loads(compared(attain, dated, "--json").out)["differences"]
    assert {each["ref"][-1]: each["difference"] for each in found} == {"a": "-100.00", "b": "100.00"}


def test_a_deal_that_the_report_has_twice_is_counted_once(attain: Attain) -> None:
    hold(attain, won("Acme", "2026-10-08", 100))
    ended = compared(attain, "name,amount\nAcme,100\nAcme,100\n", "--json")
    reason = "in the report 2 times, on lines 2, 3: counted once"
    assert differences(ended) == {"Acme": ("amount", "-100.00", reason)}


def test_deals_of_a_connection_that_the_report_does_not_cover_are_named_as_such(attain: Attain) -> None:
    other = won("Far", "2026-10-08", 50, ref=Ref("smb", "deals", "4711"))
    hold(attain, won("Acme", "2026-10-08", 100), other)
    ended = compared(attain, "name,amount\nAcme,100\n", "--json")
    assert differences(ended)["Far"][2].startswith("of smb, of which the report has nothing")
    assert compared(attain, "id,amount\nAcme,100\n4711,50\n").code == 0


def test_a_report_that_cannot_be_read_ends_with_2_and_its_line(attain: Attain) -> None:
    ended = compared(attain, "name,amount\nAcme,lots\n")
    assert (ended.code, "report.csv:2:1: wrong-amount: `lots` is no amount" in ended.err) == (2, True)


def test_a_report_that_is_not_there_is_said_so(attain: Attain) -> None:
    ended = attain("compare", "board.csv")
    assert (ended.code, "board.csv: unreadable-file" in ended.err) == (2, True)


@pytest.mark.parametrize("metric", ["deals_won", "average_deal", "meetings_held"])
def test_a_metric_that_adds_up_no_amounts_is_refused(attain: Attain, metric: str) -> None:
    hold(attain, won("Acme", "2026-10-08", 100))
    ended = compared(attain, "name,amount\nAcme,100\n", "--metric", metric)
    assert (ended.code, f"`{metric}` adds up no amounts of deals" in ended.err) == (2, True)
