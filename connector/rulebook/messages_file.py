"""`rules/messages/<language>.yaml`: what is said. Words in braces are filled in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field as Key

from connector.decide.records import OWN_WORDS
from connector.decide.rule import Message, Speech
from connector.model.catalogue import RELATIONS
from connector.rulebook.notation import Name, Text
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape
from connector.yamlfile import Trail, did_you_mean

# What each kind of message may fill in.
ALERT = (
    "metric", "period", "actual", "target", "expected", "gap", "attainment", "pace", "days_left", "person", "mark",
    "target_before", "because",
)  # fmt: skip
COACHING = (
    "person", "metric", "period", "actual", "target", "gap", "pace",
    "driver", "now", "past", "peers", "share", "count", "records",
)  # fmt: skip
PRAISE = ("person", "metric", "period", "actual", "best", "best_period")
DIGEST = ("person", "period", "count", "lines")
RECOGNITION = ("person", "title", "what", "period")
PLACEHOLDERS = tuple(dict.fromkeys((*ALERT, *COACHING, *PRAISE, *DIGEST, *RECOGNITION, *OWN_WORDS)))
_FIELDS = tuple(dict.fromkeys((*RELATIONS["deals"].fields, *RELATIONS["accounts"].fields)))
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")


class MessageEntry(Shape):
    """What is said on one occasion."""

    title: Text = Key(description="one line; words in braces are filled in: {metric}, {period}")
    text: Text = Key(
        description=f"known words in braces: {', '.join(PLACEHOLDERS)}; of a single deal or account, its fields"
    )


class MessagesFile(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    messages: dict[Name, MessageEntry]


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of every language; None for those that are wrong."""

    english: Mapping[str, MessageEntry | None]
    others: Mapping[str, Mapping[str, MessageEntry | None]] = field(default_factory=dict)  # by language
    fields: Collection[str] = _FIELDS  # of deals and accounts

    def said(self, page: Page, trail: Trail, name: str, words: Collection[str]) -> Speech | None:
        """The message that a rule names, in every language; a problem where it is none, or says what is not known."""
        entry = page.known(trail, name, self.english, "message")
        if entry is None:
            return None
        others = {language: found for language, known in self.others.items() if (found := known.get(name))}
        for language, each in (("en", entry), *others.items()):
            for word in _words(each):
                if word not in words and word in (*PLACEHOLDERS, *self.fields):  # others are told of at the message
                    text = f"`{name}` ({language}) says {{{word}}}, which is not known here"
                    page.refuse(
                        trail, "word-elsewhere", text, did_you_mean(word, words) or f"known are {', '.join(words)}"
                    )
        return Speech(_message(entry), {language: _message(each) for language, each in others.items()})


def read_messages(page: Page, fields: Collection[str] = _FIELDS) -> dict[str, MessageEntry | None]:
    """The messages of one language, None for those that are wrong; what is wrong is noted on the page.

    `fields` are those of deals and accounts, which a message about a single one may say.
    """
    known = (*PLACEHOLDERS, *fields)
    found = {str(name): each for name, each in page.entries(MessagesFile, "messages", MessageEntry).items()}
    for name, each in found.items():
        for key, text in (("title", each.title), ("text", each.text)):
            _check(page, text, ("messages", name, key), known)
    return {name: found.get(name) for name in page.words("messages", "title")}


def _message(entry: MessageEntry) -> Message:
    return Message(entry.title, entry.text)


def _words(entry: MessageEntry) -> Iterator[str]:
    for text in (entry.title, entry.text):
        yield from (found[1] for found in _BRACES.finditer(text) if found[1])


def _check(page: Page, text: str, trail: Trail, known: Collection[str]) -> None:
    """Every pair of braces holds a known word."""
    for brace in _BRACES.finditer(text):
        if brace[1] in known:
            continue
        place = page.file.place_in(trail, brace.start() + (brace[1] is not None))
        if brace[1] is None:
            page.refuse_at(place, "stray-brace", f"a `{brace[0]}` without its other half")
        else:
            hint = did_you_mean(brace[1], known) or f"known are {', '.join(PLACEHOLDERS)}"
            page.refuse_at(place, "unknown-word", f"nothing is known to fill in for `{{{brace[1]}}}`", hint)
