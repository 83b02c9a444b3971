"""What the CRMs told of their fields: a word that none of them offers is a warning at its place, with the nearest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from connector.model.schema import CrmField, CrmSchema
from connector.rulebook.load import examine
from connector.service.schemas import FOLDER, keep, kept
from tests.rulebook.folder import EURO, MAPPING, Folder

STAGES = CrmField("StageName", "Stage", "picklist", ("Prospecting", "Proposal", "Closed Won"))
AMOUNT = CrmField("Amount", "Amount", "currency", calculated=True)


def schema(*fields: CrmField) -> CrmSchema:
    return CrmSchema({"Opportunity": {each.name: each for each in fields}})


def warnings(folder: Folder, schemas: Mapping[str, CrmSchema]) -> list[str]:
    mappings = {name: (crm, folder.home / file) for name, (crm, file) in folder.connections.items()}
    rules, problems = examine(folder.home / "rules", EURO, mappings, folder.home / "files.yaml", schemas)
    assert problems == []
    return [each.replace(f"{folder.home}/", "") for each in rules.warnings]


def asking(folder: Folder, condition: str) -> None:
    folder.change(
        "rules/metrics.yaml",
        "    where: outcome = 'won'\n    date: closed_on\n    measure: count()",
        f"    where: {condition}\n    date: closed_on\n    measure: count()",
    )


def test_a_word_that_the_crm_does_not_offer_is_told_with_the_nearest(folder: Folder) -> None:
    asking(folder, "outcome = 'won' and stage in ('Proposal', 'Propsal')")
    [warning] = warnings(folder, {"emea": schema(STAGES)})
    assert warning.startswith("rules/metrics.yaml:12:54: not-offered")
    assert "`stage` is never `Propsal` in any CRM that is connected" in warning
    assert "did you mean `Proposal`?" in warning


def test_without_a_look_at_the_crm_nothing_is_said(folder: Folder) -> None:
    asking(folder, "stage = 'Propsal'")
    assert warnings(folder, {}) == []
    assert warnings(folder, {"emea": schema()}) == []


def test_what_one_of_several_crms_offers_is_offered(folder: Folder) -> None:
    folder.write("other.yaml", MAPPING)
    folder.connections["smb"] = ("salesforce", "other.yaml")
    asking(folder, "stage = 'Negotiation'")
    more = CrmField("StageName", "Stage", "picklist", ("Negotiation",))
    assert warnings(folder, {"emea": schema(STAGES), "smb": schema(more)}) == []
    assert len(warnings(folder, {"emea": schema(STAGES), "smb": schema(STAGES)})) == 1
    assert warnings(folder, {"emea": schema(STAGES)}) == []  # nobody has looked at the other one


def test_a_field_that_the_crm_works_out_is_told_once_where_it_is_used(folder: Folder) -> None:
    found = warnings(folder, {"emea": schema(STAGES, AMOUNT)})
    assert [each.split(":")[3].split()[0] for each in found] == ["calculated-field"]
    assert found[0].startswith("rules/metrics.yaml:7:18:")


def test_what_was_seen_is_kept_beside_the_config(tmp_path: Path) -> None:
    keep(tmp_path, "emea", schema(STAGES, AMOUNT))
    assert kept(tmp_path, ["emea", "smb"]) == {"emea": schema(STAGES, AMOUNT)}


def test_a_spoilt_file_is_as_good_as_none(tmp_path: Path) -> None:
    keep(tmp_path, "emea", schema(STAGES))
    for text in ("", "[]", '{"Opportunity": []}', '{"Opportunity": {"A": {"name": 1}}}'):
        (tmp_path / FOLDER / "emea.json").write_text(text, encoding="utf-8")
        assert kept(tmp_path, ["emea"]) == {}


def test_a_field_that_no_mapping_fills_is_told_where_it_is_used(folder: Folder) -> None:
    asking(folder, "outcome = 'won' and forecast_category = 'Commit' and currency = 'EUR'")
    [warning] = warnings(folder, {})
    assert warning.startswith(
        "rules/metrics.yaml:12:32: not-mapped: no mapping says where `forecast_category` of deals comes from"
    )
    folder.write(
        "other.yaml",
        MAPPING.replace(
            "      closed_on: CloseDate", "      closed_on: CloseDate\n      forecast_category: ForecastCategory"
        ),
    )
    folder.connections["smb"] = ("salesforce", "other.yaml")
    assert warnings(folder, {}) == []


TEAMS = """
team_members:
  - from: OpportunityTeamMember
    fields: {deal: OpportunityId, user: UserId, role: TeamMemberRole}
account_territories:
  - from: ObjectTerritory2Association
    fields: {account: ObjectId, territory: Territory2.Name}
"""
ROLES = CrmField("TeamMemberRole", "Team Role", "picklist", ("Sales Engineer", "Sales Rep"))


def crediting(folder: Folder, words: str) -> None:
    folder.change(
        "rules/metrics.yaml",
        "    date: closed_on\n    measure: count()\n    unit: deals\n",
        f"    date: closed_on\n    measure: count()\n    unit: deals\n{words}",
    )


def with_teams(*fields: CrmField, teams: bool = True) -> CrmSchema:
    shown = {"OpportunityTeamMember": {each.name: each for each in fields}} if teams else {}
    return CrmSchema({"Opportunity": {}, "ObjectTerritory2Association": {}, **shown})


def test_a_team_that_no_mapping_names_is_told_and_so_are_its_roles(folder: Folder) -> None:
    crediting(folder, "    credit: team\n")
    [warning] = warnings(folder, {})
    assert warning.startswith("rules/metrics.yaml:16:13: not-mapped: no mapping says who is on the team of a deal")
    crediting(folder, "    roles: [Sales Rep]\n")
    [warning] = warnings(folder, {})
    assert "rules/metrics.yaml:16:12: not-mapped: no mapping says in which role" in warning
    folder.write("mapping.yaml", MAPPING + TEAMS)
    assert warnings(folder, {}) == []


def test_a_role_that_no_crm_has_is_told_with_the_nearest(folder: Folder) -> None:
    folder.write("mapping.yaml", MAPPING + TEAMS)
    crediting(folder, "    credit: team\n    roles: [sales rep, Sales Enginer]\n")
    [warning] = warnings(folder, {"emea": with_teams(ROLES)})
    assert warning.startswith("rules/metrics.yaml:17:24: not-offered")
    assert "did you mean `Sales Engineer`?" in warning
    assert warnings(folder, {"emea": with_teams()}) == []  # nobody knows which there are


def test_what_was_asked_for_and_is_switched_off_in_the_crm_is_told_where_it_is_asked_for(folder: Folder) -> None:
    folder.write("mapping.yaml", MAPPING + TEAMS)
    line = (MAPPING + TEAMS).splitlines().index("  - from: OpportunityTeamMember") + 1
    [warning] = warnings(folder, {"emea": with_teams(teams=False)})
    assert warning.startswith(f"mapping.yaml:{line}:11: not-shown: emea showed no OpportunityTeamMember")
    assert "`attain doctor` says what to switch on" in warning
    assert warnings(folder, {}) == []


def test_the_territory_of_an_account_comes_from_a_section_of_its_own(folder: Folder) -> None:
    asking(folder, "outcome = 'won' and account_territory = 'Rhine'")
    [warning] = warnings(folder, {})
    assert "no mapping says where `account_territory` of deals comes from" in warning
    assert "map it: `account_territories:` in mappings/" in warning
    folder.write("mapping.yaml", MAPPING + TEAMS)
    assert warnings(folder, {}) == []


def test_roles_are_those_of_a_team(folder: Folder) -> None:
    crediting(folder, "    credit: splits\n    roles: [Sales Rep]\n")
    [problem] = folder.problems()
    assert (problem.code, problem.hint) == ("misplaced-key", "credit: team")
