"""A problem shows its line; a secret that stands there is cut out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.test_config import COMPANY, HUBSPOT, read

SECRET = "pat-eu1-0123456789"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("token: ${env:TOKEN}", f"token: {SECRET}"),
        ("token: ${env:TOKEN}", f"tokn: {SECRET}"),
        ("token: ${env:TOKEN}", f'"tokn": "{SECRET}"'),
        ("token: ${env:TOKEN}", f"token: ${{env:TOKEN}}\n    token: {SECRET}"),
        ("token: ${env:TOKEN}", f"token: &x {SECRET}"),
        ("token: ${env:TOKEN}", f"token:\n      {SECRET}\n      : x"),
        ("token: ${env:TOKEN}", f"token: ${{env:TOKEN}}\n    write: perhaps # it was {SECRET}, token: {SECRET}"),
        ("smb:\n    type: hubspot", f"smb: {{type: hubspott, token: {SECRET}}}\n  emea:\n    type: hubspot"),
        ("smb:\n    type: hubspot", f"smb: {{token: abc,{SECRET}}}\n  emea:\n    type: hubspot"),
        ("company:", f"stroe: postgresql://attain:{SECRET}@db/attain\ncompany:"),
        ("company:", f"store: postgresql://attain:{SECRET}/x@db/attain\ncompany:"),
        ("company:", f"store: postgresql://attain@db/attain?password={SECRET}\ncompany:"),
        ("company:", f"store: postgresql://attain:a@{SECRET}@db/attain\ncompany:"),
    ],
)
def test_no_line_beside_a_caret_tells_a_secret(tmp_path: Path, old: str, new: str) -> None:
    text = COMPANY + HUBSPOT
    assert old in text
    problems = read(tmp_path, text.replace(old, new)).problems
    assert problems
    assert SECRET not in "\n".join(map(str, problems))


def test_what_is_no_secret_stays_to_be_seen(tmp_path: Path) -> None:
    text = COMPANY.replace("Berlin}", "Berlim}") + HUBSPOT.replace("TOKEN", "NOT_SET") + "    write: perhaps\n"
    lines = sorted(each.place.source for each in read(tmp_path, text).problems)
    assert lines == [
        "    token: ${env:NOT_SET}",
        "    write: perhaps",
        "company: {name: Example, currency: EUR, zone: Europe/Berlim}",
    ]


def test_a_key_that_is_misspelt_is_shown_without_its_value(tmp_path: Path) -> None:
    problems = read(tmp_path, COMPANY + HUBSPOT + f"    tokn: {SECRET}\n").problems
    assert [(each.code, each.place.source) for each in problems] == [("unknown-key", "    tokn: …")]
