"""CSV tables for what no CRM holds: trainings, quotas, absences."""

from connector.crm.files.tables import Tables, read_tables

__all__ = ["Tables", "read_tables"]
