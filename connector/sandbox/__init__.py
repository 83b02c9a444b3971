"""Stand-in Salesforce and HubSpot over HTTP, stateful, with a seeded fault plan; and the company generator."""
