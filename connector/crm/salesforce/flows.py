"""Whether the flow runs that makes a task of each alert: a production org takes flows in without switching them on.

Source: Salesforce, release notes Winter '19, "Deploy Active Processes and Flows", and help, "Deploy Processes and Flows as
Active"; the object reference of FlowDefinitionView. All read 2026-11-30.
"""

from __future__ import annotations

from connector.crm.salesforce import soql
from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.package.alert_flow import NAME

_VIEW = "FlowDefinitionView"  # since API 46
SILENT = f"the flow {NAME} is not active: alerts are written, and nobody gets a task"
ACTIVATE = (
    "open Setup > Flows > `Attain: tell an alert` and click Activate; production orgs take flows in inactive unless Setup > "
    "Process Automation Settings > `Deploy processes and flows as active` is on"
)


def is_active(org: Org, describer: Describer) -> bool | None:
    """Whether some version of it runs; False also where it is not there, None where the org does not tell."""
    if not describer.shows(_VIEW, "ActiveVersionId"):
        return None
    rows = org.all_rows(soql.select(("ActiveVersionId",), _VIEW, where=[soql.equals("ApiName", NAME)]))
    return any(each.get("ActiveVersionId") for each in rows)
