"""The project of the shipped mapping, with the health of deals and accounts switched on, as an admin would."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from connector.crm.salesforce.package import Stages, project
from connector.decide.changes import wanted
from connector.model.changes import Wanted
from connector.normalise.mapping import CrmMapping
from connector.rulebook.mapping_file import MappingReader
from connector.rulebook.page import Page
from connector.yamlfile import read
from tests.crm.salesforce.company import SHIPPED


@cache
def whole_mapping() -> CrmMapping:
    """The shipped file with everything that it has commented out of `write:` switched on."""
    text = SHIPPED.read_text()
    head, _, tail = text.partition("  # deals:\n")
    block, _, rest = tail.partition("  alerts:\n")
    switched_on = "".join(f"  {line[4:]}\n" for line in f"  # deals:\n{block}".splitlines())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "salesforce.yaml"
        path.write_text(f"{head}{switched_on}  alerts:\n{rest}")
        page = Page(read(path))
        mapping = MappingReader(page, "salesforce").mapping()
    assert not page.problems, page.problems
    assert mapping is not None
    return mapping


def whole_wanted() -> Wanted:
    return wanted(whole_mapping(), {})


def whole_project() -> Stages:
    return project("66.0", whole_mapping(), whole_wanted())
