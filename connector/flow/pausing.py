"""A source that cannot be read pauses by itself, and the others go on; a CRM that lets us in nowhere is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connector.errors import ConnectorError, CrmDenied, SchemaDrifted, TooManyRejected

SHUT_OUT = 3  # sources that are denied before any is read: users, accounts and deals. There is no number without them


class Pauses:
    """Of one connection: what its sources stumbled over, each trouble once."""

    def __init__(self, shut_out: int | None = SHUT_OUT) -> None:
        """`shut_out` None: only some sources are read, and tell nothing of the rest."""
        self.troubles: list[ConnectorError] = []
        self._shut_out = shut_out
        self._read = self._denied = 0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """For the reading of one source. Raises CrmDenied where the login is refused, or nothing is shown to us."""
        try:
            yield
        except CrmDenied as denied:
            self._denied += 1
            if denied.login or (self._read == 0 and self._denied == self._shut_out):
                raise
            self.note(denied)
        except (SchemaDrifted, TooManyRejected) as trouble:
            self.note(trouble)
        else:
            self._read += 1

    def note(self, trouble: ConnectorError) -> None:
        """Keep it, unless another source said the same: what follows an object is denied with it."""
        if str(trouble) not in map(str, self.troubles):
            self.troubles.append(trouble)
