"""A plan as a file: looked at by a human today, executed exactly as it stands tomorrow, or refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.errors import ConfigError, Place, Problem
from connector.flow.proposed import Proposal, Proposed
from connector.model.changes import Change, Expected, Row, Value
from connector.store.ledger import as_value
from connector.store.typed import dump_all, load_all

FORMAT = 1


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What was written into a file."""

    id: str
    store: int  # the number of the store that it was made from
    rules_version: str
    proposals: tuple[Proposal, ...]
    forgettings: int = 0  # how often anybody had been forgotten by then
    privacy: str = ""  # what might be shown of whom by then


def written(
    proposals: Sequence[Proposal],
    store: int,
    rules_version: str,
    at: datetime,
    *,
    forgettings: int = 0,
    privacy: str = "",
) -> str:
    """The file's text. `at`: when it was made, which tells it from one of the same records that was applied before."""
    body: dict[str, Any] = {
        "attain_plan": FORMAT,
        "made_at": at.isoformat(),
        "store": store,
        "rules": rules_version,
        "forgettings": forgettings,
        "privacy": privacy,
        "connections": {each.connection: [_row(row) for row in each.rows] for each in proposals},
    }
    return json.dumps({"id": _id(body), **body}, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> PlanFile:
    """A plan from its file. Raises ConfigError when it is none, or was changed by hand."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        id_, store, rules = str(body.pop("id")), int(body["store"]), str(body["rules"])
        if body["attain_plan"] != FORMAT:
            raise _refused(path, "newer-plan", f"it is of format {body['attain_plan']}, and this attain reads {FORMAT}")
        if _id(body) != id_:  # first: nobody knows what values became of those that were edited
            hint = "make a new one: `attain plan --out FILE`"
            raise _refused(path, "edited-plan", "it was edited after it was made", hint)
        forgettings = int(body.get("forgettings", 0))
        proposals = tuple(
            Proposal(name, tuple(_read_row(name, each) for each in rows), looked=True)
            for name, rows in body["connections"].items()
        )
    except OSError as error:
        raise _refused(path, "no-access", f"it cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _refused(path, "no-plan", "this is no plan; `attain plan --out FILE` writes one") from error
    return PlanFile(id_, store, rules, proposals, forgettings, str(body.get("privacy", "")))


def _id(body: Mapping[str, Any]) -> str:
    said = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _row(row: Proposed) -> dict[str, Any]:
    change = row.change
    found: dict[str, Any] = {
        "object": change.row.object,
        "key_field": change.row.key_field,
        "key": change.row.key,
        "subject": change.subject,
        "because": change.because,
        "fields": json.loads(dump_all(change.fields)),
        "riding": json.loads(dump_all(change.riding)),
        "links": dict(change.links),
        "once": change.once,
    }
    if row.expects is not None:
        found["now"] = json.loads(dump_all(row.expects.fields)) if row.expects.exists else None
    return (
        found
        | ({"gone": True} if change.gone else {})
        | ({"erases": True} if change.erases else {})
        | ({"undoes": row.undoes} if row.undoes else {})
    )


def _read_row(connection: str, row: Mapping[str, Any]) -> Proposed:
    change = Change(
        Row(connection, row["object"], row["key_field"], row["key"]),
        _values(row["fields"]),
        because=row["because"],
        riding=_values(row["riding"]),
        links={str(name): str(id_) for name, id_ in row["links"].items()},
        once=bool(row["once"]),
        subject=row["subject"],
        gone=bool(row.get("gone", False)),
        erases=bool(row.get("erases", False)),
    )
    shown = row.get("now")
    expects = None
    if "now" in row:
        expects = Expected(exists=False) if shown is None else Expected(exists=True, fields=_values(shown))
    return Proposed(change, expects.fields if expects else {}, shown is None, expects, undoes=row.get("undoes", ""))


def _values(tagged: Mapping[str, Any]) -> dict[str, Value]:
    return {name: as_value(value) for name, value in load_all(json.dumps(tagged)).items()}


def _refused(path: Path, code: str, text: str, hint: str = "") -> ConfigError:
    return ConfigError([Problem(Place(str(path)), code, text, hint)])
