"""The harness of `make live`, played against the stand-in: it tries everything, fails where it should, and keeps no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.sandbox.town import CONSUMER_KEY, USERNAME
from tests.live import __main__ as live
from tests.live.cassettes import Scrubber
from tests.live.salesforce import checks


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, Path]:
    import contextlib
    import io

    folder, said = tmp_path_factory.mktemp("live"), io.StringIO()
    with contextlib.redirect_stdout(said), live._stand_in() as options:
        assert not isinstance(options, str)
        code = live.visited(options, may_install=True, out=folder)
    return code, said.getvalue(), folder


def test_every_check_is_tried_and_holds_against_the_stand_in(played: tuple[int, str, Path]) -> None:
    code, said, folder = played
    assert code == 0, said
    assert "FAILED" not in said
    assert "skipped" not in said
    assert all(f"{name}\n" in said for name in checks())
    assert len(list(folder.glob("*.yaml"))) == len(checks())


def test_what_is_recorded_holds_no_secret(played: tuple[int, str, Path]) -> None:
    recorded = "\n".join(path.read_text() for path in played[2].glob("*.yaml"))
    assert len(recorded) > 100_000
    for secret in (CONSUMER_KEY, USERNAME, "Bearer ", "eyJ", "-----BEGIN"):
        assert secret not in recorded, secret


def test_what_it_cannot_hold_it_says(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An org in which nothing may be installed: the checks that need it are skipped, and none is called held."""
    with live._stand_in() as options:
        assert not isinstance(options, str)
        assert live.visited(options, may_install=False, out=tmp_path) == 0
    assert capsys.readouterr().out.count("skipped") >= 4


def test_without_an_org_it_says_what_to_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in live.NEEDED:
        monkeypatch.delenv(f"ATTAIN_LIVE_{name}", raising=False)
    monkeypatch.setattr("sys.argv", ["live", "salesforce"])
    assert live.main() == 2
    assert "ATTAIN_LIVE_CONSUMER_KEY" in capsys.readouterr().out


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
