"""The project of one mapping, in three stages: what we write to, what people open, and their words in Chinese.

An org may refuse a later stage (no Translation Workbench, a limit on dashboards) without harm to an earlier one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connector.crm.salesforce.package import pages
from connector.crm.salesforce.package.access import access, needs
from connector.crm.salesforce.package.alert_flow import alert_flow
from connector.crm.salesforce.package.client_app import client_app
from connector.crm.salesforce.package.components import PAGES, Places, components, places
from connector.crm.salesforce.package.labels import chinese, labels
from connector.crm.salesforce.package.metadata import BUNDLE, Part, Project
from connector.crm.salesforce.package.objects import own_fields, own_object
from connector.crm.salesforce.package.permissions import Notes, bypass, integration, permission_sets
from connector.crm.salesforce.package.reports import reports
from connector.crm.salesforce.package.words import Words
from connector.model.changes import Wanted
from connector.normalise.mapping import CrmMapping


@dataclass(frozen=True, slots=True)
class Stages:
    """One project, in parts that deploy one after another."""

    store: Project  # objects, fields, and the integration user's grant: without it nothing can be written
    pages: Project  # what reps, managers and admins open
    access: Project  # the integration user's rights in what is the org's own; `install` adds the fields
    chinese: Project  # for orgs whose Translation Workbench has Simplified Chinese
    client: Project  # templates, only ever exported

    @property
    def whole(self) -> Project:
        """What an org gets when nothing is refused, but for the translations."""
        parts = (*self.store.parts, *self.access.parts, *self.pages.parts)
        return Project(self.store.version, tuple({(part.kind, part.name): part for part in parts}.values()))

    def files(self) -> dict[str, bytes]:
        """A project for `sf project deploy start`, by path."""
        folders = {"force-app": self.whole, "translations": self.chinese, "client-app": self.client}
        found = {"sfdx-project.json": _project_file(self.store.version, folders)}
        for folder, each in folders.items():
            found |= each.source(f"{folder}/main/default")
        return found


def project(version: str, mapping: CrmMapping, wanted: Wanted, *, bell: bool = False) -> Stages:
    """Everything that this mapping gives a use to."""
    words, found = Words(mapping), places(mapping, wanted)
    store = Project(version, (*_store(found, wanted, words), *alert_flow(version, mapping)))
    opened = Project(version, tuple(_pages(version, found, wanted)))
    spoken = any(each.kind == BUNDLE for each in opened.parts)
    translated = chinese(wanted.objects, wanted.fields, words, spoken=spoken)
    granted = Project(version, (access(needs(mapping, bell=bell)),))
    return Stages(store, opened, granted, Project(version, tuple(translated)), Project(version, tuple(client_app())))


def _store(found: Places, wanted: Wanted, words: Words) -> Iterator[Part]:
    drawn = list(_drawn(found))
    compacts = {each.owner: each for each in drawn if each.kind == "CompactLayout"}
    for name, label in wanted.objects:
        yield own_object(name, label, compacts[name].own_name if name in compacts else None)
    yield from own_fields(wanted.fields, words)
    yield from compacts.values()
    yield integration(wanted)


def _drawn(found: Places) -> Iterator[Part]:
    """Layouts and lists of the objects that people open."""
    if found.scores:
        yield from pages.attainment(*found.scores)
    if found.notes:
        yield from pages.notes(found.notes.object, found.notes.fields, found.notes.fields.get("answer", ""))


def _pages(version: str, found: Places, wanted: Wanted) -> Iterator[Part]:
    yield from (each for each in _drawn(found) if each.kind != "CompactLayout")
    for obj, fields in found.health.values():
        yield pages.field_set(obj, tuple(fields.values()))
    bundles = list(components(found, version))
    if bundles:
        yield labels()
        yield from bundles
    opened = [found.scores[0]] if found.scores else []
    opened += [found.notes.object] if found.notes else []
    if found.scores:
        yield from pages.home(opened, PAGES)
        yield from reports(*found.scores)
    yield pages.bell()
    yield from bypass()
    tabs, app = ([pages.HOME, *opened], pages.APP) if found.scores else ([], "")
    notes = found.notes
    answered = Notes(notes.object, notes.fields.get("answer", "")) if notes else Notes()
    yield from permission_sets(wanted, answered, tabs, app)


def _project_file(version: str, folders: Mapping[str, Project]) -> bytes:
    directories = [{"path": each, "default": each == "force-app"} for each in folders]
    body = {"packageDirectories": directories, "namespace": "", "sourceApiVersion": version, "name": "attain"}
    return (json.dumps(body, indent=2) + "\n").encode()
