"""What we put into an org, generated from the mapping: objects, fields, permission sets, pages, components, reports."""

from connector.crm.salesforce.package.build import Stages, project
from connector.crm.salesforce.package.metadata import Part, Project
from connector.crm.salesforce.package.objects import deployed_on
from connector.crm.salesforce.package.permissions import INTEGRATION as PERMISSION_SET

__all__ = ["PERMISSION_SET", "Part", "Project", "Stages", "deployed_on", "project"]
