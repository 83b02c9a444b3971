"""Where a connection's keys may be sent to: the vendor, this machine, and what `trusted_hosts` adds in so many words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from connector.crm.hosts import host_of, is_pattern, is_trusted
from connector.ports import CrmType
from connector.service.secrets import is_reference
from connector.yamlfile import Trail


class Refuse(Protocol):
    """Takes down a problem: its place, its code, what is wrong and what to do."""

    def __call__(self, trail: Trail, code: str, text: str, hint: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Addresses:
    """Reads and holds the addresses of a connection; those that are none are refused with their place."""

    refuse: Refuse

    def trusted(self, trail: Trail, block: Mapping[str, object]) -> tuple[str, ...]:
        """`trusted_hosts`: one host or several, with commas between them."""
        words = str(block.get("trusted_hosts", "")).lower().replace(",", " ").split()
        for word in words:
            if not is_pattern(word):
                text = f"`{word}` is neither a host like `proxy.example.com` nor all below one like `*.example.com`"
                self.refuse((*trail, "trusted_hosts"), "unknown-value", text)
        return tuple(words)

    def hold(self, trail: Trail, options: Mapping[str, str], kind: CrmType, trusted: tuple[str, ...]) -> None:
        """Refuse an address that is neither the vendor's, nor this machine's, nor trusted by name."""
        for each in kind.options:
            url = options.get(each.name, "")
            if not each.address or not url or is_reference(url) or is_trusted(url, (*kind.hosts, *trusted)):
                continue
            host = host_of(url)
            text = f"`{host}` is no host of {kind.title}'s" if host else f"`{each.name}` is no plain web address"
            hint = f"if keys may be sent there: trusted_hosts: {host}" if host else "write it like https://host.example"
            self.refuse((*trail, each.name), "untrusted-host", text, hint)
