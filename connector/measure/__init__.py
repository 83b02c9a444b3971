"""Metric in, SQL out, measurements back; evidence for each number."""
