"""One day appraised: rules, records and a day in; targets, scores, alerts, desired values out. Commits nothing."""
