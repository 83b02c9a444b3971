"""The bell and the phone: an alert that was just created rings once, for whoever asked for it with `bell: on`.

Ringing is not like writing: asked twice it rings twice. So it is tried once, after the alert is surely there, for alerts
that this very call created, and a bell that did not ring stops nothing: the task is there, and the log says why. Source:
Salesforce, "Custom Notification Actions", read 2026-11-29; the user needs Send Custom Notifications.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from connector.crm.salesforce import soql
from connector.crm.salesforce.errors import Complaint
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.package.pages import BELL
from connector.errors import ConnectorError
from connector.model.changes import Change, Receipt, Settled
from connector.normalise.mapping import AlertTasks

_LONGEST_TITLE, _LONGEST_TEXT = 250, 750
_AT_ONCE = 100
_QUIET = timedelta(minutes=10)  # shorter than the time between two cycles, longer than one of them writes
_ACTION = "actions/standard/customNotificationAction"

log = structlog.get_logger()


class Bell:
    """Rings for the alerts of one mapping."""

    def __init__(self, org: Org, where: AlertTasks) -> None:
        self._org, self._object = org, where.object
        self._fields = {each: name for name, each in where.fields.items()}
        self._type: str | None = None
        self._complained_at: datetime | None = None

    def ring(self, changes: Sequence[Change], receipts: Sequence[Receipt]) -> None:
        """Once for each alert that was created just now. Raises nothing."""
        inputs = list(self._inputs(changes, receipts))
        try:
            for start in range(0, len(inputs), _AT_ONCE):
                self._ring_some(inputs[start : start + _AT_ONCE])
        except ConnectorError as error:
            self._complain(str(error).partition("\n")[0])

    def _ring_some(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        if self._type is None:
            self._type = kind_of_bell(self._org)
        if self._type is None:
            self._complain("its kind of notification is not there; run `attain install`")
            return
        body = {"inputs": [{"customNotifTypeId": self._type, **each} for each in inputs]}
        results = self._org.attempt("POST", _ACTION, body)
        for each in results if isinstance(results, list) else []:
            if isinstance(each, Mapping) and each.get("isSuccess") is False:
                self._complain(str(Complaint.of(each)))

    def _complain(self, reason: str) -> None:
        """One line a cycle is enough: what keeps one bell from ringing keeps all of them."""
        now = self._org.now()
        if self._complained_at is None or now - self._complained_at >= _QUIET:
            self._complained_at = now
            log.warning("bell_did_not_ring", crm=self._org.connection, problem=reason)

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


def kind_of_bell(org: Org) -> str | None:
    """The id of our kind of notification; None where it is not there. Raises what the org raises."""
    query = soql.select(("Id",), "CustomNotificationType", where=[soql.equals("DeveloperName", BELL)])
    found = org.get("tooling/query", {"q": query})
    rows = found.get("records") if isinstance(found, Mapping) else None
    return str(rows[0]["Id"]) if rows else None
