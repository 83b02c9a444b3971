"""Logs: one line per event, to stderr; no secret gets through."""

from __future__ import annotations

import base64
import logging
import re
import sys
import threading
from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import quote

import structlog

_FRAME = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]+-----")
LEAST = 6  # signs; what is shorter stands in too many other words
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=!-]+")
HIDDEN = "[secret]"


class Scrubber:
    """Replaces every known secret by value, in whatever field, text or traceback it hides."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {each for secret in secrets for each in _lines(secret)}
        forms = known | {quote(secret, safe="") for secret in known}
        forms |= {base64.b64encode(secret.encode()).decode() for secret in known}
        self._forms = sorted(forms, key=len, reverse=True)

    def text(self, words: str) -> str:
        """The text without secrets."""
        for form in self._forms:
            words = words.replace(form, HIDDEN)
        return _BEARER.sub(rf"\1 {HIDDEN}", words)

    def __call__(self, _logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """As the last processor before rendering."""
        for key, value in event.items():
            if not isinstance(value, int | float | bool | None):
                event[key] = self.text(str(value))
        return event


def _lines(secret: str) -> set[str]:
    """A secret as a whole, and each line of it: an error may show one of a key's. Neither its frame nor its rest says much."""
    found = {secret, *(line.strip() for line in secret.splitlines())}
    return {each for each in found if len(each) >= LEAST and not _FRAME.fullmatch(each)}


class _Scrubbed(logging.Formatter):
    """The same for libraries that log by themselves: of the finished text, for tracebacks and stacks tell as much."""

    def __init__(self, scrubber: Scrubber) -> None:
        super().__init__(logging.BASIC_FORMAT)
        self._scrubber = scrubber

    def format(self, record: logging.LogRecord) -> str:
        return self._scrubber.text(super().format(record))


class _Known:
    """What this process keeps out of sight, since the config was read."""

    scrubber = Scrubber(())


def scrubbed(words: str) -> str:
    """A text for somebody's eyes, without the secrets of the config that this process works with."""
    return _Known.scrubber.text(words)


def configure(secrets: Iterable[str], *, json_lines: bool | None = None) -> None:
    """Log to stderr: readable on a terminal, JSON lines otherwise."""
    scrubber = _Known.scrubber = Scrubber(secrets)
    plain = sys.stderr.isatty() if json_lines is None else not json_lines
    handler = logging.StreamHandler()
    handler.setFormatter(_Scrubbed(scrubber))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            scrubber,
            structlog.dev.ConsoleRenderer(colors=plain) if plain else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def thread_failed(failed: threading.ExceptHookArgs) -> None:
    """For `threading.excepthook`: a line like any other. What Python writes when an error ends a thread is not scrubbed."""
    if failed.exc_type is not SystemExit and failed.exc_value is not None:
        name = failed.thread.name if failed.thread else None
        structlog.get_logger().error("thread_failed", thread=name, exc_info=failed.exc_value)
