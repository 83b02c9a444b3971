"""YAML that remembers which line each value came from.

A deliberately small YAML: the scalars of YAML 1.2's core schema (`no`, `on`, `12:30`, `010` and dates
stay text), text keys given once, and no anchors, aliases or tags. Nothing is raised: what is wrong with
a file is in `problems`, and whatever could be read is in `value`.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import yaml

from connector.errors import Place, Problem

Trail: TypeAlias = tuple[str | int, ...]  # the way to a value: ("metrics", "bookings", "where")

_LARGEST = 1 << 20  # bytes; the longest rulebook we have seen is a hundredth of it
_DEEPEST = 40
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # what libyaml counts as the end of a line
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = {"x": 4, "u": 6, "U": 10}  # length of a double-quoted escape; every other one is 2
_IN_QUOTES = "a text that holds `: ` or ` #`, or begins with a quote, goes between double quotes"
_UNQUOTED = ("expected key", "mapping values are not allowed", "cannot start any token", "end of stream")


class _Core(yaml.CSafeLoader):
    """The C parser with the scalars of YAML 1.2's core schema."""


_Core.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(0|[1-9][0-9]{0,17})", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]{1,18}|(0|[1-9][0-9]{0,17})(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,2})?", "-+.0123456789"),
):
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a node stands, as offsets into the file's text."""

    starts: int
    style: str | None = None  # ' " | > for scalars that are not plain
    value: str = ""


@dataclass(frozen=True)
class YamlFile:
    """A file's plain values (dict, list, str, int, Decimal, bool, None), and the place of each."""

    name: str  # as ops would type it
    text: str = field(repr=False)
    value: object = None
    problems: tuple[Problem, ...] = ()
    _values: Mapping[Trail, _Spot] = field(default_factory=dict, repr=False)
    _keys: Mapping[Trail, _Spot] = field(default_factory=dict, repr=False)

    def place(self, trail: Trail = ()) -> Place:
        """Where a value begins; that of the nearest value around it when there is none."""
        while trail and trail not in self._values:
            trail = trail[:-1]
        return self.place_at(self._values[trail].starts) if trail in self._values else Place(self.name)

    def place_of_key(self, trail: Trail) -> Place:
        """Where the key of a value stands; the value's own place for items of a list."""
        spot = self._keys.get(trail)
        return self.place_at(spot.starts) if spot else self.place(trail)

    def place_in(self, trail: Trail, offset: int) -> Place:
        """Where a character of a text value stands, whatever quotes, escapes or folds lie between."""
        spot = self._values.get(trail)
        if spot is None:
            return self.place(trail)
        return self.place_at(_offset_in(self.text, spot, offset))

    def place_at(self, index: int) -> Place:
        """The place of an offset into the file."""
        line = bisect_right(self._line_starts, index) - 1
        starts = self._line_starts[line]
        source = _BREAK.split(self.text[starts : starts + 300], maxsplit=1)[0].replace("\t", " ")
        return Place(self.name, line + 1, index - starts + 1, source)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in _BREAK.finditer(self.text))]


def read(path: Path, name: str | None = None) -> YamlFile:
    """Read a file; one that is missing, too large or no UTF-8 is a file with a problem."""
    name = name or shown(path)
    try:
        if path.stat().st_size > _LARGEST:
            return _refused(name, "too-large", "a file of rules or settings has at most 1 MiB")
        raw = path.read_bytes()
    except FileNotFoundError:
        return _refused(name, "missing-file", "there is no such file", _similar_file(path))
    except OSError as error:
        return _refused(name, "unreadable-file", f"cannot be read: {error.strerror}")
    try:
        return parse(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return YamlFile(name, "", problems=(Problem(Place(name, line, 1), "not-utf-8", "the file is not UTF-8 text"),))


def parse(text: str, name: str) -> YamlFile:
    """Read YAML from text; `name` is what places call the file."""
    bare = YamlFile(name, text)
    if strange := _UNPRINTABLE.search(text):
        return _failed(bare, strange.start(), "control-character", f"U+{ord(strange[0]):04X} has no place in a text")
    try:
        if problem := _guarded(bare):
            return YamlFile(name, text, problems=(problem,))
        root = _Core(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        says = " ".join(part for part in (error.context, error.problem) if part and not part.startswith("while "))
        hint = _IN_QUOTES if any(sign in says for sign in _UNQUOTED) else ""
        return _failed(bare, mark.index if mark else 0, "yaml-syntax", says or "this is no YAML", hint)
    reader = _Reader(bare)
    value = None if root is None else reader.value(root, ())
    return YamlFile(name, text, value, tuple(reader.problems), reader.values, reader.keys)


def shown(path: Path) -> str:
    """The path as ops would type it: relative to the current directory when it lies below."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The hint for a misspelt word, or nothing when no known word resembles it."""
    choices = [each for each in known if each]
    folded = {each.lower(): each for each in choices}
    close = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    return f"did you mean `{folded[close[0]]}`?" if close else ""


def _similar_file(path: Path) -> str:
    try:
        return did_you_mean(path.name, (each.name for each in path.parent.iterdir()))
    except OSError:
        return ""


def _refused(name: str, code: str, text: str, hint: str = "") -> YamlFile:
    return YamlFile(name, "", problems=(Problem(Place(name), code, text, hint),))


def _failed(file: YamlFile, index: int, code: str, text: str, hint: str = "") -> YamlFile:
    return YamlFile(file.name, file.text, problems=(Problem(file.place_at(index), code, text, hint),))


def _guarded(file: YamlFile) -> Problem | None:
    """What would be dangerous to build, seen on the event stream before a node exists."""
    depth = 0
    for event in yaml.parse(file.text, Loader=yaml.CSafeLoader):
        index = event.start_mark.index if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            hint = "say it again instead; `&`, `*` and `!` at the start of a text need quotes around it"
            return Problem(file.place_at(index), "yaml-reference", "anchors, aliases and tags are not allowed", hint)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return Problem(file.place_at(index), "too-deep", f"nested deeper than {_DEEPEST} levels")
    return None


class _Reader:
    """Turns YAML nodes into plain values, noting where each stood and what was wrong."""

    def __init__(self, file: YamlFile) -> None:
        self.file = file
        self.values: dict[Trail, _Spot] = {}
        self.keys: dict[Trail, _Spot] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, trail: Trail) -> object:
        style = node.style or None if isinstance(node, yaml.ScalarNode) else None
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        self.values[trail] = _Spot(node.start_mark.index, style, text)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*trail, at)) for at, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, trail)
        return _plain(node.tag.rpartition(":")[2], text)

    def _mapping(self, node: yaml.MappingNode, trail: Trail) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                hint = f"write it between quotes: '{key.value}'" if isinstance(key, yaml.ScalarNode) else ""
                self._problem(key, "key-not-text", "a key must be text", hint)
            elif key.value in found:
                first = self.file.place_at(self.keys[(*trail, key.value)].starts).line
                self._problem(key, "duplicate-key", f"`{key.value}` was given before, in line {first}")
            elif node.flow_style and _has_no_colon(key, value):
                hint = "write it in block form, on a line of its own, or between double quotes"
                self._problem(key, "split-by-comma", f"inside {{…}} a comma begins a new key: `{key.value}`", hint)
                self._mend(found, trail, key)
            else:
                self.keys[(*trail, key.value)] = _Spot(key.start_mark.index)
                found[key.value] = self.value(value, (*trail, key.value))
        return found

    def _mend(self, found: dict[str, object], trail: Trail, key: yaml.Node) -> None:
        """Give a text back what a comma split off, so that the one mistake is reported once."""
        before = next(reversed(found), None)
        spot = self.values.get((*trail, before)) if before else None
        if before and spot and spot.style is None and isinstance(found[before], str):
            whole = self.file.text[spot.starts : key.end_mark.index]
            found[before], self.values[(*trail, before)] = whole, _Spot(spot.starts, None, whole)

    def _problem(self, node: yaml.Node, code: str, text: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file.place_at(node.start_mark.index), code, text, hint))


def _has_no_colon(key: yaml.Node, value: yaml.Node) -> bool:
    """A key alone: its value is nothing, and stands where the key ends."""
    return bool(key.end_mark.index == value.start_mark.index == value.end_mark.index)


def _plain(tag: str, text: str) -> object:
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    if tag == "int":
        return int(text)
    if tag == "float":
        return Decimal(text)  # never a float: it may be money
    return text


def _offset_in(text: str, spot: _Spot, offset: int) -> int:
    """Follow a scalar's value through its source until `offset` characters of it have passed.

    Folding and escapes only ever change white space and backslashes, so that every other
    character of the value is met in the source, in the same order.
    """
    at = spot.starts
    if spot.style in ("|", ">"):
        header = _BREAK.search(text, at)
        at = header.end() if header else len(text)
    elif spot.style:
        at += 1
    for position, wanted in enumerate(spot.value):
        if not wanted.isspace():
            at = _skip_space(text, at, spot.style)
        if position == offset:
            return at
        if spot.style == '"' and text[at] == "\\":
            at += _ESCAPED.get(text[at + 1], 2)
        elif spot.style == "'" and wanted == "'":
            at += 2
        elif not wanted.isspace() or text[at : at + 1].isspace():
            at += 1
    return min(at, len(text))


def _skip_space(text: str, at: int, style: str | None) -> int:
    """Past white space that folding took away, and past escaped line ends."""
    while at < len(text):
        if style == '"' and text[at] == "\\" and _BREAK.match(text, at + 1):
            at += 1
        elif not text[at].isspace():
            break
        at += 1
    return at
