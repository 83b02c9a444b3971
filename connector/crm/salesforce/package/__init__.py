"""What we put into an org, generated from the mapping: objects, fields, permission sets, pages, components, reports."""

from connector.crm.salesforce.package.build import PERMISSION_SET, Stages, deployed_on, project
from connector.crm.salesforce.package.metadata import Part, Project

__all__ = ["PERMISSION_SET", "Part", "Project", "Stages", "deployed_on", "project"]
