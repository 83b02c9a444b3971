"""An org whose corporate currency is not ours: its rates are against that one, and are not taken for rates of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import SchemaDrifted
from connector.model.changes import Wanted
from connector.model.records import Rate
from connector.normalise.fields import Context
from connector.normalise.mapping import CrmMapping
from connector.normalise.records import normalise
from connector.ports import Finding, Severity
from tests.crm.salesforce.company import ACME, TABLES, Place, place, shipped_mapping, write_company
from tests.crm.salesforce.conftest import Time

DOLLARS = replace(ACME, currency="USD")
RATES = [
    {"currency": "GBP", "starts_on": "2026-01-01", "rate": "0.79"},
    {"currency": "USD", "starts_on": "2026-01-01", "rate": "1.17"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The org's corporate currency is the euro; it knows dollars and pounds, with dated rates."""
    return write_company(tmp_path, rates=RATES)


@pytest.fixture
def other(folder: Path, time: Time, private_key: str) -> Iterator[Place]:
    """A company that counts in dollars, and says nothing of the org's euros."""
    with place(folder, time, private_key, company=DOLLARS) as found:
        yield found


@pytest.fixture
def told(folder: Path, time: Time, private_key: str) -> Iterator[Place]:
    """The same, and the mapping says that the org's amounts are in euros."""
    with place(folder, time, private_key, company=DOLLARS, mapping=in_euros()) as found:
        yield found


def in_euros() -> CrmMapping:
    return replace(shipped_mapping(), default_currency="EUR")


def of_currency(place: Place) -> list[Finding]:
    return [each for each in place.crm.doctor(Wanted()) if each.subject == "currency"]


@pytest.mark.parametrize("source", ["CurrencyType", "DatedConversionRate"])
def test_rates_against_another_currency_are_not_read(other: Place, source: str) -> None:
    with pytest.raises(SchemaDrifted) as refused:
        other.pull(source)
    assert str(refused.value) == (
        "emea: the org's rates are against EUR, and would be taken for USD\n"
        "  say `currency: EUR` at the top of the mapping, and keep a rate for USD in the org: "
        "amounts are converted by its rates"
    )


def test_deals_are_read_all_the_same_for_they_name_their_currency(other: Place) -> None:
    assert {each.fields["CurrencyIsoCode"] for each in other.records("Opportunity")} == {"EUR"}


def test_the_doctor_calls_it_an_error(other: Place) -> None:
    (found,) = of_currency(other)
    assert found.severity is Severity.ERROR
    assert (
        found.text
        == "3 active (EUR, GBP, USD), the corporate one is EUR: rates are against it, and would be taken for USD"
    )
    assert "`currency: EUR`" in found.cure


def test_a_mapping_that_says_so_has_rates_against_it(told: Place) -> None:
    context = Context(in_euros(), DOLLARS)
    found = [normalise(each, context) for each in told.records("DatedConversionRate")]
    rates = [each for outcome in found if isinstance(outcome, tuple) for each in outcome if isinstance(each, Rate)]
    assert sorted((each.currency, each.base, str(each.rate)) for each in rates) == [
        ("GBP", "EUR", "0.790000000000"),
        ("USD", "EUR", "1.170000000000"),
    ]
    (said,) = of_currency(told)
    assert said.severity is Severity.OK


def test_an_org_with_one_currency_is_taken_for_the_mappings(tmp_path: Path, time: Time, private_key: str) -> None:
    with place(write_company(tmp_path), time, private_key, company=DOLLARS, mapping=in_euros()) as found:
        assert [each.text for each in of_currency(found)] == ["the org has one currency; every amount is taken for EUR"]


def test_the_org_is_asked_once_for_both_lists_of_rates(folder: Path, time: Time, private_key: str) -> None:
    with place(folder, time, private_key) as found:
        found.pull("CurrencyType")
        found.pull("DatedConversionRate")
        assert sum("IsCorporate = true" in each for each in found.heard.queries) == 1


def test_split_types_that_both_share_out_everything_are_an_error(tmp_path: Path, time: Time, private_key: str) -> None:
    splits = [{"deal": "d1", "person": "ana", "percent": "100", "kind": "revenue"}]
    with place(write_company(tmp_path, **{**TABLES, "splits": splits}), time, private_key) as found:
        (usual,) = of_splits(found)
        assert (usual.severity, usual.text) == (
            Severity.OK,
            "types that share out 100 %: REVENUE; overlays: OVERLAY",
        )
        found.sandbox._org.database.run(
            'INSERT INTO "OpportunitySplitType" ("Id", "DeveloperName", "MasterLabel", "IsTotalValidated", "SplitField", '
            "\"IsActive\", \"IsDeleted\", \"SystemModstamp\") SELECT '1OS00000000000ZAAA', 'Services', 'Services', 1, "
            '\'Services__c\', 1, 0, "SystemModstamp" FROM "OpportunitySplitType" LIMIT 1'
        )
        (double,) = of_splits(found)
        assert (double.severity, double.text) == (
            Severity.ERROR,
            "types that share out 100 %: REVENUE, Services; overlays: OVERLAY",
        )
        assert "`counts: SplitType.DeveloperName`" in double.cure


def of_splits(place: Place) -> list[Finding]:
    return [each for each in place.crm.doctor(Wanted()) if each.text.startswith("types that")]
