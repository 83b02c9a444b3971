"""A stand-in Salesforce."""

from connector.sandbox.salesforce.service import SalesforceSandbox

__all__ = ["SalesforceSandbox"]
