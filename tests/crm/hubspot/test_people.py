"""Owners, joined with users; rates; addresses; volumes; the schema."""

from __future__ import annotations

import pytest

from connector.errors import ConnectorError, CrmDenied
from connector.model.records import Ref
from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import OWNERS, RATES, Days, Portal, a_record, definitions, pulled, says, talking_to


def test_joins_owners_with_their_team_and_the_users_record() -> None:
    portal = Portal()
    with portal.connected() as crm:
        people = {each.fields["email"]: each for page in pulled(crm, OWNERS) for each in page.records}
    ana, bo = people["ana.silva@example.com"], people["bo.larsen@example.com"]
    users = portal.do("GET", "/crm/objects/2026-03/users?properties=hs_job_title,hs_internal_user_id")["results"]
    [record] = [each for each in users if each["properties"]["hs_internal_user_id"] == ana.fields["userId"]]
    assert ana.fields["users.id"] == record["id"]
    assert (ana.fields["users.hs_job_title"], ana.fields["teams.primary"], ana.deleted) == ("AE", "East 1", False)
    assert (bo.deleted, bo.fields["archived"]) == (True, "true")


def owners(request: Request) -> Response:
    """Two owners of a portal: one lost the platform user, one never had a record."""
    if request.path.startswith("/crm/properties"):
        return says(200, definitions("hs_job_title", "hs_internal_user_id", "hubspot_owner_id"))
    if request.path.endswith("/users"):
        by_user = a_record("901", hs_job_title="AE", hs_internal_user_id="77", hubspot_owner_id=None)
        by_owner = a_record("902", hs_job_title="SDR", hs_internal_user_id=None, hubspot_owner_id="2")
        return says(200, {"results": [by_user, by_owner]})
    if request.param("archived") == "true":
        return says(200, {"results": []})
    stamps = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "archived": False}
    one = {"id": "1", "email": "a@example.com", "type": "PERSON", "userIdIncludingInactive": 77, **stamps}
    two = {"id": "2", "email": "b@example.com", "type": "PERSON", "userId": 78, "teams": [], **stamps}
    three = {"id": "3", "type": "QUEUE", "teams": [{"id": "5", "name": "East", "primary": False}], **stamps}
    return says(200, {"results": [one, two, three]})


def test_finds_the_record_by_either_id() -> None:
    with talking_to(owners) as (crm, _):
        found = {each.ref.id: each.fields for page in pulled(crm, OWNERS) for each in page.records}
    assert (found["1"]["users.id"], found["1"]["users.hs_job_title"]) == ("901", "AE")
    assert (found["2"]["users.id"], found["2"]["users.hs_job_title"]) == ("902", "SDR")
    assert (found["3"]["users.id"], found["3"]["teams.primary"], found["3"]["type"]) == (None, None, "QUEUE")


def test_gives_rates_with_the_home_currency() -> None:
    with Portal().connected() as crm:
        [rate] = [each.fields for page in pulled(crm, RATES) for each in page.records]
    assert (rate["fromCurrencyCode"], rate["companyCurrencyCode"]) == ("USD", "EUR")
    assert rate["conversionRate"] == "0.8"  # 1 USD in EUR, where 1 EUR buys 1.25 USD


def test_rates_are_read_whole_so_that_a_deleted_one_is_missed() -> None:
    with Portal().connected() as crm:
        assert [page.whole for page in pulled(crm, RATES)] == [True]
        assert not any(page.whole for page in pulled(crm, OWNERS)), "owners who left are told as archived"


def test_compares_owners_with_both_lists_once_a_day() -> None:
    portal = Portal()
    with portal.connected() as crm:
        assert not crm.tells_of_deletions(OWNERS), "a list of all of them tells of nobody who is missing"
        read = {each.ref.id: (each.modified_at, each.deleted) for page in pulled(crm, OWNERS) for each in page.records}
        listed = {each.id: each.modified_at for page in crm.listing(OWNERS) or () for each in page}
        assert listed == {name: stamp for name, (stamp, _) in read.items()}
        again = {each.ref.id: (each.modified_at, each.deleted) for each in crm.read(OWNERS, list(read))}
        assert again == read, "asked by their ids they are what they are in the lists, archived or not"


def test_an_owner_is_gone_once_neither_list_answers_for_the_id() -> None:
    portal = Portal()
    with portal.connected() as crm:
        [ana] = [
            each for page in pulled(crm, OWNERS) for each in page.records if each.fields["email"].startswith("ana")
        ]
        [still] = crm.read(OWNERS, [ana.ref.id])
        assert (still.fields, still.deleted) == (ana.fields, False)
        portal.box._portal.store.run("DELETE FROM owners WHERE id = ?", (int(ana.ref.id),))
        [gone] = crm.read(OWNERS, [ana.ref.id])
        assert (gone.ref, gone.fields, gone.deleted) == (ana.ref, {}, True)


def test_no_active_owner_at_all_is_a_list_that_is_withheld_and_a_refusal_tells_of_nobody() -> None:
    def answers(request: Request) -> Response:
        if request.path.endswith(("/403", "/409")):
            return says(int(request.path.rpartition("/")[2]), {"message": "no"})
        return says(200, {"results": []})

    with talking_to(answers) as (crm, _):
        with pytest.raises(CrmDenied, match="no active owner"):
            list(crm.listing(OWNERS) or ())
        for status in ("403", "409"):
            with pytest.raises(ConnectorError):
                crm.read(OWNERS, [status])


def test_knows_where_a_person_opens_a_record() -> None:
    with talking_to(lambda _: says(200, {"portalId": 4711, "uiDomain": "app-eu1.hubspot.com"})) as (crm, service):
        assert crm.url(Ref("smb", "deals", "51")) == "https://app-eu1.hubspot.com/contacts/4711/record/0-3/51"
        assert crm.url(Ref("smb", "deals.history", "51-1764000")) == crm.url(Ref("smb", "deals", "51"))
        assert crm.url(Ref("smb", "users", "9")).endswith("/record/0-115/9")
        assert crm.url(Ref("smb", "owners", "9")) == "https://app-eu1.hubspot.com/settings/4711/users"
        assert len(service.asked) == 1


def test_counts_records_and_the_calls_of_a_first_read() -> None:
    portal = Portal()
    for at in range(101):
        portal.add("companies", name=f"C{at}")
    portal.add("deals", dealname="D", pipeline="default", dealstage="talking")
    portal.days.sleep(60)
    with portal.connected() as crm:
        told = {str(each.source): (each.records, each.calls) for each in crm.volumes()}
        assert told["account/companies"] == (101, 3)  # definitions, two pages
        for source in crm.sources():
            portal.asked.clear()
            pulled(crm, source)
            assert len(portal.asked) == told[str(source)][1], source


def test_counts_how_many_records_have_a_value() -> None:
    portal = Portal()
    for amount in ("10", "0", ""):
        portal.add("deals", dealname="D", pipeline="default", dealstage="talking", amount=amount)
    portal.days.sleep(60)
    with portal.connected() as crm:
        assert crm.filled("deals", ["amount", "dealname", "no_such"]) == (3, {"amount": 2, "dealname": 3})
        assert crm.filled("owners", ["email", "users.hs_job_title", "nothing"]) == (
            2,
            {"email": 2, "users.hs_job_title": 2, "nothing": 0},
        )


def test_describes_stages_by_their_pipeline() -> None:
    with Portal().connected() as crm:
        schema = crm.schema()
    assert [(each.name, each.outcome, each.probability) for each in schema.stages] == [
        ("talking", "open", 0.2),
        ("offered", "open", 0.6),
        ("signed", "won", 1.0),
        ("dropped", "lost", 0.0),
    ]
    assert schema.currencies[0] == "EUR"
    assert {"amount", "dealstage", "associations.companies"} <= set(schema.objects["deals"])
    assert {"email", "teams.primary", "users.hs_job_title"} <= set(schema.objects["owners"])
    assert not schema.objects["deals"]["hs_lastmodifieddate"].writable


def test_lets_go_when_closed() -> None:
    with talking_to([says(200, {"portalId": 1})], Days()) as (crm, _):
        crm.url(Ref("smb", "deals", "1"))
        crm.close()
        crm.close()
