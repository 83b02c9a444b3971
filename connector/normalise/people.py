"""Who is who: users of every CRM and rows of file tables in, one dated roster out."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from connector.model.people import Absence, Assignment, Membership, Person, Roster, Sighting
from connector.model.records import Reading, Ref, Scalar, User
from connector.normalise.leaving import day as day_of
from connector.normalise.leaving import ends_on

ALWAYS = date(1, 1, 1)
TERRITORY = "territory"
FILE_LEVELS = ("role", "team", "region", "territory", "country", "language", "time_zone")


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that is known about people, as the store keeps it."""

    users: Sequence[User]
    sightings: Sequence[Sighting]
    people: Sequence[Reading] = ()  # rows of the file table `people`
    absences: Sequence[Reading] = ()
    memberships: Sequence[Reading] = ()
    connections: Sequence[str] = ()  # in config order
    levels: Sequence[str] = ("region", "team")  # widest first
    forgotten: Mapping[str, str] = field(
        default_factory=dict
    )  # person id → pseudonym: there as before, and told nothing


@dataclass
class _Draft:
    """A person while being put together."""

    id: str
    name: str
    email: str | None
    users: list[User] = field(default_factory=list)
    rows: list[Mapping[str, Scalar]] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Those of today, of logins that are in use first."""
        return tuple(dict.fromkeys(each for each in (self.email, *(user.email for user in self.users)) if each))

    @property
    def former(self) -> tuple[str, ...]:
        """Those of before."""
        return tuple(dict.fromkeys(each for user in self.users for each in user.former))


def resolve(sources: Sources) -> Roster:
    """One roster from all sources.

    A login is the person that the store keeps for it. One that it keeps none for is whoever has its e-mail
    address, case ignored, whatever the CRM (`store/logins.py`). What a CRM shows today extends back to the person's start; rows of `files.people` win from their day on; later
    sightings go on from there. Rows that name nobody are listed in `Roster.unmatched`, never dropped.
    """
    drafts, unmatched = _join(sources)
    by_user = {user.ref: draft.id for draft in drafts for user in draft.users}
    seen = _by_user(sources.sightings)
    names = _Names(drafts)
    taken = {address for draft in drafts for address in draft.addresses}
    people = [_addressed(_person(draft, seen, by_user, names, sources), draft, taken) for draft in drafts]
    levels = (*sources.levels, *([TERRITORY] if any(map(_has_territory, people)) else []))
    unmatched += _strange_levels(sources.memberships, (*levels, *FILE_LEVELS))
    return Roster.of(sorted(people, key=lambda each: (each.name, each.id)), levels, unmatched)


def _has_territory(person: Person) -> bool:
    """Whether a company is cut by territory shows in its people."""
    seated = any(each.levels.get(TERRITORY) for each in person.assignments)
    return seated or any(each.level == TERRITORY for each in person.memberships)


def _strange_levels(rows: Iterable[Reading], levels: Sequence[str]) -> Iterable[str]:
    for row in rows:
        level = row.values.get("level")
        if level and level not in levels:
            yield f"{row.ref}: there is no level `{level}`; levels are {', '.join(dict.fromkeys(levels))}"


def person_id(email: str | None, ref: Ref | None) -> str:
    """An id of our own, a pseudonym: made from the e-mail address, else from the CRM's user.

    The store makes it when it first sees a login, and keeps it when the address changes. So a store that is made
    anew after a change makes another one: to it, that person is somebody else than to the store before.
    """
    return "p_" + hashlib.sha256((email or str(ref)).encode("utf-8", "replace")).hexdigest()[:12]


def _join(sources: Sources) -> tuple[list[_Draft], list[str]]:
    drafts: dict[str, _Draft] = {}
    for user in sorted(sources.users, key=lambda each: not each.active):  # in use: their name and address are today's
        if not user.human:
            continue
        found = user.person or person_id(user.email, user.ref)
        draft = drafts.setdefault(found, _Draft(found, user.name, user.email))
        draft.users.append(user)
    unmatched = [*_join_rows(drafts, sources.people, sources.forgotten), *_join_absences(drafts, sources.absences)]
    unmatched += _join_memberships(drafts, sources.memberships)
    return list(drafts.values()), unmatched


def _join_rows(drafts: dict[str, _Draft], rows: Iterable[Reading], forgotten: Mapping[str, str]) -> Iterable[str]:
    """Rows of `files.people`; one with an e-mail address that no CRM knows is a person of its own, forgotten or not."""
    names = _Names(drafts.values())
    for row in rows:
        handle = str(row.values.get("person") or "")
        found = names.find(handle)
        if found is None and handle in forgotten:
            found = handle
            drafts.setdefault(found, _Draft(found, forgotten[handle], None))
        if found is None and "@" in handle and not names.several(handle):
            email = handle.lower()
            name = str(row.values.get("name") or handle)
            found = person_id(email, None)
            drafts.setdefault(found, _Draft(found, name, email))
        if found is None:
            yield f"{row.ref}: `{handle}` is nobody we know"
            continue
        drafts[found].rows.append(row.values)


def _join_absences(drafts: dict[str, _Draft], rows: Iterable[Reading]) -> Iterable[str]:
    names = _Names(drafts.values())
    for row in rows:
        handle = str(row.values.get("person") or "")
        found, starts, ends = names.find(handle), row.values.get("from"), row.values.get("to")
        if found is None:
            yield f"{row.ref}: `{handle}` is nobody we know"
        elif isinstance(starts, date) and isinstance(ends, date):
            drafts[found].absences.append(Absence(starts, ends))


def _join_memberships(drafts: dict[str, _Draft], rows: Iterable[Reading]) -> Iterable[str]:
    names = _Names(drafts.values())
    for row in rows:
        handle = str(row.values.get("person") or "")
        found, level, unit = names.find(handle), row.values.get("level"), row.values.get("unit")
        if found is None:
            yield f"{row.ref}: `{handle}` is nobody we know"
        elif level and unit:
            starts, ends = day_of(row.values.get("from")) or ALWAYS, day_of(row.values.get("to"))
            drafts[found].memberships.append(Membership(str(level), str(unit), starts, ends))


class _Names:
    """Finds a person by id, e-mail address, name or login; what two people share finds nobody.

    An address that nobody has any more finds whoever had it.
    """

    def __init__(self, drafts: Iterable[_Draft]) -> None:
        now: dict[str, set[str]] = defaultdict(set)
        before: dict[str, set[str]] = defaultdict(set)
        for draft in drafts:
            logins = (handle for user in draft.users for handle in (str(user.ref), user.email))
            for handle in filter(None, (draft.id, draft.email, draft.name, *logins)):
                now[handle.strip().lower()].add(draft.id)
            for address in draft.former:
                before[address].add(draft.id)
        self._by_handle = {**before, **now}

    def find(self, handle: str) -> str | None:
        found = self._by_handle.get(handle.strip().lower(), set())
        return next(iter(found)) if len(found) == 1 else None

    def several(self, handle: str) -> bool:
        """Whether it may be one of several people."""
        return len(self._by_handle.get(handle.strip().lower(), ())) > 1


def _by_user(sightings: Iterable[Sighting]) -> Mapping[Ref, list[Sighting]]:
    found: dict[Ref, list[Sighting]] = defaultdict(list)
    for each in sorted(sightings, key=lambda each: each.seen_on):
        found[each.user].append(each)
    return found


def _person(
    draft: _Draft,
    seen: Mapping[Ref, list[Sighting]],
    by_user: Mapping[Ref, str],
    names: _Names,
    sources: Sources,
) -> Person:
    order = {name: at for at, name in enumerate(sources.connections)}
    users = sorted(draft.users, key=lambda user: (order.get(user.ref.connection, len(order)), user.ref))
    in_use = sorted(users, key=lambda user: (order.get(user.ref.connection, len(order)), not user.active))
    in_touch = draft.id not in sources.forgotten
    history = [(user, seen.get(user.ref) or [_as_seen(user)]) for user in users]
    rows = sorted(draft.rows, key=lambda row: day_of(row.get("from")) or ALWAYS)
    return Person(
        id=draft.id,
        name=_last(rows, "name") or draft.name,
        email=draft.email,
        identities=tuple(user.ref for user in in_use),
        active=in_touch and (any(user.active for user in users) if users else True),
        starts_on=_earliest(rows, "start"),
        ends_on=ends_on(rows, history),
        assignments=_assignments(history, rows, by_user, names),
        absences=tuple(sorted(draft.absences, key=lambda each: each.starts_on)),
        home=_last(rows, "home"),
        scores_on=tuple(user.scores_on for user in users if in_touch and user.active and user.scores_on),
        memberships=tuple(sorted(draft.memberships, key=lambda each: (each.level, each.unit, each.starts_on))),
    )


def _addressed(person: Person, draft: _Draft, taken: Collection[str]) -> Person:
    """With every address of theirs; one that somebody has today leads to nobody else."""
    email, *others = draft.addresses or (None,)
    formerly = tuple(each for each in draft.former if each not in taken)
    return replace(person, email=email, also_at=tuple(filter(None, others)), formerly=formerly)


def _as_seen(user: User) -> Sighting:
    return Sighting(user.ref, ALWAYS, user.levels, user.manager, user.active)


def _assignments(
    history: Sequence[tuple[User, list[Sighting]]],
    rows: Sequence[Mapping[str, Scalar]],
    by_user: Mapping[Ref, str],
    names: _Names,
) -> tuple[Assignment, ...]:
    """What held from each day on which anything changed."""
    days = {ALWAYS}
    for _, sightings in history:
        days |= {each.seen_on for each in sightings[1:]}
    days |= {day_of(row.get("from")) or ALWAYS for row in rows}
    found: list[Assignment] = []
    for day in sorted(days):
        levels, manager = _levels_on(day, history, rows, by_user, names)
        if not found or (levels, manager) != (found[-1].levels, found[-1].manager):
            found.append(Assignment(day, levels, manager))
    return tuple(found)


def _levels_on(
    day: date,
    history: Sequence[tuple[User, list[Sighting]]],
    rows: Sequence[Mapping[str, Scalar]],
    by_user: Mapping[Ref, str],
    names: _Names,
) -> tuple[dict[str, str], str | None]:
    levels: dict[str, str] = {}
    manager: str | None = None
    for current in _said_on(day, history):
        levels |= current.levels
        manager = by_user.get(current.manager, manager) if current.manager else manager
    for row in rows:
        if (day_of(row.get("from")) or ALWAYS) <= day:
            levels |= {level: str(row[level]) for level in FILE_LEVELS if row.get(level)}
            manager = names.find(str(row["manager"])) or manager if row.get("manager") else manager
    return levels, manager


def _said_on(day: date, history: Sequence[tuple[User, list[Sighting]]]) -> list[Sighting]:
    """How each login looked. The first connection of the config has the last word, and in it whichever was in use."""
    order = list(dict.fromkeys(user.ref.connection for user, _ in history))
    found: list[Sighting] = []
    for _, sightings in reversed(history):
        current = sightings[0]
        for each in sightings:
            current = each if each.seen_on <= day else current
        found.append(current)
    return sorted(found, key=lambda each: (-order.index(each.user.connection), each.active))


def _last(rows: Sequence[Mapping[str, Scalar]], name: str) -> str | None:
    return next((str(row[name]) for row in reversed(rows) if row.get(name)), None)


def _earliest(rows: Sequence[Mapping[str, Scalar]], name: str) -> date | None:
    return min((each for each in (day_of(row.get(name)) for row in rows) if each), default=None)
