"""CSV tables for what no CRM holds: trainings, quotas, absences."""

from connector.crm.files.tables import CONNECTION, Tables, read_tables

__all__ = ["CONNECTION", "Tables", "read_tables"]
