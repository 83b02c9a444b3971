"""What is recorded of a live account, without its secrets: tokens, keys, hosts, ids of the account, names and addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import vcr

_HEADERS = ["authorization", "cookie", "set-cookie"]
_FORM = re.compile(r"((?:assertion|client_secret|client_id|refresh_token)=)[^&\"\s]+")
_TOKEN = re.compile(r'("(?:access_token|signature|refresh_token|id_token)"\s*:\s*")[^"]+')
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_ORG = re.compile(r"\b00D[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?\b")
_NAMES = re.compile(
    r'("(?:Name|FirstName|LastName|Username|display_name|nick_name|first_name|last_name)"\s*:\s*")(?!Attain)[^"]+'
)


class Scrubber:
    """Replaces what must not be kept; `words` are this account's own: host, user name, keys."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = {word: said for word, said in words.items() if word}

    def text(self, text: str) -> str:
        """The same text, fit to be kept."""
        for word, said in self._words.items():
            text = text.replace(word, said)
        for pattern, said in ((_FORM, r"\1SCRUBBED"), (_TOKEN, r"\1SCRUBBED"), (_NAMES, r"\1Somebody")):
            text = pattern.sub(said, text)
        return _ORG.sub("00D000000000000AAA", _ADDRESS.sub("somebody@example.com", text))

    def request(self, request: Any) -> Any:
        request.uri = self.text(request.uri)
        if request.body:
            body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
            request.body = self._bytes(body)
        return request

    def response(self, response: Any) -> Any:
        response["body"]["string"] = self._bytes(response["body"]["string"])
        for name, values in response["headers"].items():
            said = ["SCRUBBED"] if name.lower() in _HEADERS else [self.text(each) for each in values]
            response["headers"][name] = said
        return response

    def _bytes(self, body: bytes) -> bytes:
        try:
            return self.text(body.decode()).encode()
        except UnicodeDecodeError:
            return b"(a zip or another file of ours)"


def recording(path: Path, scrubber: Scrubber) -> AbstractContextManager[Any]:
    """Record everything that is exchanged into one file."""
    path.unlink(missing_ok=True)
    recorder = vcr.VCR(
        record_mode="all",
        filter_headers=_HEADERS,
        before_record_request=scrubber.request,
        before_record_response=scrubber.response,
        decode_compressed_response=True,
    )
    found: AbstractContextManager[Any] = recorder.use_cassette(str(path))
    return found
