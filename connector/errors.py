"""Every error we raise on purpose, grouped by what the caller should do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


class ConnectorError(Exception):
    """Something we foresaw; `exit_code` is what a command ends with."""

    exit_code = 70


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a file; lines and columns count from 1, and 0 means "the file as a whole"."""

    file: str
    line: int = 0
    column: int = 0
    source: str = ""  # the text of that line, for the caret

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file that ops wrote."""

    place: Place
    code: str  # greppable, kebab-case: "unknown-metric"
    text: str  # "there is no metric `bookigns`"
    hint: str = ""  # "did you mean `bookings`?"

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.code}: {self.text}"]
        if self.place.source:
            lines.append(f"    {self.place.source}")
            lines.append(" " * (3 + max(self.place.column, 1)) + "^")
        if self.hint:
            lines.append(f"  {self.hint}")
        return "\n".join(lines)


PlaceOf = Callable[[str], Place]  # where a key stands, or should stand


class ConfigError(ConnectorError):
    """Files say something we cannot obey; all problems at once, in file order."""

    exit_code = 2

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: each.place))
        super().__init__("\n".join(map(str, self.problems)))


class AnotherOrganisation(ConfigError):
    """A connection leads to another company's account than the one that the store was read from."""


class CrmDenied(ConnectorError):
    """A permission is missing; an admin must act, and waiting does not help."""

    exit_code = 3

    def __init__(self, connection: str, problem: str, cure: str = "", *, login: bool = False) -> None:
        self.connection, self.problem, self.cure = connection, problem, cure
        self.login = login  # we ourselves are not let in, to anything
        super().__init__(f"{connection}: {problem}" + (f"\n  {cure}" if cure else ""))


class CrmUnavailable(ConnectorError):
    """The CRM did not answer usefully; wait and try again.

    `unknown_effect` is true when a write may or may not have happened: its outcome must be
    read back, never guessed. `too_soon`: calls follow each other faster than the CRM takes them.
    """

    exit_code = 4
    at_once = True  # whether the same call may be repeated within this cycle

    def __init__(
        self,
        connection: str,
        problem: str,
        *,
        retry_after: timedelta | None = None,
        unknown_effect: bool = False,
        too_soon: bool = False,
    ) -> None:
        self.connection, self.problem = connection, problem
        self.retry_after, self.unknown_effect, self.too_soon = retry_after, unknown_effect, too_soon
        super().__init__(f"{connection}: {problem}")


class NobodyServed(CrmUnavailable):
    """The CRM serves nobody now, or we do not even ask: nothing was begun, and it says nothing of what was to be done."""


class NotTrusted(ConnectorError):
    """Somebody knocked who cannot show that they are the CRM."""

    exit_code = 3


class SchemaDrifted(ConnectorError):
    """A field that the mapping relies on was renamed, removed or retyped in the CRM."""

    exit_code = 4


class TooManyRejected(ConnectorError):
    """So many records of a source cannot be read that the records are not to blame; nothing is passed over."""

    exit_code = 4

    def __init__(self, connection: str, object: str, bad: int, read: int, reason: str) -> None:
        self.connection, self.object = connection, object
        super().__init__(
            f"{connection}: {bad} of {read} records of {object} cannot be read, the last since {reason}\n"
            "  nothing was passed over; compare the mapping with the CRM, then run again"
        )


class StoreBusy(ConnectorError):
    """Another process runs on this store."""

    exit_code = 5


class StoreDenied(ConnectorError):
    """The database does not let us do what we must; an admin must act."""

    exit_code = 3


class StoreUnavailable(ConnectorError):
    """The database is gone, or its disk is full; wait and try again."""

    exit_code = 4


class Fenced(ConnectorError):
    """Somebody else took over this stream; whatever we held is rolled back."""

    exit_code = 5
