"""A stand-in Salesforce."""
