"""One file being read: its values, and everything that is found wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from connector.errors import Place, Problem
from connector.language.expression import Expression, Measure
from connector.language.refused import Locate, Refused
from connector.rulebook.validate import shaped, validated
from connector.yamlfile import Trail, YamlFile, did_you_mean

M = TypeVar("M", bound=BaseModel)
E = TypeVar("E", Expression, Measure)
T = TypeVar("T")


class Page:
    """A file with its problems. Reading goes on after each of them, so that all are told at once."""

    def __init__(self, file: YamlFile) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def refuse(self, trail: Trail, code: str, text: str, hint: str = "") -> None:
        """Note a problem at a value."""
        self.problems.append(Problem(self.file.place(trail), code, text, hint))

    def refuse_at(self, place: Place, code: str, text: str, hint: str = "") -> None:
        """Note a problem at a place of its own."""
        self.problems.append(Problem(place, code, text, hint))

    def refuse_key(self, trail: Trail, code: str, text: str, hint: str = "") -> None:
        """Note a problem at the key of a value."""
        self.problems.append(Problem(self.file.place_of_key(trail), code, text, hint))

    def warn(self, trail: Trail, code: str, text: str, hint: str = "") -> None:
        """Note at a value what is allowed, and hardly meant."""
        self.warnings.append(Problem(self.file.place(trail), code, text, hint))

    def place(self, trail: Trail) -> Place:
        """Where an entry of the file begins: at its key, or as an item of a list."""
        return self.file.place_of_key(trail)

    def whole(self, model: type[M]) -> M | None:
        """The file as a model; None when its shape is wrong."""
        found, problems = validated(self.file, model)
        self.problems += problems
        return found

    def part(self, model: type[M], trail: Trail) -> M | None:
        """A part whose problems `whole` has already told; None when it is wrong."""
        value = self.file.value
        for step in trail:
            value = value[step]  # type: ignore[index]
        return shaped(self.file, model, value, trail)[0]

    def entries(self, model: type[BaseModel], section: str, entry: type[M]) -> dict[str | int, M]:
        """The entries of a section that are well shaped, though others may not be."""
        self.whole(model)
        value = self.file.value
        found = value.get(section) if isinstance(value, dict) else None
        keys: Iterable[str | int] = found if isinstance(found, dict) else range(len(found or ()))
        if not isinstance(found, dict | list):
            return {}
        parts = {key: self.part(entry, (section, key)) for key in keys}
        return {key: part for key, part in parts.items() if part is not None}

    def words(self, section: str, key: str) -> dict[str, str]:
        """Every name of a section, however wrong its entry, and one text of it."""
        value = self.file.value
        found = value.get(section) if isinstance(value, dict) else None
        entries = found if isinstance(found, dict) else {}
        return {name: str(each.get(key, "")) if isinstance(each, dict) else "" for name, each in entries.items()}

    def expression(self, read: Callable[[str, Locate], E], text: str | None, trail: Trail) -> E | None:
        """Read an expression, its problems and warnings placed inside the text; None when there is none."""
        if text is None:
            return None
        try:
            found = read(text, lambda offset: self.file.place_in(trail, offset))
        except Refused as error:
            self.problems += error.problems
            return None
        self.warnings += found.warnings
        return found

    def tried(self, trail: Trail, make: Callable[[], T]) -> T | None:
        """What `make` gives, or its complaint noted at a value."""
        try:
            return make()
        except PydanticCustomError as error:
            context = error.context or {}
            self.refuse(trail, error.type, str(context.get("text", "")), str(context.get("hint", "")))
            return None

    def known(self, trail: Trail, word: str, known: Mapping[str, T], what: str, *, key: bool = False) -> T | None:
        """The thing of that name, or a problem with a suggestion."""
        if word in known:
            return known[word]
        hint = did_you_mean(word, known) or (f"known are {', '.join(sorted(known))}" if known else "")
        code = f"unknown-{what.replace(' ', '-')}"
        (self.refuse_key if key else self.refuse)(trail, code, f"there is no {what} `{word}`", hint)
        return None
