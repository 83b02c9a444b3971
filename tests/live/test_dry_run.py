"""The harness of `make live`, played against the stand-in: it tries everything, fails where it should, and keeps no secret."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from connector.sandbox.town import CONSUMER_KEY, HUBSPOT_TOKEN, USERNAME
from tests.live import __main__ as live
from tests.live.accounts import ACCOUNTS
from tests.live.cassettes import Scrubber

SECRETS = {"salesforce": (CONSUMER_KEY, USERNAME, "eyJ", "-----BEGIN"), "hubspot": (HUBSPOT_TOKEN,)}


@pytest.fixture(scope="module", params=sorted(ACCOUNTS))
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int, str, Path]:
    account = ACCOUNTS[request.param]
    folder, said = tmp_path_factory.mktemp("live"), io.StringIO()
    with contextlib.redirect_stdout(said), account.stand_in() as options:
        code = live.visited(account, options, may_install=True, out=folder)
    return request.param, code, said.getvalue(), folder


def test_every_check_is_tried_and_holds_against_the_stand_in(played: tuple[str, int, str, Path]) -> None:
    name, code, said, folder = played
    checks = ACCOUNTS[name].checks()
    assert code == 0, said
    assert "FAILED" not in said
    assert "skipped" not in said
    assert all(f"{each}\n" in said for each in checks)
    assert len(list(folder.glob("*.yaml"))) == len(checks)


def test_what_is_recorded_holds_no_secret(played: tuple[str, int, str, Path]) -> None:
    name, _, _, folder = played
    recorded = "\n".join(path.read_text() for path in folder.glob("*.yaml"))
    assert len(recorded) > 50_000
    for secret in (*SECRETS[name], "Bearer "):
        assert secret not in recorded, secret


@pytest.mark.parametrize(("name", "skipped"), [("salesforce", 4), ("hubspot", 4)])
def test_what_it_cannot_hold_it_says(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, skipped: int
) -> None:
    """An account in which nothing may be installed: the checks that need it are skipped, and none is called held."""
    with ACCOUNTS[name].stand_in() as options:
        assert live.visited(ACCOUNTS[name], options, may_install=False, out=tmp_path) == 0
    assert capsys.readouterr().out.count("skipped") >= skipped


@pytest.mark.parametrize("name", sorted(ACCOUNTS))
def test_without_an_account_it_says_what_to_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for each in ACCOUNTS[name].names:
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setattr("sys.argv", ["live", name])
    assert live.main() == 2
    assert ACCOUNTS[name].names[-1] in capsys.readouterr().out


def test_scrubs_by_value_and_by_shape() -> None:
    scrubber = Scrubber({"acme-corp.my.salesforce.com": "acme.my.salesforce.com"})
    told = scrubber.text(
        '{"access_token":"00Dxx0000001gPL!AQ","Name":"Ana Silva","Email":"ana@acme-corp.com","url":"https://acme-corp.my.salesforce.com/00Dxx0000001gPLEAY"}'
    )
    assert (
        told
        == '{"access_token":"SCRUBBED","Name":"Somebody","Email":"somebody@example.com","url":"https://acme.my.salesforce.com/00D000000000000AAA"}'
    )
    assert scrubber.text("grant_type=x&assertion=eyJhbGci.abc&scope=api") == "grant_type=x&assertion=SCRUBBED&scope=api"
