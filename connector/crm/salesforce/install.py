"""Creates what is missing in the org, grants it to the integration user, and takes it away again."""

from __future__ import annotations

from connector.crm.salesforce import soql
from connector.crm.salesforce.access import Access
from connector.crm.salesforce.assignments import hold
from connector.crm.salesforce.deploy import Deployed, deploy
from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.flows import ACTIVATE, SILENT, is_active
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.package import PERMISSION_SET, Project, Stages, deployed_on
from connector.crm.salesforce.package.alert_flow import NAME
from connector.crm.salesforce.package.metadata import BUNDLE
from connector.crm.salesforce.package.permissions import BYPASS
from connector.errors import CrmDenied
from connector.model.changes import Wanted, WantedField
from connector.ports import InstallReport, Removal, World

# Our own code and grants are kept up to date; what an admin may have rearranged (layouts, lists, reports) is made once.
_OURS = frozenset({BUNDLE, "CustomLabels", "PermissionSet", "CustomPermission"})
_CURE = "grant `Customize Application` and `Modify Metadata Through Metadata API Functions`, or mend what is named"


class Installer:
    """One org and one project."""

    def __init__(self, org: Org, describer: Describer, world: World, stages: Stages, access: Access) -> None:
        self._org, self._describer, self._world, self._stages = org, describer, world, stages
        self._access = access

    def install(self, wanted: Wanted, *, check: bool) -> InstallReport:
        """Deploy what is missing, and see that the running user holds the permission set.

        With `check` nothing is changed: the org itself tries the whole project and forgets it. Repeating it changes
        nothing. Raises CrmDenied with the org's reasons when it refuses what we write to; then nothing of it was kept.
        What people open may be refused on its own, and is reported so.
        """
        self._describer.forget()
        objects = tuple(name for name, _ in wanted.objects if name not in self._describer.listing().names)
        fields = tuple(each for each in wanted.fields if not self._shown(each))
        missing = (*objects, *map(_named, fields))
        present = tuple(each for each in _names(wanted) if each not in missing)
        if check:
            return self._checked(present, missing)
        if missing:
            self._deploy(self._store(objects, fields))
        readable, unreadable = self._access.grant()
        pages, refused = self._pages()
        hold(self._org, [PERMISSION_SET, BYPASS])
        self._describer.forget()
        created = (*missing, *readable, *pages)
        return InstallReport(self._org.connection, created, present, (), (*unreadable, *refused), self._to_do())

    def _to_do(self) -> tuple[str, ...]:
        """The flow may have arrived switched off."""
        if ("Flow", NAME) not in self._stages.store.names or is_active(self._org, self._describer) is not False:
            return ()
        return (f"{SILENT}; {ACTIVATE}",)

    def uninstall(self, *, check: bool) -> Removal:
        """Take away everything that install makes, with all that it holds; with `check`, only say what.

        Raises CrmDenied with the org's reasons; then nothing was taken away.
        """
        names = _names_of(self._stages.whole)
        sets = [each for kind, each in self._stages.whole.names if kind == "PermissionSet"]
        held = self._held(sets)
        if not check:
            for each in held:
                self._org.send("DELETE", f"sobjects/PermissionSetAssignment/{each}", {})
        ended = deploy(self._org, self._world, self._stages.whole.removal(), check=check)
        if not ended.succeeded:
            # Held permission sets stand in the way of a trial, and of nothing that comes after it.
            if not (check and held):
                raise CrmDenied(self._org.connection, f"the removal failed: {'; '.join(ended.problems)}", _CURE)
            ended = Deployed(removed=names)
        self._describer.forget()
        return Removal(self._org.connection, tuple(each for each in names if each in ended.removed), len(held))

    def _shown(self, field: WantedField) -> bool:
        describer = self._describer
        return field.object in describer.listing().names and field.name in describer.shape(field.object).fields

    def _checked(self, present: tuple[str, ...], missing: tuple[str, ...]) -> InstallReport:
        connection = self._org.connection
        try:
            tried = deploy(self._org, self._world, self._stages.whole.archive(), check=True)
        except CrmDenied as error:
            return InstallReport(connection, (), present, missing, (f"not tried: {error.problem}; {error.cure}",))
        pages = {name for _, name in self._stages.pages.names}
        more = tuple(each for each in tried.created if each in pages and each not in missing)
        hidden = (f"read access to {each}" for each in sorted(self._access.mapped().hidden))
        return InstallReport(connection, (), present, (*missing, *hidden, *more), tried.problems)

    def _store(self, objects: tuple[str, ...], fields: tuple[WantedField, ...]) -> Project:
        """Missing objects and fields, and the grant for all of them."""
        made = {f"{deployed_on(each.object)}.{each.name}" for each in fields}
        store = self._stages.store
        return Project(
            store.version,
            tuple(
                each
                for each in store.parts
                if each.kind == "PermissionSet" or each.name in made or each.owner in objects or each.over in objects
            ),
        )

    def _deploy(self, project: Project) -> None:
        ended = deploy(self._org, self._world, project.archive(), check=False)
        if not ended.succeeded:
            raise CrmDenied(self._org.connection, f"the deployment failed: {'; '.join(ended.problems)}", _CURE)

    def _pages(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What was created of the pages, and why they were refused."""
        pages = self._stages.pages
        tried = deploy(self._org, self._world, pages.archive(), check=True)
        if not tried.succeeded:
            return (), tried.problems
        ours = [(kind, name) for kind, name in pages.names if kind in _OURS]
        fresh = [(kind, name) for kind, name in pages.names if name in tried.created]
        if not fresh and not any(name in tried.changed for _, name in ours):
            return (), ()
        ended = deploy(self._org, self._world, pages.only([*fresh, *ours]).archive(), check=False)
        return tuple(name for _, name in fresh) if ended.succeeded else (), ended.problems

    def _held(self, sets: list[str]) -> list[str]:
        """Assignments of our permission sets, to whomever."""
        query = soql.select(("Id",), "PermissionSetAssignment", where=[soql.one_of("PermissionSet.Name", sets)])
        return [str(each["Id"]) for each in self._org.all_rows(query)]


def _named(field: WantedField) -> str:
    return f"{field.object}.{field.name}"


def _names(wanted: Wanted) -> list[str]:
    return [name for name, _ in wanted.objects] + [_named(each) for each in wanted.fields]


def _names_of(project: Project) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, name in project.names))
