"""Traffic that real orgs sent, replayed to our client: what does it make of it?

The describes, queries and collections were recorded by CumulusCI; bodies of failed rows come from
amp-labs. The token reply is written by hand after Salesforce's "OAuth 2.0 JWT Bearer Flow"; so is the
address under which a bare body is served.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import vcr
import yaml

from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.errors import Complaint, of_status, settled
from connector.crm.salesforce.grants import login_of
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.streams import Streams
from connector.crm.salesforce.values import inward, outward
from connector.crm.salesforce.write import current, look_up, write
from connector.errors import CrmDenied, CrmUnavailable, SchemaDrifted
from connector.model.changes import Change, Receipt, Row, Settled
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, SourceMap
from connector.ports import Source
from connector.transport import Patience
from tests.crm.salesforce.conftest import Time, settings

HOST = "https://orgname.my.salesforce.com"
Interaction = dict[str, Any]


def cassette(evidence: Path, path: str) -> list[Interaction]:
    """A CumulusCI cassette; `include_file` stands for a file of the shared folder."""
    root = evidence / "contracts/recordings/SFDO-Tooling__CumulusCI/cumulusci"
    shared = root / "tests/shared_cassettes"
    found = []
    for each in _loaded(str(root / path))["interactions"]:
        one = _loaded(str(shared / each["include_file"])) if "include_file" in each else each
        found.append(_addressed(one))
    return found


def shared(evidence: Path, name: str) -> Interaction:
    """One interaction of the shared folder."""
    root = evidence / "contracts/recordings/SFDO-Tooling__CumulusCI/cumulusci/tests/shared_cassettes"
    return _addressed(_loaded(str(root / name)))


@cache
def _loaded(path: str) -> Any:
    return yaml.load(Path(path).read_text(), Loader=yaml.CSafeLoader)


def _addressed(one: Mapping[str, Any]) -> Interaction:
    """The recordings hide the version, and call the list of objects by the SDK's other name for it."""
    uri = re.sub(r"/v(xx|\d+)\.0/", "/v66.0/", one["request"]["uri"]).replace("/sobjects/?", "/sobjects?")
    uri = uri.removesuffix("/") if uri.endswith("/sobjects/") else uri
    host = re.sub(r"^https://[^/]+", HOST, uri)
    return {"request": {**one["request"], "uri": host}, "response": one["response"]}


def body_of(evidence: Path, path: str) -> str:
    """A body that amp-labs pasted from a real reply."""
    return (evidence / "contracts/recordings/amp-labs__connectors/providers/salesforce/test" / path).read_text()


def served(method: str, path: str, body: str, status: int = 200) -> Interaction:
    """A body at an address of our choice."""
    return {
        "request": {"method": method, "uri": HOST + path, "body": None, "headers": {}},
        "response": {
            "status": {"code": status, "message": "-"},
            "headers": {"Content-Type": ["application/json;charset=UTF-8"]},
            "body": {"string": body},
        },
    }


TOKEN = served(
    "POST",
    "/services/oauth2/token",
    json.dumps(
        {"access_token": "00D!t", "instance_url": HOST, "id": f"{HOST}/id/00D000000000001EAA/005000000000001AAA"}
    ),
)


@contextlib.contextmanager
def replay(tmp_path: Path, interactions: Sequence[Interaction]) -> Iterator[list[Any]]:
    """Answer with the recordings, and with nothing else; yields the requests as they are made."""
    path = tmp_path / "cassette.json"
    path.write_text(json.dumps({"version": 1, "interactions": [TOKEN, *interactions]}))
    sent: list[Any] = []

    def noted(request: Any) -> Any:
        sent.append(request)
        return request

    player = vcr.VCR(
        record_mode="none",
        serializer="json",
        match_on=["method", "scheme", "host", "path", "query"],
        before_record_request=noted,
    )
    with player.use_cassette(str(path), allow_playback_repeats=True):
        sent.clear()  # loading the cassette passes its requests by the hook as well
        yield sent


@pytest.fixture
def org(private_key: str, time: Time) -> Org:
    return Org(login_of(settings(private_key, login_url=HOST)), time.world, Patience("emea", time.world))


@pytest.fixture
def describer(org: Org, time: Time) -> Describer:
    return Describer(org, time.world)


TIME = Time()
DESCRIBED = [f"GET_sobjects_{name}_describe.yaml" for name in ("Global", "Account", "Contact", "Event", "Opportunity")]


@pytest.fixture
def described(evidence: Path) -> list[Interaction]:
    return [shared(evidence, name) for name in DESCRIBED]


# Describes


def test_reads_the_fields_of_an_opportunity(tmp_path: Path, described: list[Interaction], describer: Describer) -> None:
    with replay(tmp_path, described):
        fields = describer.shape("Opportunity").fields
    assert len(fields) == 40
    assert sum(field.updateable for field in fields.values()) == 16
    assert not fields["IsWon"].updateable
    assert (fields["Amount"].type, fields["Amount"].scale) == ("currency", 2)
    assert fields["StageName"].choices[:2] == ("Prospecting", "Qualification")


def test_tells_records_apart_by_the_prefix_of_their_id(
    tmp_path: Path, described: list[Interaction], describer: Describer
) -> None:
    with replay(tmp_path, described):
        listing = describer.listing()
    assert len(listing.names) == 110
    assert listing.object_of("0067e00000K8i71AAB") == "Opportunity"
    assert listing.object_of("0WO000000000001AAA") == "WorkOrder"
    assert listing.object_of(None) is None


def test_leaves_out_the_masters_of_a_series_and_copies_for_invitees(
    tmp_path: Path, described: list[Interaction], describer: Describer
) -> None:
    fields = {"performer": "OwnerId", "about": "WhatId", "minutes": "DurationInMinutes"}
    mapping = CrmMapping("salesforce", (SourceMap(RecordKind.ACTIVITY, "Event", fields),))
    with replay(tmp_path, described):
        stream = Streams("emea", mapping, describer).resolve(Source(RecordKind.ACTIVITY, "Event"))
    assert stream.leave_out == ("IsRecurrence = false", "IsChild = false")
    assert stream.stamp == "SystemModstamp"
    assert stream.deletable
    assert stream.replicateable
    assert ("WhatId", "What.Type") in stream.leads


def test_names_a_mapped_field_that_the_org_does_not_show(
    tmp_path: Path, described: list[Interaction], describer: Describer
) -> None:
    mapping = CrmMapping("salesforce", (SourceMap(RecordKind.DEAL, "Opportunity", {"region": "Region_Code__c"}),))
    with (
        replay(tmp_path, described),
        pytest.raises(SchemaDrifted, match=r"Opportunity\.Region_Code__c .*\n.*permission set of your own"),
    ):
        Streams("emea", mapping, describer).resolve(Source(RecordKind.DEAL, "Opportunity"))


def test_does_without_the_currency_where_the_org_has_only_one(
    tmp_path: Path, described: list[Interaction], describer: Describer
) -> None:
    fields = {"amount": "Amount", "currency": "CurrencyIsoCode"}
    mapping = CrmMapping("salesforce", (SourceMap(RecordKind.DEAL, "Opportunity", fields),))
    with replay(tmp_path, described):
        names = Streams("emea", mapping, describer).resolve(Source(RecordKind.DEAL, "Opportunity")).names
    assert names == ("Amount",)


def test_follows_a_dotted_name_to_the_object_it_leads_to(
    tmp_path: Path, described: list[Interaction], describer: Describer
) -> None:
    with replay(tmp_path, described):
        found = describer.field("Opportunity", "Account.Industry")
        nothing = describer.field("Opportunity", "Account.Nonsense")
    assert found is not None
    assert found.type == "picklist"
    assert nothing is None


# Queries


def test_reads_a_recorded_query(tmp_path: Path, evidence: Path, org: Org) -> None:
    with replay(tmp_path, cassette(evidence, UPDATES)):
        reply = org.query("SELECT Id,Name FROM Account")
    assert reply.total == 6
    assert reply.next is None
    assert reply.rows[0]["Name"] == "Account 4"


def test_keeps_amounts_as_decimals_with_their_zeros(tmp_path: Path, evidence: Path, org: Org) -> None:
    body = body_of(evidence, "read-opportunity-with-account.json")
    with replay(tmp_path, [served("GET", "/services/data/v66.0/query/?q=x", body)]):
        rows = org.query("x").rows
    assert [str(row["Amount"]) for row in rows] == ["50000.00", "30000.00"]
    assert all(isinstance(row["Amount"], Decimal) for row in rows)


UPDATES = "tasks/bulkdata/tests/cassettes/TestUpdatesIntegrationTests.test_updates_task.yaml"
UPSERT = "tasks/bulkdata/tests/cassettes/TestUpsert.test_simple_upsert__rest.yaml"
SELECT = "tasks/bulkdata/tests/cassettes/TestSelect.test_select_similarity_select_and_insert_strategy.yaml"


def recorded_changes(interaction: Interaction, obj: str, key_field: str) -> list[Change]:
    """What the recording's author sent, as changes of ours."""
    rows = json.loads(interaction["request"]["body"])["records"]
    return [
        Change(
            Row("emea", obj, key_field, row[key_field]),
            {name: value for name, value in row.items() if name not in ("attributes", key_field)},
        )
        for row in rows
    ]


# Writes


def test_updates_by_id_and_hands_back_one_receipt_per_change(
    tmp_path: Path, evidence: Path, org: Org, describer: Describer
) -> None:
    interactions = cassette(evidence, UPDATES)
    patch = interactions[-1]
    changes = recorded_changes(patch, "Account", "Id")
    with replay(tmp_path, interactions):
        receipts = write(org, TIME.world, describer, changes)
    assert [each.row for each in receipts] == [each.row for each in changes]
    assert [each.settled for each in receipts] == [Settled.WRITTEN] * 6
    assert {each.remote_id for each in receipts} == {each.row.key for each in changes}


def test_sends_an_update_as_the_recorded_client_did(
    tmp_path: Path, evidence: Path, org: Org, describer: Describer
) -> None:
    interactions = cassette(evidence, UPDATES)
    recorded = json.loads(interactions[-1]["request"]["body"])
    with replay(tmp_path, interactions) as sent:
        write(org, TIME.world, describer, recorded_changes(interactions[-1], "Account", "Id"))
    patch = sent[-1]
    body = json.loads(patch.body)
    assert (patch.method, patch.path) == ("PATCH", "/services/data/v66.0/composite/sobjects")
    assert patch.headers["Sforce-Call-Options"] == "client=attain"
    assert patch.headers["Sforce-Mru"] == "updateMru=false"
    assert body["allOrNone"] is recorded["allOrNone"]
    # They wrote `Id` where we write `id`, and the number as text; both are the same to Salesforce.
    ours = sorted(({**row, "Id": row["id"]} for row in body["records"]), key=lambda row: row["Id"])
    for our, their in zip(ours, sorted(recorded["records"], key=lambda row: row["Id"]), strict=True):
        assert {name: str(our[name]) for name in their if name != "attributes"} == {
            name: str(value) for name, value in their.items() if name != "attributes"
        }
        assert next(iter(our)) == "attributes"


def test_upserts_by_an_external_id_and_tells_created_from_updated(
    tmp_path: Path, evidence: Path, org: Org, describer: Describer
) -> None:
    interactions = cassette(evidence, UPSERT)
    patches = [each for each in interactions if each["request"]["method"] == "PATCH"]
    describes = [each for each in interactions if each["request"]["method"] == "GET"]
    with replay(tmp_path, [*describes, patches[1]]):
        receipts = write(org, TIME.world, describer, recorded_changes(patches[1], "Contact", "Email"))
    assert len(receipts) == 4
    assert all(each.settled is Settled.WRITTEN for each in receipts)
    assert [each.remote_id for each in receipts if each.created] == ["0035500001H9kaAAAR"]


def test_names_the_record_that_an_update_touched(
    tmp_path: Path, evidence: Path, org: Org, describer: Describer
) -> None:
    interactions = cassette(evidence, SELECT)
    patch = next(each for each in interactions if each["request"]["method"] == "PATCH")
    described = [shared(evidence, f"GET_sobjects_{name}_describe.yaml") for name in ("Global", "Account")]
    with replay(tmp_path, [*described, patch]):
        [receipt] = write(org, TIME.world, describer, recorded_changes(patch, "Account", "Id"))
    assert receipt == Receipt(
        Row("emea", "Account", "Id", "0019H00000H28uBQAR"), Settled.WRITTEN, remote_id="0019H00000H28uBQAR"
    )


def two_contacts() -> list[Change]:
    """In the order in which we send them."""
    return [
        Change(Row("emea", "Contact", "Id", "003ak00000jvIfpAAE"), {"FirstName": "Siena"}),
        Change(Row("emea", "Contact", "Id", "003ak00000jvIfqAAE"), {"FirstName": "Markus"}),
    ]


def contacts_answered(
    evidence: Path, tmp_path: Path, org: Org, describer: Describer, described: list[Interaction], body: str
) -> list[Receipt]:
    reply = served("PATCH", "/services/data/v66.0/composite/sobjects", body_of(evidence, body))
    with replay(tmp_path, [*described, reply]):
        return write(org, TIME.world, describer, two_contacts())


def test_refuses_only_the_rows_that_salesforce_refused(
    evidence: Path, tmp_path: Path, org: Org, describer: Describer, described: list[Interaction]
) -> None:
    body = "batch/update/contacts/err-each-no-ids.json"
    receipts = contacts_answered(evidence, tmp_path, org, describer, described, body)
    assert [each.settled for each in receipts] == [Settled.REFUSED, Settled.REFUSED]
    assert receipts[0].reason == "MISSING_ARGUMENT: Id not specified in an update call"
    assert receipts[0].remote_id is None


def test_may_repeat_a_row_that_was_rolled_back_for_the_sake_of_another(
    evidence: Path, tmp_path: Path, org: Org, describer: Describer, described: list[Interaction]
) -> None:
    body = "batch/update/contacts/partial-but-allOrNone.json"
    receipts = contacts_answered(evidence, tmp_path, org, describer, described, body)
    assert [each.settled for each in receipts] == [Settled.BUSY, Settled.REFUSED]
    assert "unknownField_LastName" in receipts[1].reason


def test_does_not_know_the_fate_of_a_row_that_the_reply_forgot(
    evidence: Path, tmp_path: Path, org: Org, describer: Describer, described: list[Interaction]
) -> None:
    first = json.dumps(json.loads(body_of(evidence, "batch/update/contacts/success.json"))[:1])
    reply = served("PATCH", "/services/data/v66.0/composite/sobjects", first)
    with replay(tmp_path, [*described, reply]):
        receipts = write(org, TIME.world, describer, two_contacts())
    assert [each.settled for each in receipts] == [Settled.WRITTEN, Settled.UNKNOWN]


def test_does_not_send_a_field_that_the_object_lacks(
    evidence: Path, tmp_path: Path, org: Org, describer: Describer, described: list[Interaction]
) -> None:
    wrong = Change(Row("emea", "Contact", "Id", "003ak00000jvIfpAAE"), {"Attain_Score__c": Decimal(1)})
    with replay(tmp_path, described):
        [receipt] = write(org, TIME.world, describer, [wrong])
    assert receipt.settled is Settled.REFUSED
    assert "Attain_Score__c" in receipt.reason


def test_looks_up_what_exists_by_its_key(
    tmp_path: Path, evidence: Path, org: Org, describer: Describer, described: list[Interaction]
) -> None:
    names = ["Account 4", "Account 9"]
    query = "/services/data/v66.0/query/?q=SELECT+Id%2C+Name+FROM+Account+WHERE+Name+IN+%28%27Account+4%27%2C%27Account+9%27%29"
    recorded = cassette(evidence, UPDATES)[2]
    reply = served("GET", query, recorded["response"]["body"]["string"])
    rows = [Row("emea", "Account", "Name", name) for name in names]
    with replay(tmp_path, [*described, reply]):
        assert look_up(org, describer, rows) == {rows[0]: "0012300000bVTq1AAG"}


def test_nothing_exists_of_an_object_that_is_not_installed(
    tmp_path: Path, org: Org, describer: Describer, described: list[Interaction]
) -> None:
    rows = [Row("emea", "Attain_Attainment__c", "Attain_Key__c", "k"), Row("emea", "Event", "Attain_Key__c", "k")]
    with replay(tmp_path, described):
        assert look_up(org, describer, rows) == {}
        assert current(org, describer, rows, ["Actual__c"]) == {}


def test_shows_current_values_in_our_types(
    tmp_path: Path, evidence: Path, org: Org, describer: Describer, described: list[Interaction]
) -> None:
    row = Row("emea", "Opportunity", "Id", "006ak00000OQ4RxAAL")
    query = "/services/data/v66.0/query/?q=SELECT+Id%2C+Amount%2C+StageName+FROM+Opportunity+WHERE+Id+IN+%28%27006ak00000OQ4RxAAL%27%29"
    reply = served("GET", query, body_of(evidence, "read-opportunity-with-account.json"))
    with replay(tmp_path, [*described, reply]):
        shown = current(org, describer, [row], ["Amount", "StageName", "Nowhere__c"])
    assert shown == {row: {"Amount": Decimal(50000), "StageName": "Prospecting"}}


# Errors


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("unknown-field.json", 400, SchemaDrifted),
        ("unknown-object.json", 400, SchemaDrifted),
        ("invalid-field-upsert.json", 400, CrmDenied),
        ("crm/delete/not-found.json", 404, CrmDenied),
        ("batch/create/contacts/err-bad-request.json", 400, CrmDenied),
    ],
)
def test_says_what_to_do_about_a_recorded_error(evidence: Path, path: str, status: int, kind: type[Exception]) -> None:
    assert type(of_status("emea", status, json.loads(body_of(evidence, path)))) is kind


def test_quotes_the_field_that_a_recorded_error_names(evidence: Path) -> None:
    complaint = Complaint.of(json.loads(body_of(evidence, "invalid-field-upsert.json")))
    assert complaint.fields == ("MasterRecordId",)
    assert settled(complaint) is Settled.REFUSED


def test_a_query_on_an_unknown_object_comes_out_as_drift(tmp_path: Path, evidence: Path, org: Org) -> None:
    body = body_of(evidence, "unknown-object.json")
    with (
        replay(tmp_path, [served("GET", "/services/data/v66.0/query/?q=x", body, 400)]),
        pytest.raises(SchemaDrifted, match="INVALID_TYPE"),
    ):
        org.query("x")


def test_a_reply_without_records_is_no_answer(tmp_path: Path, evidence: Path, org: Org, time: Time) -> None:
    wrong = cassette(evidence, UPDATES)[-1]["response"]["body"]["string"]  # a list of results, which is no query reply
    with (
        replay(tmp_path, [served("GET", "/services/data/v66.0/query/?q=x", wrong)]),
        pytest.raises(CrmUnavailable, match="without records"),
    ):
        org.query("x")


# Values


def test_writes_and_reads_back_by_the_described_type(
    tmp_path: Path, described: list[Interaction], describer: Describer
) -> None:
    with replay(tmp_path, described):
        fields = describer.shape("Opportunity").fields
    assert outward(Decimal("0.875"), fields["Probability"]) == Decimal(88)  # scale 0 in the recorded org
    assert outward(Decimal("1234.565"), fields["Amount"]) == Decimal("1234.57")
    assert outward(date(2026, 12, 31), fields["CloseDate"]) == "2026-12-31"
    assert inward("2026-05-01T07:25:37.000+0000", fields["SystemModstamp"]) == datetime(
        2026, 5, 1, 7, 25, 37, tzinfo=UTC
    )
    assert inward(Decimal(90), fields["Probability"]) == Decimal("0.9")
