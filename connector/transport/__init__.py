"""Patience: timeouts, retries, rate limits, budgets, circuit; the only place that waits."""

from connector.transport.gate import Priority, working_on
from connector.transport.patience import Patience, Rate

__all__ = ["Patience", "Priority", "Rate", "working_on"]
