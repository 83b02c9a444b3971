"""Components that nothing here draws: pages, lists, reports, code. Known by kind, name and content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, tostring

from connector.sandbox.salesforce import metadata_xml as xml
from connector.sandbox.salesforce.metadata_xml import NAMESPACE, Invalid
from connector.sandbox.salesforce.schema import Schema

# Folder → kind. Source: Salesforce, "Metadata Types", and the registry of source-deploy-retrieve.
_FOLDERS = {
    "applications": "CustomApplication",
    "customPermissions": "CustomPermission",
    "dashboards": "Dashboard",
    "flexipages": "FlexiPage",
    "flows": "Flow",
    "labels": "CustomLabels",
    "layouts": "Layout",
    "lwc": "LightningComponentBundle",
    "notificationtypes": "CustomNotificationType",
    "objectTranslations": "CustomObjectTranslation",
    "reports": "Report",
    "reportTypes": "ReportType",
    "tabs": "CustomTab",
    "translations": "Translations",
}
_INSIDE = {"listViews": "ListView", "compactLayouts": "CompactLayout", "fieldSets": "FieldSet"}
_FIELD_TAGS = frozenset({"columns", "field", "fields", "displayedFields"})
_OWN_WORDS = frozenset({"NAME", "LAST_UPDATE", "CREATED_DATE", "OWNER.ALIAS"})  # what lists call standard fields

Key = tuple[str, str]  # kind and full name


def inside(files: Mapping[str, bytes]) -> Iterator[tuple[Key, str, Element]]:
    """Lists, compact layouts and field sets of object files: key, path, element."""
    for path in sorted(files):
        each = PurePosixPath(path)
        if each.parts[0] == "objects" and each.suffix == ".object":
            root = xml.read(files[path])
            for tag, kind in _INSIDE.items():
                for element in root.findall(NAMESPACE + tag):
                    yield (kind, f"{each.stem}.{xml.text_of(element, 'fullName')}"), path, element


def beside(files: Mapping[str, bytes]) -> Iterator[tuple[Key, str, bytes]]:
    """Every other component: key, one of its files, all of its content. A bundle is several files."""
    bundles: dict[str, dict[str, bytes]] = {}
    for path in sorted(files):
        parts = PurePosixPath(path).parts
        if len(parts) < 2 or parts[0] in {"objects", "permissionsets"}:
            continue
        kind = _FOLDERS.get(parts[0])
        if kind is None:
            raise Invalid(f"Unknown folder: {parts[0]}")
        if kind == "LightningComponentBundle":
            bundles.setdefault(parts[1], {})[path] = files[path]
            continue
        name = "/".join(parts[1:]).removesuffix("-meta.xml")
        yield (kind, name.rsplit(".", 1)[0] if "." in parts[-1].removesuffix("-meta.xml") else name), path, files[path]
    for name, mine in bundles.items():
        if f"lwc/{name}/{name}.js-meta.xml" not in mine:
            raise Invalid(f"Cannot find Lightning Component Bundle {name}")
        yield ("LightningComponentBundle", name), f"lwc/{name}", b"\0".join(mine.values())


def digest(content: bytes | Element) -> str:
    """What tells one version of a component from the next."""
    return hashlib.sha256(content if isinstance(content, bytes) else tostring(content)).hexdigest()


def check_fields(schema: Schema, key: Key, element: Element) -> None:
    """A list or layout of an object may only name its fields. Raises Invalid."""
    kind, name = key
    obj = re.split(r"[.-]", name)[0]
    thing = schema.objects.get(obj)
    if thing is None:
        raise Invalid(f"no CustomObject named {obj} found")
    for each in element.iter():
        tag, text = each.tag.removeprefix(NAMESPACE), (each.text or "").strip()
        if tag in _FIELD_TAGS and text and text not in thing.fields and text not in _OWN_WORDS:
            raise Invalid(f"In field: {tag} - no CustomField named {obj}.{text} found ({kind})")
