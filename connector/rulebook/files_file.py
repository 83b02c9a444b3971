"""`mappings/files.yaml`: CSV tables for what no CRM holds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Key

from connector.model.catalogue import Type
from connector.normalise.mapping import FileColumn, FileTable
from connector.rulebook.notation import Name, Text
from connector.rulebook.page import Page
from connector.rulebook.validate import Shape
from connector.yamlfile import Trail


class ColumnEntry(Shape):
    """A column of a table."""

    type: Literal["text", "choice", "boolean", "number", "ratio", "money", "days", "date", "moment"]
    required: bool = False


class TableEntry(Shape):
    """One table."""

    file: Text = Key(description="its name in the folder of file tables: quotas.csv")
    columns: dict[Name, ColumnEntry]
    key: list[str] = Key(min_length=1, description="the columns that name a row")
    person: str | None = Key(None, description="the column that says whose row it is")
    date: str | None = Key(None, description="the column that says which day it belongs to")


class FilesFile(Shape):
    """The whole file."""

    attain: Literal[1] = 1
    tables: dict[Name, TableEntry]


def read_tables(page: Page) -> dict[str, FileTable]:
    """The tables of a file; what is wrong is noted on the page."""
    entries = page.entries(FilesFile, "tables", TableEntry)
    return {str(name): _table(page, str(name), each, ("tables", name)) for name, each in entries.items()}


def _table(page: Page, name: str, entry: TableEntry, trail: Trail) -> FileTable:
    for at, column in enumerate(entry.key):
        page.known((*trail, "key", at), column, entry.columns, "column")
    if entry.person is not None:
        page.known((*trail, "person"), entry.person, entry.columns, "column")
    if entry.date is not None:
        found = page.known((*trail, "date"), entry.date, entry.columns, "column")
        if found and found.type != "date":
            page.refuse((*trail, "date"), "wrong-type", f"`{entry.date}` is {found.type}, and no date")
    columns = tuple(FileColumn(each, Type(column.type), column.required) for each, column in entry.columns.items())
    return FileTable(name, entry.file, columns, tuple(entry.key), entry.person, entry.date)
