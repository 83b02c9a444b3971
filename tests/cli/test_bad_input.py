"""Whatever is wrong with a file: its place, what is wrong, a suggestion, exit 2, and nothing is changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.attain import Attain


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_init_lays_out_is_well(attain: Attain) -> None:
    ended = attain("check")
    assert ended.code == 0, ended.err
    assert "all well" in ended.out


def test_init_touches_nothing_that_exists(attain: Attain) -> None:
    attain.write("rules/metrics.yaml", "attain: 1\nmetrics: {}\n")
    assert attain("init", ".").code == 0
    assert (attain.folder / "rules/metrics.yaml").read_text() == "attain: 1\nmetrics: {}\n"


WRONG = [
    ("rules/metrics.yaml", "measure: sum(amount)", "measure: sum(amuont)", "unknown-field", "did you mean `amount`?"),
    ("rules/metrics.yaml", "    unit: deals\n", "    unit: deals\n    colour: red\n", "unknown-key", ""),
    ("rules/metrics.yaml", "    credit: splits\n    because", "    credit: spilts\n    because", "unknown", "splits"),
    ("rules/metrics.yaml", "  bookings:\n", "  bookings: &again\n", "yaml-reference", ""),
    ("rules/metrics.yaml", "  deals_won:\n", "  bookings:\n", "duplicate-key", ""),
    ("rules/metrics.yaml", "measure: count()\n    unit: deals", "measure: [count]\n    unit: deals", "", ""),
    ("rules/targets.yaml", "metric: meetings_held", "metric: meetings_hold", "unknown-metric", "meetings_held"),
    ("rules/targets.yaml", "24_000_000 EUR", "24_000_000 USD", "", "EUR"),
    ("rules/alerts.yaml", "pace < 70%", "pase < 70%", "unknown-field", "pace"),
    ("rules/alerts.yaml", "say: behind_pace", "say: behind_space", "unknown", "behind_pace"),
    ("mappings/salesforce.yaml", "amount: Amount", "amunt: Amount", "unknown", "amount"),
    ("config.yaml", "currency: EUR", "currency: Euro", "", ""),
    ("config.yaml", "zone: Europe/Berlin", "zone: Europe/Berlim", "unknown-zone", "did you mean `Europe/Berlin`?"),
    ("config.yaml", "type: hubspot", "type: hubsport", "unknown-type", "did you mean `hubspot`?"),
    ("config.yaml", "${env:ATTAIN_HUBSPOT_TOKEN}", "${env:NOT_SET}", "unresolved", "NOT_SET"),
    ("config.yaml", "${env:ATTAIN_HUBSPOT_TOKEN}", "pat-eu1-abc", "literal-secret", "${env:NAME}"),
    ("config.yaml", "https://login.salesforce.com", "https://login.salesforce.com/eu", "login-url", "acme.my.salesf"),
    ("config.yaml", "${env:ATTAIN_HUBSPOT_TOKEN}", "${env:ATTAIN_HUBSPOT_TOKEN}\n    version: v3", "bad-option", "v3"),
    (
        "config.yaml",
        "mapping: mappings/hubspot.yaml",
        "mapping: mappings/hubspott.yaml",
        "missing-file",
        "hubspot.yaml",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "hint"), WRONG, ids=[each[2].strip() for each in WRONG])
def test_a_wrong_file_is_shown_with_its_place(
    attain: Attain, file: str, old: str, new: str, code: str, hint: str
) -> None:
    attain.edit(file, old, new)
    before = everything_in(attain.folder)
    for command in ("check", "sync"):
        ended = attain(command)
        assert ended.code == 2, ended
        assert f"{file}:" in ended.err or f"{new.rsplit(maxsplit=1)[-1]}:" in ended.err
        assert code in ended.err
        assert hint in ended.err
        assert "Traceback" not in ended.err
    assert everything_in(attain.folder) == before


def test_problems_of_all_rule_files_come_at_once(attain: Attain) -> None:
    attain.edit("rules/metrics.yaml", "measure: sum(amount)", "measure: sum(amuont)")
    attain.edit("rules/alerts.yaml", "pace < 70%", "pase < 70%")
    attain.edit("mappings/hubspot.yaml", "amount: amount", "amunt: amount")
    err = attain("check").err
    assert all(f"{name}:" in err for name in ("rules/metrics.yaml", "rules/alerts.yaml", "mappings/hubspot.yaml"))


def test_problems_of_the_config_and_of_the_rules_come_at_once(attain: Attain) -> None:
    attain.edit("config.yaml", "${env:ATTAIN_HUBSPOT_TOKEN}", "${env:NOT_SET}")
    attain.edit("rules/metrics.yaml", "measure: sum(amount)", "measure: sum(amuont)")
    attain.write("files/quotas.csv", "person,metric,period,value\nana@example.com,bookings,2026-Q4,lots\n")
    err = attain("check").err
    assert "config.yaml:" in err
    assert "rules/metrics.yaml:" in err
    assert "files/quotas.csv:2:34: unreadable-value" in err


def test_a_missing_config_is_said_so(attain: Attain) -> None:
    (attain.folder / "config.yaml").unlink()
    ended = attain("check")
    assert (ended.code, "missing-file" in ended.err) == (2, True)
    assert "attain init" in ended.err


def test_a_csv_row_that_cannot_be_read_stops_before_anything_is_changed(attain: Attain) -> None:
    attain.write("files/absences.csv", "person,from,to\nana@example.com,2026-13-01,2026-11-02\n")
    ended = attain("sync")
    assert ended.code == 2
    assert "files/absences.csv:2:17: unreadable-value: from: `2026-13-01` is not a day" in ended.err
    assert not (attain.folder / "attain.db").exists()


def test_a_quota_for_a_metric_that_does_not_exist_is_not_dropped_silently(attain: Attain) -> None:
    attain.write("files/quotas.csv", "person,metric,period,value\nana@example.com,bookigns,2026-Q4,1\n")
    ended = attain("check")
    assert "bookigns" in ended.err + ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("scores", "--metric", "bookigns"), "did you mean `bookings`?"),
        (("scores", "--period", "2026-Q5"), "2026-Q5"),
        (("scores", "--today", "yesterday"), "yesterday"),
        (("explain", "ana", "bookigns"), "did you mean `bookings`?"),
        (("install", "emae"), "did you mean `emea`?"),
    ],
)
def test_a_wrong_word_on_the_command_line_ends_with_2_and_a_suggestion(
    attain: Attain, words: tuple[str, ...], said: str
) -> None:
    ended = attain(*words)
    assert ended.code == 2
    assert said in ended.err


def test_scores_before_the_first_sync_say_what_to_do(attain: Attain) -> None:
    ended = attain("scores")
    assert ended.code == 2
    assert "attain sync" in ended.err
    assert "Traceback" not in ended.err


def test_a_store_that_is_no_store_is_said_so(attain: Attain) -> None:
    attain.write("attain.db", "this is a letter to my aunt, and no database at all")
    ended = attain("scores")
    assert ended.code == 2
    assert "not-a-store" in ended.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said_so(attain: Attain) -> None:
    (attain.folder / "rules/metrics.yaml").chmod(0)
    assert "unreadable-file" in attain("check").err


@pytest.mark.parametrize("given", ["attain@127.0.0.1:1/attain?password={}", "attain:{}@127.0.0.1:1/attain"])
def test_no_error_tells_the_password_of_a_store(attain: Attain, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    secret = "hunter2-hunter2"
    monkeypatch.setenv("ATTAIN_STORE", f"postgresql://{given.format(secret)}")
    attain.edit("config.yaml", "store: attain.db", "store: ${env:ATTAIN_STORE}")
    ended = attain("scores")
    assert (ended.code, "127.0.0.1:1/attain" in ended.err) == (4, True)
    assert secret not in ended.err + ended.out


def test_whatever_a_library_says_the_last_resort_tells_no_secret(
    attain: Attain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaking(where: str) -> None:
        raise RuntimeError(f"{where}: pat-secret-token was not taken")

    monkeypatch.setattr("connector.store.database.open_store", leaking)
    ended = attain("scores")
    assert (ended.code, "[secret] was not taken" in ended.err) == (70, True)
    assert "pat-secret-token" not in ended.err


def test_an_answer_that_cannot_be_written_is_said_so(attain: Attain) -> None:
    ended = attain("support-bundle", "nowhere/bundle.zip")
    assert (ended.code, "nowhere/bundle.zip: it cannot be written: there is no folder nowhere" in ended.err) == (
        2,
        True,
    )
    attain.write("taken", "")
    assert attain("init", "taken/here").code == 2


def test_what_a_command_writes_is_for_its_owner_only(attain: Attain) -> None:
    assert attain("support-bundle", "bundle.zip").code == 0
    written = [each for each in attain.folder.iterdir() if each.name in ("bundle.zip", "attain.db", "attain.db.lock")]
    assert {each.stat().st_mode & 0o077 for each in written} == {0}
    assert (attain.folder / "bundle.zip") in written
