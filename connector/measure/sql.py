"""Names and texts as SQL."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def table(relation: str) -> str:
    """The mirror's table of a relation: `files.trainings` is `file_trainings`."""
    return quoted(relation.replace("files.", "file_", 1) if relation.startswith("files.") else relation)
