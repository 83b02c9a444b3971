"""Patience: timeouts, retries, rate limits; the only place that waits."""

from connector.transport.patience import Patience, Rate

__all__ = ["Patience", "Rate"]
