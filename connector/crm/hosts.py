"""Where keys are sent to: hosts of the vendor's, this machine itself, and what the config adds to them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

# Nothing but a scheme, a host, a port and a plain path: of anything stranger two programs may read two hosts.
_ADDRESS = re.compile(
    r"https?://(?P<host>[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?(/[\w.~-]*)*", re.IGNORECASE
)
_PATTERN = re.compile(r"(\*(\.[a-z0-9-]+){2,}|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)")


def host_of(url: str) -> str | None:
    """The host in a web address, in small letters; None where it is not plain which one that is."""
    found = _ADDRESS.fullmatch(url)
    return found["host"].strip("[]").lower() if found else None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_pattern(word: str) -> bool:
    """Whether it names hosts: `proxy.example.com`, or with `*.` everything below a domain of two names or more."""
    return _PATTERN.fullmatch(word) is not None


def is_trusted(url: str, patterns: Sequence[str]) -> bool:
    """Whether keys may be sent to an address: to this machine, or to a host that one of the patterns names."""
    host = host_of(url)
    return host is not None and (is_loopback(host) or any(_names(each, host) for each in patterns))


def _names(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
