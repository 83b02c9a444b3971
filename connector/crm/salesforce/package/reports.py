"""A report type, two reports and a dashboard over the attainments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.crm.salesforce.package.metadata import Node, Part

FOLDER = "Attain"
_TYPE = "Attain_Attainments"
_SHOWN = ("person", "metric_title", "period", "target", "actual", "attainment", "gap", "pace", "band")


def reports(obj: str, fields: Mapping[str, str]) -> Iterator[Part]:
    """What a manager and sales operations look at; `fields` are attribute → field."""
    yield _report_type(obj, [*dict.fromkeys(fields.values())])
    yield Part("ReportFolder", FOLDER, _shelf())
    columns = [fields[each] for each in _SHOWN if each in fields]
    by_person = fields.get("person", "CUST_OWNER_NAME")
    by_metric = fields.get("metric_title", fields["metric"])
    yield _report(
        obj, "Attainment_by_person", "Attainment by person", [by_person, by_metric], columns, fields["attainment"]
    )
    yield _report(
        obj,
        "Attainment_by_metric",
        "Attainment by metric",
        [by_metric, fields["period"]],
        columns,
        fields["attainment"],
    )
    yield Part("DashboardFolder", FOLDER, _shelf())
    yield _dashboard()


def _shelf() -> list[Node]:
    return [("accessType", "Public"), ("name", FOLDER), ("publicFolderAccess", "ReadOnly")]


def _report_type(obj: str, fields: Sequence[str]) -> Part:
    columns: list[Node] = [
        ("columns", [("checkedByDefault", "false"), ("field", each), ("table", obj)]) for each in ("Name", *fields)
    ]
    nodes: list[Node] = [
        ("baseObject", obj),
        ("category", "other"),
        ("deployed", "true"),
        ("description", "Attainments as Attain writes them: a row for each person, metric and period."),
        ("label", "Attainments"),
        ("sections", [*columns, ("masterLabel", "Attainments")]),
    ]
    return Part("ReportType", _TYPE, nodes)


def _report(obj: str, name: str, label: str, groups: Sequence[str], columns: Sequence[str], mean: str) -> Part:  # noqa: PLR0917 - a row of a table
    """Two groups deep; attainment is averaged, since money and calls cannot be added up."""
    shown: list[Node] = [
        ("columns", [*([("aggregateTypes", "Average")] if each == mean else []), ("field", f"{obj}${each}")])
        for each in columns
        if each not in groups
    ]
    nodes: list[Node] = [
        *shown,
        ("format", "Summary"),
        *(
            ("groupingsDown", [("dateGranularity", "Day"), ("field", f"{obj}${each}"), ("sortOrder", "Asc")])
            for each in groups
        ),
        ("name", label),
        ("reportType", f"{_TYPE}__c"),
        ("scope", "organization"),
        ("showDetails", "true"),
        ("timeFrameFilter", [("dateColumn", f"{obj}$LastModifiedDate"), ("interval", "INTERVAL_CUSTOM")]),
    ]
    return Part("Report", f"{FOLDER}/{name}", nodes)


def _dashboard() -> Part:
    """Each viewer sees it with their own rights: rows are private."""
    nodes: list[Node] = [
        ("backgroundEndColor", "#FFFFFF"),
        ("backgroundFadeDirection", "Diagonal"),
        ("backgroundStartColor", "#FFFFFF"),
        ("dashboardType", "LoggedInUser"),
        ("isGridLayout", "false"),
        ("leftSection", [("columnSize", "Medium"), _bars("Attainment_by_person", "Attainment by person")]),
        ("rightSection", [("columnSize", "Medium"), _bars("Attainment_by_metric", "Attainment by metric")]),
        ("textColor", "#000000"),
        ("title", "Attainment"),
        ("titleColor", "#000000"),
        ("titleSize", "12"),
    ]
    return Part("Dashboard", f"{FOLDER}/Attainment", nodes)


def _bars(report: str, header: str) -> Node:
    return "components", [
        ("autoselectColumnsFromReport", "true"),
        ("chartAxisRange", "Auto"),
        ("componentType", "Bar"),
        ("displayUnits", "Auto"),
        ("drillEnabled", "false"),
        ("drillToDetailEnabled", "false"),
        ("enableHover", "true"),
        ("expandOthers", "false"),
        ("groupingSortProperties", []),
        ("header", header),
        ("legendPosition", "Bottom"),
        ("report", f"{FOLDER}/{report}"),
        ("showPercentage", "false"),
        ("showPicturesOnCharts", "false"),
        ("showValues", "true"),
        ("sortBy", "RowLabelAscending"),
        ("useReportChart", "false"),
    ]
