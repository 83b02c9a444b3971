"""What people open: list views, layouts, tabs, the app with its page, field sets and the bell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.crm.salesforce.package.metadata import Node, Part

APP, HOME = "Attain", "Attain_Home"
BELL = "Attain_Alert"
_COLUMNS = ("person", "metric_title", "metric", "period", "target", "actual", "attainment", "gap", "pace", "band")
_SECTIONS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("Where it stands", ("person", "metric_title", "period", "period_start", "period_end", "band")),
    ("Numbers", ("actual", "target", "attainment", "gap", "expected", "pace", "required_rate", "projection")),
    ("Why", ("explanation", "why", "reason")),
    ("How it came here", ("computed_at", "run", "rules_version", "metric")),
)


def compact_name(obj: str) -> str:
    """What the compact layout of an object of ours is called."""
    return f"{obj.removesuffix('__c')}_Compact"


def attainment(obj: str, fields: Mapping[str, str]) -> Iterator[Part]:
    """Layout, compact layout and list views of the attainments; `fields` are attribute → field."""
    yield _compact(obj, [fields[each] for each in ("metric_title", "period", "attainment", "gap") if each in fields])
    columns = ["NAME", *(fields[each] for each in _COLUMNS if each in fields)]
    yield _view(obj, "My_Attainment", "My attainment", "Mine", columns)
    yield _view(obj, "All_Attainment", "Everybody I may see", "Everything", columns)
    if "attainment" in fields:
        below = [("field", fields["attainment"]), ("operation", "lessThan"), ("value", "100")]
        yield _view(obj, "Below_Target", "Below target", "Everything", columns, below)
    sections = [
        (title, [fields[each] for each in members if each in fields], "Readonly") for title, members in _SECTIONS
    ]
    shown = {name for _, names, _ in sections for name in names}
    rest = [name for each, name in fields.items() if name not in shown and each not in ("owner", "evidence")]
    yield _layout(obj, [*sections, ("More", rest, "Readonly")])


def notes(obj: str, fields: Mapping[str, str], answer: str) -> Iterator[Part]:
    """Layout, compact layout and list views of what people typed; `fields` are attribute → field of ours."""
    named = [name for name in fields.values() if name.endswith("__c")]
    yield _compact(obj, [fields[each] for each in ("kind", "person", "metric", "period") if each in fields])
    columns = ["NAME", *(fields[each] for each in ("kind", "person", "metric", "period", "deal") if each in fields)]
    yield _view(obj, "My_Notes", "My notes", "Mine", columns)
    yield _view(obj, "All_Notes", "Everything said", "Everything", columns)
    sections = [
        ("Note", [each for each in named if each != answer], "Edit"),
        ("Answer", [each for each in named if each == answer], "Edit"),
    ]
    yield _layout(obj, sections)


def field_set(obj: str, fields: Sequence[str]) -> Part:
    """Our fields of an object that people keep, for whoever builds a page of their own."""
    says: list[Node] = [
        ("description", "What Attain knows about this record."),
        *_displayed(fields),
        ("label", "Attain"),
    ]
    return Part("FieldSet", f"{obj}.Attain", says)


def home(objects: Sequence[str], components: Sequence[str]) -> Iterator[Part]:
    """The app, with a page of its own: a customer's home page is never overwritten."""
    instances: list[Node] = [
        ("itemInstances", [("componentInstance", [("componentName", each), ("identifier", f"c_{each}")])])
        for each in components
    ]
    page: list[Node] = [
        ("flexiPageRegions", [*instances, ("name", "main"), ("type", "Region")]),
        ("masterLabel", "Attain"),
        ("template", [("name", "flexipage:defaultAppHomeTemplate")]),
        ("type", "AppPage"),
    ]
    yield Part("FlexiPage", HOME, page)
    yield Part("CustomTab", HOME, [("flexiPage", HOME), ("label", "Attain"), ("motif", "Custom67: Gears")])
    for obj in objects:
        yield Part("CustomTab", obj, [("customObject", "true"), ("motif", "Custom67: Gears")])
    app: list[Node] = [
        ("brand", [("headerColor", "#0B5CAB"), ("shouldOverrideOrgTheme", "false")]),
        ("description", "Targets, attainment and what to do next."),
        ("formFactors", "Large"),
        ("isNavAutoTempTabsDisabled", "false"),
        ("isNavPersonalizationDisabled", "false"),
        ("label", "Attain"),
        ("navType", "Standard"),
        *(("tabs", each) for each in (HOME, *objects)),
        ("uiType", "Lightning"),
    ]
    yield Part("CustomApplication", APP, app)


def bell() -> Part:
    """The kind of notification under which alerts ring."""
    nodes = [("customNotifTypeName", BELL), ("desktop", "true"), ("masterLabel", "Attain alert"), ("mobile", "true")]
    return Part("CustomNotificationType", BELL, nodes)


def _compact(obj: str, fields: Sequence[str]) -> Part:
    nodes: list[Node] = [*(("fields", each) for each in ("Name", *fields)), ("label", "Attain")]
    return Part("CompactLayout", f"{obj}.{compact_name(obj)}", nodes)


def _view(  # noqa: PLR0917 - a row of a table
    obj: str, name: str, label: str, scope: str, columns: Sequence[str], only: Sequence[Node] = ()
) -> Part:
    nodes: list[Node] = [*(("columns", each) for each in columns), ("filterScope", scope)]
    nodes += [("filters", only)] if only else []
    return Part("ListView", f"{obj}.{name}", [*nodes, ("label", label)])


def _layout(obj: str, sections: Sequence[tuple[str, Sequence[str], str]]) -> Part:
    """The page layout, section by section, each in two columns."""
    nodes: list[Node] = [("layoutSections", _section("Record", ["Name", "OwnerId"], "Readonly"))]
    nodes += [("layoutSections", _section(title, fields, how)) for title, fields, how in sections if fields]
    label = obj.removesuffix("__c").replace("_", " ")
    return Part("Layout", f"{obj}-{label} Layout".replace(" ", "_"), nodes)


def _section(title: str, fields: Sequence[str], how: str) -> list[Node]:
    def items(names: Sequence[str]) -> list[Node]:
        return [("layoutItems", [("behavior", _behaviour(name, how)), ("field", name)]) for name in names]

    half = -(-len(fields) // 2)
    return [
        ("customLabel", "true"),
        ("detailHeading", "true"),
        ("editHeading", "true"),
        ("label", title),
        ("layoutColumns", items(fields[:half])),
        ("layoutColumns", items(fields[half:])),
        ("style", "TwoColumnsTopToBottom"),
    ]


def _behaviour(name: str, how: str) -> str:
    # An automatic number can only be read, and an owner is changed by its own button.
    return "Readonly" if name == "Name" else "Edit" if name == "OwnerId" else how


def _displayed(fields: Sequence[str]) -> list[Node]:
    return [
        ("displayedFields", [("field", each), ("isFieldManaged", "false"), ("isRequired", "false")]) for each in fields
    ]
