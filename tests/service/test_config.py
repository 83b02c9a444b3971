"""The config file: what it becomes, and what is said when it is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import keyring
import pytest

from connector.model.settings import Settings
from connector.service.config import Loaded, load

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
COMPANY = "company: {name: Example, currency: EUR, zone: Europe/Berlin}\n"
HUBSPOT = """\
connections:
  smb:
    type: hubspot
    mapping: hubspot.yaml
    token: ${env:TOKEN}
"""


def read(folder: Path, text: str, offline: bool = False) -> Loaded:
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return load(folder / "config.yaml", now=NOW, environment={"TOKEN": "pat-secret"}, offline=offline)


def settings_of(found: Loaded) -> Settings:
    assert found.settings is not None, found.problems
    return found.settings


def complaints(folder: Path, text: str) -> list[str]:
    problems = sorted(read(folder, text).problems, key=lambda each: each.place)
    return [f"{each.place.line}:{each.place.column}: {each.code}: {each.text}" for each in problems]


def test_reads_a_company_and_a_connection_that_starts_without_writing(tmp_path: Path) -> None:
    settings = settings_of(read(tmp_path, COMPANY + HUBSPOT))
    [connection] = settings.connections
    assert (connection.name, connection.options["token"], connection.write) == ("smb", "pat-secret", False)
    assert settings.every == timedelta(minutes=15)
    assert settings.secrets == {"pat-secret"}


def test_yaml_on_is_a_switch_and_not_a_surprise(tmp_path: Path) -> None:
    [connection] = settings_of(read(tmp_path, COMPANY + HUBSPOT + "    write: on\n    overlap: 2 hours\n")).connections
    assert (connection.write, connection.overlap) == (True, timedelta(hours=2))


def test_german_holidays_are_no_working_days(tmp_path: Path) -> None:
    text = COMPANY.replace("Berlin}", "Berlin, holidays: DE, fiscal_year_starts: april}")
    calendar = settings_of(read(tmp_path, text)).company.calendar
    assert not calendar.is_working(date(2026, 4, 3))  # Good Friday 2026
    assert calendar.is_working(date(2026, 11, 25))
    assert calendar.first_month == 4


def test_other_countries_have_holidays_of_their_own(tmp_path: Path) -> None:
    text = COMPANY.replace("Berlin}", "Berlin, holidays: DE, holidays_elsewhere: {Austria: AT, US: [2026-11-26]}}")
    calendar = settings_of(read(tmp_path, text)).company.calendar
    national = date(2026, 10, 26)  # Austria's national day, a Monday
    assert [calendar.is_working(national, country) for country in (None, "austria", "US")] == [True, False, True]
    assert [calendar.is_working(date(2026, 11, 26), country) for country in (None, "Austria", "US")] == [
        True,
        True,
        False,
    ]
    assert not calendar.is_working(date(2026, 12, 25), "France")  # unknown: the company's


def test_a_country_elsewhere_that_is_none_is_named_at_its_place(tmp_path: Path) -> None:
    text = COMPANY.replace("Berlin}", "Berlin, holidays_elsewhere: {Oz: QX}}")
    assert complaints(tmp_path, text) == ["1:87: unknown-value: no holidays are known for `QX`"]


def test_a_retail_year_ends_on_the_saturday_nearest_to_the_end_of_january(tmp_path: Path) -> None:
    year = "fiscal_year: {pattern: 4-5-4, ends: Saturday nearest January 31, named: start}"
    calendar = settings_of(read(tmp_path, COMPANY.replace("Berlin}", f"Berlin, {year}}}"))).company.calendar
    # nrf.com/resources/4-5-4-calendar: fiscal 2017 begins on 29 January 2017 and has 53 weeks.
    found = calendar.period("2017")
    assert (found.starts_on, found.last_day) == (date(2017, 1, 29), date(2018, 2, 3))
    assert calendar.period("2017-P02").starts_on == date(2017, 2, 26)


def test_a_fiscal_year_of_months_may_be_named_by_its_start(tmp_path: Path) -> None:
    text = COMPANY.replace("Berlin}", "Berlin, fiscal_year: {starts: april, named: start}}")
    calendar = settings_of(read(tmp_path, text)).company.calendar
    assert calendar.period("2026").starts_on == date(2026, 4, 1)


def test_a_retail_year_may_end_on_the_last_sunday_of_a_month(tmp_path: Path) -> None:
    text = COMPANY.replace("Berlin}", "Berlin, fiscal_year: {pattern: 5-4-4, ends: last sunday of june}}")
    calendar = settings_of(read(tmp_path, text)).company.calendar
    assert calendar.period("2026").last_day == date(2026, 6, 28)
    assert calendar.period("2026-P01").last_day == date(2025, 8, 2) + timedelta(days=1)  # five weeks from 30 June


@pytest.mark.parametrize(
    ("year", "said"),
    [
        ("{pattern: 4-4-4, ends: last sunday of june}", "1:85: unknown-value: `4-4-4` is not known here"),
        (
            "{pattern: 4-4-5, ends: end of june}",
            "1:98: no-year-end: `end of june` does not say on which day a year ends",
        ),
        ("{pattern: 4-4-5, ends: last sonday of june}", "1:98: unknown-value: `sonday` is not among them"),
        ("{pattern: 4-4-5, ends: sunday nearest june 31}", "1:98: no-year-end: not every year has a June 31"),
        ("{pattern: 4-4-5}", "1:62: missing-key: `pattern` and `ends` need each other"),
        ("{named: start}", "1:62: missing-key: a fiscal year has either `starts`, or `pattern` and `ends`"),
        ("{starts: april}, fiscal_year_starts: may", "1:62: said-twice: `fiscal_year_starts` says it already"),
    ],
)
def test_a_fiscal_year_that_cannot_be_is_named_at_its_place(tmp_path: Path, year: str, said: str) -> None:
    assert complaints(tmp_path, COMPANY.replace("Berlin}", f"Berlin, fiscal_year: {year}}}")) == [said]


def test_names_every_problem_with_its_place_and_changes_nothing(tmp_path: Path) -> None:
    text = """\
company: {name: Example, currency: EUR, zone: Europe/Berln}
connections:
  smb:
    type: hubspt
  emea:
    type: hubspot
    mapping: hubspot.yaml
    tokn: x
"""
    found = complaints(tmp_path, text)
    assert [each.rpartition(": ")[0] for each in found[:2]] == ["1:47: unknown-zone", "4:11: unknown-type"]
    assert found[2].startswith("5:3: missing-key: `token` is missing")
    assert found[3] == "8:5: unknown-key: HubSpot has no setting `tokn`"
    assert len(found) == 4


def test_a_secret_may_not_stand_in_the_file(tmp_path: Path) -> None:
    text = COMPANY + HUBSPOT.replace("${env:TOKEN}", "pat-eu1-1234")
    assert complaints(tmp_path, text) == ["6:12: literal-secret: `token` is a secret and may not stand here"]


def test_a_missing_environment_variable_is_named(tmp_path: Path) -> None:
    text = COMPANY + HUBSPOT.replace("TOKEN", "NOT_SET")
    assert complaints(tmp_path, text) == ["6:12: unresolved: the environment variable NOT_SET is not set"]
    assert read(tmp_path, text, offline=True).problems == ()


def with_token(folder: Path, token: str, text: str = COMPANY + HUBSPOT) -> Loaded:
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return load(folder / "config.yaml", now=NOW, environment={"TOKEN": token})


def test_what_stands_around_a_token_in_the_environment_is_none_of_it(tmp_path: Path) -> None:
    settings = settings_of(with_token(tmp_path, " pat-eu1-1234\n"))
    assert settings.connections[0].options["token"] == "pat-eu1-1234"
    assert settings.secrets == {"pat-eu1-1234"}
    [empty] = with_token(tmp_path, " \n").problems
    assert empty.text == "the environment variable TOKEN is not set"


@pytest.mark.parametrize(
    "token", ["pat-eu1-1234\nexpires=2027", "pat-eu1 1234", "pat-eu1-1234\x00", "pat-\u200beu1-1234"]
)
def test_a_token_that_goes_into_no_header_is_refused_by_its_references_name_and_not_shown(
    tmp_path: Path, token: str
) -> None:
    [said] = with_token(tmp_path, token).problems
    assert (said.place.line, said.place.column, said.code) == (6, 12, "broken-token")
    assert said.text == "the token behind ${env:TOKEN} has white space or control characters inside"
    assert "1234" not in str(said)


def test_a_key_of_several_lines_is_none_that_goes_into_a_header(tmp_path: Path) -> None:
    org = "connections:\n  emea:\n    type: salesforce\n    mapping: salesforce.yaml\n    private_key: ${env:TOKEN}\n"
    text = COMPANY + org + "    consumer_key: 3MVG9\n    username: attain@example.com\n"
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----"
    assert settings_of(with_token(tmp_path, key + "\n", text)).connections[0].options["private_key"] == key
    assert with_token(tmp_path, key, text).problems == ()


def test_a_secret_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("pat-from-file")
    (tmp_path / "token").chmod(0o644)
    text = COMPANY + HUBSPOT.replace("env:TOKEN", "file:token")
    [complaint] = complaints(tmp_path, text)
    assert "chmod 600" in complaint
    (tmp_path / "token").chmod(0o600)
    assert settings_of(read(tmp_path, text)).connections[0].options["token"] == "pat-from-file"


def test_a_config_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    found = load(tmp_path / "config.yaml", now=NOW)
    assert found.settings is None
    assert [each.code for each in found.problems] == ["missing-file"]


class Drawer:
    """A keyring that holds one thing."""

    def get_password(self, service: str, username: str) -> str | None:
        return "pat-from-the-drawer\n" if (service, username) == ("attain", "hubspot") else None


def test_secrets_may_lie_in_the_systems_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", Drawer().get_password)
    text = COMPANY + HUBSPOT.replace("${env:TOKEN}", "${keyring:attain/hubspot}")
    settings = settings_of(read(tmp_path, text))
    assert settings.connections[0].options["token"] == "pat-from-the-drawer"
    assert "pat-from-the-drawer" in settings.secrets
    for name, words in (
        ("attain/nobody", "has nothing for nobody in attain"),
        ("attain", "is not like `service/user`"),
    ):
        [said] = complaints(tmp_path, COMPANY + HUBSPOT.replace("${env:TOKEN}", "${keyring:" + name + "}"))
        assert words in said


def test_the_password_of_a_database_comes_by_reference(tmp_path: Path) -> None:
    [said] = complaints(tmp_path, "store: postgresql://attain:hunter2@db/attain\n" + COMPANY)
    assert "literal-secret: the password of the database may not stand here" in said
    assert complaints(tmp_path, "store: postgresql://attain@db/attain\n" + COMPANY) == []
    (tmp_path / "config.yaml").write_text("store: ${env:STORE}\n" + COMPANY)
    url = "postgresql://attain:hunter2%21@db/attain"
    settings = settings_of(load(tmp_path / "config.yaml", now=NOW, environment={"STORE": url}))
    assert settings.store == url
    assert settings.secrets == {"hunter2%21", "hunter2!"}


@pytest.mark.parametrize(
    ("url", "passwords"),
    [
        ("postgresql://attain@db/attain?password=hunter2%21", {"hunter2!"}),
        ("postgresql://attain:hun/ter2@db/attain", {"hun/ter2"}),
        ("postgresql://attain@db/attain?sslmode=require&sslpassword=hunter2", {"hunter2"}),
    ],
)
def test_a_password_is_found_wherever_a_url_may_have_one(tmp_path: Path, url: str, passwords: set[str]) -> None:
    [said] = complaints(tmp_path, f"store: {url}\n" + COMPANY)
    assert "literal-secret: the password of the database may not stand here" in said
    (tmp_path / "config.yaml").write_text("store: ${env:STORE}\n" + COMPANY)
    assert settings_of(load(tmp_path / "config.yaml", now=NOW, environment={"STORE": url})).secrets == passwords


def test_a_password_that_ends_nobody_knows_where_is_refused_unseen(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("store: ${env:STORE}\n" + COMPANY)
    found = load(tmp_path / "config.yaml", now=NOW, environment={"STORE": "postgresql://attain:one@two@db/attain"})
    assert [each.code for each in found.problems] == ["no-url"]
    assert "two" not in str(found.problems[0])


def test_a_door_is_an_address_and_whoever_is_told_of_changes_needs_one(tmp_path: Path) -> None:
    told = HUBSPOT + "    webhooks: https://attain.example.com/hints/smb\n    app_secret: ${env:TOKEN}\n"
    door = settings_of(read(tmp_path, COMPANY + told + "door: 127.0.0.1:8710\n")).door
    assert (door.host, door.port) == ("127.0.0.1", 8710) if door else False
    other = settings_of(read(tmp_path, COMPANY + 'door: "[::1]:8710"\n')).door
    assert other
    assert other.host == "::1"
    assert settings_of(read(tmp_path, COMPANY + HUBSPOT)).door is None
    assert complaints(tmp_path, COMPANY + told) == ["7:15: no-door: HubSpot would knock at a door that nobody opens"]
    assert complaints(tmp_path, COMPANY + "door: 127.0.0.1:99999\n") == ["2:7: bad-port: there is no port 99999"]
    assert [each.split()[1] for each in complaints(tmp_path, COMPANY + "door: here\n")] == ["no-name:"]
