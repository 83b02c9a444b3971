"""As ops would: commented parts of the shipped files are switched on, HubSpot is given a door, and a country is filled in."""

from __future__ import annotations

import re
from pathlib import Path


def uncomment(path: Path, block: str) -> None:
    """Take the comment signs out of one block of a file, given as a pattern; it must be there."""
    text = path.read_text(encoding="utf-8")
    found = re.search(block, text)
    assert found, block
    plain = re.sub(r"^( *)# ", r"\1", found[0], flags=re.MULTILINE)
    path.write_text(text.replace(found[0], plain), encoding="utf-8")


def switch_on_health(folder: Path) -> None:
    """The health of deals and accounts goes into their own records."""
    for name in ("salesforce", "hubspot"):
        uncomment(folder / "mappings" / f"{name}.yaml", r"  # deals:\n(  #  .*\n)+  # accounts:\n(  #  .*\n)+")


def switch_on_deal_alerts(folder: Path) -> None:
    """Owners are told of large open deals that nobody tends: tasks that point at a deal."""
    uncomment(folder / "rules" / "alerts.yaml", r"  # stale_deal:\n(  #   .*\n)+")


def switch_to_rows(folder: Path) -> None:
    """HubSpot's block for users out, the one below it, an object of our own, in."""
    path = folder / "mappings" / "hubspot.yaml"
    text = path.read_text(encoding="utf-8")
    mine = re.search(r"  scores:\n(    .*\n)+", text)
    assert mine
    path.write_text(text.replace(mine[0], ""), encoding="utf-8")
    uncomment(path, r"  # scores:\n(  #   .*\n)+")


def switch_on_sections(folder: Path, *sections: str, crm: str = "salesforce") -> None:
    """What the shipped mapping leaves to ops is read."""
    for section in sections:
        uncomment(folder / "mappings" / f"{crm}.yaml", rf"# {section}:\n(#  .*\n)+")


def knocked_at(config: Path, url: str, port: int = 8710) -> None:
    """HubSpot knocks at that address, which leads to us; the app's secret is `ATTAIN_TEST_SECRET`."""
    text = config.read_text(encoding="utf-8")
    assert "type: hubspot" in text
    told = f"type: hubspot\n    webhooks: {url}\n    app_secret: ${{env:ATTAIN_TEST_SECRET}}"
    opened = text.replace("\nconnections:", f"\ndoor: 127.0.0.1:{port}\n\nconnections:")
    config.write_text(opened.replace("type: hubspot", told), encoding="utf-8")


def at_home_in_france(folder: Path, email: str) -> None:
    """The one person of a company whose country is known."""
    people = folder / "files" / "people.csv"
    head, *lines = people.read_text().splitlines()
    marked = [f"{line},{'FR' if email in line.split(',')[0] else ''}" for line in lines]
    people.write_text("\n".join([f"{head},country", *marked]) + "\n")
