"""Appraise: the store's records in, one day's results and the changes they ask for out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from connector.appraisal import appraise as appraisal_room
from connector.flow.house import House
from connector.flow.plan import Plan, plan
from connector.model.catalogue import Type
from connector.model.people import Roster
from connector.model.records import RecordKind
from connector.normalise.people import Sources, resolve
from connector.store import ledger, mirror, records, results
from connector.store import outbox as outbox_room
