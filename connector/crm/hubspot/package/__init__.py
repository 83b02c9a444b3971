"""The HubSpot project that an account gets: app, cards for deals and companies, the app's pages, a settings page."""

from __future__ import annotations

from connector.crm.hubspot.package.build import Account, project

__all__ = ["Account", "project"]
