"""What `attain install` says of a report."""

from __future__ import annotations

import pytest

from connector.cli.installing import _tell
from connector.ports import InstallReport


def test_what_remains_to_be_clicked_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    _tell(InstallReport("emea", ("Attain_Alert__c",), (), (), (), ("open Setup > Flows",)))
    told = capsys.readouterr()
    assert "to do    open Setup > Flows" in told.out + told.err
