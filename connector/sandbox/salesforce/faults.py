"""The fault plan: which request, or which row, meets which misfortune; decided by the seed alone."""

from __future__ import annotations

from connector.sandbox.wire import Switches

REQUEST_FAULTS = ("429", "500", "502", "503", "401", "lost", "cut")
AT_LOGIN = ("429", "500", "502", "503", "lost")


class Faults:
    """Draws one number per request and one per row, each from a generator of its own."""

    def __init__(self, switches: Switches) -> None:
        self.shares = switches.fail
        self._requests = switches.random("salesforce requests")
        self._rows = switches.random("salesforce rows")
        self._lost = switches.seed

    def next_request(self, kinds: tuple[str, ...] = REQUEST_FAULTS) -> str | None:
        """What happens to this request; None: nothing."""
        drawn, below = self._requests.random(), 0.0
        for kind in kinds:
            below += self.shares.get(kind, 0.0)
            if drawn < below:
                return kind
        return None

    def next_row_is_locked(self) -> bool:
        share = self.shares.get("lock", 0.0)
        return share > 0 and self._rows.random() < share

    def next_loss_comes_after(self) -> bool:
        """A lost answer: whether the request had its effect before. They alternate."""
        self._lost += 1
        return self._lost % 2 == 0
