"""Parts of a target policy that make it personal, or more than the whole: ramp and over-assignment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field as Key

from connector.language.read import condition
from connector.model.catalogue import Catalogue
from connector.rulebook.notation import AFigure, Figure, in_unit
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape
from connector.targets.policy import Ramp
from connector.yamlfile import Trail

MOST_HEDGE = Decimal("0.5")  # a convention of the field: above a half it is a mistake


class RampEntry(Shape):
    """Lower targets for new people, by completed months of tenure."""

    for_: str | None = Key(None, alias="for", description="whom: role = 'AE'")
    months: Annotated[list[AFigure], Key(min_length=1)] = Key(
        description="from the month of hiring on: [0%, 25%, 50%, 75%], or amounts; past the list the whole target"
    )
    begins: Literal["hire", "first_full_month"] = Key("hire", description="when the first month begins")


@dataclass(frozen=True, slots=True)
class PersonalReader:
    """Reads them against what else is known."""

    page: Page
    catalogue: Catalogue

    def ramp(self, entry: RampEntry | None, unit: str, trail: Trail) -> Ramp | None:
        if entry is None:
            return None
        people, currency = self.catalogue.relations["people"], self.catalogue.currency
        for_ = self.page.expression(lambda text, at: condition(text, people, currency, at), entry.for_, (*trail, "for"))
        shares = all(each.unit == "%" for each in entry.months)
        if not shares and any(each.unit == "%" for each in entry.months):
            self.page.refuse_key(
                (*trail, "months"), "mixed-ramp", "a ramp is made of shares or of amounts, not of both"
            )
            return None
        found = [
            self._figure(each, "ratio" if shares else unit, (*trail, "months", at))
            for at, each in enumerate(entry.months)
        ]
        known = [each for each in found if each is not None]
        if any(each < 0 for each in known) or (shares and any(each > 1 for each in known)):
            self.page.refuse_key((*trail, "months"), "mixed-ramp", "a ramp lowers a target: from 0% to 100%")
        return Ramp(tuple(known), not shares, entry.begins, for_)

    def hedge(
        self, given_: Figure | Mapping[str, Figure] | None, split: Iterable[Mapping[str, object]], trail: Trail
    ) -> dict[str, Decimal]:
        """What is handed out beyond the whole, on purpose."""
        if given_ is None:
            return {}
        at: Trail = (*trail, "over_assign")
        levels = [level for step in split for level in step]
        if not levels:
            self.page.refuse_key(at, "misplaced-key", "`over_assign` says nothing without a `split`")
        given = given_ if isinstance(given_, Mapping) else {"": given_}
        found: dict[str, Decimal] = {}
        for level, written in given.items():
            place: Trail = (*at, level) if level else at
            if level:
                self.page.known(place, level, dict.fromkeys(levels), "level of the split", key=True)
            share = self._figure(written, "ratio", place)
            if share is not None and not 0 <= share <= MOST_HEDGE:
                text = f"{written} on top of the whole is no hedge"
                self.page.refuse(place, "hedge", text, "usual are 5% to 20%; it compounds from level to level")
            elif share is not None:
                found[level] = share
        return found

    def _figure(self, written: Figure, unit: str, trail: Trail) -> Decimal | None:
        return self.page.tried(trail, lambda: in_unit(written, unit, self.catalogue.currency))
