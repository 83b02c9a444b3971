"""Scores in; alerts and CRM changes out."""
