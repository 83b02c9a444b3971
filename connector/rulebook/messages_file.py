"""`rules/messages/<language>.yaml`: what alerts say. Words in braces are filled in."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field as Key

from connector.rulebook.notation import Name, Text
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape
from connector.yamlfile import Trail, did_you_mean

PLACEHOLDERS = (
    "metric", "period", "actual", "target", "expected", "gap", "attainment", "pace", "days_left", "person", "mark",
)  # fmt: skip
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")


class MessageEntry(Shape):
    """What one alert says."""

    title: Text = Key(description="one line; words in braces are filled in: {metric}, {period}")
    text: Text = Key(description=f"known words in braces: {', '.join(PLACEHOLDERS)}")


class MessagesFile(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    messages: dict[Name, MessageEntry]


def read_messages(page: Page) -> dict[str, MessageEntry | None]:
    """The messages of one language, None for those that are wrong; what is wrong is noted on the page."""
    found = {str(name): each for name, each in page.entries(MessagesFile, "messages", MessageEntry).items()}
    for name, each in found.items():
        for key, text in (("title", each.title), ("text", each.text)):
            _check(page, text, ("messages", name, key))
    return {name: found.get(name) for name in page.words("messages", "title")}


def _check(page: Page, text: str, trail: Trail) -> None:
    """Every pair of braces holds a known word."""
    for brace in _BRACES.finditer(text):
        if brace[1] in PLACEHOLDERS:
            continue
        place = page.file.place_in(trail, brace.start() + (brace[1] is not None))
        if brace[1] is None:
            page.refuse_at(place, "stray-brace", f"a `{brace[0]}` without its other half")
        else:
            hint = did_you_mean(brace[1], PLACEHOLDERS) or f"known are {', '.join(PLACEHOLDERS)}"
            page.refuse_at(place, "unknown-word", f"nothing is known to fill in for `{{{brace[1]}}}`", hint)
