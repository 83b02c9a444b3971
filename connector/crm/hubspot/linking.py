"""Associating what was written: a task is found on the deal and the company that it is about.

HubSpot keeps associations apart from records, so the record may stand and its link fail. Such a link is made again by
the record's id, and the record itself is left alone: whoever it is for may have completed it by then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.crm.hubspot.errors import Refused, Said
from connector.crm.hubspot.portal import BATCH, LINKS_BATCH, Portal
from connector.crm.hubspot.required import explained
from connector.crm.hubspot.write import NOT_NOW, halves
from connector.errors import CrmDenied, CrmUnavailable, NobodyServed
from connector.model.changes import Change, Receipt, Settled

# Associations that HubSpot defines. Source: the constants of hubspot-api-client 12.0.0.
LINK_TYPES: Mapping[tuple[str, str], int] = {
    ("tasks", "contacts"): 204,
    ("tasks", "companies"): 192,
    ("tasks", "deals"): 216,
    ("notes", "contacts"): 202,
    ("notes", "companies"): 190,
    ("notes", "deals"): 214,
}


@dataclass(frozen=True, slots=True)
class _Link:
    at: int  # the place of its receipt
    obj: str
    id: str
    to: str
    other: str

    def is_named(self, error: Said) -> bool:
        """Whether an error is about this link, by either end. Source: recorded association errors."""
        return bool({self.id, self.other} & set(error.named("id", "ids", "fromObjectId", "toObjectId")))


def linked(portal: Portal, changes: Sequence[Change], receipts: Sequence[Receipt]) -> list[Receipt]:
    """The receipts of `changes`, once what was written points where it should. Raises nothing.

    BUSY, with the record's id: it stands, and its links are to be made later. A link that HubSpot will never take, to
    a deal that has gone, is only told in the receipt.
    """
    links = [
        _Link(at, change.row.object, receipt.remote_id, to, other)
        for at, (change, receipt) in enumerate(zip(changes, receipts, strict=True))
        if receipt.settled is Settled.WRITTEN and receipt.remote_id
        for to, other in change.links.items()
    ]
    linking = _Linking(portal, dict(enumerate(receipts)))
    if links:
        linking.run([*links, *linking.companies(links)])
    return [linking.receipts[at] for at in range(len(receipts))]


class _Linking:
    """One call of `linked`: what is known so far."""

    def __init__(self, portal: Portal, receipts: dict[int, Receipt]) -> None:
        self.portal = portal
        self.receipts = receipts

    def companies(self, links: Sequence[_Link]) -> list[_Link]:
        """Whoever points at a deal points at its company too, so that it shows on both records."""
        pointed = {each.at for each in links if each.to == "companies"}
        lone = [each for each in links if each.to == "deals" and each.at not in pointed]
        deals = list(dict.fromkeys(each.other for each in lone))
        companies: dict[str, str] = {}
        for start in range(0, len(deals), LINKS_BATCH):
            try:
                companies |= self.portal.linked("deals", "companies", deals[start : start + LINKS_BATCH])
            except CrmUnavailable as error:
                self._later([each for each in lone if each.other in deals[start:]], error)
                break
            except (CrmDenied, Refused):
                break  # the deal alone: companies are not for us to see
        return [replace(each, to="companies", other=companies[each.other]) for each in lone if each.other in companies]

    def run(self, links: Iterable[_Link]) -> None:
        """Send batches until all are done, or until HubSpot stops answering."""
        queue: deque[Sequence[_Link]] = deque(_batches(links))
        while queue:
            batch = queue.popleft()
            try:
                queue.extendleft(reversed(self._sent(batch)))
            except (CrmUnavailable, CrmDenied) as error:
                for each in (batch, *queue):
                    self._later(each, error)
                return

    def _sent(self, batch: Sequence[_Link]) -> list[Sequence[_Link]]:
        """Note what failed; what must be sent again comes back in smaller batches."""
        obj, to = batch[0].obj, batch[0].to
        if (obj, to) not in LINK_TYPES:
            self._note(batch, f"no known association from {obj} to {to}")
            return []
        try:
            errors = self.portal.link(obj, to, [(each.id, each.other) for each in batch], LINK_TYPES[obj, to])
        except Refused as refused:
            if len(batch) > 1:
                return list(halves(batch))
            errors = (refused.said,)
        for error in errors:
            words = explained(obj, error, self.portal.transport.write_version)
            named = [each for each in batch if each.is_named(error)]
            self._note(named or batch, words, again=error.category in NOT_NOW)
        return []

    def _later(self, links: Sequence[_Link], error: CrmUnavailable | CrmDenied) -> None:
        wait = error.retry_after if isinstance(error, CrmUnavailable) else None
        self._note(links, error.problem, again=True, wait=wait.total_seconds() if wait else None)
        if isinstance(error, NobodyServed):
            for each in links:
                self.receipts[each.at] = replace(self.receipts[each.at], untried=True)

    def _note(self, links: Iterable[_Link], problem: str, *, again: bool = False, wait: float | None = None) -> None:
        for each in links:
            before = self.receipts[each.at]
            settled = Settled.BUSY if again else before.settled
            reason = f"{before.reason}; {problem}" if before.reason else f"written, but not linked: {problem}"
            self.receipts[each.at] = replace(
                before, settled=settled, reason=reason, retry_after=wait or before.retry_after
            )


def _batches(links: Iterable[_Link]) -> list[list[_Link]]:
    """Up to 100 from one object to another each."""
    kinds: dict[tuple[str, str], list[_Link]] = {}
    for each in links:
        kinds.setdefault((each.obj, each.to), []).append(each)
    return [some[start : start + BATCH] for some in kinds.values() for start in range(0, len(some), BATCH)]
