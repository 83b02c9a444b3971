"""What a first pull costs, by hand: the figures on which list pages were preferred to exports."""

from __future__ import annotations

from dataclasses import replace

from connector.sandbox.wire import Request, Response
from tests.crm.hubspot.given import DEALS, HISTORY, MAPPING, MEETINGS, definitions, says, talking_to

KEPT = {"deals", "deals.history", "meetings"}
LARGE = replace(MAPPING, sources=tuple(each for each in MAPPING.sources if each.object in KEPT))


def test_a_million_deals_are_ten_thousand_pages_and_their_history_twice_as_many() -> None:
    def answer(request: Request) -> Response:
        if request.path.endswith("/search"):
            return says(200, {"total": 1_000_000, "results": []})
        return says(200, definitions())

    with talking_to(answer, mapping=LARGE) as (crm, service):
        calls = {each.source: each.calls for each in crm.volumes()}
    # 1,000,000 / 100 and the definitions; 1,000,000 / 50
    assert calls == {DEALS: 10_001, HISTORY: 20_000, MEETINGS: 10_001}
    assert not any("/exports/" in each.path for each in service.asked)
