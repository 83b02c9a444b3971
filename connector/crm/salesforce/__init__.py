"""Salesforce: session, read, write, install."""
