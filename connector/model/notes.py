"""What people type about targets and numbers: feedback, disputes, check-ins, ratings, actions; and the answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

FEEDBACK, DISPUTE, CHECK_IN, RATING, ACTION = KINDS = ("feedback", "dispute", "check_in", "rating", "action")
SENT = (FEEDBACK, DISPUTE, CHECK_IN)  # what a person sends from a page of ours
# Why we write it: their own words, and those to them; forgotten with whoever sent them.
BY_PAGE, ANSWERED = "sent from the app's page", "attain notes answer"


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody sent from a page of ours, as it arrived: it becomes a note once it stands in the CRM."""

    email: str  # of the login, by the CRM's word
    kind: str  # of SENT
    text: str
    metric: str = ""
    period: str = ""
    deal: str = ""  # its id in that CRM


@dataclass(frozen=True, slots=True)
class Note:
    """One of them, as it stands."""

    ref: str
    kind: str  # of KINDS
    person: str  # a person id: whom it is about
    author: str  # a person id, or as it was written: who typed it
    written_on: date
    text: str = ""
    metric: str = ""  # which number it is about; empty: all of them
    period: str = ""  # which period; empty: the one in which it was written
    record: str = ""  # a deal, for disputes of a credit
    rating: Decimal | None = None  # of a rating
    due_on: date | None = None  # of an action
    done_on: date | None = None
    answer: str = ""  # ours; empty: nobody answered yet

    @property
    def id(self) -> str:
        """Its id where it was typed; of `emea:Attain_Note__c/a01…` the last part."""
        return self.ref.rpartition("/")[2]

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits: for an answer to feedback or a dispute, for an action to be done."""
        if self.kind == ACTION:
            return self.done_on is None
        return self.kind in (FEEDBACK, DISPUTE) and not self.answer
