"""A stand-in HubSpot."""

from connector.sandbox.hubspot.service import HubSpotSandbox

__all__ = ["HubSpotSandbox"]
