"""HubSpot: session, read, write, install."""
