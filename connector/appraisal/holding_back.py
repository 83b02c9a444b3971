"""Of whom nothing is worked out, since their country has not agreed; and what a human should know of that list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from connector.model.countries import country, is_country
from connector.model.people import Roster
from connector.model.settings import Privacy


def held_back(roster: Roster, privacy: Privacy, today: date) -> frozenset[str]:
    """People of whom nothing is worked out, by the country that they sit in today.

    A country is the same by its code or its English name, in any case. Whoever has none is not held back: where no
    country is kept of anybody, everybody would be; `doubts` says so.
    """
    if not privacy.hold_back:
        return frozenset()
    wanted = {country(each) for each in privacy.hold_back}
    sits = {each.id: each.on(today).levels.get("country") or "" for each in roster.people}
    return frozenset(person for person, where in sits.items() if where and country(where) in wanted)


def doubts(roster: Roster, privacy: Privacy, today: date) -> Iterator[str]:
    """A sentence for whatever may keep `hold_back` from holding whom it is meant to; none before people are known."""
    known = [each.on(today).levels.get("country") or "" for each in roster.people if each.active]
    if not privacy.hold_back or not known:
        return
    there = {country(each) for each in known if each}
    if words := [each for each in sorted(privacy.hold_back) if country(each) not in there]:
        listed = ", ".join(f"`{each}`" for each in words)
        yield (
            f"`privacy: hold_back:` {listed} is the country of nobody who is active, and holds nobody back; "
            f"countries of people are {', '.join(sorted({each for each in known if each})) or 'not kept'}"
        )
    if missing := sum(not each for each in known):
        yield (
            f"{missing} of {len(known)} active people have no country, and are not held back by `privacy: hold_back:`; "
            "map `country` of users, or write it in files/people.csv"
        )
    strange = Counter(each for each in known if each and not is_country(each))
    if strange := Counter({each: many for each, many in strange.items() if each not in privacy.hold_back}):
        listed = ", ".join(f"`{each}` ({many})" for each, many in sorted(strange.items()))
        yield f"countries of people that are none we know, and that `privacy: hold_back:` may miss: {listed}"
