"""What the integration user may read of the org's own: `attain install` grants it, and no install takes it away again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree  # type: ignore[import-untyped]

from connector.crm.salesforce import CRM
from connector.crm.salesforce.package import project
from connector.crm.salesforce.package.access import ACCESS
from connector.errors import SchemaDrifted
from connector.model.changes import Wanted, WantedField
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping
from connector.ports import Severity
from connector.sandbox.wire import Request, Response
from tests.crm.salesforce.company import ACME, Place, place, shipped_mapping, write_company
from tests.crm.salesforce.conftest import Time, settings
from tests.crm.salesforce.metadata import META, complaints, texts, unzipped
from tests.crm.salesforce.permissions import grants
from tests.crm.salesforce.projects import whole_mapping, whole_project

OURS, KEY = "Attain_Attainment__c", "Attain_Key__c"
WANTED = Wanted(((OURS, "Attainment"),), (WantedField(OURS, KEY, "Key", "text", unique=True, length=120),))
HIDDEN = (("Account", "Industry"), ("Opportunity", "Amount"), ("User", "Division"))


@pytest.fixture
def org(tmp_path: Path, time: Time, private_key: str) -> Iterator[Place]:
    """An integration user with the least profile."""
    with place(write_company(tmp_path), time, private_key) as found:
        found.sandbox.minimum_access(*HIDDEN)
        yield found


def with_field(mapping: CrmMapping, kind: RecordKind, ours: str, name: str) -> CrmMapping:
    sources = [
        replace(each, fields={**each.fields, ours: name}) if each.kind is kind else each for each in mapping.sources
    ]
    return replace(mapping, sources=tuple(sources))


def test_mapped_fields_are_hidden_until_an_installation_grants_them(org: Place) -> None:
    with pytest.raises(SchemaDrifted, match=r"Opportunity.Amount is mapped.*\n.*run `attain install`"):
        org.pull("Opportunity")
    report = org.crm.install(WANTED, check=False)
    assert set(report.created) > {f"read access to {obj}.{name}" for obj, name in HIDDEN}
    assert report.refused == ()
    won = next(each for each in org.records("Opportunity") if each.fields["Name"] == "Globex renewal")
    assert str(won.fields["Amount"]) in ("60000.50", "60000.5")


def test_a_check_names_what_would_be_granted_and_grants_nothing(org: Place) -> None:
    report = org.crm.install(WANTED, check=True)
    assert set(report.missing) > {f"read access to {obj}.{name}" for obj, name in HIDDEN}
    with pytest.raises(SchemaDrifted):
        org.pull("Opportunity")


def test_what_an_admin_granted_elsewhere_stays_when_a_field_is_added(org: Place, private_key: str) -> None:
    """The mapping gets a field more, and the second installation replaces our sets: all is read as before, and more."""
    org.crm.install(WANTED, check=False)
    grants(org, "Of_the_admin", "Account.Industry")
    mapping = with_field(shipped_mapping(), RecordKind.ACCOUNT, "phone", "Phone")
    org.sandbox.minimum_access(*HIDDEN, ("Account", "Phone"))
    crm = CRM.connect(settings(private_key, divert=org.url), mapping, ACME, org.time.world)
    more = replace(WANTED, fields=(*WANTED.fields, WantedField(OURS, "Trend__c", "Trend", "text")))
    report = crm.install(more, check=False)
    assert report.created == (f"{OURS}.Trend__c", "read access to Account.Phone")
    for source in crm.sources():
        list(crm.changed(source, None))
    crm.close()


def test_a_second_installation_grants_nothing_anew(org: Place) -> None:
    org.crm.install(WANTED, check=False)
    org.heard.requests.clear()
    report = org.crm.install(WANTED, check=False)
    assert (report.created, report.refused) == ((), ())
    sent = [each.body for each in org.heard.requests if each.method != "GET"]
    assert sent
    assert all(b'"checkOnly": true' in each for each in sent)


def test_a_field_that_is_not_there_is_told_and_keeps_nothing_else_out(
    tmp_path: Path, time: Time, private_key: str
) -> None:
    mapping = with_field(shipped_mapping(), RecordKind.DEAL, "region", "Region_Code__c")
    with place(write_company(tmp_path), time, private_key, mapping=mapping) as org:
        org.sandbox.minimum_access(*HIDDEN)
        report = org.crm.install(WANTED, check=False)
        assert [each for each in report.refused if "Opportunity.Region_Code__c" in each]
        assert set(report.created) > {f"read access to {obj}.{name}" for obj, name in HIDDEN}
        assert "read access to Opportunity.Region_Code__c" not in report.created


def test_a_licence_that_allows_none_of_it_refuses_that_set_alone(org: Place) -> None:
    def instead(request: Request) -> Response | None:
        if request.method == "POST" and request.path.endswith("PermissionSetAssignment") and refusing:
            refusing.pop()
            return Response(
                400,
                {"Content-Type": "application/json"},
                b'[{"errorCode":"FIELD_INTEGRITY_EXCEPTION","message":"The user license doesn\'t allow the permission"}]',
            )
        return None

    refusing = [True]
    org.heard.instead = instead
    report = org.crm.install(WANTED, check=False)
    assert OURS in report.created
    [told] = report.refused
    assert ACCESS in told
    assert "permission set of your own" in told
    assert org.crm.schema().objects[OURS][KEY].writable


def test_advice_never_points_at_a_set_that_an_installation_replaces(org: Place) -> None:
    errors = [each for each in org.crm.doctor(WANTED) if each.severity is Severity.ERROR]
    told = {each.subject: each.cure for each in errors if each.subject in {f"{obj}.{name}" for obj, name in HIDDEN}}
    assert len(told) == len(HIDDEN)
    assert all("permission set of your own" in each and "Attain_Integration" not in each for each in told.values())


def test_every_set_of_ours_says_that_it_is_replaced() -> None:
    files = unzipped(whole_project().whole.archive())
    for name in ("Attain_Integration", ACCESS):
        [says] = texts(etree.fromstring(files[f"permissionsets/{name}.permissionset"]), "description")
        assert "Every `attain install` replaces it" in says


def test_the_set_asks_for_what_the_mapping_uses_and_no_more() -> None:
    set_of = granted(project("66.0", shipped_mapping(), WANTED).access.archive())
    assert set_of == {"Account": {"allowRead", "viewAllRecords"}, "Opportunity": {"allowRead", "viewAllRecords"}}
    assert complaints(unzipped(project("66.0", whole_mapping(), WANTED).access.archive())[PATH]) == []


PATH = f"permissionsets/{ACCESS}.permissionset"


def granted(archive: bytes) -> dict[str, set[str]]:
    found = {}
    for each in etree.fromstring(unzipped(archive)[PATH]).findall(f"{META}objectPermissions"):
        flags = {child.tag.removeprefix(META) for child in each if child.text == "true"}
        found[each.find(f"{META}object").text] = flags
    return found
