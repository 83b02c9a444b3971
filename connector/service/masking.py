"""Problems of the config as they may be shown: what may be a secret is cut out of the line beside the caret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from connector import crm
from connector.errors import Problem
from connector.service.limits import CONNECTION_KEYS
from connector.yamlfile import YamlFile

_KEY = re.compile(r"""(?:^|(?<=[\s,#"'])|(?<=(?<!\$)\{))(?P<key>[A-Za-z_][\w-]*)["']?\s*:(?!//)\s*""")
_REFERENCE = re.compile(r"""["']?\$\{[a-z]+:[^}]*\}""")
_REMARK = re.compile(r"(^|\s+)#.*")
_TOP = re.compile(r"^[^\s#]", re.MULTILINE)
_CREDENTIALS = re.compile(r"(?i)://(?=.*(@|password|secret))")
CUT = "…"


def masked(problems: Iterable[Problem], file: YamlFile) -> tuple[Problem, ...]:
    """The same problems, without secrets in them.

    In a connection's block only the values of keys that hold none stay to be seen: a secret may stand behind a key that
    is misspelt. Anywhere in the file, what follows `://` goes where a password may be in it.
    """
    shown = CONNECTION_KEYS | {each.name for kind in crm.types().values() for each in kind.options if not each.secret}
    return tuple(_masked(each, file, shown) for each in problems)


def _masked(problem: Problem, file: YamlFile, shown: Iterable[str]) -> Problem:
    place = problem.place
    if place.file != file.name or not place.source:
        return problem
    source = place.source
    if _among_connections(file.text, place.line):
        source = _without_secrets(source, shown)
        if problem.code == "split-by-comma":  # what it names is a piece of a value
            problem = replace(problem, text="inside {…} a comma begins a new key")
    found = _CREDENTIALS.search(source)
    if found:
        source = source[: found.end()] + CUT
    return replace(problem, place=replace(place, source=source))


def _among_connections(text: str, line: int) -> bool:
    """By the last line that is not indented, for the file may be no YAML at all."""
    above = "\n".join(text.splitlines()[:line])
    tops = list(_TOP.finditer(above))
    return bool(tops) and above.startswith("connections", tops[-1].start())


def _without_secrets(line: str, shown: Iterable[str]) -> str:
    bare = _REMARK.sub("", line)
    line = bare if bare == line else f"{bare} # {CUT}"
    keys = list(_KEY.finditer(bare))
    if not keys:
        return CUT if line.strip() else line
    for found in keys:
        rest = bare[found.end() :]
        if found["key"] in shown or not rest.strip() or rest.startswith(("{", "#")) or _REFERENCE.match(rest):
            continue
        return line[: found.end()] + CUT
    return line
