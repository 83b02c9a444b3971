"""A stand-in HubSpot."""
