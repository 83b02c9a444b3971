"""HubSpot's reply bodies, checked and typed; anything of another shape is Garbled.

Values of properties stay as they came: text or None (recorded replies hold nothing else).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connector.crm.hubspot.errors import Said, said
from connector.crm.hubspot.transport import Garbled

ABSENT = frozenset({"OBJECT_NOT_FOUND", "VALIDATION_ERROR"})  # an id that cannot exist is not there either
MERGING = "MERGE_"  # begins the source of what a merge sets. Source: those that hubspot-sdk knows of a value
UNLABELED = "_unlabeled"  # ends the type of the plain association beside a labelled one


@dataclass(frozen=True, slots=True)
class Version:
    """One kept value of a property."""

    value: str | None
    timestamp: str  # as sent
    at: datetime
    user: str | None = None  # the platform user who set it; None: no person did
    merged: bool = False  # whether a merge has set it: it repeats an older one


@dataclass(frozen=True, slots=True)
class Found:
    """One record as HubSpot sent it."""

    id: str
    properties: Mapping[str, str | None]
    updated_at: datetime
    archived: bool = False
    archived_at: datetime | None = None
    linked: Mapping[str, str] = field(default_factory=dict)  # object → id of the primary or lowest one
    cut: frozenset[str] = frozenset()  # objects of which it has more than were told, and the primary was not among them
    history: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)  # newest first
    trace: str | None = None  # the objectWriteTraceId that we sent with it
    new: bool = False  # of an upsert: created


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of a list or search."""

    records: tuple[Found, ...]
    after: str | None  # None: the last page
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The reply to a batch: rows that worked, and what was said about the others."""

    records: tuple[Found, ...]
    errors: tuple[Said, ...]

    def unsaid(self, ids: Sequence[str]) -> list[str]:
        """Which of those that were asked for it says nothing of. A merged record is answered by its survivor."""
        found = {each.id for each in self.records}
        named = [error.named("id", "ids") for error in self.errors]
        silent = [each for each in ids if each not in found.union(*named)]
        if not all(named) or len(silent) <= len(found.difference(ids)):  # recorded errors name nobody at times
            return []
        return silent


def anything(body: Any) -> None:  # noqa: ANN401
    """A reply that says nothing: 204."""
    del body


def leaf(body: Any) -> Leaf:  # noqa: ANN401 - a parsed body
    """A page of records."""
    total = document(body).get("total")
    return Leaf(tuple(map(found, rows(body))), next_page(body), total if isinstance(total, int) else None)


def batch(body: Any) -> Batch:  # noqa: ANN401
    """A batch read, update or upsert: 200, or 207 with errors."""
    return Batch(tuple(map(found, rows(body))), errors(body))


def read(body: Any) -> Batch:  # noqa: ANN401
    """A batch read: rows, and errors of those that are not there.

    Anything else that is said of a row is Garbled: who took it for "not there" would delete what lives.
    """
    found = batch(body)
    _only_absent(found.errors)
    return found


def _only_absent(errors: Iterable[Said]) -> None:
    for each in errors:
        if each.category not in ABSENT:
            raise Garbled(each.text)


def errors(body: Any) -> tuple[Said, ...]:  # noqa: ANN401
    """What a batch says about rows that did not work."""
    rows(body)
    return tuple(map(said, listed(document(body).get("errors") or [], "errors")))


def links(body: Any) -> dict[str, str]:  # noqa: ANN401
    """From an associations batch read: record id → id of its primary, or else lowest, partner.

    Who has no partner is named in an error of its own (NO_ASSOCIATIONS_FOUND), which is no failure; any other is.
    """
    _only_absent(errors(body))
    primary: dict[str, str] = {}
    for row in rows(body):
        partners = [each for each in listed(row.get("to"), "to") if isinstance(each, dict) and "toObjectId" in each]
        if partners:
            chosen = _lowest(str(each["toObjectId"]) for each in list(filter(_is_primary, partners)) or partners)
            primary[id_of(document(row.get("from")))] = chosen
    return primary


def _lowest(ids: Iterable[str]) -> str:
    """The lowest number. In which order partners come is documented nowhere, and lists and batches must choose alike."""
    return min(ids, key=lambda each: (len(each), each))


def _is_primary(partner: Mapping[str, Any]) -> bool:
    types = partner.get("associationTypes")
    return any(isinstance(each, dict) and each.get("label") == "Primary" for each in types or ())


def shares(body: Any) -> dict[str, tuple[Found, ...]]:  # noqa: ANN401
    """Deals with their splits; an error of a deal that is not "not there" is Garbled."""
    _only_absent(errors(body))
    return {
        id_of(each): tuple(found(document(one)) for one in listed(each.get("splits"), "splits")) for each in rows(body)
    }


def found(row: Mapping[str, Any]) -> Found:
    """One record of any reply."""
    properties = document(row.get("properties"))
    linked, cut = _linked(row.get("associations"))
    return Found(
        id=id_of(row),
        properties={str(name): None if value is None else text(value) for name, value in properties.items()},
        updated_at=_required_moment(row.get("updatedAt")),
        archived=row.get("archived") is True,
        archived_at=moment(row.get("archivedAt")),
        linked=linked,
        cut=cut,
        history=_history(row.get("propertiesWithHistory")),
        trace=row.get("objectWriteTraceId"),
        new=row.get("new") is True,
    )


def _linked(associations: object) -> tuple[dict[str, str], frozenset[str]]:
    """A list writes `{"companies": {"results": [{"id": "7", "type": "deal_to_company"}]}}`; what is `cut` has a `paging`."""
    chosen: dict[str, str] = {}
    cut: set[str] = set()
    for obj, part in (associations if isinstance(associations, dict) else {}).items():
        partners = [(str(each["id"]), str(each.get("type"))) for each in rows(part) if "id" in each]
        # Every pair has `deal_to_company_unlabeled`; the primary one has `deal_to_company` beside it.
        plain = {kind.removesuffix(UNLABELED) for _, kind in partners if kind.endswith(UNLABELED)}
        primary = [record_id for record_id, kind in partners if kind in plain]
        if partners:
            chosen[str(obj)] = _lowest(primary or [record_id for record_id, _ in partners])
        if not primary and next_page(part) is not None:
            cut.add(str(obj))
    return chosen, frozenset(cut)


def _history(given: object) -> dict[str, tuple[Version, ...]]:
    kept: dict[str, tuple[Version, ...]] = {}
    for name, versions in (given if isinstance(given, dict) else {}).items():
        kept[str(name)] = tuple(
            Version(
                None if each.get("value") is None else text(each["value"]),
                str(each.get("timestamp")),
                _required_moment(each.get("timestamp")),
                text(each["updatedByUserId"]) if each.get("updatedByUserId") is not None else None,
                str(each.get("sourceType") or "").startswith(MERGING),
            )
            for each in map(document, listed(versions, name))
        )
    return kept


def rows(body: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """The `results` of any reply."""
    return [document(each) for each in listed(document(body).get("results"), "results")]


def next_page(body: Any) -> str | None:  # noqa: ANN401
    """`paging.next.after`, text or number; None only where the key is absent or null."""
    paging = document(body).get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    after = following.get("after") if isinstance(following, dict) else None
    return None if after is None else str(after)


def moment(given: object) -> datetime | None:
    """`2026-01-01T00:00:00.000Z` as aware UTC; None when it is nothing of the kind."""
    try:
        read = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return read.astimezone(UTC) if read and read.tzinfo else None


def _required_moment(given: object) -> datetime:
    read = moment(given)
    if read is None:
        raise Garbled("a record without a moment")
    return read


def text(value: object) -> str:
    """As HubSpot writes values: it sends text; a number or flag that strays in is written as HubSpot would."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def document(value: object) -> dict[str, Any]:
    """An object, or Garbled."""
    if not isinstance(value, dict):
        raise Garbled(f"an object was expected, not {type(value).__name__}")
    return value


def listed(value: object, name: str) -> list[Any]:
    """A list, or Garbled."""
    if not isinstance(value, list):
        raise Garbled(f"`{name}` is no list")
    return value


def id_of(row: Mapping[str, Any]) -> str:
    """A record's id as text; some replies send it as a number."""
    value = row.get("id")
    if value in (None, "") or isinstance(value, (dict, list)):
        raise Garbled("a record without id")
    return str(value)
