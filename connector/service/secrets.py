"""Secrets come by reference: `${env:NAME}`, `${file:path}` or `${keyring:service/user}`; never from the config itself."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

_PASSWORD = re.compile(r"^[a-z+0-9]+://[^:/@]*:(?P<password>.+)@")  # whatever signs it has, up to the last @
_REFERENCE = re.compile(r"\$\{(?P<kind>[a-z]+):(?P<name>[^}]+)\}")


class Unresolved(ValueError):
    """A reference that leads nowhere; the text says what to do about it."""


def is_reference(text: str) -> bool:
    """Whether the value is a reference as a whole."""
    return _REFERENCE.fullmatch(text.strip()) is not None


def is_one_word(token: str) -> bool:
    """Whether a token may go into a header as it is: no white space and no control character is inside."""
    return not any(each.isspace() or not each.isprintable() for each in token)


def passwords(url: str) -> set[str]:
    """The passwords in a database's URL, as they stand there and as they are meant; empty without one.

    Before the host, or among the parameters behind it: `?password=`, which PostgreSQL's library takes as well.
    """
    if "://" not in url:
        return set()
    from sqlalchemy.engine import make_url  # takes a while to import, and a store in a file needs none of it
    from sqlalchemy.exc import ArgumentError

    raw = _PASSWORD.search(url)
    found = {raw["password"]} if raw else set()
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        return found | {unquote(each) for each in found}
    found |= {str(read.password)} if read.password else set()
    for name, values in read.normalized_query.items():
        found |= set(values) if "password" in name.lower() or "secret" in name.lower() else set()
    return found | {unquote(each) for each in found}


def wrong_url(url: str) -> tuple[str, str] | None:
    """What is wrong with a database's URL, and what to do about it, without showing any of it; None: it can be read."""
    if "://" not in url:
        return None
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        return "this is no URL of a database", "write it like postgresql://attain@host/attain"
    if "@" in (read.host or ""):
        return "it cannot be told where the password ends", "inside a password, write `@` as %40 and `/` as %2F"
    return None


def resolve(text: str, home: Path, environment: Mapping[str, str] = os.environ) -> str:
    """The value behind a reference; text without one is returned as it is. Raises Unresolved.

    What stands around a value, a last line's end above all, is none of it, wherever it comes from. Files are relative to the config file and must be readable by their owner alone.
    """
    found = _REFERENCE.fullmatch(text.strip())
    if not found:
        return text
    kind, name = found["kind"], found["name"].strip()
    if kind == "env":
        value = environment.get(name, "").strip()
        if not value:
            raise Unresolved(f"the environment variable {name} is not set")
        return value
    if kind == "file":
        return _from_file(home / Path(name).expanduser())
    if kind == "keyring":
        return _from_keyring(name)
    raise Unresolved(f"`{kind}` is no source of secrets; use env, file or keyring")


def _from_keyring(name: str) -> str:
    """From the system's own store of passwords, by way of the library `keyring`."""
    service, slash, user = name.partition("/")
    if not slash:
        raise Unresolved(f"`{name}` is not like `service/user`")
    try:
        import keyring
    except ImportError:
        raise Unresolved("the library `keyring` is not installed: `pip install attain[keyring]`") from None
    try:
        found = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise Unresolved(f"the keyring does not open: {error}") from None
    value = str(found or "").strip()
    if not value:
        raise Unresolved(f"the keyring has nothing for {user} in {service}")
    return value


def _from_file(path: Path) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise Unresolved(f"{path} can be read by others (mode {mode:o}); say `chmod 600 {path}`")
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise Unresolved(f"there is no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unresolved(f"{path} cannot be read: {error}") from None
