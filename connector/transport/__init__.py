"""Patience: timeouts, retries, rate limits; the only place that waits."""
