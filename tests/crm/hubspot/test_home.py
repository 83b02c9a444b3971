"""An account whose home currency is not the company's: converted where the mapping says so, and refused where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.errors import SchemaDrifted
from connector.model.changes import Wanted
from connector.model.records import Rate, Record, RecordKind
from connector.normalise.fields import Context
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.normalise.records import normalise
from connector.ports import Crm, Severity, Source
from connector.sandbox.wire import Request, Response
from connector.store.database import open_store
from tests.crm.hubspot.given import (
    COMPANY,
    COMPANY_FILES,
    DEALS,
    HISTORY,
    MAPPING,
    RATES,
    Portal,
    a_deal,
    pulled,
    says,
    talking_to,
)
from tests.store.mirrored import Mirrored

DOLLARS = {
    "company.json": COMPANY_FILES["company.json"].replace("EUR", "USD"),
    # For a dollar: 0.80 EUR, from July 0.50 EUR; 0.50 GBP, from October 0.25 GBP.
    "rates.csv": "currency,starts_on,rate\nEUR,2026-01-01,0.8\nEUR,2026-07-01,0.5\nGBP,2026-01-01,0.5\nGBP,2026-10-01,0.25\n",
}
GOAL = SourceMap(
    RecordKind.READING,
    "deals",
    {"user": "hubspot_owner_id", "amount": "amount", "starts_on": "closedate"},
    constants={"metric": "bookings"},
)


def _converting(mapping: CrmMapping) -> CrmMapping:
    """What HubSpot converted is asked for, and versions of deals have amounts, as in the shipped mapping."""
    more = {
        DEALS: {"amount_converted": "amount_in_home_currency"},
        HISTORY: {"amount": "amount"},
        RATES: {"starts_on": "effectiveAt"},
    }
    return replace(
        mapping,
        sources=tuple(
            replace(each, fields={**each.fields, **more.get(Source(each.kind, each.object), {})})
            for each in mapping.sources
        ),
    )


SILENT = _converting(MAPPING)
SAID = replace(SILENT, default_currency="USD")


@pytest.fixture
def portal() -> Portal:
    found = Portal(files=DOLLARS)
    closed = {"dealstage": "signed", "closedate": "2026-04-10T10:00:00Z"}
    a_deal(found, "home", amount="1000", **closed)
    a_deal(found, "ours", amount="50", deal_currency_code="EUR", **closed)
    a_deal(found, "third", amount="100", deal_currency_code="GBP", **closed)
    a_deal(found, "later", amount="100", deal_currency_code="GBP", **{**closed, "closedate": "2026-11-10T10:00:00Z"})
    a_deal(found, "between", amount="100", deal_currency_code="GBP", **{**closed, "closedate": "2026-08-10T10:00:00Z"})
    found.days.sleep(600)
    return found


def _read(crm: Crm, mapping: CrmMapping, source: Source) -> list[Record]:
    raws = [raw for page in pulled(crm, source) for raw in page.records]
    found = [normalise(raw, Context(mapping, COMPANY)) for raw in raws]
    assert all(isinstance(each, tuple) for each in found), found
    return [record for each in found if isinstance(each, tuple) for record in each]


@contextmanager
def _mirrored(tmp_path: Path) -> Iterator[Mirrored]:
    store = open_store(tmp_path / "attain.db")
    yield Mirrored(store, tmp_path / "mirror.duckdb")
    store.close()


def test_amounts_go_through_the_accounts_currency_into_the_companys(portal: Portal, tmp_path: Path) -> None:
    with portal.connected(SAID) as crm, _mirrored(tmp_path) as mirrored:
        mirrored.save(*_read(crm, SAID, DEALS), *_read(crm, SAID, RATES))
        assert mirrored.look("select name, amount, amount_by_crm from deals order by name") == [
            ("between", 100_00, None),  # August: 100 GBP = 200 USD, at 0.50 EUR
            ("home", 800_00, None),  # April: 1,000 USD at 0.80 EUR
            ("later", 200_00, None),  # November: 100 GBP = 400 USD, at 0.50 EUR
            ("ours", 50_00, 50_00),
            ("third", 160_00, None),  # April: 100 GBP = 200 USD, at 0.80 EUR
        ]
        assert mirrored.ask("select * from faults where what like '%rate%'") == []
        assert {each.subject for each in crm.doctor(Wanted()) if each.severity is Severity.ERROR} == set()


@pytest.mark.parametrize("source", [DEALS, HISTORY, RATES])
def test_where_the_mapping_is_silent_nothing_is_misread(portal: Portal, source: Source) -> None:
    told = r"smb: the account counts in USD, and its amounts would be taken for EUR\n  Say `currency: USD` at the top"
    with portal.connected(SILENT) as crm:
        with pytest.raises(SchemaDrifted, match=told):
            list(crm.changed(source, None))
        [found] = [
            each for each in crm.doctor(Wanted()) if each.subject == "currencies" and each.severity is not Severity.OK
        ]
    assert found.severity is Severity.ERROR
    assert "`currency: USD`" in found.cure


def test_a_record_that_is_read_by_its_id_is_not_misread_either(portal: Portal) -> None:
    deal = a_deal(portal, amount="7")
    with portal.connected(SILENT) as crm, pytest.raises(SchemaDrifted, match="counts in USD"):
        crm.read(DEALS, [deal])


def test_the_account_is_asked_once_and_only_where_an_amount_depends_on_it(portal: Portal) -> None:
    usual = Portal()
    a_deal(usual, amount="5", deal_currency_code="EUR")
    usual.days.sleep(600)
    with usual.connected() as crm:  # every amount says its currency, and no conversion is asked for
        pulled(crm, DEALS)
        assert not [each for each in usual.asked if "account-info" in each.path]
    with portal.connected(SAID) as crm:
        for _ in range(3):
            pulled(crm, DEALS)
    assert len([each for each in portal.asked if "account-info" in each.path]) == 1


def test_without_a_rate_for_the_companys_currency_doctor_says_what_to_add() -> None:
    alone = Portal(files={**DOLLARS, "rates.csv": "currency,starts_on,rate\nGBP,2026-01-01,0.5\n"})
    with alone.connected(SAID) as crm:
        [found] = [
            each for each in crm.doctor(Wanted()) if each.subject == "currencies" and each.severity is not Severity.OK
        ]
    assert (found.severity, found.text) == (
        Severity.ERROR,
        "the account counts in USD, and nothing says what that is in EUR",
    )
    assert "Add EUR with its rate" in found.cure


def _priced(*rates: tuple[str, str, str, float]) -> list[Rate]:
    """The rates that are kept of those (id, from, to, worth) that HubSpot tells, where euros are at home."""

    def answer(request: Request) -> Response:
        if request.path.endswith("company-currency"):
            return says(200, {"id": "EUR", "createdAt": "2026-01-01T00:00:00Z"})
        stamps = dict.fromkeys(("effectiveAt", "createdAt", "updatedAt"), "2026-01-01T00:00:00Z")
        rows = [
            {"id": number, "fromCurrencyCode": one, "toCurrencyCode": other, "conversionRate": worth, **stamps}
            for number, one, other, worth in rates
        ]
        return says(200, {"results": rows})

    with talking_to(answer, mapping=SILENT) as (crm, _):
        return [each for each in _read(crm, SILENT, RATES) if isinstance(each, Rate)]


def test_a_rate_into_a_currency_that_was_at_home_before_is_left_out() -> None:
    found = _priced(("1", "GBP", "USD", 1.25), ("2", "GBP", "EUR", 1.25))
    assert [(each.ref.id, each.base, each.rate, each.starts_on) for each in found] == [
        ("2", "EUR", Decimal("0.8"), date(2026, 1, 1))
    ]


def test_a_quota_in_the_accounts_currency_is_set_aside_and_one_that_is_no_money_is_not(portal: Portal) -> None:
    context = Context(replace(SAID, sources=(*SAID.sources, GOAL)), COMPANY)
    with portal.connected(SAID) as crm:
        raw = pulled(crm, DEALS)[0].records[0]
    raw = replace(
        raw, kind=RecordKind.READING, fields={**raw.fields, "hubspot_owner_id": "9", "closedate": "2026-04-10"}
    )
    refused = normalise(raw, context)
    assert "is an amount in USD, and quotas are not converted" in getattr(refused, "reason", "")
    counted = replace(GOAL, constants={**GOAL.constants, "currency": "EUR"})
    assert isinstance(normalise(raw, replace(context, mapping=replace(SAID, sources=(*SAID.sources, counted)))), tuple)
