"""Where keys may be sent to: the vendor, this machine, and whom the connection names."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.crm.hosts import is_trusted
from tests.service.test_config import COMPANY, HUBSPOT, complaints, read, settings_of

SALESFORCE = """\
connections:
  emea:
    type: salesforce
    mapping: salesforce.yaml
    consumer_key: key
    login_url: """


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://api.hubapi.com", True),
        ("https://api-eu1.hubapi.com/", True),
        ("https://API.HubAPI.com:443", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost:8080", True),
        ("https://evil.example", False),
        ("https://hubapi.com.evil.example", False),
        ("https://evilhubapi.com", False),
        ("https://api.hubapi.com@evil.example", False),
        ("https://evil.example\\@api.hubapi.com", False),
        ("https://evil.example\\.hubapi.com", False),
        ("https://evil.example?.hubapi.com", False),
        ("https://evil.example#.hubapi.com", False),
        ("https://127.0.0.1.evil.example", False),
        ("https://api.hubapi.com\n.evil.example", False),
        ("ftp://api.hubapi.com", False),
    ],
)
def test_a_key_goes_to_the_vendor_and_to_this_machine(url: str, trusted: bool) -> None:
    assert is_trusted(url, ("*.hubapi.com",)) is trusted


def test_an_address_of_somebody_else_is_refused_by_name(tmp_path: Path) -> None:
    told = HUBSPOT + "    base_url: https://evil.example\n"
    assert complaints(tmp_path, COMPANY + told) == ["7:15: untrusted-host: `evil.example` is no host of HubSpot's"]
    assert complaints(tmp_path, COMPANY + SALESFORCE + "https://login.evil.example\n")[-1] == (
        "7:16: untrusted-host: `login.evil.example` is no host of Salesforce's"
    )
    assert complaints(tmp_path, COMPANY + HUBSPOT + "    base_url: https://a@b.hubapi.com\n") == [
        "7:15: untrusted-host: `base_url` is no plain web address"
    ]


@pytest.mark.parametrize(
    "host",
    [
        "login.salesforce.com",
        "acme--uat.sandbox.my.salesforce.com",
        "acme.my.salesforce.mil",
        "acme.my.sfcrmproducts.cn",
        "acme.cloudforce.com",
    ],
)
def test_salesforces_own_domains_need_no_word(tmp_path: Path, host: str) -> None:
    assert complaints(tmp_path, COMPANY + SALESFORCE + f"https://{host}\n") == []


def test_a_connection_may_trust_other_hosts_by_name(tmp_path: Path) -> None:
    told = HUBSPOT + "    base_url: https://crm.proxy.example\n    trusted_hosts: "
    [one] = settings_of(read(tmp_path, COMPANY + told + "CRM.proxy.example\n")).connections
    assert one.trusted_hosts == ("crm.proxy.example",)
    [two] = settings_of(read(tmp_path, COMPANY + told + '"other.example, *.proxy.example"\n')).connections
    assert two.trusted_hosts == ("other.example", "*.proxy.example")
    assert [each.split(": ")[1] for each in complaints(tmp_path, COMPANY + told + "proxy.example\n")] == [
        "untrusted-host"
    ]
    assert [each.split(": ")[1] for each in complaints(tmp_path, COMPANY + told + "'*'\n")] == [
        "untrusted-host",
        "unknown-value",
    ]
