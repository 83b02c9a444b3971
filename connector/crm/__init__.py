"""One folder per source, found when dropped in."""

from __future__ import annotations

from functools import cache

from connector import crm, plugins
from connector.ports import CrmType


@cache
def types() -> dict[str, CrmType]:
    """Every kind of CRM we can connect to, by the name of its folder."""
    return {name: module.CRM for name, module in plugins.found_in(crm).items() if hasattr(module, "CRM")}
