"""A package deployed: all of it, or nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

from connector.sandbox.salesforce import flows, permissions
from connector.sandbox.salesforce import metadata_xml as xml
from connector.sandbox.salesforce.ids import DIGITS
from connector.sandbox.salesforce.metadata_xml import NAMESPACE, Invalid
from connector.sandbox.salesforce.organisation import Organisation
from connector.sandbox.salesforce.parts import Key, beside, check_fields, digest, inside
from connector.sandbox.salesforce.removal import remove, swept
from connector.sandbox.salesforce.schema import Grants, Schema


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one component."""

    kind: str  # "CustomField"
    name: str  # "Opportunity.Attain_Risk__c"
    file: str
    problem: str = ""  # empty: it went well
    created: bool = False
    changed: bool = True
    deleted: bool = False


def deploy(org: Organisation, archive: bytes, *, check_only: bool, again: bool = False) -> list[Outcome]:
    """Bring a zip of metadata into the organisation; a single failure keeps everything out.

    `again`: the organisation was reopened, and its rows are as they should be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
            files = {_path(name): zipped.read(name) for name in zipped.namelist() if not name.endswith("/")}
    except zipfile.BadZipFile:
        return [Outcome("", "", "", "The zip file could not be read")]
    package = _Package(org, org.schema.copy(), files)
    outcomes = package.outcomes()
    if not check_only and not any(each.problem for each in outcomes):
        org.schema = package.schema
        for statement in () if again else swept(org, package.gone):
            org.database.run(statement)
        org.match()
        flows.follow(org)
        for file in package.permission_sets:
            permissions.save(org, file)
        org.read_assignments()
    return outcomes


def _path(name: str) -> str:
    """Some zip a folder around everything."""
    return name.removeprefix("unpackaged/").removeprefix("./")


class _Package:
    """One package on its way into a copy of the schema."""

    def __init__(self, org: Organisation, schema: Schema, files: dict[str, bytes]) -> None:
        self.org, self.schema, self.files = org, schema, files
        self.permission_sets: list[xml.PermissionFile] = []
        self.listed: set[tuple[str, str]] = set()
        self.gone: list[Key] = []

    def outcomes(self) -> list[Outcome]:
        manifest = self.files.get("package.xml")
        if manifest is None:
            return [Outcome("", "package.xml", "package.xml", "No package.xml found")]
        try:
            self.listed = _members(manifest)
        except Invalid as invalid:
            return [Outcome("", "package.xml", "package.xml", str(invalid))]
        done = [*self._objects(), *self._inside(), *self._permissions(), *self._beside()]
        absent = self._absent({(each.kind, each.name) for each in done})
        return [*done, *absent, *self._removed()]

    def _files(self, folder: str, suffix: str) -> Iterator[tuple[str, str]]:
        for path in sorted(self.files):
            each = PurePosixPath(path)
            if each.parts[0] == folder and each.suffix == suffix:
                yield path, each.stem

    def _objects(self) -> Iterator[Outcome]:
        """The objects themselves first, because their fields may look up one another."""
        files = {}
        for path, name in self._files("objects", ".object"):
            try:
                files[path] = xml.object_file(name, xml.read(self.files[path]))
            except Invalid as invalid:
                yield Outcome("CustomObject", name, path, str(invalid))
        for path, file in files.items():
            if file.name.endswith("__c") and file.is_whole:
                known = file.name in self.org.schema.objects
                yield self._try("CustomObject", file.name, path, partial(self._add_object, file), known=known)
        for path, file in files.items():
            for element in file.fields:
                name = f"{file.name}.{xml.text_of(element, 'fullName')}"
                known = self._knows(*name.split(".", 1))
                yield self._try("CustomField", name, path, partial(self._add_field, file, element), known=known)

    def _knows(self, thing: str, field: str) -> bool:
        found = self.org.schema.objects.get("Task" if thing == "Activity" else thing)
        return found is not None and field in found.fields

    def _try(self, kind: str, name: str, path: str, act: Callable[[], None], *, known: bool) -> Outcome:
        """Do it, once the manifest lists it; a listed custom object brings its fields."""
        covers = {(kind, name), (kind, "*"), ("CustomObject", name.split(".", maxsplit=1)[0])}
        if not covers & self.listed:
            return Outcome(kind, name, path, "Not in package.xml")
        try:
            act()
        except Invalid as invalid:
            return Outcome(kind, name, path, str(invalid))
        return Outcome(kind, name, path, created=not known)

    def _add_object(self, file: xml.ObjectFile) -> None:
        known = self.schema.objects.get(file.name)
        if known is None:
            number = sum(each.custom for each in self.schema.objects.values())
            prefix = "a" + DIGITS[number // 62] + DIGITS[number % 62]
            currencies = "CurrencyType" in self.schema.objects
            self.schema.add(xml.custom_object(file, prefix, currencies=currencies))

    def _add_field(self, file: xml.ObjectFile, element: Element) -> None:
        if file.name != "Activity" and file.name not in self.schema.objects:
            raise Invalid(f"no CustomObject named {file.name} found")
        field = xml.custom_field(element)
        for target in field.to:
            if target not in self.schema.objects:
                raise Invalid(f"referenceTo value of '{target}' does not resolve to a valid sObject type")
        known = self.schema.objects["Task" if file.name == "Activity" else file.name].fields.get(field.name)
        if known is not None and known.type != field.type:
            raise Invalid(f"Cannot change the type of {field.name} from {known.type} to {field.type}")
        self.schema.add_fields(file.name, [field])

    def _permissions(self) -> Iterator[Outcome]:
        for path, name in self._files("permissionsets", ".permissionset"):
            known, key, mark = name in self.org.schema.grants, ("PermissionSet", name), digest(self.files[path])
            outcome = self._try(*key, path, partial(self._add_permissions, path, name), known=known)
            yield replace(outcome, changed=not known or self.schema.parts.get(key) != mark)
            self.schema.parts[key] = mark

    def _add_permissions(self, path: str, name: str) -> None:
        file = xml.permission_file(name, xml.read(self.files[path]))
        for each in file.objects:
            if each not in self.schema.objects:
                raise Invalid(f"In field: object - no CustomObject named {each} found")
        readable, editable = set(), set()
        for thing, field, edit in file.fields:
            self._check_permission(thing, field)
            # A grant on either kind of activity holds for both: the field is Activity's.
            for holder in ("Task", "Event") if thing in {"Task", "Event"} else (thing,):
                readable.add((holder, field))
                editable |= {(holder, field)} if edit else set()
        self.schema.grant(name, self._grants(file, readable, editable))
        self.permission_sets.append(file)

    def _grants(self, file: xml.PermissionFile, readable: set[Key], editable: set[Key]) -> Grants:
        """All that the file gives: what it does not name any more is taken back.

        Source: Salesforce, "PermissionSet" metadata: since API version 40 a deployment overwrites the set.
        """
        return Grants(
            frozenset(file.objects),
            frozenset(readable),
            frozenset(editable),
            frozenset(file.powers),
            frozenset(file.user),
        )

    def _check_permission(self, thing: str, field: str) -> None:
        known = self.schema.objects.get(thing)
        found = known.fields.get(field) if known else None
        if found is None:
            raise Invalid(f"In field: field - no CustomField named {thing}.{field} found")
        if found.required or (not found.custom and not found.may("P")):
            raise Invalid(f"You cannot deploy to a required field: {thing}.{field}")

    def _inside(self) -> Iterator[Outcome]:
        """Lists, compact layouts and field sets: they name fields, and those must be there."""
        try:
            found = list(inside(self.files))
        except Invalid:
            return  # told where the object itself was read
        for key, path, element in found:
            yield self._keep(key, path, digest(element), partial(check_fields, self.schema, key, element))

    def _beside(self) -> Iterator[Outcome]:
        """Layouts, tabs, components: taken as they are, since nothing here draws them."""
        try:
            found = list(beside(self.files))
        except Invalid as invalid:
            yield Outcome("", "", "", str(invalid))
            return
        for key, path, content in found:
            yield self._keep(key, path, digest(content), partial(self._drawn, key, content))

    def _drawn(self, key: Key, content: bytes) -> None:
        """A layout names fields; the others are not looked into. Raises Invalid."""
        if key[1] in self.org.refused_parts:
            raise Invalid(self.org.refused_parts[key[1]])
        if key[0] == "Layout":
            check_fields(self.schema, key, xml.read(content))

    def _keep(self, key: Key, path: str, mark: str, check: Callable[[], None]) -> Outcome:
        kind, name = key
        known = self.schema.parts.get(key)
        outcome = self._try(kind, name, path, check, known=known is not None)
        self.schema.parts[key] = mark
        return replace(outcome, changed=mark != known)

    def _removed(self) -> Iterator[Outcome]:
        """What the other manifest takes away; what is not there is no failure."""
        path = "destructiveChanges.xml"
        if path not in self.files:
            return
        for key in sorted(_members(self.files[path])):
            try:
                deleted = remove(self.org, self.schema, key)
            except Invalid as invalid:
                yield Outcome(*key, path, str(invalid))
                continue
            self.gone += [key] if deleted else []
            yield Outcome(*key, path, changed=deleted, deleted=deleted)

    def _absent(self, done: set[tuple[str, str]]) -> Iterator[Outcome]:
        known = {"CustomObject", "CustomField", "PermissionSet"}
        parts = {("CustomObject", name.split(".")[0]) for kind, name in done if kind == "CustomField"}
        for kind, name in sorted(self.listed - done - parts):
            if kind in known and name != "*":
                problem = (
                    f"An object '{name}' of type {kind} was named in package.xml, but was not found in zipped directory"
                )
                yield Outcome(kind, name, "package.xml", problem)


def _members(manifest: bytes) -> set[tuple[str, str]]:
    root = xml.read(manifest)
    return {
        (xml.text_of(types, "name"), (member.text or "").strip())
        for types in root.findall(NAMESPACE + "types")
        for member in types.findall(NAMESPACE + "members")
    }
