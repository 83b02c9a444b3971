"""One day appraised: rules, records and a day in; targets, scores, alerts, desired values out. Commits nothing."""

from connector.appraisal.appraise import Appraisal, appraise, desired

__all__ = ["Appraisal", "appraise", "desired"]
