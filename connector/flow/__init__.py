"""One cycle: start reading in cycle.py."""
