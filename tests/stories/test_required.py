"""An admin requires a property, and HubSpot's newer version holds our writes against it: told before, parked alone, mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.attain import Attain
from tests.faults.village import Village
from tests.stories import stores
from tests.switching import switch_on_health


@pytest.fixture
def village(tmp_path: Path, kind_of_store: str) -> Iterator[Village]:
    """With the health of deals in their own records, written by the version that obeys the account's rules."""
    assert kind_of_store in stores.KINDS
    found = Village.made(tmp_path / "village", prepare=switch_on_health)
    text = found.config.read_text(encoding="utf-8")
    found.config.write_text(
        text.replace("    calls_per_10", "    version: 2026-09\n    calls_per_10"), encoding="utf-8"
    )
    with stores.made() as store:
        found.on(store)
        found.approve()
        yield found


def shown(village: Village) -> dict[str, bool]:
    """Of each open HubSpot deal whether it shows its health."""
    deals = village.objects("deals", "attain_health,hs_is_closed")
    return {
        each["id"]: bool(each["properties"]["attain_health"])
        for each in deals
        if each["properties"]["hs_is_closed"] != "true"
    }


def test_a_required_property_is_told_of_parked_alone_and_passed_by_the_older_version(
    village: Village, attain: Attain
) -> None:
    stage_of = {each["id"]: each["properties"]["dealstage"] for each in village.objects("deals", "dealstage")}
    open_deals = list(shown(village))
    stage = stage_of[open_deals[0]]
    asked = {each for each in open_deals if stage_of[each] == stage}
    assert 0 < len(asked) < len(open_deals)
    with village.wired():
        before = attain("doctor")
    assert (before.code, "no call tells what that is" in " ".join(before.out.split())) == (0, True), before.out

    village.hubspot.require("deals", "closed_lost_reason_of_ours", on="dealstage", values=[stage])
    village.cycle()
    assert shown(village) == {each: each not in asked for each in open_deals}
    with village.wired():
        told, stuck = attain("doctor"), attain("outbox", "--json")
    said = " ".join(told.out.split())
    assert f"{len(asked)} record" in said
    assert "closed_lost_reason_of_ours is required because of a conditional property rule based on [dealstage]" in said
    assert "Settings > Properties > Deals > Conditional logic" in said
    assert stuck.out.count('"state": "failed"') == len(asked)

    attain.edit("config.yaml", "version: 2026-09", "version: 2026-03")
    assert attain("outbox", "retry", "all", "--reason", "the older version asks for none").code == 0
    village.time.sleep(900)
    assert village.cycle().exit_code == 0
    assert all(shown(village).values())
    with village.wired():
        after = attain("doctor")
    assert "could not be written" not in after.out
