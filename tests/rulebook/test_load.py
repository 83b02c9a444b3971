"""A whole folder read at once: what comes out when it is right, and that nothing does when it is not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.model.calendar import Grain
from connector.model.catalogue import Type
from connector.rulebook.load import load
from connector.targets.policy import SplitStep
from tests.rulebook.folder import EURO, MAPPING, METRICS, Folder

HOME = Path(__file__).parents[2]


def test_the_shipped_rules_and_mappings_are_right() -> None:
    mappings = {"emea": ("salesforce", "salesforce.yaml"), "smb": ("hubspot", "hubspot.yaml")}
    paths = {name: (crm, HOME / "mappings" / file) for name, (crm, file) in mappings.items()}
    rules = load(HOME / "rules", EURO, paths, HOME / "mappings" / "files.yaml")
    assert rules.warnings == ()
    assert set(rules.mappings) == {"emea", "smb"}
    assert rules.metrics["average_deal"].inputs == ("bookings", "deals_won")
    assert rules.metrics["bookings"].credit == "splits"
    assert rules.metrics["win_rate"].credit == "owner_at_close"
    assert rules.targets[0].company == Decimal(2_400_000_000)  # cents
    assert rules.targets[2].each == Decimal("0.3")
    assert rules.alerts["behind_pace"].after == 3
    assert rules.alerts["behind_pace"].say.english.title.startswith("Behind pace")


def test_a_folder_in_which_all_is_right_has_no_problems(folder: Folder) -> None:
    rules = folder.load()
    assert folder.codes() == []
    assert list(rules.metrics) == ["bookings", "deals_won", "win_rate"]
    assert str(rules.metrics["deals_won"].place) == "rules/metrics.yaml:9:3"
    assert rules.targets[0].split == (SplitStep("team", "headcount"), SplitStep("person", "equal"))
    assert rules.alerts["behind"].period is Grain.QUARTER
    assert rules.catalogue.relations["files.trainings"].fields["hours"].type is Type.NUMBER


def test_only_metrics_are_required(folder: Folder) -> None:
    for name in ("targets.yaml", "alerts.yaml", "messages/en.yaml"):
        (folder.home / "rules" / name).unlink()
    assert (folder.load().targets, folder.load().alerts) == ((), {})
    (folder.home / "rules" / "metrics.yaml").unlink()
    assert folder.codes() == ["rules/metrics.yaml: missing-file"]


def test_a_mapping_that_does_not_exist_is_told(folder: Folder) -> None:
    folder.connections["smb"] = ("hubspot", "maping.yaml")
    assert folder.codes() == ["maping.yaml: missing-file"]
    assert folder.problems()[0].hint == "did you mean `mapping.yaml`?"


def test_a_file_with_a_misspelt_name_is_told_instead_of_passed_over(folder: Folder) -> None:
    folder.write("rules/target.yaml", "targets: []\n")
    folder.write("rules/metrics.yml", "metrics: {}\n")
    folder.write("rules/more/metrics.yaml", "metrics: {}\n")
    folder.write("rules/trials/stall.yaml", "trial: left to another reader\n")
    folder.write("rules/README.md", "not ours to read\n")
    assert folder.codes() == [
        "rules/metrics.yml: unknown-file",
        "rules/more/metrics.yaml: unknown-file",
        "rules/target.yaml: unknown-file",
    ]
    assert folder.problems()[2].hint == "did you mean `targets.yaml`?"


def test_all_problems_of_all_files_are_told_at_once_in_order(folder: Folder) -> None:
    folder.change("rules/metrics.yaml", "sum(amount)", "sum(amuont)")
    folder.change("rules/metrics.yaml", "of: deals\n    where: outcome in", "of: dealz\n    where: outcome in")
    folder.change("rules/targets.yaml", "24_000_000 EUR", "24_000_000 USD")
    folder.change("rules/targets.yaml", "- team:", "- taem:")
    folder.change("rules/alerts.yaml", "pace <", "pase <")
    folder.change("rules/messages/en.yaml", "{target}", "{targt}")
    folder.change("mapping.yaml", "      stage: StageName\n", "")
    folder.change("files.yaml", "date: completed_on", "date: completed")
    assert folder.codes() == [
        "files.yaml:15:11: unknown-column",
        "mapping.yaml:9:5: unmapped",
        "rules/alerts.yaml:5:11: unknown-field",
        "rules/messages/en.yaml:4:25: unknown-word",
        "rules/metrics.yaml:7:18: unknown-field",
        "rules/metrics.yaml:18:9: unknown-relation",
        "rules/targets.yaml:3:14: wrong-currency",
        "rules/targets.yaml:5:9: unknown-level",
    ]


def test_a_problem_shows_the_line_a_caret_and_a_suggestion(folder: Folder) -> None:
    folder.change("rules/metrics.yaml", "sum(amount)", "sum(amuont)")
    with pytest.raises(ConfigError) as error:
        folder.load()
    assert str(error.value) == (
        "rules/metrics.yaml:7:18: unknown-field: deals have no field `amuont`\n"
        "        measure: sum(amuont)\n"
        "                     ^\n"
        "  did you mean `amount`?"
    )
    assert error.value.exit_code == 2


def test_what_refers_to_a_metric_that_is_wrong_itself_is_not_blamed(folder: Folder) -> None:
    folder.change("rules/metrics.yaml", "sum(amount)", "sum(amuont)")
    folder.write("rules/metrics.yaml", (folder.home / "rules/metrics.yaml").read_text() + FORMULA)
    assert folder.codes() == ["rules/metrics.yaml:7:18: unknown-field"]
    folder.change("rules/metrics.yaml", "title: Revenue\n", "titel: Revenue\n")
    assert folder.codes() == [
        "rules/metrics.yaml:2:3: missing-key",
        "rules/metrics.yaml:3:5: unknown-key",
    ]


FORMULA = "  average:\n    title: Average\n    formula: bookings / deals_won\n    unit: money\n"


def test_warnings_are_kept_beside_the_rules(folder: Folder) -> None:
    folder.change("rules/metrics.yaml", "where: outcome in ('won', 'lost')", "where: stage <> 'Duplicate'")
    (warning,) = folder.load().warnings
    assert warning.startswith("rules/metrics.yaml:19:12: empty-left-out: `stage` may be empty")


def test_a_pace_beside_a_number_that_is_hardly_one_is_warned_of(folder: Folder) -> None:
    folder.change("rules/alerts.yaml", "pace < 70%", "pace < 70")
    (warning,) = folder.load().warnings
    assert warning.startswith(
        "rules/alerts.yaml:5:18: bare-ratio: `pace` is a ratio, of which 1 is 100%: 70 is 7000%\n"
    )
    assert warning.endswith("write 70%, if that is meant")


def test_the_version_follows_the_content_and_nothing_else(folder: Folder, tmp_path: Path) -> None:
    first = folder.load().version
    assert len(first) == 12
    assert int(first, 16) >= 0
    assert Folder(tmp_path / "elsewhere").load().version == first
    folder.write("mapping.yaml", MAPPING + "# a word\n")
    assert folder.load().version != first


def test_amounts_are_in_the_currency_of_the_company(folder: Folder) -> None:
    yen = replace(EURO, currency="JPY")
    folder.change("rules/targets.yaml", "24_000_000 EUR", "24_000_000 JPY")
    assert folder.load(yen).targets[0].company == Decimal(24_000_000)
    assert [each.code for each in folder.problems(EURO)] == ["wrong-currency"]


def test_custom_fields_levels_and_tables_are_names_that_rules_know(folder: Folder) -> None:
    custom = (
        "    custom:\n      region_code: {field: Region__c, type: choice}\n      signed_on: {field: S__c, type: date}\n"
    )
    folder.change("mapping.yaml", "outcome:\n", f"{custom}outcome:\n")
    folder.change("rules/metrics.yaml", "where: outcome in ('won', 'lost')", "where: region_code = 'N'")
    folder.write("rules/metrics.yaml", (folder.home / "rules/metrics.yaml").read_text() + MORE)
    folder.change("rules/targets.yaml", "    split:", "    for: team = 'East'\n    split:")
    metrics = folder.load().metrics
    assert metrics["signed"].date == "signed_on"
    assert (metrics["hours"].of, metrics["hours"].credit) == ("files.trainings", "person")


MORE = """\
  signed: {title: Signed, of: deals, date: signed_on, measure: count(), unit: deals}
  hours: {title: Hours, of: files.trainings, date: completed_on, measure: sum(hours), unit: hours}
"""


def test_a_column_that_the_language_could_not_name_is_no_field(folder: Folder) -> None:
    folder.change(
        "files.yaml", "      hours: {type: number}\n", "      hours: {type: number}\n      end: {type: date}\n"
    )
    trainings = folder.load().catalogue.relations["files.trainings"]
    assert list(trainings.fields) == ["person", "completed_on", "hours"]
    assert (trainings.dates, trainings.credits) == (("completed_on", "end"), ("person",))


def test_whom_a_row_is_about_is_read_as_it_was_written(folder: Folder) -> None:
    person = folder.load().catalogue.relations["files.trainings"].fields["person"]
    assert person.sql == '"person_given"'


def test_a_custom_field_has_one_type_in_every_crm(folder: Folder) -> None:
    custom = "    custom:\n      region_code: {field: R, type: %s}\noutcome:\n"
    folder.write("mapping.yaml", MAPPING.replace("outcome:\n", custom % "choice"))
    hubspot = MAPPING.replace("outcome:\n", custom % "number").replace("salesforce", "hubspot")
    folder.write("other.yaml", hubspot)
    folder.connections["smb"] = ("hubspot", "other.yaml")
    assert folder.codes() == ["other.yaml:16:7: conflicting-type"]


def test_one_mapping_may_serve_two_connections_and_is_blamed_once(folder: Folder) -> None:
    folder.connections["apac"] = ("salesforce", "mapping.yaml")
    assert list(folder.load().mappings) == ["emea", "apac"]
    folder.change("mapping.yaml", "      stage: StageName\n", "")
    assert folder.codes() == ["mapping.yaml:9:5: unmapped"]


def test_yaml_problems_are_told_among_the_others(folder: Folder) -> None:
    folder.write(
        "rules/metrics.yaml", METRICS.replace("    title: Deals won\n", "    title: Deals won\n    title: x\n")
    )
    folder.write("rules/alerts.yaml", "alerts: &a\n")
    assert folder.codes() == ["rules/alerts.yaml:1:9: yaml-reference", "rules/metrics.yaml:11:5: duplicate-key"]


def test_while_a_file_cannot_be_read_its_names_are_missed_nowhere_else(folder: Folder) -> None:
    folder.write("mapping.yaml", "type: 'x\n")
    folder.write("rules/metrics.yaml", METRICS.replace("outcome in ('won', 'lost')", "region_code = 'N'"))
    assert [each.split(":")[0] for each in folder.codes()] == ["mapping.yaml"]
    folder.write("rules/metrics.yaml", "metrics: {")
    assert [each.split(":")[0] for each in folder.codes()] == ["mapping.yaml", "rules/metrics.yaml"]
