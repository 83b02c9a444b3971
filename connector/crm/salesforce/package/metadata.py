"""Components of a Salesforce project, and the two forms they travel in: a zip for the API, files for `sf`.

Folders and suffixes: Salesforce, "Metadata API Developer Guide"; tests/crm/salesforce has another program convert one
form into the other.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
# A fixed moment: the same wishes give the same bytes.
_EPOCH = (2026, 1, 1, 0, 0, 0)

Node = tuple[str, "str | Sequence[Node]"]

_FOLDERS = {  # kind → folder, suffix
    "CustomApplication": ("applications", "app"),
    "CustomLabels": ("labels", "labels"),
    "CustomNotificationType": ("notificationtypes", "notiftype"),
    "CustomObject": ("objects", "object"),
    "CustomObjectTranslation": ("objectTranslations", "objectTranslation"),
    "CustomPermission": ("customPermissions", "customPermission"),
    "CustomTab": ("tabs", "tab"),
    "Dashboard": ("dashboards", "dashboard"),
    "ExternalClientApplication": ("externalClientApps", "eca"),
    "ExtlClntAppConfigurablePolicies": ("extlClntAppPolicies", "ecaPlcy"),
    "ExtlClntAppOauthConfigurablePolicies": ("extlClntAppOauthPolicies", "ecaOauthPlcy"),
    "ExtlClntAppOauthSettings": ("extlClntAppOauthSettings", "ecaOauth"),
    "FlexiPage": ("flexipages", "flexipage"),
    "Flow": ("flows", "flow"),
    "Layout": ("layouts", "layout"),
    "PermissionSet": ("permissionsets", "permissionset"),
    "Report": ("reports", "report"),
    "ReportType": ("reportTypes", "reportType"),
    "Translations": ("translations", "translation"),
}
_INSIDE = {  # kinds that live inside an object's file → element there, folder and suffix of their own file
    "CustomField": ("fields", "fields", "field"),
    "ListView": ("listViews", "listViews", "listView"),
    "CompactLayout": ("compactLayouts", "compactLayouts", "compactLayout"),
    "FieldSet": ("fieldSets", "fieldSets", "fieldSet"),
}
_SHELVES = {"ReportFolder": ("reports", "Report"), "DashboardFolder": ("dashboards", "Dashboard")}
BUNDLE = "LightningComponentBundle"


@dataclass(frozen=True, slots=True)
class Part:
    """One component, as the API counts them."""

    kind: str  # "CustomField", "Layout", "LightningComponentBundle"
    name: str  # "Attain_Attainment__c.Actual__c"
    nodes: Sequence[Node] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)  # of a bundle, by name
    over: str = ""  # of a flow: the object that it watches, and comes with

    @property
    def owner(self) -> str:
        """Of a part inside an object: the object."""
        return self.name.partition(".")[0]

    @property
    def own_name(self) -> str:
        """Of a part inside an object: its name there."""
        return self.name.partition(".")[2] or self.name


@dataclass(frozen=True, slots=True)
class Project:
    """Components that belong together, in the order in which they build on each other."""

    version: str  # of the API
    parts: tuple[Part, ...]

    def only(self, names: Iterable[tuple[str, str]]) -> Project:
        """These (kind, name), as far as they are here."""
        wanted = frozenset(names)
        return Project(self.version, tuple(each for each in self.parts if (each.kind, each.name) in wanted))

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Kind and name of every component."""
        return tuple((each.kind, each.name) for each in self.parts)

    def archive(self) -> bytes:
        """The zip that the API deploys."""
        return _zipped({"package.xml": self.manifest(), **dict(self._deployed())})

    def manifest(self) -> str:
        """What a package.xml says of it."""
        return _manifest(self.version, self.parts)

    def removal(self) -> bytes:
        """The zip that takes it all away again, what builds on others first."""
        gone = _manifest(self.version, tuple(reversed(self.parts)))
        return _zipped({"package.xml": _manifest(self.version, ()), "destructiveChanges.xml": gone})

    def source(self, folder: str) -> dict[str, bytes]:
        """Files by path, in the form that `sf project deploy start` takes, below a folder."""
        found: dict[str, bytes] = {}
        for part in self.parts:
            for path, content in _source(part):
                found[f"{folder}/{path}"] = content
        return found

    def _deployed(self) -> Iterator[tuple[str, str | bytes]]:
        objects = dict.fromkeys(
            each.owner for each in self.parts if each.kind == "CustomObject" or each.kind in _INSIDE
        )
        for name in objects:
            yield f"objects/{name}.object", document("CustomObject", self._object(name))
        for part in self.parts:
            if part.kind == BUNDLE:
                yield from ((f"lwc/{part.name}/{name}", content) for name, content in part.files.items())
            elif part.kind in _SHELVES:
                yield f"{_SHELVES[part.kind][0]}/{part.name}-meta.xml", document(part.kind, part.nodes)
            elif part.kind in _FOLDERS and part.kind != "CustomObject":
                folder, suffix = _FOLDERS[part.kind]
                yield f"{folder}/{part.name}.{suffix}", document(part.kind, part.nodes)

    def _object(self, name: str) -> list[Node]:
        """An object of ours, or only our parts of one that exists; elements of one name stand together."""
        found: list[Node] = []
        for kind, (element, _, _) in sorted(_INSIDE.items(), key=lambda it: it[1]):
            mine = (each for each in self.parts if each.kind == kind and each.owner == name)
            found += [(element, [("fullName", each.own_name), *each.nodes]) for each in mine]
        own = next((each.nodes for each in self.parts if (each.kind, each.name) == ("CustomObject", name)), ())
        return [*found, *own]


def document(root: str, nodes: Iterable[Node]) -> str:
    """A metadata file."""
    body = "\n".join(_lines(nodes, 1))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{body}\n</{root}>\n'


def _lines(nodes: Iterable[Node], depth: int) -> Iterator[str]:
    indent = "    " * depth
    for name, content in nodes:
        if isinstance(content, str):
            yield f"{indent}<{name}>{escape(content)}</{name}>"
        else:
            yield f"{indent}<{name}>"
            yield from _lines(content, depth + 1)
            yield f"{indent}</{name}>"


def _manifest(version: str, parts: Sequence[Part]) -> str:
    members: dict[str, list[str]] = {}
    for part in parts:
        kind = _SHELVES[part.kind][1] if part.kind in _SHELVES else part.kind
        members.setdefault(kind, []).append(part.name)
    types: list[Node] = [
        ("types", [*(("members", each) for each in names), ("name", kind)]) for kind, names in members.items()
    ]
    return document("Package", [*types, ("version", version)])


def _source(part: Part) -> Iterator[tuple[str, bytes]]:
    if part.kind == BUNDLE:
        yield from ((f"lwc/{part.name}/{name}", content) for name, content in part.files.items())
        return
    nodes = part.nodes
    if part.kind in _INSIDE:
        _, folder, suffix = _INSIDE[part.kind]
        path = f"objects/{part.owner}/{folder}/{part.own_name}.{suffix}"
        nodes = [("fullName", part.own_name), *nodes]
    elif part.kind == "CustomObject":
        path = f"objects/{part.name}/{part.name}.object"
    elif part.kind == "CustomObjectTranslation":
        path, own = f"objectTranslations/{part.name}/{part.name}.objectTranslation", "fields"
        yield from _translated_fields(part, own)
        nodes = [each for each in nodes if each[0] != own]
    elif part.kind in _SHELVES:
        path = f"{_SHELVES[part.kind][0]}/{part.name}.{part.kind[0].lower()}{part.kind[1:]}"
    else:
        folder, suffix = _FOLDERS[part.kind]
        path = f"{folder}/{part.name}.{suffix}"
    yield f"{path}-meta.xml", document(part.kind, nodes).encode()


def _translated_fields(part: Part, element: str) -> Iterator[tuple[str, bytes]]:
    """Each field's translation has a file of its own there."""
    for name, content in part.nodes:
        if name == element and not isinstance(content, str):
            own = next(str(value) for each, value in content if each == "name")
            path = f"objectTranslations/{part.name}/{own}.fieldTranslation-meta.xml"
            yield path, document("CustomFieldTranslation", content).encode()


def _zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), text)
    return buffer.getvalue()
