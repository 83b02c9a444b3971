"""The bell and the phone: an alert that was just created rings once, for whoever asked for it with `bell: on`.

Ringing is not like writing: asked twice it rings twice. So it is tried once, after the alert is surely there, for alerts
that this very call created, and a bell that did not ring is no trouble: the task is there. Source: Salesforce, "Custom
Notification Actions", read 2026-11-29; the user needs Send Custom Notifications.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from connector.crm.salesforce import soql
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.package.pages import BELL
from connector.errors import ConnectorError
from connector.model.changes import Change, Receipt, Settled
from connector.normalise.mapping import AlertTasks

_LONGEST_TITLE, _LONGEST_TEXT = 250, 750
_AT_ONCE = 100


class Bell:
    """Rings for the alerts of one mapping."""

    def __init__(self, org: Org, where: AlertTasks) -> None:
        self._org, self._object = org, where.object
        self._fields = {each: name for name, each in where.fields.items()}
        self._type: str | None = None

    def ring(self, changes: Sequence[Change], receipts: Sequence[Receipt]) -> None:
        """Once for each alert that was created just now. Raises nothing."""
        inputs = list(self._inputs(changes, receipts))
        with suppress(ConnectorError):
            for start in range(0, len(inputs), _AT_ONCE):
                kind = self._kind()
                if kind is None:
                    return  # not installed: `attain doctor` says so
                some = [{"customNotifTypeId": kind, **each} for each in inputs[start : start + _AT_ONCE]]
                self._org.attempt("POST", "actions/standard/customNotificationAction", {"inputs": some})

    def _inputs(self, changes: Sequence[Change], receipts: Sequence[Receipt]) -> Iterator[dict[str, Any]]:
        for change, receipt in zip(changes, receipts, strict=True):
            ours = change.once and change.row.object == self._object
            person = self._said(change, "person")
            if ours and receipt.settled is Settled.WRITTEN and receipt.created and receipt.remote_id and person:
                title, text = self._said(change, "title"), self._said(change, "text")
                yield {
                    "recipientIds": [person],
                    "targetId": receipt.remote_id,
                    "title": title[:_LONGEST_TITLE] or "Attain",
                    "body": text[:_LONGEST_TEXT] or title[:_LONGEST_TEXT],
                }

    def _said(self, change: Change, attribute: str) -> str:
        return str(change.fields.get(self._fields.get(attribute, "")) or "")

    def _kind(self) -> str | None:
        """The id of our kind of notification; None where it is not there."""
        if self._type is None:
            query = soql.select(("Id",), "CustomNotificationType", where=[soql.equals("DeveloperName", BELL)])
            found = self._org.get("tooling/query", {"q": query})
            rows = found.get("records") if isinstance(found, Mapping) else None
            self._type = str(rows[0]["Id"]) if rows else None
        return self._type
