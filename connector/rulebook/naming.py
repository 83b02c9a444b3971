"""Metrics by the names they have and had."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from connector.language.read import renamed
from connector.rulebook.page import Page
from connector.rulebook.validate import complaint
from connector.yamlfile import Trail

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class Naming:
    """The metrics of a file, and what some of them were called before."""

    units: Mapping[str, str]  # of every metric of the file; empty where it is wrong
    former: Mapping[str, str]  # old name → present name

    def known(self, page: Page, trail: Trail, word: str, *, key: bool = False) -> str | None:
        """The present name of the metric that a page speaks of, as a value or as a key. An old name is obeyed, with a warning."""
        if word in self.former:
            present = self.former[word]
            page.warnings.append(
                renamed(word, present, page.file.place_of_key(trail) if key else page.file.place(trail))
            )
            return present
        return word if page.known(trail, word, self.units, "metric", key=key) is not None else None


def _old_names(value: object) -> tuple[str, ...]:
    """One name, or several. Raises a complaint."""
    found = value if isinstance(value, list) else [value]
    for each in found:
        if not isinstance(each, str) or not _NAME.fullmatch(each):
            raise complaint("no-name", f"`{each}` is no name; names are small letters, digits and _", "was: old_name")
    return tuple(dict.fromkeys(map(str, found)))


_A_NAME = {"type": "string", "pattern": f"^{_NAME.pattern}$"}
OldNames = Annotated[
    tuple[str, ...],
    PlainValidator(_old_names),
    WithJsonSchema({"anyOf": [_A_NAME, {"type": "array", "items": _A_NAME}]}),
]
