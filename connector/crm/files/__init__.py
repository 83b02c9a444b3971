"""CSV tables for what no CRM holds: trainings, quotas, absences."""
