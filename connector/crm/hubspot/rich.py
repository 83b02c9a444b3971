"""Rich text: our plain lines as the HTML that HubSpot shows, and HTML as the plain lines that it says."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

_MARKUP = re.compile(r"</?[a-zA-Z]|&#?\w+;")
_BLOCKS = frozenset({"blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "ul"})
_FOLDED = re.compile(r"[ \t\r]*\n[ \t\r\n]*")  # a line break in the source of HTML is a space


def rich(plain: str) -> str:
    """Text as HTML that shows it so: each line on a line of its own, and nothing of it markup."""
    return escape(plain, quote=False).replace("\r\n", "\n").replace("\n", "<br>")


def plain(html: str) -> str:
    """What HTML says, line by line, so that `plain(rich(text))` is the text again; raises nothing.

    HubSpot may keep markup of its own around what it was sent (paragraphs, spans), and people's editors do: paragraphs
    and items end lines, everything else says nothing. Text without any markup is taken as it is: so were bodies once
    written.
    """
    if not _MARKUP.search(html):
        return html
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.said)


class _Reader(HTMLParser):
    """Gathers what is said; a block begins and ends on a line of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._over = False  # a block: whatever is said next is on a new line

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "br":
            self._say("\n")
        self._over = self._over or tag in _BLOCKS

    def handle_endtag(self, tag: str) -> None:
        self._over = self._over or tag in _BLOCKS

    def handle_data(self, data: str) -> None:
        folded = _FOLDED.sub(" ", data)
        if "\n" not in data:
            self._say(folded)
        elif data.strip():
            self._say(folded.lstrip(" ") if self._over or self._begins() else folded)

    def _say(self, text: str) -> None:
        if self._over and not self._begins():
            self.said.append("\n")
        self._over = False
        self.said.append(text)

    def _begins(self) -> bool:
        return not self.said or self.said[-1].endswith("\n")
