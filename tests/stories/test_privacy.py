"""What a company did not agree to does not happen: not read, not worked out, not written, not kept."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from connector.errors import Fenced
from connector.flow import appraise, plans
from connector.flow.chores import chores
from connector.flow.cycle import run_cycle
from connector.sandbox.wire import Request, Response, Service
from connector.service import wiring
from connector.store import outbox, records, results, runs, sightings
from connector.store.locks import run_lock
from connector.store.pseudonyms import everybody
from connector.store.tables import activities
from tests.cli.attain import Attain
from tests.faults.trials import gone_wrong
from tests.faults.village import Village
from tests.switching import at_home_in_france

FREE_TEXT = (
    "subject",
    "description",
    "body",
    "title",
    "note_text",
    "hs_email_text",
    "hs_email_html",
    "hs_email_headers",
    "hs_call_summary",
    "transcript",
    "recording",
)


def test_no_subject_body_or_other_free_text_of_an_activity_is_ever_asked_for(village: Village) -> None:
    asked: list[str] = []

    def witness(_host: str, service: Service, request: Request) -> Response:
        reads = request.method == "GET" or any(
            each in request.path for each in ("/search", "/batch/read", "/jobs/query")
        )
        if reads and "/describe" not in request.path and "/properties/" not in request.path:
            query = dict(request.query)
            told = f"{query.get('q', '')} {query.get('properties', '')} {request.body.decode('utf-8', 'replace')}"
            asked.append(f"{request.path} {told}".lower())
        return service.answer(request)

    village.exchange = witness
    village.cycle()
    village.time.sleep(3600)
    village.edit("Task", {"Subject": "Call about her divorce", "Status": "Completed"}, method="POST")
    village.cycle()
    activities = [
        each
        for each in asked
        if any(word in each for word in ("from task", "from event", "/calls", "/meetings", "/emails", "/tasks"))
    ]
    assert len(activities) > 6
    assert [each for each in activities if "/emails" in each], "the scope of e-mails would let us read their bodies"
    assert [each for each in activities if any(word in each for word in FREE_TEXT)] == []
    kept = b"".join(path.read_bytes() for path in village.folder.glob("attain.*db*"))
    assert b"divorce" not in kept


@pytest.mark.parametrize("ranks", ["on", "off"])
def test_nobody_has_a_rank_unless_it_was_agreed_to(village: Village, attain: Attain, ranks: str) -> None:
    attain.edit("config.yaml", "ranks: on  ", f"ranks: {ranks} ")
    village.cycle()
    shown = [each["Rank__c"] for each in village.soql("SELECT Rank__c FROM Attain_Attainment__c")]
    theirs = [
        each["properties"].get("attain_bookings_quarter_rank")
        for each in village.objects("users", "attain_bookings_quarter_rank")
    ]
    assert any(shown + theirs) is (ranks == "on")
    told = json.loads(attain("scores", "--json").out)
    assert any(each["rank"] for each in told) is (ranks == "on")


def test_activities_may_be_measured_of_teams_only(village: Village, attain: Attain) -> None:
    village.cycle()
    assert any("meetings_held:p_" in key for key in village.shown()["rows"])
    attain.edit("config.yaml", "  ranks: on ", "  activities: team\n  ranks: on ")
    attain.edit("rules/scorecards.yaml", "      meetings_held: 15\n", "")
    village.time.sleep(3600)
    village.cycle()
    left = village.soql("SELECT Attain_Key__c, Actual__c FROM Attain_Attainment__c")
    assert [each for each in left if "meetings_held" in each["Attain_Key__c"] and each["Actual__c"] is not None] == []
    told = json.loads(attain("scores", "--metric", "meetings_held", "--json").out)
    teams = json.loads(attain("scores", "--metric", "meetings_held", "--by", "team", "--json").out)
    assert (told, bool(teams)) == ([], True)


def test_a_scorecard_that_weighs_what_was_not_agreed_to_is_a_wrong_file(village: Village, attain: Attain) -> None:
    del village
    attain.edit("config.yaml", "  ranks: on ", "  activities: team\n  ranks: on ")
    ended = attain("check")
    assert (ended.code, "`meetings_held` is measured of teams only" in ended.err) == (2, True)


def test_nothing_is_worked_out_of_people_whose_country_has_not_agreed(village: Village, attain: Attain) -> None:
    village.cycle()
    before = json.loads(attain("scores", "--json").out)
    one = next(each for each in before if each["email"])
    at_home_in_france(village.folder, one["email"])
    attain.edit("config.yaml", "  ranks: on ", "  hold_back: [FR]\n  ranks: on ")
    village.time.sleep(3600)
    village.cycle()
    after = json.loads(attain("scores", "--json").out)
    assert {each["email"] for each in before} - {each["email"] for each in after} == {one["email"]}
    rows = village.soql("SELECT Attain_Key__c, Actual__c FROM Attain_Attainment__c")
    assert [each for each in rows if one["id"] in each["Attain_Key__c"] and each["Actual__c"] is not None] == []
    company = json.loads(attain("scores", "--by", "company", "--json").out)
    assert company


def test_whoever_asks_sees_their_own_and_whoever_reports_to_them(village: Village, attain: Attain) -> None:
    village.cycle()
    everybody = json.loads(attain("scores", "--metric", "bookings", "--json").out)
    one = next(each for each in everybody if each["email"])
    mine = json.loads(attain("scores", "--metric", "bookings", "--as", one["email"], "--json").out)
    assert {each["id"] for each in mine} == {one["id"]}
    assert attain("scores", "--as", "nobody@example.com").code == 2


def test_somebody_is_forgotten_and_stays_so(village: Village, attain: Attain) -> None:
    village.cycle()
    told = json.loads(attain("scores", "--metric", "bookings", "--json").out)
    one = next(each for each in told if each["email"])
    about = json.loads(attain("about", one["email"], "--json").out)
    assert about["name"] == one["name"]
    assert {"users", "scores"} <= set(about)
    asked = attain("forget", one["email"])
    assert (asked.code, "Nothing was changed" in asked.out) == (0, True)
    assert attain("forget", one["email"], "--yes").code == 0
    assert not _names(village, one["name"], one["email"])
    for _ in range(2):
        village.time.sleep(3600)
        for each in village.soql("SELECT Id FROM User ORDER BY Id"):
            village.salesforce.touch("User", [each["Id"]])
        village.cycle()
    assert not _names(village, one["name"], one["email"])
    assert attain("about", one["email"]).code == 2
    rows = village.soql("SELECT Attain_Key__c, Actual__c FROM Attain_Attainment__c")
    assert [each for each in rows if one["id"] in each["Attain_Key__c"] and each["Actual__c"] is not None] == []


def test_no_number_moves_when_somebody_is_forgotten_and_only_their_name_goes(village: Village, attain: Attain) -> None:
    one, email, other = "Daniel Nguyen", "daniel.nguyen@example.com", "hanna.young@example.com"
    relief = "person,metric,kind,from,to,share,approver,reason\n{},bookings,relief,2026-10-01,2026-11-30,50%,{},territory_change\n"
    (village.folder / "files" / "adjustments.csv").write_text(relief.format(other, email))
    logins = {each["Email"]: each["Id"] for each in village.soql("SELECT Id, Email FROM User WHERE IsActive = true")}
    note = {"Person__c": logins[email], "Kind__c": "feedback", "Text__c": "my divorce"}
    village.cycle()
    village.edit("Attain_Note__c", note, method="POST")
    village.time.sleep(3600)
    village.cycle()

    def notes() -> list[object]:
        ready = wiring.house(village.config, world=village.time.world, connect=False)
        with ready as house, house.store.reading() as tx:
            return [each.values["text"] for each in records.readings(tx, "emea.notes")]

    assert "my divorce" in notes()

    def told() -> list[list[dict[str, Any]]]:
        return [
            json.loads(attain(*each, "--metric", "bookings", "--json").out)
            for each in (
                ("targets", "--period", "2026"),
                ("targets", "--period", "2026-Q4"),
                ("scores", "--by", "team"),
            )
        ]

    def numbers(name: str) -> list[dict[tuple[str, str], Any]]:
        return [
            {(each["name"] if each["name"] != name else one, each.get("period", "")): each.get("value", each.get("actual"))
             for each in table}
            for table in told()
        ]  # fmt: skip

    before = numbers("")
    assert all(before)
    assert any((one, period) in before[0] for period in ("2026", ""))
    assert attain("forget", email, "--yes").code == 0
    for _ in range(2):
        village.time.sleep(3600)
        village.cycle()
        with (
            wiring.house(village.config, world=village.time.world, connect=False) as house,
            house.store.reading() as tx,
        ):
            [pseudonym] = everybody(tx).values()
        assert numbers(pseudonym) == before
    with village.wired():
        assert attain("sweep").code == 0
    assert not _names(village, one, email, "my divorce")
    assert "my divorce" not in notes()
    with village.wired():
        assert "is in use, and of somebody who was forgotten" in "".join(attain("doctor", "--json").out)
    assert attain("forget", "nobody@example.com", "--undo").code == 2
    asked = attain("forget", email, "--undo")
    assert (asked.code, "Nothing was changed" in asked.out) == (0, True)
    assert attain("forget", email, "--undo", "--yes").code == 0
    village.time.sleep(3600)
    village.cycle()
    assert numbers("") == before


def test_somebody_is_forgotten_beside_a_scheduler_and_no_older_plan_brings_them_back(
    village: Village, attain: Attain
) -> None:
    village.cycle()
    told = json.loads(attain("scores", "--metric", "bookings", "--json").out)
    one = next(each for each in told if each["email"])
    with village.wired():
        assert attain("plan", "--out", "plan.json").code == 0
    with wiring.house(village.config, world=village.time.world, connect=False) as house, run_lock(house.store):
        asked = attain("forget", one["email"], "--yes")
    assert (asked.code, "its next cycle makes the mirror anew" in asked.out) == (0, True)
    with village.wired():
        refused = attain("apply", "plan.json")
    assert (refused.code, "somebody was forgotten since; nothing was written" in refused.err) == (1, True)
    village.time.sleep(3600)
    village.cycle()
    assert not _names(village, one["name"], one["email"])


@pytest.mark.parametrize("kind", ["503", "lost before"])
def test_nobody_who_was_forgotten_is_told_what_waited_for_a_crm_that_was_away(
    village: Village, attain: Attain, kind: str
) -> None:
    def away(host: str, service: Service, request: Request) -> Response:
        writes = request.method == "PATCH" and "/composite/sobjects/" in request.path
        writes |= any(request.path.endswith(f"/batch/{each}") for each in ("upsert", "update"))
        return gone_wrong(kind, host, service, request) if writes else service.answer(request)

    village.exchange = away
    assert village.cycle().exit_code == 4
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        waiting = [each for name in ("emea", "smb") for each in outbox.open_entries(tx, name) if each.change.once]
    told = {each.change.subject.partition(" · ")[0] for each in waiting}  # each rep of a task of their own
    assert len(told) == len(waiting) == 3
    for each in told:
        assert attain("forget", each, "--yes").code == 0
    village.exchange = lambda _host, service, request: service.answer(request)
    village.time.sleep(3600)
    with village.wired():
        assert attain("sync", "--only", "write").code == 0
    village.time.sleep(3600)
    assert village.cycle().exit_code == 0
    assert village.soql("SELECT Id FROM Task WHERE Attain_Key__c != null") == []
    shown = village.objects("tasks", "attain_alert_key")
    assert [each for each in shown if each["properties"].get("attain_alert_key")] == []
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        assert [each for name in ("emea", "smb") for each in outbox.open_entries(tx, name)] == []


def test_a_folder_that_duckdb_left_beside_the_mirror_goes_too(village: Village, attain: Attain) -> None:
    village.cycle()
    one = next(each for each in json.loads(attain("scores", "--json").out) if each["email"])
    for name in ("attain.mirror.duckdb.working.tmp", "attain.mirror.duckdb.tmp"):
        (village.folder / name).mkdir()
        (village.folder / name / "duckdb_temp_storage-0.tmp").write_text(one["name"])
    forgotten = attain("forget", one["email"], "--yes")
    assert (forgotten.code, forgotten.err) == (0, "")
    assert list(village.folder.glob("*.mirror*")) == []


def test_what_was_worked_out_while_somebody_was_forgotten_is_not_kept(
    village: Village, attain: Attain, monkeypatch: pytest.MonkeyPatch
) -> None:
    village.cycle()
    one = next(each for each in json.loads(attain("scores", "--json").out) if each["email"])
    village.time.sleep(3600)
    worked_out = plans.plans_for

    def interrupted(*given: Any) -> Any:
        monkeypatch.setattr(appraise, "plans_for", worked_out)
        assert attain("forget", one["email"], "--yes").code == 0
        return worked_out(*given)

    monkeypatch.setattr(appraise, "plans_for", interrupted)
    with pytest.raises(Fenced):
        village.cycle()
    village.cycle()
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        assert [each for each in results.scores(tx) if each.subject.id == one["id"]] == []


def test_a_login_that_the_crm_deleted_for_good_is_forgotten_without_being_asked(
    village: Village, attain: Attain
) -> None:
    village.cycle()
    one = village.soql("SELECT Id, Name, Email FROM User WHERE IsActive = true ORDER BY Id LIMIT 2")[-1]
    village.salesforce._database.run('DELETE FROM "User" WHERE Id = ?', (one["Id"],))
    with village.wired():
        assert attain("sweep").code == 0
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        [kept] = [each for each in sightings.users(tx) if each.ref.id == one["Id"]]
    assert (kept.name.startswith("Somebody ("), kept.email, kept.active) == (True, None, False)


def _names(village: Village, *words: str) -> list[str]:
    """Files of the store and the mirror in which a word stands."""
    files = village.folder.glob("attain.*db*")
    return [path.name for path in files if any(word.encode() in path.read_bytes() for word in words)]


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (ValueError("Invalid header value b'Bearer pat-eu1-1234'"), "ValueError"),
        (Fenced("emea: another process took over"), "Fenced: emea: another process took over"),
    ],
)
def test_a_run_that_broke_keeps_our_own_words_and_none_of_a_librarys(
    village: Village, monkeypatch: pytest.MonkeyPatch, error: Exception, kept: str
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(appraise, "plans_for", broken)
    with pytest.raises(type(error)):
        village.cycle()
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        last = runs.last(tx)
    assert last is not None
    assert last.error == kept


def test_the_support_bundle_names_nobody_and_holds_no_secret(village: Village, attain: Attain) -> None:
    village.cycle()
    told = json.loads(attain("scores", "--json").out)
    assert attain("support-bundle", "help.zip").code == 0
    with zipfile.ZipFile(village.folder / "help.zip") as file:
        said = "".join(file.read(name).decode() for name in file.namelist())
    canaries = {each[name] for each in told for name in ("name", "email") if each[name]}
    canaries |= {path.read_text().strip() for path in (village.folder / "hubspot.token", village.folder / "server.key")}
    canaries |= {each["Name"] for each in village.soql("SELECT Name FROM Account")}
    assert len(canaries) > 20
    assert [each for each in canaries if each in said] == []
    assert '"connection 1 deal"' in said


def test_what_is_kept_for_a_time_is_thrown_away_and_not_pulled_again(village: Village, attain: Attain) -> None:
    village.cycle()
    with wiring.house(village.config, world=village.time.world, connect=False) as house, house.store.reading() as tx:
        before = sum(n for (_, kind), n in records.counts(tx).items() if kind == "activity")
    attain.edit("config.yaml", "  ranks: on ", "  keep: {activities: 1 month, runs: 1 month}\n  ranks: on ")
    with village.wired(), wiring.house(village.config, world=village.time.world) as house:
        done = chores(house, house.today())
        assert done.troubles == []
        assert 0 < done.purged["activities"] < before
        with house.store.reading() as tx:
            after = sum(n for (_, kind), n in records.counts(tx).items() if kind == "activity")
        assert after == before - done.purged["activities"]
        assert chores(house, house.today()).purged == {}  # once a day
        village.time.sleep(7 * 24 * 3600)
        every = "SELECT Id FROM Task WHERE IsRecurrence = false"
        recent = {each["Id"] for each in village.soql(f"{every} AND SystemModstamp >= 2025-11-02T00:00:00Z")}
        assert len(recent) < len(village.soql(every)), "some are of a year before what is kept"
        with house.store.reading() as tx:
            tasks = select(activities.c.ref).where(
                activities.c.ref.startswith("emea:Task/"), activities.c.deleted_at.is_(None)
            )
            refs = tx.execute(tasks).scalars()
            kept = {str(ref).rpartition("/")[2] for ref in refs}
        swept = {
            each.object: each for each in chores(house, house.today()).swept
        }  # finds them missing, and leaves them
        assert (swept["Task"].differing, swept["Task"].mended) == (len(recent - kept), 0)
        run_cycle(house)
        with house.store.reading() as tx:
            assert sum(n for (_, kind), n in records.counts(tx).items() if kind == "activity") <= after
            assert results.scores(tx)


def test_the_annex_names_every_field_that_is_read(village: Village, attain: Attain) -> None:
    told = json.loads(attain("privacy", "--json").out)
    read = {(each["object"], each["field"]) for each in told["read"]}
    assert {("Task", "OwnerId"), ("User", "Email"), ("Opportunity", "Amount"), ("meetings", "hubspot_owner_id")} <= read
    asked: set[str] = set()

    def witness(_host: str, service: Service, request: Request) -> Response:
        asked.add(dict(request.query).get("q", ""))
        return service.answer(request)

    village.exchange = witness
    village.cycle()
    selects = [
        each for each in asked if each.startswith("SELECT") and " FROM Task" in each and "Attain_Key__c IN" not in each
    ]
    fields = {name.strip() for each in selects for name in each[len("SELECT ") : each.index(" FROM ")].split(",")}
    technical = {"Id", "SystemModstamp", "IsDeleted", "What.Type"}
    assert fields - technical - {field for obj, field in read if obj == "Task"} == set()
    plain = attain("privacy").out
    assert "nobody's own" not in plain
    assert "managers those of whoever reports to them" in plain
