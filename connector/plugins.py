"""Find what has been dropped into an open folder."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def found_in(package: ModuleType) -> dict[str, ModuleType]:
    """The sub-packages and modules of a package by name, imported; names with an underscore are private."""
    return {
        each.name: importlib.import_module(f"{package.__name__}.{each.name}")
        for each in pkgutil.iter_modules(package.__path__)
        if not each.name.startswith("_")
    }
